//! Reading logins from files, folders and pasted text. Sources are only ever read.

use std::path::Path;

use thiserror::Error;

use crate::base::files::{self, Entry, FileError, FileErrorKind};
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::model::auth_document::{AuthDocument, AuthDocumentError, SIZE_LIMIT};

/// The name Codex gives the file.
const FILE_NAME: &str = "auth.json";
/// A folder with more logins than this is not what the user meant.
const COUNT_LIMIT: usize = 1000;

/// One login, or what was there instead.
#[derive(Debug)]
pub struct Found {
    /// Where: a path, or "pasted text". Never what is in it.
    pub source: String,
    /// The login, or why it is of no use.
    pub login: Result<AuthDocument, ImportError>,
}

/// Why something cannot be imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file or folder cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is no login we can keep.
    #[error(transparent)]
    Document(#[from] AuthDocumentError),
    /// A login that does not say whose it is could not be told from another.
    #[error("the login names no user and workspace")]
    NoIdentity,
    /// The folder holds no login file.
    #[error("no login file in the folder")]
    NothingFound,
    /// More than 1,000 candidates.
    #[error("more than {COUNT_LIMIT} files that may be logins")]
    TooMany,
    /// More text than any login has.
    #[error("the text is too large")]
    TextTooLarge,
}

impl ImportError {
    /// What the user is told.
    pub fn failure(&self) -> Failure {
        match self {
            Self::File(error) => file_failure(error),
            Self::Document(error) => document_failure(error),
            Self::NoIdentity => Failure::new(Code::BadLoginFile, "This login does not say which account it belongs to.")
                .hint("Sign in to that account here instead."),
            Self::NothingFound => Failure::new(Code::NotFound, "There is no Codex login in this folder.")
                .hint("Choose a folder that holds an auth.json, such as ~/.codex, or choose the file itself."),
            Self::TooMany => {
                Failure::new(Code::InvalidInput, format!("This folder holds more than {COUNT_LIMIT} files that could be logins."))
                    .hint("Choose the folder that holds the logins, or a single auth.json.")
            }
            Self::TextTooLarge => Failure::new(Code::InvalidInput, "The pasted text is far too long for a Codex login.")
                .hint("Paste the content of one auth.json."),
        }
    }
}

/// The logins at a path: a file, or a folder's `auth.json` and those one folder below; where there is none of either, its
/// `*.json`. Blocks; call it from a blocking task. Errors are about the path as a whole; each login has its own.
pub fn from_path(path: &Path) -> Result<Vec<Found>, ImportError> {
    // The user named this path, so a link here is followed; links found below it are not.
    let resolved = files::canonical(path)?;
    if files::entry(&resolved)? != Entry::Folder {
        return Ok(vec![found(path.display().to_string(), &resolved)]);
    }
    let names = files::names(&resolved)?;
    let mut candidates = Vec::new();
    for name in names.iter().map(String::as_str) {
        let candidate = if name == FILE_NAME { name.into() } else { Path::new(name).join(FILE_NAME) };
        let is_there = (name == FILE_NAME || files::entry(&resolved.join(name))? == Entry::Folder)
            && is_candidate(files::entry(&resolved.join(&candidate)).unwrap_or(Entry::Special));
        if is_there {
            candidates.push(candidate);
        }
    }
    if candidates.is_empty() {
        for name in &names {
            let is_json = Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
            if is_json && is_candidate(files::entry(&resolved.join(name))?) {
                candidates.push(name.into());
            }
        }
    }
    match candidates.len() {
        0 => Err(ImportError::NothingFound),
        count if count > COUNT_LIMIT => Err(ImportError::TooMany),
        _ => Ok(candidates.iter().map(|below| found(path.join(below).display().to_string(), &resolved.join(below))).collect()),
    }
}

/// The login in a pasted text.
pub fn from_text(text: &Secret) -> Found {
    let bare = text.expose().trim_start_matches('\u{feff}').trim();
    let login = if bare.len() as u64 > SIZE_LIMIT { Err(ImportError::TextTooLarge) } else { login(bare.to_owned()) };
    Found { source: "pasted text".to_owned(), login }
}

/// Whatever stands under a login's name is looked at, so that the user hears why it is of no use.
fn is_candidate(entry: Entry) -> bool {
    !matches!(entry, Entry::Missing | Entry::Folder)
}

fn found(source: String, path: &Path) -> Found {
    Found { source, login: read(path) }
}

fn read(path: &Path) -> Result<AuthDocument, ImportError> {
    let text = files::read_text(path, SIZE_LIMIT)?.ok_or_else(|| FileError::of(path, FileErrorKind::Missing))?;
    login(text)
}

fn login(text: String) -> Result<AuthDocument, ImportError> {
    let document = AuthDocument::parse(text)?;
    if document.subject().is_some() { Ok(document) } else { Err(ImportError::NoIdentity) }
}

fn file_failure(error: &FileError) -> Failure {
    let path = error.path.display();
    match error.kind {
        FileErrorKind::Missing => Failure::new(Code::NotFound, format!("There is nothing at {path}.")).hint("Check the path."),
        FileErrorKind::Denied => Failure::new(Code::StorageDenied, format!("You are not allowed to read {path}."))
            .hint("Change the file's permissions so that you can read it, then try again."),
        FileErrorKind::Link => Failure::new(Code::BadLoginFile, format!("{path} is a link to another place, which is not followed."))
            .hint("Choose the file that it points to."),
        FileErrorKind::NotAFile => {
            Failure::new(Code::BadLoginFile, format!("{path} is not a file.")).hint("Choose an auth.json, or a folder that holds one.")
        }
        FileErrorKind::TooLarge => Failure::new(Code::BadLoginFile, format!("{path} is far too large for a Codex login."))
            .hint("Choose an auth.json; it has a few kilobytes."),
        FileErrorKind::NotText => {
            Failure::new(Code::BadLoginFile, format!("{path} is not a text file.")).hint("Choose an auth.json, or a folder that holds one.")
        }
        _ => Failure::new(Code::Storage, format!("{path} could not be read.")).hint("Check that the disk is there, then try again."),
    }
}

fn document_failure(error: &AuthDocumentError) -> Failure {
    let bad = |message: String| Failure::new(Code::BadLoginFile, message);
    match error {
        AuthDocumentError::Empty => bad("There is nothing in it.".into()).hint("Sign in to that account here instead."),
        AuthDocumentError::NotJson => bad("This is not a whole Codex login: it is cut off, or something else altogether.".into())
            .hint("Choose the file again, or paste all of its text, from the first { to the last }."),
        AuthDocumentError::Shape => bad("This file is not a Codex login.".into()).hint("Choose a Codex auth.json."),
        AuthDocumentError::UnsupportedMode(mode) => bad(format!("This login signs in with \"{mode}\", which Codex Lab cannot keep."))
            .hint("Sign in with ChatGPT or add an API key instead."),
        AuthDocumentError::NoTokens | AuthDocumentError::NoKey => {
            bad("There is no login in this file: it was signed out, or it is another kind of file.".into())
                .hint("Sign in to that account here instead.")
        }
        AuthDocumentError::IdToken(_) => {
            bad("This login is damaged: its identity cannot be read.".into()).hint("Sign in to that account here instead.")
        }
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
