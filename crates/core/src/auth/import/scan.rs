//! Looking for the stores of other tools, and reading them. Nothing is written, made or locked in a source.

use std::path::{Path, PathBuf};

pub use super::codex::CodexPlace;
use super::{Found, ImportError, cc_switch, codex, codex_auth, codex_lab_fork, codex_multi_auth, every_code, opencode};
use super::{opencode_multi_auth_codex, parse, path};
use crate::base::environment::Environment;
use crate::base::files::{self, Entry, FileError, FileErrorKind};
use crate::base::foreign_database;
use crate::base::keyring::Keyring;
use crate::base::secret::Secret;
use crate::failure::shown;
use crate::model::import_source::ImportSource;

/// A store of a thousand accounts has a few MiB.
const STORE_LIMIT: u64 = 16 << 20;
/// cc-switch keeps its records of use in the same file.
const DATABASE_LIMIT: u64 = 256 << 20;

/// Where to look, and what opens what is found.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The tools' own variables, and the user's home.
    pub environment: &'a Environment,
    /// Our own home, links resolved.
    pub ours: &'a Path,
    /// The homes of the stock Codex; the live one first.
    pub codex: &'a [CodexPlace],
    /// Asked only for a Codex that keeps its login there.
    pub keyring: &'a dyn Keyring,
    /// Opens an encrypted store.
    pub passphrase: Option<&'a Secret>,
}

/// The logins of one tool or of all, at its usual places or at `path`; without a tool, the logins in Codex's own format at
/// `path`. Blocks; call it from a blocking task. An error is about the request as a whole; each store and login has its own.
pub fn scan(places: &Places<'_>, from: Option<ImportSource>, path: Option<&Path>) -> Result<Vec<Found>, ImportError> {
    match (from, path) {
        (None, Some(path)) => path::from_path(path),
        (None, None) => Ok(ImportSource::ALL.into_iter().flat_map(|from| usual(places, from)).collect()),
        (Some(from), None) => some(from, usual(places, from)),
        (Some(from), Some(path)) => {
            // The user named this path, so a link here is followed; links found below it are not.
            let resolved = files::canonical(path)?;
            if files::entry(&resolved)? == Entry::Folder {
                return some(from, below(places, from, &resolved));
            }
            Ok(read(from, &resolved, places)
                .into_iter()
                .map(|found| Found { source: renamed(&found.source, &resolved, path), ..found })
                .collect())
        }
    }
}

/// The passphrase the user has given a tool in its own variable.
pub fn own_passphrase(environment: &Environment) -> Option<Secret> {
    opencode_multi_auth_codex::own_passphrase(environment)
}

/// The folders (or files) where a tool keeps its things.
pub(super) fn folders(places: &Places<'_>, from: ImportSource) -> Vec<PathBuf> {
    let codex_homes = || places.codex.iter().map(|place| place.root.clone()).collect::<Vec<_>>();
    let mut folders = match from {
        ImportSource::Codex | ImportSource::CodexAuth => codex_homes(),
        ImportSource::EveryCode => every_code::folders(places.environment),
        ImportSource::CodexLabFork => codex_lab_fork::folders(places.environment),
        ImportSource::OpencodeMultiAuthCodex => opencode_multi_auth_codex::folders(places.environment),
        ImportSource::Opencode => opencode::folders(places.environment),
        ImportSource::CcSwitch => cc_switch::folders(places.environment),
        ImportSource::CodexMultiAuth => codex_multi_auth::folders(places.environment, &codex_homes()),
    };
    folders.dedup();
    folders
}

/// The files in a tool's folder that may be stores; a file stands for itself.
pub(super) fn stores(places: &Places<'_>, from: ImportSource, folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    if matches!(files::entry(folder)?, Entry::File { .. } | Entry::Special) {
        return Ok(vec![folder.to_path_buf()]);
    }
    match from {
        ImportSource::Codex => Ok(codex::stores(folder)),
        ImportSource::EveryCode => Ok(every_code::stores(folder)),
        ImportSource::CodexLabFork => codex_lab_fork::stores(folder, places.ours),
        ImportSource::OpencodeMultiAuthCodex => Ok(opencode_multi_auth_codex::stores(folder)),
        ImportSource::Opencode => Ok(opencode::stores(folder)),
        ImportSource::CodexAuth => codex_auth::stores(folder),
        ImportSource::CcSwitch => cc_switch::stores(folder),
        ImportSource::CodexMultiAuth => codex_multi_auth::stores(folder),
    }
}

/// The bytes of a store at rest; `None` if nothing is there.
pub(super) fn bytes(path: &Path) -> Result<Option<Vec<u8>>, ImportError> {
    // A copy of a store has more behind its ending.
    if path.file_name().is_some_and(|name| name.to_string_lossy().contains(".json")) {
        return Ok(files::read(path, STORE_LIMIT)?);
    }
    let before = at_rest(path)?;
    let bytes = files::read(path, DATABASE_LIMIT)?;
    // A change while it was read shows in one of these.
    if at_rest(path)? == before { Ok(bytes) } else { Err(ImportError::Busy) }
}

fn usual(places: &Places<'_>, from: ImportSource) -> Vec<Found> {
    let mut found: Vec<Found> = folders(places, from).iter().flat_map(|folder| below(places, from, folder)).collect();
    if from == ImportSource::Codex {
        found.extend(places.codex.iter().filter_map(|place| codex::in_keyring(place, places.keyring)));
    }
    found
}

fn some(from: ImportSource, found: Vec<Found>) -> Result<Vec<Found>, ImportError> {
    if found.is_empty() { Err(ImportError::NoStore(from)) } else { Ok(found) }
}

fn below(places: &Places<'_>, from: ImportSource, folder: &Path) -> Vec<Found> {
    match stores(places, from, folder) {
        Ok(stores) => stores.iter().flat_map(|store| read(from, store, places)).collect(),
        Err(error) => vec![unusable(from, folder, error.into())],
    }
}

fn read(from: ImportSource, path: &Path, places: &Places<'_>) -> Vec<Found> {
    let accounts = match bytes(path) {
        Ok(None) => return Vec::new(),
        Ok(Some(bytes)) => parse(from, &bytes, places.passphrase),
        Err(error) => Err(error),
    };
    match accounts {
        Err(error) => vec![unusable(from, path, error)],
        Ok(accounts) => accounts
            .into_iter()
            .map(|account| {
                let place = shown(path);
                let source = account.label.map_or_else(|| place.clone(), |label| format!("{place} ({label})"));
                Found { from: Some(from), source, email: account.email, login: account.login }
            })
            .collect(),
    }
}

fn unusable(from: ImportSource, path: &Path, error: ImportError) -> Found {
    Found { from: Some(from), source: shown(path), email: None, login: Err(error) }
}

/// The place as the user has named it.
fn renamed(source: &str, resolved: &Path, named: &Path) -> String {
    source.strip_prefix(&shown(resolved)).map_or_else(|| source.to_owned(), |label| format!("{}{label}", shown(named)))
}

/// Size and time of a database that nobody is in the middle of changing: what a writer has not finished lies in a file beside it.
fn at_rest(path: &Path) -> Result<(Entry, Option<i64>), ImportError> {
    for suffix in foreign_database::UNFINISHED {
        let mut beside = path.as_os_str().to_owned();
        beside.push(suffix);
        match files::entry(Path::new(&beside))? {
            Entry::Missing | Entry::File { size: 0, .. } => {}
            _ => return Err(ImportError::Busy),
        }
    }
    let entry = files::entry(path)?;
    match entry {
        Entry::Missing | Entry::File { .. } => Ok((entry, files::modified_second(path))),
        Entry::Link => Err(FileError::of(path, FileErrorKind::Link).into()),
        Entry::Folder | Entry::Special => Err(FileError::of(path, FileErrorKind::NotAFile).into()),
    }
}
