//! The only door to the file system. Every write is whole or not at all; every read is bounded.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

pub use super::file_error::{FileError, FileErrorKind};
pub use super::staging::{Staged, stage, stage_in_place_of, staged, sweep, write_new, write_private, writer_of};

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

/// A short text that the kernel makes up as it is read; `None` if it gives none.
#[cfg(target_os = "linux")]
pub(super) fn read_kernel_text(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(1 << 20).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Like [`read`], as text.
pub fn read_text(path: &Path, limit: u64) -> Result<Option<String>, FileError> {
    read(path, limit)?.map(|bytes| String::from_utf8(bytes).map_err(|_| FileError::of(path, FileErrorKind::NotText))).transpose()
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
    builder.create(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => FileError::of(path, FileErrorKind::NotAFolder),
        _ => FileError::io(path, error),
    })?;
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

/// Whether nobody but its owner may read or change it. Where the system has no such bits, the folder it lies in decides.
pub fn is_private(path: &Path) -> Result<bool, FileError> {
    let metadata = fs::symlink_metadata(path).map_err(|e| FileError::io(path, e))?;
    #[cfg(unix)]
    let open = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0;
    #[cfg(not(unix))]
    let open = metadata.is_symlink();
    Ok(!open)
}

/// Takes all rights from everybody but the owner of a file or a folder; a link is left alone. Where the system has no such bits, the
/// folder it lies in decides.
pub fn make_private(path: &Path) -> Result<(), FileError> {
    let metadata = fs::symlink_metadata(path).map_err(|e| FileError::io(path, e))?;
    if metadata.is_symlink() {
        return Err(FileError::of(path, FileErrorKind::Link));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
        // Nobody runs a socket.
        let most = if metadata.file_type().is_socket() { 0o600 } else { 0o700 };
        let mode = metadata.permissions().mode() & most;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|e| FileError::io(path, e))?;
    }
    Ok(())
}

/// The number of the user to whom a file or folder belongs, links not followed.
#[cfg(unix)]
pub fn owner(path: &Path) -> Result<u32, FileError> {
    Ok(std::os::unix::fs::MetadataExt::uid(&fs::symlink_metadata(path).map_err(|e| FileError::io(path, e))?))
}

/// Whether somebody other than its owner may change what lies at a path, links followed. Where the system has no such bits, the
/// folder it lies in decides.
pub fn others_may_write(path: &Path) -> Result<bool, FileError> {
    let metadata = fs::metadata(path).map_err(|e| FileError::io(path, e))?;
    #[cfg(unix)]
    let open = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 != 0;
    #[cfg(not(unix))]
    let open = !metadata.is_file();
    Ok(open)
}

/// Whether a path, links followed, is a file that may be run.
pub fn is_program(path: &Path) -> bool {
    let Ok(metadata) = fs::metadata(path) else { return false };
    #[cfg(unix)]
    let runs = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let runs = true;
    metadata.is_file() && runs
}

/// Where a symbolic link leads, as an absolute path; nothing has to be there.
pub fn link_target(path: &Path) -> Result<PathBuf, FileError> {
    let target = fs::read_link(path).map_err(|e| FileError::io(path, e))?;
    Ok(path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target)))
}

/// When a file was last written, in seconds since 1970; `None` if it cannot be told.
pub fn modified_second(path: &Path) -> Option<i64> {
    let modified = fs::symlink_metadata(path).ok()?.modified().ok()?;
    i64::try_from(modified.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// The first line of a regular file, if it is at most `limit` bytes long.
pub fn first_line(path: &Path, limit: u64) -> Result<Option<String>, FileError> {
    let Some((file, _)) = open_regular(path)? else { return Ok(None) };
    let mut line = Vec::new();
    BufReader::new(file.take(limit)).read_until(b'\n', &mut line).map_err(|e| FileError::io(path, e))?;
    Ok(String::from_utf8(line).ok().filter(|line| line.ends_with('\n')))
}

/// The last `limit` bytes of a regular file, from the first whole line on, and whether that is all of it.
pub fn last_lines(path: &Path, limit: u64) -> Result<Option<(String, bool)>, FileError> {
    let Some((mut file, size)) = open_regular(path)? else { return Ok(None) };
    let start = size.saturating_sub(limit);
    file.seek(SeekFrom::Start(start)).map_err(|e| FileError::io(path, e))?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).map_err(|e| FileError::io(path, e))?;
    let whole = if start == 0 { 0 } else { bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1) };
    Ok(Some((String::from_utf8_lossy(&bytes[whole..]).into_owned(), start == 0)))
}

/// At most `limit` bytes of a regular file from `offset` on; `None` if nothing is there. Past its end there are none.
pub fn read_from(path: &Path, offset: u64, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
    let Some((mut file, size)) = open_regular(path)? else { return Ok(None) };
    file.seek(SeekFrom::Start(offset.min(size))).map_err(|e| FileError::io(path, e))?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).map_err(|e| FileError::io(path, e))?;
    Ok(Some(bytes))
}

fn open_regular(path: &Path) -> Result<Option<(File, u64)>, FileError> {
    match entry(path)? {
        Entry::Missing => Ok(None),
        Entry::File { size, .. } => Ok(Some((File::open(path).map_err(|e| FileError::io(path, e))?, size))),
        Entry::Link => Err(FileError::of(path, FileErrorKind::Link)),
        Entry::Folder | Entry::Special => Err(FileError::of(path, FileErrorKind::NotAFile)),
    }
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

/// Writes at the end of a file, which is made, private, if it is missing. Not made to last: for logs.
pub fn append(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(content)).map_err(|e| FileError::io(path, e))
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
