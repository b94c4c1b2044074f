//! Who the provider says an account is.

use serde::{Deserialize, Serialize};

use super::claims::Claims;
use crate::base::secret::Secret;

/// An account's identity. Two logins are the same account exactly if their subjects are equal; e-mail never counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// A ChatGPT login: a user in a workspace. One user may be in several workspaces, one workspace may have many users.
    ChatGpt {
        /// The issuer's origin, without a slash at the end.
        issuer: String,
        /// `chatgpt_user_id`.
        user: String,
        /// `chatgpt_account_id`: the workspace.
        workspace: String,
    },
    /// An API key, known by its fingerprint.
    ApiKey {
        /// [`crate::base::secret::Fingerprint`] of the key.
        fingerprint: String,
    },
}

impl Subject {
    /// The subject of a ChatGPT login. `account_id` is `tokens.account_id`, which selects the workspace
    /// and wins over the claim (codex-auth.md 1.4). `None` if user or workspace is unknown.
    pub fn chatgpt(issuer: Option<&str>, claims: &Claims, account_id: Option<&str>) -> Option<Self> {
        Some(Self::ChatGpt {
            issuer: issuer.or(claims.issuer.as_deref()).unwrap_or("https://auth.openai.com").trim_end_matches('/').to_owned(),
            user: claims.user_id.clone()?,
            workspace: account_id.map(str::to_owned).or_else(|| claims.account_id.clone()).filter(|id| !id.is_empty())?,
        })
    }

    /// The workspace of a ChatGPT login.
    pub fn workspace(&self) -> Option<&str> {
        match self {
            Self::ChatGpt { workspace, .. } => Some(workspace),
            Self::ApiKey { .. } => None,
        }
    }

    /// The subject of an API key.
    pub fn api_key(key: &Secret) -> Self {
        Self::ApiKey { fingerprint: key.fingerprint().to_string() }
    }
}
