//! What can be turned while an unmodified program runs: its clock, its disk, and whether it finds the addresses of names.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// The same as in shim.c, in its order: each is a number of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    /// How far its clock is ahead of the machine's, in milliseconds.
    AheadMs,
    /// What its clock says, in milliseconds since 1970: it stands still. 0: it goes.
    StandsAtMs,
    /// How long each change below the home takes longer, in microseconds.
    SlowMicros,
    /// With what each of them fails; 0 with nothing.
    Error,
    /// Whether no name has an address.
    Nameless,
}

/// The knobs of one program, or of several.
#[derive(Debug)]
pub struct Panel {
    path: PathBuf,
    file: File,
}

impl Panel {
    const KNOBS: [Knob; 5] = [Knob::AheadMs, Knob::StandsAtMs, Knob::SlowMicros, Knob::Error, Knob::Nameless];

    /// All of them at 0.
    pub fn new(path: PathBuf) -> io::Result<Self> {
        fs::write(&path, [0; 8 * Self::KNOBS.len()])?;
        let file = File::options().write(true).open(&path)?;
        Ok(Self { path, file })
    }

    /// Turns one of them.
    pub fn turn(&self, knob: Knob, value: i64) -> io::Result<()> {
        let place = Self::KNOBS.iter().take_while(|other| **other != knob).count();
        self.file.write_all_at(&value.to_ne_bytes(), 8 * place as u64)
    }

    /// Nothing fails any more and nothing is slow; the clock stays as it is.
    pub fn mend(&self) -> io::Result<()> {
        [Knob::SlowMicros, Knob::Error, Knob::Nameless].into_iter().try_for_each(|knob| self.turn(knob, 0))
    }

    /// The variables of a program that obeys it.
    pub fn env(&self) -> io::Result<[(&'static str, PathBuf); 2]> {
        Ok([("LD_PRELOAD", super::library()?), ("FAULT_PANEL", self.path.clone())])
    }

    /// Where it is kept.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
