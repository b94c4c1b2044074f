//! The only door to the file system. Every write is whole or not at all; every read is bounded.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What went wrong with which file.
#[derive(Debug, Error)]
#[error("{}: {kind}", path.display())]
pub struct FileError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the caller can tell apart.
    pub kind: FileErrorKind,
    /// The system's own words, if it said any.
    #[source]
    pub source: Option<io::Error>,
}

/// The ways a file operation fails that callers answer differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FileErrorKind {
    /// Nothing is there.
    #[error("does not exist")]
    Missing,
    /// Something is there already.
    #[error("exists already")]
    Exists,
    /// The system forbids it; the user may repair the permissions.
    #[error("permission denied")]
    Denied,
    /// The disk, or the file, cannot be written.
    #[error("is read-only")]
    ReadOnly,
    /// No space or quota is left; free some and try again.
    #[error("no space left on the disk")]
    Full,
    /// A folder, FIFO, socket or device where a file should be.
    #[error("is not a regular file")]
    NotAFile,
    /// Larger than any honest file of its sort.
    #[error("is too large")]
    TooLarge,
    /// A symbolic link where none is followed.
    #[error("is a symbolic link")]
    Link,
    /// Has a second name, which a replacement would leave with the old content.
    #[error("is hard-linked")]
    HardLinked,
    /// Not UTF-8.
    #[error("is not text")]
    NotText,
    /// Anything else: see the source.
    #[error("could not be read or written")]
    Other,
}

impl FileError {
    /// An error without a system error behind it.
    pub fn of(path: &Path, kind: FileErrorKind) -> Self {
        Self { path: path.to_path_buf(), kind, source: None }
    }

    fn io(path: &Path, source: io::Error) -> Self {
        let kind = match source.kind() {
            io::ErrorKind::NotFound => FileErrorKind::Missing,
            io::ErrorKind::AlreadyExists => FileErrorKind::Exists,
            io::ErrorKind::PermissionDenied => FileErrorKind::Denied,
            io::ErrorKind::ReadOnlyFilesystem => FileErrorKind::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileErrorKind::Full,
            io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => FileErrorKind::NotAFile,
            io::ErrorKind::FileTooLarge => FileErrorKind::TooLarge,
            io::ErrorKind::InvalidData => FileErrorKind::NotText,
            _ => FileErrorKind::Other,
        };
        Self { path: path.to_path_buf(), kind, source: Some(source) }
    }
}

/// Reads a regular file of at most `limit` bytes; `None` if nothing is there.
/// A symbolic link is an error of kind [`FileErrorKind::Link`]: resolve it first where one is allowed.
pub fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FileError::io(path, error)),
    };
    if metadata.is_symlink() {
        return Err(FileError::of(path, FileErrorKind::Link));
    }
    // Checked before opening: opening a FIFO would wait for a writer.
    if !metadata.is_file() {
        return Err(FileError::of(path, FileErrorKind::NotAFile));
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FileError::io(path, error)),
    };
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| FileError::io(path, e))?;
    if bytes.len() as u64 > limit {
        return Err(FileError::of(path, FileErrorKind::TooLarge));
    }
    Ok(Some(bytes))
}

/// Like [`read`], as text.
pub fn read_text(path: &Path, limit: u64) -> Result<Option<String>, FileError> {
    read(path, limit)?.map(|bytes| String::from_utf8(bytes).map_err(|_| FileError::of(path, FileErrorKind::NotText))).transpose()
}

/// Writes a file that only its owner may read: temp file in the same folder, fsync, rename, fsync of the folder.
/// After an error the old content is untouched.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let folder = path.parent().ok_or_else(|| FileError::of(path, FileErrorKind::NotAFile))?;
    let name = path.file_name().ok_or_else(|| FileError::of(path, FileErrorKind::NotAFile))?;
    let mut temporary_name = std::ffi::OsString::from(".");
    temporary_name.push(name);
    temporary_name.push(format!(".{}.tmp", std::process::id()));
    let temporary = folder.join(temporary_name);
    // A file of that name can only be what a killed process with our number left behind.
    let _ = fs::remove_file(&temporary);
    let written = write_new(&temporary, content).and_then(|()| fs::rename(&temporary, path).map_err(|e| FileError::io(path, e)));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
        return written;
    }
    sync_folder(folder)
}

fn write_new(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|e| FileError::io(path, e))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|e| FileError::io(path, e))
}

/// Makes a name change in this folder last through a power cut.
pub fn sync_folder(folder: &Path) -> Result<(), FileError> {
    if cfg!(unix) {
        File::open(folder).and_then(|handle| handle.sync_all()).map_err(|e| FileError::io(folder, e))?;
    }
    Ok(())
}

/// Creates a folder (and its parents) that only its owner may enter; an existing one is tightened to that.
pub fn create_private_folder(path: &Path) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| FileError::io(path, e))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(path).map_err(|e| FileError::io(path, e))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|e| FileError::io(path, e))?;
        }
    }
    Ok(())
}

/// What stands at a path, without following a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Nothing.
    Missing,
    /// A regular file with this many names, writable or not.
    File {
        /// Number of hard links; 1 where the system does not say.
        links: u64,
        /// Whether no one may write it.
        read_only: bool,
        /// Size in bytes.
        size: u64,
    },
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A FIFO, socket or device.
    Special,
}

/// Looks at a path without following a link.
pub fn entry(path: &Path) -> Result<Entry, FileError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(Entry::Missing),
        Err(error) => return Err(FileError::io(path, error)),
    };
    #[cfg(unix)]
    let links = std::os::unix::fs::MetadataExt::nlink(&metadata);
    #[cfg(not(unix))]
    let links = 1;
    Ok(if metadata.is_symlink() {
        Entry::Link
    } else if metadata.is_dir() {
        Entry::Folder
    } else if metadata.is_file() {
        Entry::File { links, read_only: metadata.permissions().readonly(), size: metadata.len() }
    } else {
        Entry::Special
    })
}

/// The path with every link resolved.
pub fn canonical(path: &Path) -> Result<PathBuf, FileError> {
    fs::canonicalize(path).map_err(|e| FileError::io(path, e))
}

/// Renames a file or a folder within one disk, and makes it last.
pub fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(|e| FileError::io(from, e))?;
    for folder in [from.parent(), to.parent()].into_iter().flatten() {
        sync_folder(folder)?;
    }
    Ok(())
}

/// Removes a file; it is no error if it is gone already.
pub fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Ok(()) => path.parent().map_or(Ok(()), sync_folder),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FileError::io(path, error)),
    }
}

/// Removes a folder with all it holds; it is no error if it is gone already. Links inside are removed, not followed.
pub fn remove_folder(path: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FileError::io(path, error)),
    }
}

/// The names in a folder, sorted; empty if there is no folder. Names that are not Unicode are left out.
pub fn names(folder: &Path) -> Result<Vec<String>, FileError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::io(folder, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| FileError::io(folder, e))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Opens (and creates, private) a file that serves as a lock; its content does not matter.
pub fn open_lock(path: &Path) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| FileError::io(path, e))
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
