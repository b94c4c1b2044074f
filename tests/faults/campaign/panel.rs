//! What can be turned while an unmodified program runs: its clock, its disk, and whether it finds the addresses of names.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// The same as in shim.c, in its order: each is a number of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knob {
    /// How far its clock is ahead of the machine's, in milliseconds.
    AheadMs,
    /// How long each change below the home takes longer, in microseconds.
    SlowMicros,
    /// With what each of them fails; 0 with nothing.
    Error,
    /// Whether no name has an address.
    Nameless,
}

/// The knobs of one program, or of several.
pub(super) struct Panel {
    path: PathBuf,
    file: File,
}

impl Panel {
    const KNOBS: [Knob; 4] = [Knob::AheadMs, Knob::SlowMicros, Knob::Error, Knob::Nameless];

    /// All of them at 0.
    pub(super) fn new(path: PathBuf) -> Self {
        fs::write(&path, [0; 8 * Self::KNOBS.len()]).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        Self { path, file }
    }

    pub(super) fn turn(&self, knob: Knob, value: i64) {
        let place = Self::KNOBS.iter().position(|other| *other == knob).unwrap();
        self.file.write_all_at(&value.to_ne_bytes(), 8 * place as u64).unwrap();
    }

    /// Nothing fails any more and nothing is slow; the clock stays as it is.
    pub(super) fn mend(&self) {
        for knob in [Knob::SlowMicros, Knob::Error, Knob::Nameless] {
            self.turn(knob, 0);
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}
