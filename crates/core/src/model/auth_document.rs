//! Codex's `auth.json` as a value: what we need is parsed, all the rest is kept byte for byte (codex-auth.md 1.1).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

use super::claims::{self, Claims, ClaimsError};
use super::subject::Subject;
use crate::base::secret::{Fingerprint, Secret};

/// Real files have about 6 KiB.
pub const SIZE_LIMIT: u64 = 1 << 20;

/// A whole, valid `auth.json`.
#[derive(Debug, Clone)]
pub struct AuthDocument {
    text: Secret,
    credential: Credential,
}

/// The secret kept for a profile.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A ChatGPT login.
    OAuth(TokenSet),
    /// An OpenAI API key.
    ApiKey(Secret),
}

/// The tokens of a ChatGPT login.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// Proves who it is; never sent to the model's servers.
    pub id_token: Secret,
    /// The bearer.
    pub access_token: Secret,
    /// Single use. May be empty: then the login cannot be refreshed.
    pub refresh_token: Secret,
    /// `tokens.account_id`: the workspace that requests are made for.
    pub account_id: Option<String>,
    /// `tokens.oauth_provenance.issuer`.
    pub issuer: Option<String>,
    /// `tokens.oauth_provenance.client_id`: the OAuth client the tokens belong to.
    pub client_id: Option<String>,
    /// `tokens.login_owner_id`: new for every sign-in, the same across renewals. Names the chain of tokens.
    pub chain: Option<String>,
    /// The id token's claims.
    pub claims: Claims,
    /// When the access token ends, if it says so.
    pub expires_at: Option<Timestamp>,
    /// When the provider made the access token, by its own clock, if it says so.
    pub issued_at: Option<Timestamp>,
    /// When these tokens were written, by the clock of whoever wrote them.
    pub last_refresh: Option<Timestamp>,
}

/// How one login of a subject stands to another of the same subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The same tokens.
    Same,
    /// Made later, or, where that is unknown, not older.
    Newer,
    /// Made earlier: its refresh token may be spent.
    Older,
}

/// Why a text is no usable `auth.json`.
#[derive(Debug, Error)]
pub enum AuthDocumentError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Half-written, or something else altogether.
    #[error("the file is not whole JSON")]
    NotJson,
    /// JSON, but not of Codex's shape.
    #[error("the file does not have the fields of a Codex login")]
    Shape,
    /// `auth_mode` is one we cannot keep safely.
    #[error("the sign-in method {0:?} is not supported")]
    UnsupportedMode(String),
    /// `tokens` is missing, or a token in it.
    #[error("the login has no tokens")]
    NoTokens,
    /// The id token cannot be decoded.
    #[error("the id token is damaged")]
    IdToken(#[source] ClaimsError),
    /// An API-key login without a key.
    #[error("the login has no API key")]
    NoKey,
}

impl AuthDocument {
    /// Parses a file's text. The text itself is kept and given back unchanged by [`Self::text`].
    pub fn parse(text: impl Into<Secret>) -> Result<Self, AuthDocumentError> {
        let text = text.into();
        if text.expose().trim().is_empty() {
            return Err(AuthDocumentError::Empty);
        }
        let raw: RawDocument = serde_json::from_str(text.expose())
            .map_err(|error| if error.is_data() { AuthDocumentError::Shape } else { AuthDocumentError::NotJson })?;
        let credential = match raw.mode()? {
            Mode::ApiKey => Credential::ApiKey(raw.api_key.filter(|key| !key.is_empty()).map(Secret::new).ok_or(AuthDocumentError::NoKey)?),
            Mode::ChatGpt => Credential::OAuth(raw.tokens.ok_or(AuthDocumentError::NoTokens)?.into_set(raw.last_refresh)?),
        };
        Ok(Self { text, credential })
    }

    /// A new login, in the form the Codex CLI writes after a sign-in.
    pub fn of_login(login: &NewTokens, now: Timestamp) -> Result<Self, AuthDocumentError> {
        let document = json!({
            "auth_mode": "chatgpt",
            "OPENAI_API_KEY": null,
            "tokens": {
                "id_token": login.id_token.expose(),
                "access_token": login.access_token.expose(),
                "refresh_token": login.refresh_token.expose(),
                "oauth_provenance": { "issuer": login.issuer, "client_id": login.client_id },
                "login_owner_id": login.login_owner_id,
                "account_id": login.account_id,
            },
            "last_refresh": now.to_string(),
        });
        Self::parse(Secret::new(format!("{document:#}")))
    }

    /// An API key, in the form `codex login --with-api-key` writes.
    pub fn of_api_key(key: &Secret) -> Result<Self, AuthDocumentError> {
        Self::parse(Secret::new(format!("{:#}", json!({ "auth_mode": "apikey", "OPENAI_API_KEY": key.expose() }))))
    }

    /// The file's exact text.
    pub fn text(&self) -> &Secret {
        &self.text
    }

    /// What it holds.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Whose login it is; `None` if the tokens do not name user and workspace.
    pub fn subject(&self) -> Option<Subject> {
        match &self.credential {
            Credential::ApiKey(key) => Some(Subject::api_key(key)),
            Credential::OAuth(tokens) => Subject::chatgpt(tokens.issuer.as_deref(), &tokens.claims, tokens.account_id.as_deref()),
        }
    }

    /// The file as a whole, for comparing copies.
    pub fn fingerprint(&self) -> Fingerprint {
        self.text.fingerprint()
    }

    /// How this login stands to `other`. Only asked for logins of one subject.
    /// The provider's clock decides where both have it: this machine's may have been wrong when one of them was written, and whoever
    /// then took the older for the newer would spend its token a second time. Else it is when they were written; a copy that does not
    /// say so never counts as newer.
    pub fn freshness_against(&self, other: &Self) -> Freshness {
        let (Credential::OAuth(mine), Credential::OAuth(theirs)) = (&self.credential, &other.credential) else {
            return Freshness::Same;
        };
        if mine.refresh_token == theirs.refresh_token && mine.access_token == theirs.access_token {
            return Freshness::Same;
        }
        let written = |set: &TokenSet| (set.last_refresh, set.expires_at);
        let order = mine.made_against(theirs).then_with(|| written(mine).cmp(&written(theirs)));
        if order.is_ge() { Freshness::Newer } else { Freshness::Older }
    }

    /// Whether this login was made after `other`, by the same clocks; `None` if they do not say.
    pub fn is_later_than(&self, other: &Self) -> Option<bool> {
        let (Credential::OAuth(mine), Credential::OAuth(theirs)) = (&self.credential, &other.credential) else { return None };
        match mine.made_against(theirs) {
            Ordering::Equal => Some(mine.last_refresh? > theirs.last_refresh?),
            order => Some(order.is_gt()),
        }
    }
}

impl TokenSet {
    /// In which order the provider made the access tokens; equal where one of them does not say so.
    fn made_against(&self, other: &Self) -> Ordering {
        self.issued_at.zip(other.issued_at).map_or(Ordering::Equal, |(mine, theirs)| mine.cmp(&theirs))
    }
}

/// The tokens of a finished sign-in, before they are a file.
#[derive(Debug)]
pub struct NewTokens {
    /// See [`TokenSet`].
    pub id_token: Secret,
    /// See [`TokenSet`].
    pub access_token: Secret,
    /// See [`TokenSet`].
    pub refresh_token: Secret,
    /// The workspace, from the id token's claim.
    pub account_id: Option<String>,
    /// Where a refresh goes.
    pub issuer: String,
    /// The OAuth client the tokens belong to.
    pub client_id: String,
    /// 43 characters base64url, new for every sign-in, not secret (codex-auth.md 1.1).
    pub login_owner_id: String,
}

enum Mode {
    ChatGpt,
    ApiKey,
}

#[derive(Deserialize)]
struct RawDocument {
    auth_mode: Option<String>,
    #[serde(rename = "OPENAI_API_KEY")]
    api_key: Option<String>,
    tokens: Option<RawTokens>,
    last_refresh: Option<String>,
    personal_access_token: Option<serde::de::IgnoredAny>,
    agent_identity: Option<serde::de::IgnoredAny>,
    bedrock_api_key: Option<serde::de::IgnoredAny>,
}

impl RawDocument {
    /// Codex's own order where `auth_mode` is absent (codex-auth.md 1.2).
    fn mode(&self) -> Result<Mode, AuthDocumentError> {
        let unsupported =
            |mode: &str| Err(AuthDocumentError::UnsupportedMode(mode.chars().filter(char::is_ascii_alphanumeric).take(40).collect()));
        match self.auth_mode.as_deref() {
            Some("chatgpt") => Ok(Mode::ChatGpt),
            Some("apikey") => Ok(Mode::ApiKey),
            Some(other) => unsupported(other),
            None if self.personal_access_token.is_some() => unsupported("personalAccessToken"),
            None if self.bedrock_api_key.is_some() => unsupported("bedrockApiKey"),
            None if self.api_key.is_some() => Ok(Mode::ApiKey),
            None if self.tokens.is_none() && self.agent_identity.is_some() => unsupported("agentIdentity"),
            None => Ok(Mode::ChatGpt),
        }
    }
}

#[derive(Deserialize)]
struct RawTokens {
    id_token: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    account_id: Option<String>,
    oauth_provenance: Option<RawProvenance>,
    login_owner_id: Option<String>,
}

#[derive(Deserialize)]
struct RawProvenance {
    issuer: Option<String>,
    client_id: Option<String>,
}

impl RawTokens {
    fn into_set(self, last_refresh: Option<String>) -> Result<TokenSet, AuthDocumentError> {
        let id_token = Secret::new(self.id_token.ok_or(AuthDocumentError::NoTokens)?);
        let access_token = Secret::new(self.access_token.filter(|token| !token.is_empty()).ok_or(AuthDocumentError::NoTokens)?);
        let refresh_token = Secret::new(self.refresh_token.ok_or(AuthDocumentError::NoTokens)?);
        let (issuer, client_id) = self.oauth_provenance.map_or((None, None), |provenance| (provenance.issuer, provenance.client_id));
        // These become part of an identity, and of requests, as claims do.
        if ![&self.account_id, &issuer, &client_id].into_iter().flatten().all(|text| claims::is_honest(text)) {
            return Err(AuthDocumentError::Shape);
        }
        let claims = claims::decode(&id_token).map_err(AuthDocumentError::IdToken)?;
        // The access token may be opaque: then its times are simply not known.
        let access = claims::decode(&access_token).unwrap_or_default();
        Ok(TokenSet {
            expires_at: access.expires_at,
            issued_at: access.issued_at,
            last_refresh: last_refresh.and_then(|text| text.parse().ok()),
            account_id: self.account_id.filter(|id| !id.is_empty()),
            issuer,
            client_id,
            chain: self.login_owner_id,
            claims,
            id_token,
            access_token,
            refresh_token,
        })
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
#[path = "auth_document_tests.rs"]
mod tests;
