//! What the stores of other tools have in common: lists of accounts with tokens, which become logins in Codex's format.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::json;
use serde_json::value::RawValue;

use super::{COUNT_LIMIT, ImportError};
use crate::base::secret::Secret;
use crate::model::auth_document::AuthDocument;
use crate::model::claims::{self, Claims};

/// A longer label is cut: it is shown, and nothing more.
const LABEL_LIMIT: usize = 80;

/// One account of a store.
#[derive(Debug)]
pub struct Account {
    /// What the store calls it, or its number; cleaned for display.
    pub label: Option<String>,
    /// Its e-mail by the store's own words; cleaned for display.
    pub email: Option<String>,
    /// The login, or why it is of no use.
    pub login: Result<AuthDocument, ImportError>,
}

impl Account {
    /// An account of a store with several.
    pub(super) fn new(label: &str, email: Option<&str>, login: Result<AuthDocument, ImportError>) -> Self {
        Self { label: shown(label), email: email.and_then(shown), login }
    }

    /// The one account of a file that is a login.
    pub(super) fn only(login: Result<AuthDocument, ImportError>) -> Self {
        Self { label: None, email: None, login }
    }
}

/// The tokens of one account, as its store has them.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) id: Option<String>,
    pub(super) access: Option<String>,
    pub(super) refresh: Option<String>,
    /// The workspace.
    pub(super) account_id: Option<String>,
    /// When they were last renewed, if the store says so.
    pub(super) renewed_at: Option<Timestamp>,
}

impl Tokens {
    /// The login in Codex's format. The same tokens always give the same text, so that a second import finds nothing new.
    ///
    /// Codex rejects an `auth.json` without an id token (codex-auth.md 1.1), and some tools keep none. There the access token
    /// stands in for it. Codex asks of an id token that it decodes as a JWT; it reads e-mail, plan, user and workspace from
    /// it, checks no signature, and never sends it (1.4). The provider's access tokens carry the same claims, so the login
    /// says whose it is and can be live at once; the first refresh brings the real id token. To fetch one right away would
    /// spend the refresh token that the other tool still holds. Where the access token does not name user and workspace, the
    /// account is skipped: it could not be told from another.
    pub(super) fn document(self) -> Result<AuthDocument, ImportError> {
        let refresh = self.refresh.filter(|token| !token.is_empty()).ok_or(ImportError::NoRefreshToken)?;
        let access = self.access.filter(|token| !token.is_empty()).ok_or(ImportError::NoAccessToken)?;
        let of_access = decoded(&access);
        let (id, of_id) = match self.id.and_then(|id| Some((decoded(&id)?, id))) {
            Some((claims, id)) => (id, claims),
            None => (access.clone(), of_access.clone().ok_or(ImportError::NoIdentity)?),
        };
        let account_id = self.account_id.filter(|id| !id.is_empty()).or_else(|| of_id.account_id.clone());
        let renewed_at = self.renewed_at.or_else(|| of_access.and_then(|claims| claims.issued_at)).unwrap_or(Timestamp::UNIX_EPOCH);
        let text = json!({
            "auth_mode": "chatgpt",
            "OPENAI_API_KEY": null,
            "tokens": { "id_token": id, "access_token": access, "refresh_token": refresh, "account_id": account_id },
            "last_refresh": renewed_at.to_string(),
        });
        known(AuthDocument::parse(Secret::new(format!("{text:#}")))?)
    }
}

/// The login, if it says whose it is.
pub(super) fn known(login: AuthDocument) -> Result<AuthDocument, ImportError> {
    if login.subject().is_some() { Ok(login) } else { Err(ImportError::NoIdentity) }
}

/// A file or a value that is itself a login in Codex's format.
pub(super) fn login(bytes: &[u8]) -> Result<AuthDocument, ImportError> {
    known(AuthDocument::parse(text(bytes)?.to_owned())?)
}

/// A store's text, without the mark some editors begin it with.
pub(super) fn text(bytes: &[u8]) -> Result<&str, ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ImportError::NotWhole)?;
    Ok(text.trim_start_matches('\u{feff}').trim())
}

/// Tells a store that is cut off from one of another shape.
pub(super) fn wrong(error: &serde_json::Error) -> ImportError {
    if error.is_data() { ImportError::Shape } else { ImportError::NotWhole }
}

/// The accounts of a store, under names or as a list: each still as text, so that one odd account does not spoil the
/// others, and a bomb takes no more memory than its own bytes.
#[derive(Default)]
pub(super) struct Entries<'a> {
    list: Vec<(String, &'a RawValue)>,
    more: bool,
}

impl<'a> Entries<'a> {
    /// Each account with its name, or with its number from 1.
    pub(super) fn all(self) -> Result<Vec<(String, &'a RawValue)>, ImportError> {
        if self.more { Err(ImportError::TooManyAccounts) } else { Ok(self.list) }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Gather;
        impl<'de> Visitor<'de> for Gather {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("accounts, as a list or under names")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut entries = Entries::default();
                while entries.list.len() < COUNT_LIMIT {
                    let Some(raw) = seq.next_element()? else { return Ok(entries) };
                    entries.list.push(((entries.list.len() + 1).to_string(), raw));
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    entries.more = true;
                }
                Ok(entries)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Entries::default();
                while entries.list.len() < COUNT_LIMIT {
                    let Some(entry) = map.next_entry()? else { return Ok(entries) };
                    entries.list.push(entry);
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    entries.more = true;
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_any(Gather)
    }
}

fn decoded(token: &str) -> Option<Claims> {
    claims::decode(&Secret::new(token)).ok()
}

/// A text from a store as it may be shown: short, and without what could steer a terminal.
fn shown(text: &str) -> Option<String> {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(LABEL_LIMIT).collect();
    (!clean.trim().is_empty()).then_some(clean)
}
