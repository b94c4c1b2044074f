//! `OpenCode`: the entry `openai` of `auth.json` under `$XDG_DATA_HOME/opencode`, by default `~/.local/share/opencode`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ImportError;
use super::account::{self, Account, Tokens};
use crate::base::environment::Environment;
use crate::base::secret::Secret;
use crate::model::auth_document::AuthDocument;

#[derive(Deserialize)]
struct RawStore<'a> {
    #[serde(borrow)]
    openai: Option<&'a RawValue>,
}

/// OAuth tokens without an id token, or a key.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum RawEntry {
    OAuth {
        access: Option<String>,
        refresh: Option<String>,
        #[serde(rename = "accountId")]
        account_id: Option<String>,
    },
    Api {
        key: String,
    },
    #[serde(other)]
    Other,
}

pub(super) fn folders(environment: &Environment) -> Vec<PathBuf> {
    let usual = || environment.user_home().map(|home| home.join(".local").join("share"));
    environment.path("XDG_DATA_HOME").or_else(usual).map(|base| base.join("opencode")).into_iter().collect()
}

pub(super) fn stores(folder: &Path) -> Vec<PathBuf> {
    vec![folder.join("auth.json")]
}

/// Takes the entry for `OpenAI` out; the other providers' entries are none of ours.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Account>, ImportError> {
    let text = account::text(bytes)?;
    let store: RawStore<'_> = serde_json::from_str(text).map_err(|error| account::wrong(&error))?;
    let Some(raw) = store.openai else { return Ok(Vec::new()) };
    let login = match serde_json::from_str(raw.get()) {
        Err(_) => Err(ImportError::Shape),
        Ok(RawEntry::OAuth { access, refresh, account_id }) => Tokens { access, refresh, account_id, ..Tokens::default() }.document(),
        Ok(RawEntry::Api { key }) => AuthDocument::of_api_key(&Secret::new(key)).map_err(ImportError::from),
        Ok(RawEntry::Other) => return Ok(Vec::new()),
    };
    Ok(vec![Account::new("openai", None, login)])
}
