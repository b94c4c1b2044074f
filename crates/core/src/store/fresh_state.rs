//! A state that is damaged is set aside, and a fresh one takes its place: it holds no login, and without one nothing would work.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

use super::home::Home;
use super::state::{self, PATIENCE, StateError};
use crate::base::files::{self, Entry, FileError};
use crate::base::locks::FileLock;

/// Held by the process that makes a state.
pub(super) const LOCK: &str = "state";

/// Whether SQLite says that what is in the file is no state, or no whole one. A disk that fails, is full or is locked says otherwise.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// A whole state, and where the damaged one is now, if it was this process that has set it aside.
pub(super) fn begin(home: &Home) -> Result<(Connection, Option<PathBuf>), StateError> {
    let _lock = FileLock::acquire(&home.lock(LOCK), "a damaged state", PATIENCE)?;
    // Another process may have done it by now.
    match state::make(home).and_then(whole) {
        Ok(Some(connection)) => return Ok((connection, None)),
        Ok(None) => {}
        Err(StateError::Sqlite(error)) if is_damage(&error) => {}
        Err(error) => return Err(error),
    }
    let place = set_aside(home)?;
    tracing::warn!(?place, "the state was damaged; it was set aside, and a new one begun");
    Ok((state::make(home)?, Some(place)))
}

fn whole(connection: Connection) -> Result<Option<Connection>, StateError> {
    let found: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    Ok((found == "ok").then_some(connection))
}

/// The file goes before what SQLite keeps beside it: whoever finds that beside no file, or an empty one, takes no notice of it.
fn set_aside(home: &Home) -> Result<PathBuf, FileError> {
    let folder = home.backups().join("set-aside");
    files::create_private_folder(&folder)?;
    let mut number = 1_u32;
    let mut place = place_of(&folder, number);
    while files::entry(&place)? != Entry::Missing {
        number += 1;
        place = place_of(&folder, number);
    }
    for (from, to) in beside(&home.state()).into_iter().zip(beside(&place)) {
        if files::entry(&from)? != Entry::Missing {
            files::rename(&from, &to)?;
        }
    }
    Ok(place)
}

fn place_of(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("state-{number}.sqlite"))
}

/// A database and what SQLite keeps beside it.
fn beside(database: &Path) -> [PathBuf; 3] {
    ["sqlite", "sqlite-wal", "sqlite-shm"].map(|extension| database.with_extension(extension))
}

#[cfg(test)]
#[path = "fresh_state_tests.rs"]
mod tests;
