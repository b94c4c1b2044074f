//! Whole writes: content lies safe on disk under a temporary name before it takes the place of what was there.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::files::{FileError, FileErrorKind, names, remove, sync_folder};

/// So many writers may be at work on one file at once in one process.
const STAGING_NAMES: u32 = 64;

/// Writes a file that only its owner may read: temp file in the same folder, fsync, rename, fsync of the folder.
/// After an error the old content is untouched.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), FileError> {
    stage(path, content)?.commit()
}

/// Content that is safe on disk under a temporary name. Dropped before [`Staged::commit`], it is gone again.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    temporary: Option<PathBuf>,
}

/// Writes the content next to `path`, under a temporary name that tells [`sweep`] who wrote it.
pub fn stage(path: &Path, content: &[u8]) -> Result<Staged, FileError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(FileError::of(path, FileErrorKind::NotAFile));
    };
    for number in 0..STAGING_NAMES {
        let mut temporary_name = std::ffi::OsString::from(".");
        temporary_name.push(name);
        temporary_name.push(format!(".{}-{number}.tmp", std::process::id()));
        let temporary = folder.join(temporary_name);
        let written = write_new(&temporary, content);
        match written {
            // Another thread of ours is writing, or a killed process with our number was.
            Err(error) if error.kind == FileErrorKind::Exists => {}
            Err(error) => {
                let _ = fs::remove_file(&temporary);
                return Err(error);
            }
            Ok(()) => return Ok(Staged { path: path.to_path_buf(), temporary: Some(temporary) }),
        }
    }
    Err(FileError::of(path, FileErrorKind::Exists))
}

/// Like [`stage`], for a file that is not ours: the new one has the mode and the owner of the one that is there.
pub fn stage_in_place_of(path: &Path, content: &[u8]) -> Result<Staged, FileError> {
    let staged = stage(path, content)?;
    #[cfg(unix)]
    if let Some(temporary) = &staged.temporary {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let (ours, theirs) = match fs::metadata(path) {
            Ok(theirs) => (fs::metadata(temporary).map_err(|e| FileError::io(temporary, e))?, theirs),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(staged),
            Err(error) => return Err(FileError::io(path, error)),
        };
        if (ours.uid(), ours.gid()) != (theirs.uid(), theirs.gid()) {
            chown(temporary, Some(theirs.uid()), Some(theirs.gid())).map_err(|e| FileError::io(path, e))?;
        }
        fs::set_permissions(temporary, theirs.permissions()).map_err(|e| FileError::io(path, e))?;
    }
    Ok(staged)
}

impl Staged {
    /// Puts the content in place, whole.
    pub fn commit(mut self) -> Result<(), FileError> {
        let Some(temporary) = &self.temporary else { return Ok(()) };
        fs::rename(temporary, &self.path).map_err(|e| FileError::io(&self.path, e))?;
        self.temporary = None;
        self.path.parent().map_or(Ok(()), sync_folder)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
        }
    }
}

/// What lies staged for a path and was not put in place: its writer is at work, or was killed.
pub fn staged(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else { return Ok(Vec::new()) };
    let is_staged = |found: &String| {
        let ending = found.strip_prefix('.').and_then(|found| found.strip_prefix(name));
        writer_of(found).is_some() && ending.is_some_and(|ending| ending.matches('.').count() == 2)
    };
    Ok(names(folder)?.into_iter().filter(is_staged).map(|found| folder.join(found)).collect())
}

/// Removes what writers that no longer live left half written in a folder. Says how many files that were.
pub fn sweep(folder: &Path, lives: impl Fn(u32) -> bool) -> Result<usize, FileError> {
    let mut removed = 0;
    for name in names(folder)? {
        if writer_of(&name).is_some_and(|pid| !lives(pid)) {
            remove(&folder.join(name))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// The process that wrote a temporary file of ours, by the file's name.
pub fn writer_of(name: &str) -> Option<u32> {
    let (pid, number) = name.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?.1.split_once('-')?;
    number.parse::<u32>().ok()?;
    pid.parse().ok()
}

/// Writes a file that is not there yet and that only its owner may read. Not whole or not at all: for what nobody waits for.
pub fn write_new(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|e| FileError::io(path, e))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|e| FileError::io(path, e))
}
