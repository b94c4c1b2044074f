//! The only door to the file system. Every write is whole or not at all; every read is bounded.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// So many writers may be at work on one file at once in one process.
const STAGING_NAMES: u32 = 64;

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
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(staged),
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
pub(crate) fn writer_of(name: &str) -> Option<u32> {
    let (pid, number) = name.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?.1.split_once('-')?;
    number.parse::<u32>().ok()?;
    pid.parse().ok()
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
