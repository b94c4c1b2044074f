//! Why a file could not be read or written, as far as callers tell it apart.

use std::io;
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
    /// Something else where a folder should be.
    #[error("is not a folder")]
    NotAFolder,
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

    pub(super) fn io(path: &Path, source: io::Error) -> Self {
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
