//! The journal of a switch: written before the live login is touched, removed when the switch is recorded. It holds no secret.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::switch::SwitchError;
use crate::base::files::{self, FileErrorKind};
use crate::model::profile::ProfileId;
use crate::store::home::Home;

const SCHEMA: u32 = 1;
const SIZE_LIMIT: u64 = 64 << 10;

/// What a switch is about to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    pub(super) schema: u32,
    /// The switch's own name; also that of its backup.
    pub(super) id: String,
    /// When it began.
    pub(super) at: Timestamp,
    /// The home whose login it changes.
    pub(super) codex_home: PathBuf,
    /// The profile of the outgoing login.
    pub(super) from: Option<ProfileId>,
    /// The profile of the incoming login.
    pub(super) to: Option<ProfileId>,
    /// Fingerprint of the outgoing file; `None` if there was none.
    pub(super) outgoing: Option<String>,
    /// Fingerprint of the incoming file; `None` for a local sign-out.
    pub(super) incoming: Option<String>,
}

/// What was found where the journal lies.
#[derive(Debug)]
pub(super) enum Found {
    /// No switch was interrupted.
    Nothing,
    /// One was.
    Journal(Journal),
    /// Something that is no journal of ours.
    Damaged,
}

impl Journal {
    pub(super) fn new(id: String, at: Timestamp, codex_home: PathBuf) -> Self {
        Self { schema: SCHEMA, id, at, codex_home, from: None, to: None, outgoing: None, incoming: None }
    }

    /// Writes the journal; from here on a start looks after the switch.
    pub(super) fn write(&self, home: &Home) -> Result<(), SwitchError> {
        let text = serde_json::to_string_pretty(self).map_err(SwitchError::Encode)?;
        Ok(files::write_private(&path(home), text.as_bytes())?)
    }
}

/// Looks for the journal of an interrupted switch.
pub(super) fn find(home: &Home) -> Result<Found, SwitchError> {
    let text = match files::read_text(&path(home), SIZE_LIMIT) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(Found::Nothing),
        Err(error) if matches!(error.kind, FileErrorKind::TooLarge | FileErrorKind::NotText | FileErrorKind::NotAFile) => {
            return Ok(Found::Damaged);
        }
        Err(error) => return Err(error.into()),
    };
    Ok(match serde_json::from_str::<Journal>(&text) {
        Ok(journal) if journal.schema == SCHEMA => Found::Journal(journal),
        _ => Found::Damaged,
    })
}

/// Whether a switch was begun and is not settled: it was cut off, or goes on at this moment.
pub fn is_there(home: &Home) -> Result<bool, files::FileError> {
    Ok(files::entry(&path(home))? != files::Entry::Missing)
}

/// The switch is settled.
pub(super) fn remove(home: &Home) -> Result<(), SwitchError> {
    Ok(files::remove(&path(home))?)
}

/// Moves a damaged journal to where it stops nothing. Says where.
pub(super) fn set_aside(home: &Home, now: Timestamp) -> Result<PathBuf, SwitchError> {
    let place = home.backups().join(format!("switch.damaged-{}.json", now.as_millisecond()));
    files::rename(&path(home), &place)?;
    Ok(place)
}

/// Where it lies.
pub fn path(home: &Home) -> PathBuf {
    home.runtime().join("switch.json")
}
