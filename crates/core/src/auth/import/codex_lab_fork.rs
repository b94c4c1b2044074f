//! The fork of Codex that is also named Codex Lab (cbusillo/codex-lab): a Codex home at `$CODEX_LAB_HOME` or `~/.codex-lab` with
//! its live `auth.json`, a catalogue in Every Code's format, and `auth-profiles/<name>/auth.json`.

use std::path::{Path, PathBuf};

use super::account::Account;
use super::{ImportError, every_code};
use crate::base::environment::Environment;
use crate::base::files::{self, FileError};

pub(super) fn folders(environment: &Environment) -> Vec<PathBuf> {
    let named = environment.path("CODEX_LAB_HOME");
    let usual = environment.user_home().map(|home| home.join(".codex-lab"));
    named.into_iter().chain(usual).collect()
}

/// The files in the fork's home. It names its home by the same variable as we do, so its folder may be ours: what lies under
/// `auth-profiles` there is our own, while the files at its top are never ours.
pub(super) fn stores(folder: &Path, ours: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut stores = every_code::stores(folder);
    if files::canonical(folder).is_ok_and(|folder| folder == ours) {
        return Ok(stores);
    }
    let profiles = folder.join("auth-profiles");
    stores.extend(files::names(&profiles)?.into_iter().map(|name| profiles.join(name).join("auth.json")));
    Ok(stores)
}

pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Account>, ImportError> {
    every_code::parse(bytes)
}
