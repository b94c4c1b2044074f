//! codex-auth (Loongphy/codex-auth): one `auth.json` of Codex's own format for each account, `accounts/<key>.auth.json` in the
//! Codex home, beside a `registry.json` of schema 3.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ImportError;
use super::account::{self, Account};
use crate::base::files::{self, FileError};

const VERSION: u64 = 3;
const SUFFIX: &str = ".auth.json";
const REGISTRY: &str = "registry.json";

#[derive(Deserialize)]
struct RawRegistry {
    schema_version: Option<u64>,
    version: Option<u64>,
    /// Only a registry has these: a login has not.
    accounts: Option<serde::de::IgnoredAny>,
}

/// The registry first, so that a newer one is heard of; then the accounts.
pub(super) fn stores(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    // The user may name the Codex home, or the folder in it.
    let accounts = if folder.file_name().is_some_and(|name| name == "accounts") { folder.to_path_buf() } else { folder.join("accounts") };
    let logins = files::names(&accounts)?.into_iter().filter(|name| name.ends_with(SUFFIX)).map(|name| accounts.join(name));
    let logins: Vec<_> = logins.collect();
    if logins.is_empty() {
        return Ok(logins);
    }
    Ok(std::iter::once(accounts.join(REGISTRY)).chain(logins).collect())
}

/// A registry has no login in it; anything else is one.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Account>, ImportError> {
    if let Ok(registry @ RawRegistry { accounts: Some(_), .. }) = serde_json::from_str::<RawRegistry>(account::text(bytes)?) {
        let version = registry.schema_version.or(registry.version).unwrap_or(VERSION);
        return if version > VERSION { Err(ImportError::NewerStore(version)) } else { Ok(Vec::new()) };
    }
    Ok(vec![Account::only(account::login(bytes))])
}
