//! What an unmodified program is started with to set its clock, and to let calls of it fail: a small C library, compiled here, that
//! stands between it and the system.

mod panel;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::PathBuf;
use std::process::Command;
use std::{fs, io};

pub use panel::{Knob, Panel};

use crate::artefacts::beside_programs;

const SOURCE: &str = include_str!("shim.c");

/// The compiled library; compiled once for each of its versions.
pub fn library() -> io::Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    SOURCE.hash(&mut hasher);
    let folder = beside_programs("tmp")?;
    let library = folder.join(format!("shim-{:016x}.so", hasher.finish()));
    if !library.is_file() {
        fs::create_dir_all(&folder)?;
        // Tests run beside each other: each compiles for itself, and the last one in place is as good as the first.
        let own = tempfile::tempdir_in(&folder)?;
        let (source, fresh) = (own.path().join("shim.c"), own.path().join("shim.so"));
        fs::write(&source, SOURCE)?;
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&fresh).arg(&source).arg("-ldl").output()?;
        if !compiled.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&compiled.stderr)));
        }
        fs::rename(&fresh, &library)?;
    }
    Ok(library)
}
