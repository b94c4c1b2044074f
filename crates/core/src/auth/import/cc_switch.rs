//! cc-switch (farion1231/cc-switch): the providers of the app `codex` in the database `cc-switch.db`, in versions before 3.8 in
//! `config.json`, and its own sign-ins in `codex_oauth_auth.json`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::account::{self, Account, Entries, Tokens};
use super::{COUNT_LIMIT, ImportError};
use crate::base::environment::Environment;
use crate::base::files::{self, Entry, FileError};
use crate::base::foreign_database::{self, ForeignDatabaseError};
use crate::base::toml;
use crate::model::auth_document::{AuthDocument, Credential};

/// The newest version of `codex_oauth_auth.json` and of `config.json`.
const VERSION: u64 = 2;

#[derive(Deserialize)]
struct RawFile<'a> {
    version: Option<u64>,
    /// `config.json`.
    #[serde(borrow)]
    codex: Option<RawApp<'a>>,
    /// `codex_oauth_auth.json`.
    #[serde(borrow)]
    accounts: Option<Entries<'a>>,
}

#[derive(Deserialize)]
struct RawApp<'a> {
    #[serde(borrow)]
    providers: Option<Entries<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawProvider<'a> {
    name: Option<String>,
    #[serde(borrow)]
    settings_config: Option<&'a RawValue>,
}

/// `auth` is an `auth.json`, `config` a `config.toml`.
#[derive(Deserialize)]
struct RawSettings<'a> {
    #[serde(borrow)]
    auth: Option<&'a RawValue>,
    config: Option<String>,
}

#[derive(Deserialize)]
struct RawSignIn {
    email: Option<String>,
    chatgpt_account_id: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
}

pub(super) fn folders(environment: &Environment) -> Vec<PathBuf> {
    environment.user_home().map(|home| home.join(".cc-switch")).into_iter().collect()
}

/// The database, or where there is none yet the file before it; and the tool's own sign-ins.
pub(super) fn stores(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let database = folder.join("cc-switch.db");
    let providers = if files::entry(&database)? == Entry::Missing { folder.join("config.json") } else { database };
    Ok(vec![providers, folder.join("codex_oauth_auth.json")])
}

pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Account>, ImportError> {
    if foreign_database::is_one(bytes) {
        let query = "select coalesce(name, id), settings_config from providers where app_type = 'codex' and settings_config is not null";
        let rows = foreign_database::pairs(bytes, "providers", query, COUNT_LIMIT)?;
        return Ok(rows.into_iter().filter_map(|(name, settings)| provider(&name, &settings)).collect());
    }
    let file: RawFile<'_> = serde_json::from_str(account::text(bytes)?).map_err(|error| account::wrong(&error))?;
    if let Some(version) = file.version.filter(|version| *version > VERSION) {
        return Err(ImportError::NewerStore(version));
    }
    let providers = file.codex.and_then(|codex| codex.providers).unwrap_or_default().all()?;
    let providers = providers.into_iter().filter_map(|(id, raw)| {
        let Ok(raw) = serde_json::from_str::<RawProvider<'_>>(raw.get()) else {
            return Some(Account::new(&id, None, Err(ImportError::Shape)));
        };
        provider(raw.name.as_deref().unwrap_or(&id), raw.settings_config?.get())
    });
    let sign_ins = file.accounts.unwrap_or_default().all()?.into_iter().map(|(id, raw)| sign_in(&id, raw));
    Ok(providers.chain(sign_ins).collect())
}

/// A provider with a login or a key; `None` for one without either, such as the entry for the official login before it was used.
fn provider(name: &str, settings: &str) -> Option<Account> {
    let Ok(settings) = serde_json::from_str::<RawSettings<'_>>(settings) else {
        return Some(Account::new(name, None, Err(ImportError::Shape)));
    };
    let auth =
        settings.auth.map(RawValue::get).filter(|text| !matches!(text.split_whitespace().collect::<String>().as_str(), "{}" | "null"))?;
    let login = account::login(auth.as_bytes()).and_then(|login| of_openai(login, settings.config.as_deref()));
    Some(Account::new(name, None, login))
}

/// Most of the keys in this tool belong to other providers, who must never see one of `OpenAI`'s, nor `OpenAI` theirs.
fn of_openai(login: AuthDocument, config: Option<&str>) -> Result<AuthDocument, ImportError> {
    if matches!(login.credential(), Credential::OAuth(_)) {
        return Ok(login);
    }
    let Ok(config) = toml::parse(config.unwrap_or_default()) else { return Err(ImportError::OtherProvider) };
    let provider = config.get("model_provider").map(|item| item.as_str().unwrap_or_default());
    let elsewhere = ["openai_base_url", "base_url"].iter().any(|key| config.contains_key(key));
    if elsewhere || provider.is_some_and(|name| name != "openai") { Err(ImportError::OtherProvider) } else { Ok(login) }
}

/// The tool's own sign-ins keep a refresh token and no access token.
fn sign_in(id: &str, raw: &RawValue) -> Account {
    let Ok(raw) = serde_json::from_str::<RawSignIn>(raw.get()) else { return Account::new(id, None, Err(ImportError::Shape)) };
    let tokens = Tokens { id: raw.id_token, refresh: raw.refresh_token, account_id: raw.chatgpt_account_id, ..Tokens::default() };
    Account::new(id, raw.email.as_deref(), tokens.document())
}

impl From<ForeignDatabaseError> for ImportError {
    fn from(error: ForeignDatabaseError) -> Self {
        match error {
            ForeignDatabaseError::NoTable => Self::Shape,
            ForeignDatabaseError::TooMany => Self::TooManyAccounts,
            ForeignDatabaseError::Damaged => Self::NotWhole,
        }
    }
}
