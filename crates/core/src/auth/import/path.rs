//! Logins in Codex's own format, from files, folders and pasted text.

use std::path::Path;

use super::{COUNT_LIMIT, Found, ImportError};
use crate::base::files::{self, Entry, FileError, FileErrorKind};
use crate::base::secret::Secret;
use crate::failure::shown;
use crate::model::auth_document::{AuthDocument, SIZE_LIMIT};

/// The name Codex gives the file.
const FILE_NAME: &str = "auth.json";

/// The logins at a path: a file, or a folder's `auth.json` and those one folder below; where there is none of either, its
/// `*.json`. Blocks; call it from a blocking task. Errors are about the path as a whole; each login has its own.
pub fn from_path(path: &Path) -> Result<Vec<Found>, ImportError> {
    // The user named this path, so a link here is followed; links found below it are not.
    let resolved = files::canonical(path)?;
    if files::entry(&resolved)? != Entry::Folder {
        return Ok(vec![found(shown(path), &resolved)]);
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
        _ => Ok(candidates.iter().map(|below| found(shown(&path.join(below)), &resolved.join(below))).collect()),
    }
}

/// The login in a pasted text.
pub fn from_text(text: &Secret) -> Found {
    let bare = text.expose().trim_start_matches('\u{feff}').trim();
    let login = if bare.len() as u64 > SIZE_LIMIT { Err(ImportError::TextTooLarge) } else { login(bare.to_owned()) };
    Found { from: None, source: "pasted text".to_owned(), email: None, login }
}

/// Whatever stands under a login's name is looked at, so that the user hears why it is of no use.
fn is_candidate(entry: Entry) -> bool {
    !matches!(entry, Entry::Missing | Entry::Folder)
}

fn found(source: String, path: &Path) -> Found {
    Found { from: None, source, email: None, login: read(path) }
}

fn read(path: &Path) -> Result<AuthDocument, ImportError> {
    let text = files::read_text(path, SIZE_LIMIT)?.ok_or_else(|| FileError::of(path, FileErrorKind::Missing))?;
    login(text)
}

fn login(text: String) -> Result<AuthDocument, ImportError> {
    super::account::known(AuthDocument::parse(text)?)
}

#[cfg(test)]
#[path = "path_tests.rs"]
mod tests;
