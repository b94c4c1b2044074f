//! The live login: what `auth.json` in the Codex home holds, and whether it can be replaced without harm (codex-auth.md 1.5).

use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

use super::home::CodexHome;
use crate::base::files::{self, Entry, FileError, FileErrorKind};
use crate::base::secret::{Fingerprint, Secret};
use crate::model::auth_document::{AuthDocument, AuthDocumentError, SIZE_LIMIT};
use crate::store::vault::VaultError;

/// What the Codex home holds.
#[derive(Debug)]
pub enum Live {
    /// No login.
    None,
    /// A login.
    Login(Box<AuthDocument>),
    /// Something else.
    Unreadable(LiveError),
}

/// Why the live login cannot be read, or not be replaced.
#[derive(Debug, Error)]
pub enum LiveError {
    /// A folder of that name.
    #[error("{} is a folder", .0.display())]
    Folder(PathBuf),
    /// A FIFO, socket or device.
    #[error("{} is not a regular file", .0.display())]
    Special(PathBuf),
    /// Over 1 MiB.
    #[error("{} is far too large for a login", .0.display())]
    TooLarge(PathBuf),
    /// It has a second name, under which the old login would live on. Codex does not write to it either.
    #[error("{} is hard-linked", .0.display())]
    HardLinked(PathBuf),
    /// Someone protected it against writing. Codex does not write to it either.
    #[error("{} is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// A link that leads out of the Codex home: another program's file.
    #[error("{} leads out of the Codex home", .0.display())]
    LinkOut(PathBuf),
    /// A link that leads to no place a file could be.
    #[error("{} leads nowhere", .0.display())]
    LinkBroken(PathBuf),
    /// Not UTF-8.
    #[error("{} is not text", .0.display())]
    NotText(PathBuf),
    /// Empty, half-written, or no login that we know.
    #[error("{} holds no usable login", path.display())]
    NoLogin {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: AuthDocumentError,
    },
    /// A login that does not say whose it is.
    #[error("the login in {} names no user and workspace", .0.display())]
    NoIdentity(PathBuf),
    /// A copy of one that is sealed, and not to be opened.
    #[error(transparent)]
    Sealed(#[from] VaultError),
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Reads the live login, wherever links lead.
pub fn read(home: &CodexHome) -> Live {
    match follow(home).and_then(|(path, _)| content(&path)) {
        Ok(Content::None) => Live::None,
        Ok(Content::Login(login)) => Live::Login(login),
        Ok(Content::Other(_, error)) | Err(error) => Live::Unreadable(error),
    }
}

/// The file that a switch replaces: `auth.json`, or what it links to inside the home. An error says why none may be replaced.
pub fn place(home: &CodexHome) -> Result<PathBuf, LiveError> {
    let (path, inside) = follow(home)?;
    if !inside {
        return Err(LiveError::LinkOut(home.auth_json()));
    }
    match files::entry(&path)? {
        Entry::File { links, .. } if links > 1 => Err(LiveError::HardLinked(path)),
        Entry::File { read_only: true, .. } => Err(LiveError::ReadOnly(path)),
        Entry::File { size, .. } if size > SIZE_LIMIT => Err(LiveError::TooLarge(path)),
        Entry::Folder => Err(LiveError::Folder(path)),
        Entry::Special => Err(LiveError::Special(path)),
        Entry::Link => Err(LiveError::LinkBroken(path)),
        Entry::Missing | Entry::File { .. } => Ok(path),
    }
}

/// What a place holds.
#[derive(Debug)]
pub(super) enum Content {
    /// No file.
    None,
    /// A login that says whose it is.
    Login(Box<AuthDocument>),
    /// Bytes that are none, and why.
    Other(Zeroizing<Vec<u8>>, LiveError),
}

impl Content {
    /// The file's exact bytes.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::None => None,
            Self::Login(login) => Some(login.text().expose().as_bytes()),
            Self::Other(bytes, _) => Some(bytes),
        }
    }

    /// A name for exactly these bytes; `None` for no file.
    pub(super) fn fingerprint(&self) -> Option<Fingerprint> {
        self.bytes().map(|bytes| Secret::new(String::from_utf8_lossy(bytes)).fingerprint())
    }

    /// No file, or one without a byte, as a power cut may leave.
    pub(super) fn is_nothing(&self) -> bool {
        self.bytes().is_none_or(<[u8]>::is_empty)
    }
}

/// Reads a place. Bytes that are no login are no error here.
pub(super) fn content(path: &Path) -> Result<Content, LiveError> {
    let bytes = match files::read(path, SIZE_LIMIT) {
        Ok(Some(bytes)) => Zeroizing::new(bytes),
        Ok(None) => return Ok(Content::None),
        Err(error) => {
            return Err(match (error.kind, files::entry(path)?) {
                (FileErrorKind::TooLarge, _) => LiveError::TooLarge(path.to_path_buf()),
                (FileErrorKind::NotAFile, Entry::Folder) => LiveError::Folder(path.to_path_buf()),
                (FileErrorKind::NotAFile, _) => LiveError::Special(path.to_path_buf()),
                _ => error.into(),
            });
        }
    };
    Ok(content_of(path, bytes))
}

/// What these bytes are, which were read from a place.
pub(super) fn content_of(path: &Path, bytes: Zeroizing<Vec<u8>>) -> Content {
    match parse(path, &bytes) {
        Ok(login) => Content::Login(Box::new(login)),
        Err(error) => Content::Other(bytes, error),
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<AuthDocument, LiveError> {
    let text = std::str::from_utf8(bytes).map_err(|_| LiveError::NotText(path.to_path_buf()))?;
    let login = AuthDocument::parse(text.to_owned()).map_err(|source| LiveError::NoLogin { path: path.to_path_buf(), source })?;
    if login.subject().is_some() { Ok(login) } else { Err(LiveError::NoIdentity(path.to_path_buf())) }
}

/// The real file behind `auth.json`, and whether it lies inside the home.
fn follow(home: &CodexHome) -> Result<(PathBuf, bool), LiveError> {
    let path = home.auth_json();
    if files::entry(&path)? != Entry::Link {
        return Ok((path, true));
    }
    let real = match files::canonical(&path) {
        Ok(real) => real,
        // Codex would create what is missing, so its folder decides.
        Err(error) if error.kind == FileErrorKind::Missing => {
            let target = files::link_target(&path)?;
            let folder = target.parent().and_then(|folder| files::canonical(folder).ok());
            match (folder, target.file_name()) {
                (Some(folder), Some(name)) if files::entry(&target)? == Entry::Missing => folder.join(name),
                _ => return Err(LiveError::LinkBroken(path)),
            }
        }
        Err(_) => return Err(LiveError::LinkBroken(path)),
    };
    let inside = real.starts_with(files::canonical(home.root())?);
    Ok((real, inside))
}
