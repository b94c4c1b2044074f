//! codex-multi-auth (ndycode/codex-multi-auth): `openai-codex-accounts.json`, versions 1 and 3, for all projects and for single
//! ones. It keeps no id tokens, and an access token only where it had one.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ImportError;
use super::account::{self, Account, Entries, Tokens};
use crate::base::environment::Environment;
use crate::base::files::{self, FileError};

const VERSION: u64 = 3;
const FILE_NAME: &str = "openai-codex-accounts.json";

#[derive(Deserialize)]
struct RawStore<'a> {
    version: Option<u64>,
    #[serde(borrow)]
    accounts: Option<Entries<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAccount {
    account_id: Option<String>,
    account_label: Option<String>,
    email: Option<String>,
    refresh_token: Option<String>,
    access_token: Option<String>,
}

pub(super) fn folders(environment: &Environment, codex_homes: &[PathBuf]) -> Vec<PathBuf> {
    let usual = || codex_homes.iter().map(|home| home.join("multi-auth")).collect();
    environment.path("CODEX_MULTI_AUTH_DIR").map_or_else(usual, |folder| vec![folder])
}

pub(super) fn stores(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let projects = folder.join("projects");
    let of_projects = files::names(&projects)?.into_iter().map(|name| projects.join(name).join(FILE_NAME));
    Ok(std::iter::once(folder.join(FILE_NAME)).chain(of_projects).collect())
}

pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Account>, ImportError> {
    let store: RawStore<'_> = serde_json::from_str(account::text(bytes)?).map_err(|error| account::wrong(&error))?;
    if let Some(version) = store.version.filter(|version| *version > VERSION) {
        return Err(ImportError::NewerStore(version));
    }
    Ok(store.accounts.ok_or(ImportError::Shape)?.all()?.into_iter().map(|(number, raw)| one(&number, raw)).collect())
}

fn one(number: &str, raw: &RawValue) -> Account {
    let Ok(raw) = serde_json::from_str::<RawAccount>(raw.get()) else { return Account::new(number, None, Err(ImportError::Shape)) };
    let tokens = Tokens { access: raw.access_token, refresh: raw.refresh_token, account_id: raw.account_id, ..Tokens::default() };
    Account::new(&raw.account_label.unwrap_or_else(|| number.to_owned()), raw.email.as_deref(), tokens.document())
}
