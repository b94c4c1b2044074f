//! Signing out at the provider: ends a login for good (codex-auth.md 2.3).

use std::time::Duration;

use serde_json::json;
use thiserror::Error;

use super::ask::{self, AskError};
use crate::base::https::Http;
use crate::failure::{Code, Failure};
use crate::model::auth_document::{AuthDocument, Credential};
use crate::provider::chatgpt;

/// As long as the Codex CLI waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a login may still be good at the provider.
#[derive(Debug, Error)]
pub enum RevokeError {
    /// An API key has no sign-out; it is deleted at the provider's site.
    #[error("an api key cannot be signed out")]
    ApiKey,
    /// No answer to look at.
    #[error("the sign-out could not be asked for")]
    Ask(#[from] AskError),
    /// No answer in time; the login may or may not be ended.
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    TimedOut,
    /// The provider did not say yes.
    #[error("the provider answered with status {status}")]
    Refused {
        /// HTTP status.
        status: u16,
    },
}

impl RevokeError {
    /// What the user is told.
    pub fn failure(&self) -> Failure {
        let elsewhere = "Sign out of all sessions in ChatGPT under Settings > Security.";
        match self {
            Self::ApiKey => Failure::new(Code::NotPossibleNow, "An API key cannot be signed out, only deleted at OpenAI.")
                .hint("Delete the key at platform.openai.com/api-keys."),
            Self::Ask(error) => {
                let failure = error.failure();
                Failure { message: format!("{} The login may still be valid there.", failure.message), ..failure }.hint(elsewhere)
            }
            Self::TimedOut => {
                Failure::new(Code::Network, "OpenAI did not confirm the sign-out in time. The login may still be valid there.")
                    .hint("Try again.")
                    .hint(elsewhere)
            }
            Self::Refused { status } => Failure::new(
                Code::Provider,
                format!("OpenAI answered the sign-out with error {status}. The login may still be valid there."),
            )
            .hint("Try again in a minute.")
            .hint(elsewhere),
        }
    }
}

/// Ends the login at the provider. `Ok` only if the provider said so.
pub async fn revoke(http: &dyn Http, login: &AuthDocument) -> Result<(), RevokeError> {
    let Credential::OAuth(tokens) = login.credential() else { return Err(RevokeError::ApiKey) };
    let body = if tokens.refresh_token.is_empty() {
        json!({ "token": tokens.access_token.expose(), "token_type_hint": "access_token" })
    } else {
        json!({ "token": tokens.refresh_token.expose(), "token_type_hint": "refresh_token", "client_id": chatgpt::CLIENT_ID })
    };
    let question = ask::post_json(chatgpt::path::REVOKE, &body);
    let answer = tokio::time::timeout(PATIENCE, ask::ask(http, question)).await.map_err(|_| RevokeError::TimedOut)??;
    if answer.status().is_success() { Ok(()) } else { Err(RevokeError::Refused { status: answer.status().as_u16() }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fakes::{self, FakeHttp};
    use crate::base::secret::Secret;

    fn login(refresh_token: &str) -> AuthDocument {
        let text = json!({"auth_mode": "chatgpt", "tokens":
            {"id_token": fakes::jwt(&json!({})), "access_token": "at", "refresh_token": refresh_token}});
        AuthDocument::parse(text.to_string()).unwrap()
    }

    #[tokio::test]
    async fn the_refresh_token_is_named_as_the_cli_names_it() {
        let http = FakeHttp::default().answer(200, "");
        revoke(&http, &login("rt")).await.unwrap();
        let sent = &http.sent()[0];
        assert_eq!((sent.method.as_str(), sent.url.as_str()), ("POST", "https://auth.openai.com/oauth/revoke"));
        assert_eq!(sent.body, r#"{"token":"rt","token_type_hint":"refresh_token","client_id":"app_EMoamEEZ73f0CkXaXp7hrann"}"#);
    }

    #[tokio::test]
    async fn a_login_without_a_refresh_token_is_ended_by_its_access_token() {
        let http = FakeHttp::default().answer(200, "");
        revoke(&http, &login("")).await.unwrap();
        assert_eq!(http.sent()[0].body, r#"{"token":"at","token_type_hint":"access_token"}"#);
    }

    #[tokio::test(start_paused = true)]
    async fn no_yes_is_never_reported_as_done() {
        for (http, login, code) in [
            (FakeHttp::default().answer(500, ""), login("rt"), Code::Provider),
            (FakeHttp::default().answer(400, "{}"), login("rt"), Code::Provider),
            (FakeHttp::default().no_answer(), login("rt"), Code::Network),
            (FakeHttp::default(), login("rt"), Code::Network),
            (FakeHttp::default(), AuthDocument::of_api_key(&Secret::new("sk-1")).unwrap(), Code::NotPossibleNow),
        ] {
            let failure = revoke(&http, &login).await.unwrap_err().failure();
            assert_eq!(failure.code, code);
            assert!(!failure.hints.is_empty());
        }
    }
}
