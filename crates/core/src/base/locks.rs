//! Advisory file locks between processes. The system lets go of them when their holder dies.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use thiserror::Error;

use super::files::{self, FileError};
#[cfg(target_os = "linux")]
use super::processes;

/// Between two tries for a lock that another process holds.
const POLL: Duration = Duration::from_millis(10);

/// Whoever looks whether a lock is held lets go of it sooner than this.
const GLANCE: Duration = Duration::from_millis(200);

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

    /// Waits up to `patience` for the lock, and at least for somebody who only looks at it. Blocks the thread: call it from a blocking task.
    /// `purpose` says in a log what is waited for.
    #[expect(clippy::disallowed_methods, reason = "waiting for another process is measured by the real clock")]
    pub fn acquire(path: &Path, purpose: &'static str, patience: Duration) -> Result<Self, LockError> {
        let file = files::open_lock(path)?;
        let (started, patience) = (Instant::now(), patience.max(GLANCE));
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

/// Whether a process holds this lock now. Nothing is made by looking. There is no way to ask without taking it for a moment, but for
/// sharing: so two who look do not see each other, and who acquires it tries again.
pub fn is_held(path: &Path) -> Result<bool, LockError> {
    if files::entry(path)? == files::Entry::Missing {
        return Ok(false);
    }
    match files::open_lock(path)?.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(source)) => Err(other(path, source)),
    }
}

/// The process that holds a lock, where the system tells.
#[cfg(target_os = "linux")]
pub fn holder(path: &Path) -> Option<u32> {
    let (number, path) = (super::stamp::stamp(path)?.number(), files::canonical(path).ok()?);
    // `1: FLOCK  ADVISORY  WRITE 4711 fe:01:131090 0 EOF` (proc_locks(5)); waiting ones have an arrow behind their number.
    let table = files::read_kernel_text(Path::new("/proc/locks"))?;
    table.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, _, pid, place, ..] = words.as_slice() else { return None };
        let is_numbered = place.rsplit(':').next()?.parse::<u64>().ok()? == number;
        pid.parse().ok().filter(|pid| is_numbered && processes::has_open(*pid, &path))
    })
}

/// The process that holds a lock, where the system tells.
#[cfg(not(target_os = "linux"))]
pub fn holder(_path: &Path) -> Option<u32> {
    None
}

fn other(path: &Path, source: std::io::Error) -> LockError {
    FileError { path: path.to_path_buf(), kind: files::FileErrorKind::Other, source: Some(source) }.into()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn whoever_looks_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        files::open_lock(&path).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let looking = || {
                while !done.load(Ordering::Relaxed) {
                    is_held(&path).unwrap();
                }
            };
            scope.spawn(looking);
            for _ in 0..300 {
                let taken = FileLock::acquire(&path, "a test", Duration::ZERO);
                if taken.is_err() {
                    done.store(true, Ordering::Relaxed);
                }
                taken.unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
        let shared = files::open_lock(&path).unwrap();
        shared.try_lock_shared().unwrap();
        assert!(!is_held(&path).unwrap(), "another one who looks holds nothing");
        drop(shared);
        let _held = FileLock::acquire(&path, "a test", Duration::ZERO).unwrap();
        assert!(is_held(&path).unwrap());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_holder_is_the_one_that_has_this_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("lock"), folder.path().join("other"));
        let lock = FileLock::acquire(&path, "a test", Duration::ZERO).unwrap();
        files::write_private(&other, b"").unwrap();
        assert_eq!((holder(&path), holder(&other)), (Some(std::process::id()), None));
        assert!(processes::has_open(std::process::id(), &files::canonical(&path).unwrap()));
        assert!(!processes::has_open(std::process::id(), &files::canonical(&other).unwrap()), "another file of the same number");
        drop(lock);
        assert_eq!(holder(&path), None);
    }
}
