//! What is still running in a home at the end: Codex's daemon and its updater outlive every terminal.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{fs, io};

/// Ends at its own end whatever runs in a home, also when a test fails.
#[derive(Debug)]
pub struct EndsWithMe(PathBuf);

impl EndsWithMe {
    /// Watches over `home`. Make it after the home, so that it goes first.
    pub fn new(home: &Path) -> Self {
        Self(home.to_path_buf())
    }
}

impl Drop for EndsWithMe {
    fn drop(&mut self) {
        // Nothing is left to tell an error to; the demo and the journey look for themselves before.
        let _ = end_all_in(&self.0);
    }
}

/// How long processes may take to end when they are asked to.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks at the list of processes.
const LOOK: Duration = Duration::from_millis(50);

/// The processes whose `HOME` is `home`. Those of others cannot be looked into and are no concern of ours.
pub fn running_in(home: &Path) -> io::Result<Vec<u32>> {
    let wanted = [b"HOME=", home.as_os_str().as_bytes()].concat();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process may end while it is looked at; a dead one that waits for its parent has no environment.
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|variable| OsStr::from_bytes(variable) == OsStr::from_bytes(&wanted)) {
            found.push(pid);
        }
    }
    Ok(found)
}

/// Ends them: asks first, then insists. Each by its number. Blocks, because it also runs where nothing can be awaited.
#[expect(clippy::disallowed_methods, reason = "other people's processes are waited for by the real clock")]
pub fn end_all_in(home: &Path) -> io::Result<()> {
    for signal in ["-TERM", "-KILL"] {
        let deadline = Instant::now() + PATIENCE;
        for pid in running_in(home)? {
            // One that has just ended is what is wanted.
            let _ = Command::new("kill").arg(signal).arg(pid.to_string()).stderr(std::process::Stdio::null()).status();
        }
        while Instant::now() < deadline {
            if running_in(home)?.is_empty() {
                return Ok(());
            }
            sleep(LOOK);
        }
    }
    Err(io::Error::other("a process in the home cannot be ended"))
}
