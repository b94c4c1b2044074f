//! The two fixed ports of a browser sign-in, of which a machine has one pair.
//!
//! Every test that lets the app or the Codex CLI listen on 1455 or 1457 claims them first; the claim
//! holds across processes.

use std::fs::File;
use std::{env, io};

/// The claim on ports 1455 and 1457. Ends when dropped.
#[derive(Debug)]
pub struct LoginPorts {
    _lock: File,
}

impl LoginPorts {
    /// Waits until no other test uses the ports.
    pub async fn claim() -> io::Result<Self> {
        tokio::task::spawn_blocking(Self::claim_blocking).await.map_err(io::Error::other)?
    }

    /// The same for a test without a runtime.
    pub fn claim_blocking() -> io::Result<Self> {
        let lock = lock_file()?;
        lock.lock()?;
        Ok(Self { _lock: lock })
    }
}

/// The folder for temporary files itself, where a folder can be locked: no file stays behind.
#[cfg(unix)]
fn lock_file() -> io::Result<File> {
    File::open(env::temp_dir())
}

#[cfg(not(unix))]
fn lock_file() -> io::Result<File> {
    let path = env::temp_dir().join("codex-lab-tests-login-ports.lock");
    std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)
}
