//! Advisory file locks between processes. The system lets go of them when their holder dies.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use thiserror::Error;

use super::files::{self, FileError};

/// Between two tries for a lock that another process holds.
const POLL: Duration = Duration::from_millis(10);

/// An exclusive lock, held until dropped.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

/// Why a lock was not taken.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process held it all the time; try again later.
    #[error("{} is held by another process ({waited_for})", path.display())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// What the lock was wanted for.
        waited_for: &'static str,
    },
    /// The lock file cannot be opened.
    #[error(transparent)]
    File(#[from] FileError),
}

impl FileLock {
    /// Waits for the lock, however long another process holds it. Costs nothing meanwhile: the system wakes us up. Given up, it is
    /// let go again as soon as it comes.
    pub async fn wait(path: &Path) -> Result<Self, LockError> {
        let file = files::open_lock(path)?;
        let (path, (told, taken)) = (path.to_path_buf(), tokio::sync::oneshot::channel());
        // Of its own, since a runtime waits for its blocking threads when it ends.
        std::thread::spawn(move || {
            let locked = file.lock().map(|()| Self { _file: file });
            drop(told.send(locked.map_err(|source| other(&path, source))));
        });
        taken.await.unwrap_or_else(|_| Err(other(Path::new(""), std::io::Error::other("its thread ended"))))
    }

    /// Waits up to `patience` for the lock. Blocks the thread: call it from a blocking task.
    /// `purpose` says in a log what is waited for.
    #[expect(clippy::disallowed_methods, reason = "waiting for another process is measured by the real clock")]
    pub fn acquire(path: &Path, purpose: &'static str, patience: Duration) -> Result<Self, LockError> {
        let file = files::open_lock(path)?;
        let started = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if started.elapsed() < patience => {
                    if !told {
                        tracing::debug!(lock = %path.display(), purpose, "waiting for a lock");
                        told = true;
                    }
                    std::thread::sleep(POLL);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::Busy { path: path.to_path_buf(), waited_for: purpose });
                }
                Err(TryLockError::Error(source)) => {
                    return Err(other(path, source));
                }
            }
        }
    }
}

fn other(path: &Path, source: std::io::Error) -> LockError {
    FileError { path: path.to_path_buf(), kind: files::FileErrorKind::Other, source: Some(source) }.into()
}
