//! A client's configuration on the disk: read and replaced through a link, with its mode kept, and never over a change that came in
//! between.

use std::path::{Path, PathBuf};

use super::error::ClientError;
use crate::base::files::{self, Entry, FileError, FileErrorKind};
use crate::base::processes;

/// Real ones have a few KiB.
const SIZE_LIMIT: u64 = 1 << 20;
/// Some editors put it in front of a text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A configuration as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// Where a link led.
    real: PathBuf,
    is_link: bool,
    has_mark: bool,
    text: Option<String>,
}

impl ConfigFile {
    /// Reads it; nothing has to be there.
    pub fn read(path: &Path) -> Result<Self, ClientError> {
        let is_link = files::entry(path)? == Entry::Link;
        let real = if is_link { through(path)? } else { path.to_path_buf() };
        let text = files::read_text(&real, SIZE_LIMIT)?;
        let has_mark = text.as_ref().is_some_and(|text| text.starts_with(BYTE_ORDER_MARK));
        let text = text.map(|text| text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text));
        Ok(Self { real, is_link, has_mark, text })
    }

    /// What it says; `None` if it is not there.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Whether it can be replaced as it stands.
    pub fn is_replaceable(&self) -> Result<(), ClientError> {
        match files::entry(&self.real)? {
            Entry::File { read_only: true, .. } => Err(ClientError::ReadOnly { path: self.real.clone() }),
            Entry::File { links, .. } if links > 1 => Err(ClientError::HardLinked { path: self.real.clone() }),
            _ => Ok(()),
        }
    }

    /// Puts another text in its place, or takes the file away. If somebody has changed it since it was read, nothing is done.
    pub fn replace(&self, text: Option<&str>) -> Result<(), ClientError> {
        self.is_replaceable()?;
        for left in files::staged(&self.real)? {
            let writer = left.file_name().and_then(|name| name.to_str()).and_then(files::writer_of);
            if !writer.is_some_and(processes::lives) {
                files::remove(&left)?;
            }
        }
        let Some(text) = text.or(self.is_link.then_some("")) else {
            self.is_as_read()?;
            return Ok(files::remove(&self.real)?);
        };
        let mark = if self.has_mark { BYTE_ORDER_MARK } else { "" };
        let staged = files::stage_in_place_of(&self.real, format!("{mark}{text}").as_bytes())?;
        self.is_as_read()?;
        Ok(staged.commit()?)
    }

    fn is_as_read(&self) -> Result<(), ClientError> {
        let now = files::read_text(&self.real, SIZE_LIMIT)?;
        let then = self.text.as_ref().map(|text| format!("{}{text}", if self.has_mark { BYTE_ORDER_MARK } else { "" }));
        if now == then { Ok(()) } else { Err(ClientError::Restless { path: self.real.clone() }) }
    }
}

/// Where a link leads, in the end.
fn through(path: &Path) -> Result<PathBuf, ClientError> {
    files::canonical(path).map_err(|error: FileError| match error.kind {
        FileErrorKind::Missing => ClientError::LinkBroken { path: path.to_path_buf() },
        _ => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        (folder, path)
    }

    #[test]
    fn a_missing_file_is_made_and_taken_away() {
        let (_folder, path) = folder();
        let file = ConfigFile::read(&path).unwrap();
        assert_eq!(file.text(), None);
        file.replace(Some("a")).unwrap();
        assert!(matches!(file.replace(Some("b")), Err(ClientError::Restless { .. })), "it is there now");
        let file = ConfigFile::read(&path).unwrap();
        assert_eq!(file.text(), Some("a"));
        file.replace(None).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_change_in_between_is_not_written_over() {
        let (folder, path) = folder();
        std::fs::write(&path, "one").unwrap();
        let file = ConfigFile::read(&path).unwrap();
        std::fs::write(&path, "two").unwrap();
        for text in [Some("three"), None] {
            assert!(matches!(file.replace(text), Err(ClientError::Restless { .. })));
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(files::names(folder.path()).unwrap(), ["config.toml"], "nothing is left beside it");
    }

    #[test]
    fn a_byte_order_mark_stays_and_nothing_half_written() {
        let (folder, path) = folder();
        std::fs::write(&path, "\u{feff}a").unwrap();
        // Of a process that was killed over it; of this one.
        let left =
            [folder.path().join(".config.toml.4194999-0.tmp"), folder.path().join(format!(".config.toml.{}-7.tmp", std::process::id()))];
        for left in &left {
            std::fs::write(left, "").unwrap();
        }
        let file = ConfigFile::read(&path).unwrap();
        assert_eq!(file.text(), Some("a"));
        file.replace(Some("b")).unwrap();
        assert_eq!(left.map(|left| left.exists()), [false, true]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "\u{feff}b");
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_link_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (folder, path) = folder();
        let real = folder.path().join("dotfiles.toml");
        std::fs::write(&real, "a").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink("dotfiles.toml", &path).unwrap();
        ConfigFile::read(&path).unwrap().replace(Some("b")).unwrap();
        assert!(path.is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "b");
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o7777, 0o640);
        ConfigFile::read(&path).unwrap().replace(None).unwrap();
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "", "the link still leads somewhere");
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_replaced_safely_is_left() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (folder, path) = folder();
        symlink("nowhere", &path).unwrap();
        assert!(matches!(ConfigFile::read(&path), Err(ClientError::LinkBroken { .. })));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "a").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(ConfigFile::read(&path).unwrap().replace(Some("b")), Err(ClientError::ReadOnly { .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::hard_link(&path, folder.path().join("second")).unwrap();
        assert!(matches!(ConfigFile::read(&path).unwrap().replace(Some("b")), Err(ClientError::HardLinked { .. })));
        std::fs::write(&path, [0xff]).unwrap();
        assert!(matches!(ConfigFile::read(&path), Err(ClientError::File(_))));
        assert_eq!(std::fs::read(&path).unwrap(), [0xff]);
    }
}
