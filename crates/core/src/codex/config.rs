//! The keys of Codex's `config.toml` that decide whether its login can be switched (codex-auth.md 2.4 and 4).

use std::path::{Path, PathBuf};

use thiserror::Error;
use toml_edit::{Document, DocumentMut, Item, Value};

use super::home::CodexHome;
use crate::base::files::{self, FileError};
use crate::base::toml;
use crate::model::auth_document::{AuthDocument, Credential};
use crate::model::subject::Subject;

/// Real files have a few KiB.
const SIZE_LIMIT: u64 = 1 << 20;

/// What the configuration says about logins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodexConfig {
    /// Where Codex keeps its login.
    pub store: StoreMode,
    /// `forced_chatgpt_workspace_id`: Codex deletes a login of any other workspace.
    pub forced_workspaces: Option<Vec<String>>,
    /// `forced_login_method`: Codex deletes a login of the other sort.
    pub forced_method: Option<ForcedMethod>,
}

/// `cli_auth_credentials_store`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StoreMode {
    /// In `auth.json`: the only mode a switch can work with.
    #[default]
    File,
    /// In the OS keyring.
    Keyring,
    /// In the keyring if there is one, else in `auth.json`.
    Auto,
    /// In memory.
    Ephemeral,
}

/// `forced_login_method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForcedMethod {
    /// ChatGPT logins only.
    Chatgpt,
    /// API keys only.
    Api,
}

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// No TOML. The parser's own words are left out: they quote the line, which may hold a secret.
    #[error("{} is not valid TOML (line {line})", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// A key has a value that Codex does not know either.
    #[error("{} has an unknown value for {key}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
    },
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Why Codex would throw a login away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Forbidden {
    /// Of another workspace than the forced ones.
    #[error("the configuration forces another workspace")]
    Workspace,
    /// An API key where ChatGPT is forced, or the other way round.
    #[error("the configuration forces another sign-in method")]
    Method,
}

impl StoreMode {
    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keyring => "keyring",
            Self::Auto => "auto",
            Self::Ephemeral => "ephemeral",
        }
    }
}

impl CodexConfig {
    /// Reads a home's configuration; without a file everything has its default.
    pub fn read(home: &CodexHome) -> Result<Self, ConfigError> {
        let path = home.config();
        // Codex follows a link here, wherever it leads.
        let real = match files::entry(&path)? {
            files::Entry::Missing => return Ok(Self::default()),
            files::Entry::Link => files::canonical(&path)?,
            _ => path.clone(),
        };
        let Some(text) = files::read_text(&real, SIZE_LIMIT)? else { return Ok(Self::default()) };
        Self::parse(&path, &text)
    }

    /// Parses a configuration's text; `path` is for the error alone.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let document = toml::parse(text).map(Document::into_mut).map_err(|error| {
            let end = error.span().map_or(0, |span| span.start).min(text.len());
            ConfigError::Syntax { path: path.to_path_buf(), line: text.get(..end).map_or(1, |before| 1 + before.matches('\n').count()) }
        })?;
        let unknown = |key| ConfigError::Value { path: path.to_path_buf(), key };
        let store = match word(&document, "cli_auth_credentials_store").map_err(unknown)? {
            None | Some("file") => StoreMode::File,
            Some("keyring") => StoreMode::Keyring,
            Some("auto") => StoreMode::Auto,
            Some("ephemeral") => StoreMode::Ephemeral,
            Some(_) => return Err(unknown("cli_auth_credentials_store")),
        };
        let forced_method = match word(&document, "forced_login_method").map_err(unknown)? {
            None => None,
            Some("chatgpt") => Some(ForcedMethod::Chatgpt),
            Some("api") => Some(ForcedMethod::Api),
            Some(_) => return Err(unknown("forced_login_method")),
        };
        Ok(Self { store, forced_workspaces: workspaces(&document).map_err(unknown)?, forced_method })
    }

    /// Whether Codex would keep this login.
    pub fn admits(&self, login: &AuthDocument) -> Result<(), Forbidden> {
        let method = match login.credential() {
            Credential::OAuth(_) => ForcedMethod::Chatgpt,
            Credential::ApiKey(_) => ForcedMethod::Api,
        };
        if self.forced_method.is_some_and(|forced| forced != method) {
            return Err(Forbidden::Method);
        }
        match (&self.forced_workspaces, login.subject()) {
            (Some(forced), Some(Subject::ChatGpt { workspace, .. })) if !forced.contains(&workspace) => Err(Forbidden::Workspace),
            _ => Ok(()),
        }
    }
}

fn word<'a>(document: &'a DocumentMut, key: &'static str) -> Result<Option<&'a str>, &'static str> {
    document.get(key).map(|item| item.as_str().ok_or(key)).transpose()
}

fn workspaces(document: &DocumentMut) -> Result<Option<Vec<String>>, &'static str> {
    const KEY: &str = "forced_chatgpt_workspace_id";
    let ids: Vec<&str> = match document.get(KEY) {
        None => return Ok(None),
        Some(Item::Value(Value::String(one))) => vec![one.value()],
        Some(Item::Value(Value::Array(many))) => many.iter().map(|one| one.as_str().ok_or(KEY)).collect::<Result<_, _>>()?,
        Some(_) => return Err(KEY),
    };
    let ids: Vec<_> = ids.into_iter().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    Ok((!ids.is_empty()).then_some(ids))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use serde_json::json;

    use super::*;
    use crate::base::secret::Secret;

    fn parse(text: &str) -> Result<CodexConfig, ConfigError> {
        CodexConfig::parse(Path::new("config.toml"), text)
    }

    fn chatgpt(workspace: &str) -> AuthDocument {
        let claims = json!({"https://api.openai.com/auth": {"chatgpt_user_id": "u"}}).to_string();
        let id_token = format!("e30.{}.s", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims));
        let tokens = json!({"id_token": id_token, "access_token": "a", "refresh_token": "r", "account_id": workspace});
        AuthDocument::parse(json!({"auth_mode": "chatgpt", "tokens": tokens}).to_string()).unwrap()
    }

    #[test]
    fn the_keys_are_read() {
        assert_eq!(parse("model = \"x\" # mine\n[features]\na = true").unwrap(), CodexConfig::default());
        for mode in [StoreMode::File, StoreMode::Keyring, StoreMode::Auto, StoreMode::Ephemeral] {
            assert_eq!(parse(&format!("cli_auth_credentials_store = '{}'", mode.as_str())).unwrap().store, mode);
        }
        let forced = |text: &str| parse(&format!("forced_chatgpt_workspace_id = {text}")).unwrap().forced_workspaces;
        assert_eq!(forced("'w1'"), Some(vec!["w1".to_owned()]));
        assert_eq!(forced("['w1', 'w2']"), Some(vec!["w1".to_owned(), "w2".to_owned()]));
        assert_eq!(forced("''"), None);
    }

    #[test]
    fn a_bad_configuration_is_told_without_its_text() {
        let error = parse("a = 1\nkey = \"sk-planted\nb = 2").unwrap_err();
        assert!(matches!(error, ConfigError::Syntax { line: 2, .. }), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("planted"));
        for text in [
            "cli_auth_credentials_store = 'vault'",
            "cli_auth_credentials_store = 1",
            "forced_login_method = 'none'",
            "forced_chatgpt_workspace_id = [1]",
        ] {
            assert!(matches!(parse(text), Err(ConfigError::Value { .. })), "{text}");
        }
    }

    #[test]
    fn forced_keys_admit_what_they_name() {
        let key = AuthDocument::of_api_key(&Secret::new("sk-1")).unwrap();
        let config = parse("forced_chatgpt_workspace_id = ['w1', 'w2']").unwrap();
        assert_eq!(config.admits(&chatgpt("w2")), Ok(()));
        assert_eq!(config.admits(&chatgpt("w3")), Err(Forbidden::Workspace));
        assert_eq!(config.admits(&key), Ok(()));
        assert_eq!(parse("forced_login_method = 'chatgpt'").unwrap().admits(&key), Err(Forbidden::Method));
        assert_eq!(parse("forced_login_method = 'api'").unwrap().admits(&chatgpt("w")), Err(Forbidden::Method));
    }
}
