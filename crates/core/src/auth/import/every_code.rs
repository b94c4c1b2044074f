//! Every Code (just-every/code): `auth_accounts.json`, version 1, in `$CODE_HOME` or `~/.code`, and its live `auth.json`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ImportError;
use super::account::{self, Account, Entries, Tokens};
use crate::base::environment::Environment;
use crate::base::secret::Secret;
use crate::model::auth_document::AuthDocument;

const VERSION: u64 = 1;

#[derive(Deserialize)]
struct RawStore<'a> {
    version: Option<u64>,
    #[serde(borrow)]
    accounts: Option<Entries<'a>>,
    /// Only the live `auth.json` has these.
    tokens: Option<serde::de::IgnoredAny>,
    #[serde(rename = "OPENAI_API_KEY")]
    api_key: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct RawAccount {
    label: Option<String>,
    openai_api_key: Option<String>,
    tokens: Option<RawTokens>,
    last_refresh: Option<String>,
}

#[derive(Deserialize)]
struct RawTokens {
    id_token: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    account_id: Option<String>,
}

pub(super) fn folders(environment: &Environment) -> Vec<PathBuf> {
    let usual = || environment.user_home().map(|home| home.join(".code"));
    environment.path("CODE_HOME").or_else(usual).into_iter().collect()
}

pub(super) fn stores(folder: &Path) -> Vec<PathBuf> {
    vec![folder.join("auth_accounts.json"), folder.join("auth.json")]
}

/// Takes apart `auth_accounts.json`, or the live `auth.json`.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Account>, ImportError> {
    let text = account::text(bytes)?;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    // Interrupted writers have left several documents in one file; the tool itself goes by the last.
    let mut last = None;
    for store in serde_json::Deserializer::from_str(text).into_iter::<RawStore<'_>>() {
        last = Some(store.map_err(|error| account::wrong(&error))?);
    }
    let store = last.ok_or(ImportError::NotWhole)?;
    if store.accounts.is_none() && (store.tokens.is_some() || store.api_key.is_some()) {
        return Ok(vec![Account::only(account::login(bytes))]);
    }
    if let Some(version) = store.version.filter(|version| *version > VERSION) {
        return Err(ImportError::NewerStore(version));
    }
    Ok(store.accounts.unwrap_or_default().all()?.into_iter().map(|(number, raw)| one(&number, raw)).collect())
}

fn one(number: &str, raw: &RawValue) -> Account {
    match serde_json::from_str::<RawAccount>(raw.get()) {
        Err(_) => Account::new(number, None, Err(ImportError::Shape)),
        Ok(raw) => {
            let label = raw.label.clone().unwrap_or_else(|| number.to_owned());
            Account::new(&label, None, raw.login())
        }
    }
}

impl RawAccount {
    fn login(self) -> Result<AuthDocument, ImportError> {
        match (self.tokens, self.openai_api_key) {
            (Some(tokens), _) => Tokens {
                id: tokens.id_token,
                access: tokens.access_token,
                refresh: tokens.refresh_token,
                account_id: tokens.account_id,
                renewed_at: self.last_refresh.and_then(|text| text.parse().ok()),
            }
            .document(),
            (None, Some(key)) if !key.is_empty() => Ok(AuthDocument::of_api_key(&Secret::new(key))?),
            _ => Err(ImportError::NoRefreshToken),
        }
    }
}
