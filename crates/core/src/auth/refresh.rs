//! One refresh request: what is sent, and what each answer means (codex-auth.md 3). When to send one is not decided here.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

use super::ask::{self, AskError};
use crate::base::https::Http;
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::model::auth_document::TokenSet;
use crate::model::renewal::RenewedTokens;
use crate::provider::chatgpt;

/// Between tries, before jitter (product T3).
pub const PAUSES: [Duration; 3] = [Duration::from_millis(500), Duration::from_millis(750), Duration::from_millis(1_125)];
/// A provider that asks for a longer pause than this is not waited for: the login rests.
pub const PAUSE_LIMIT: Duration = Duration::from_secs(5);
/// A rest asked for by the provider is at most this long.
const REST_LIMIT: Duration = Duration::from_secs(60 * 60);

/// Codes of a refusal for good, whatever the status (codex-auth.md 3.3).
const FINAL_CODES: [&str; 4] = ["refresh_token_expired", "refresh_token_reused", "refresh_token_invalidated", "invalid_grant"];
/// OAuth's own words in the body of a 403 (RFC 6749, 5.2): the provider itself speaks, not an edge before it.
const OAUTH_CODES: [&str; 5] = ["invalid_client", "unauthorized_client", "access_denied", "unsupported_grant_type", "invalid_scope"];

/// Why there are no new tokens.
#[derive(Debug, Error)]
pub enum RefreshError {
    /// The provider will never take this refresh token again: only a new sign-in helps.
    #[error("the provider refused the refresh token for good (status {status}, code {code:?})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The provider's code, if it sent one.
        code: Option<String>,
    },
    /// Not the provider's word on this token: try again, after the pause it asks for.
    #[error("the provider could not renew the login now (status {status})")]
    Trouble {
        /// HTTP status.
        status: u16,
        /// `Retry-After`, at most an hour.
        retry_after: Option<Duration>,
    },
    /// A success without tokens in it. The token may be spent.
    #[error("the provider's answer holds no tokens")]
    NotTokens,
    /// No answer. The token may be spent.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The login was issued by someone else, whom we do not send tokens to.
    #[error("the login belongs to another issuer")]
    OtherIssuer,
    /// It has no refresh token.
    #[error("the login has no refresh token")]
    NoRefreshToken,
}

impl RefreshError {
    /// Whether a new sign-in is the only way out for this refresh token.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::OtherIssuer | Self::NoRefreshToken)
    }

    /// The pause the provider asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Trouble { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What the user is told about a profile.
    pub fn failure(&self, name: &str) -> Failure {
        let again = format!("Sign in again: codex-lab login --again '{name}'");
        match self {
            Self::Refused { code, .. } => {
                let why = match code.as_deref() {
                    Some("refresh_token_reused") => "another program has used it already",
                    Some("refresh_token_expired") => "it has run out",
                    Some("refresh_token_invalidated") => "it was signed out",
                    _ => "OpenAI no longer accepts it",
                };
                Failure::new(Code::NeedsSignIn, format!("The login of {name} cannot be renewed: {why}.")).hint(again)
            }
            Self::OtherIssuer => Failure::new(
                Code::NeedsSignIn,
                format!("The login of {name} was not issued by OpenAI's sign-in, so it is not renewed here."),
            )
            .hint(again),
            Self::NoRefreshToken => {
                Failure::new(Code::NeedsSignIn, format!("The login of {name} came without the token that renews it, and it has run out."))
                    .hint(again)
            }
            Self::Trouble { status, .. } => ask::trouble(*status),
            Self::NotTokens => ask::nonsense(),
            Self::Ask(error) => error.failure(),
        }
    }
}

/// Spends a login's refresh token. The caller holds the profile's lock and has just read the tokens under it.
pub async fn refresh(http: &dyn Http, tokens: &TokenSet) -> Result<RenewedTokens, RefreshError> {
    if tokens.refresh_token.is_empty() {
        return Err(RefreshError::NoRefreshToken);
    }
    // Codex goes wherever the file says; a file from elsewhere must not choose who gets our token.
    if tokens.issuer.as_deref().is_some_and(|issuer| issuer.trim_end_matches('/') != chatgpt::ISSUER) {
        return Err(RefreshError::OtherIssuer);
    }
    let body = json!({
        "client_id": tokens.client_id.as_deref().unwrap_or(chatgpt::CLIENT_ID),
        "grant_type": "refresh_token",
        "refresh_reason": "proactive_expiry",
        "refresh_token": tokens.refresh_token.expose(),
    });
    let answer = ask::ask(http, ask::post_json(chatgpt::path::TOKEN, &body)).await?;
    let retry_after = answer.headers().get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(seconds);
    read(answer.status().as_u16(), retry_after, answer.body())
}

/// What an answer means.
pub fn read(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Result<RenewedTokens, RefreshError> {
    if (200..300).contains(&status) {
        return tokens(body).ok_or(RefreshError::NotTokens);
    }
    let code = ask::error_code(body);
    let says = |codes: &[&str]| code.as_deref().is_some_and(|code| codes.contains(&code));
    if status == 401 || says(&FINAL_CODES) || (status == 403 && says(&OAUTH_CODES)) {
        Err(RefreshError::Refused { status, code })
    } else {
        Err(RefreshError::Trouble { status, retry_after })
    }
}

/// The tokens of an answer; `None` if it has neither of the two that matter.
fn tokens(body: &[u8]) -> Option<RenewedTokens> {
    let answer: Answer = serde_json::from_slice(body).ok()?;
    let token = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Secret::new);
    let renewed = RenewedTokens {
        id_token: token(answer.id_token),
        access_token: token(answer.access_token),
        refresh_token: token(answer.refresh_token),
    };
    (renewed.access_token.is_some() || renewed.refresh_token.is_some()).then_some(renewed)
}

/// `Retry-After` in seconds. The form with a date is not used by the provider, and the clock may be wrong.
fn seconds(value: &str) -> Option<Duration> {
    Some(Duration::from_secs(value.trim().parse().ok()?).min(REST_LIMIT))
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names of the answer's fields")]
struct Answer {
    id_token: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fakes::FakeHttp;
    use crate::model::auth_document::Credential;
    use crate::model::samples::login;

    fn sample() -> TokenSet {
        let document = login("ada", "w", 1);
        let Credential::OAuth(tokens) = document.credential() else { panic!() };
        tokens.clone()
    }

    #[derive(Debug, PartialEq)]
    enum Class {
        Renewed,
        Final,
        Transient,
    }

    #[test]
    fn every_answer_has_its_class() {
        use Class::{Final, Renewed, Transient};
        let cases: [(u16, &str, Class); 22] = [
            (200, r#"{"access_token":"a","refresh_token":"r","id_token":"i"}"#, Renewed),
            (200, r#"{"access_token":"a"}"#, Renewed),
            (200, r#"{"refresh_token":"r"}"#, Renewed),
            (200, "{}", Transient),
            (200, r#"{"access_token":""}"#, Transient),
            (200, r#"{"access_token":7}"#, Transient),
            (200, "<html>hello</html>", Transient),
            (200, "", Transient),
            (401, "", Final),
            (401, "<html>", Final),
            (400, r#"{"error":"invalid_grant"}"#, Final),
            (400, r#"{"error":{"code":"Refresh_Token_Reused"}}"#, Final),
            (400, r#"{"code":"refresh_token_expired"}"#, Final),
            (500, r#"{"error":"refresh_token_invalidated"}"#, Final),
            (403, r#"{"error":"access_denied"}"#, Final),
            (403, r#"{"error":{"code":"unsupported_country_region_territory"}}"#, Transient),
            (403, "<html>blocked</html>", Transient),
            (400, r#"{"error":"invalid_request"}"#, Transient),
            (404, "", Transient),
            (429, r#"{"error":"rate_limited"}"#, Transient),
            (503, "", Transient),
            (302, "", Transient),
        ];
        for (status, body, class) in cases {
            let found = match read(status, None, body.as_bytes()) {
                Ok(_) => Renewed,
                Err(error) if error.is_final() => Final,
                Err(_) => Transient,
            };
            assert_eq!(found, class, "{status} {body}");
        }
    }

    #[test]
    fn a_pause_asked_for_is_bounded() {
        for (value, pause) in [("7", Some(7)), (" 0 ", Some(0)), ("99999999999", Some(3600)), ("-1", None), ("soon", None), ("", None)] {
            assert_eq!(seconds(value), pause.map(Duration::from_secs), "{value}");
        }
        assert_eq!(read(429, seconds("7"), b"").unwrap_err().retry_after(), Some(Duration::from_secs(7)));
    }

    #[tokio::test]
    async fn the_request_is_the_one_codex_sends() {
        let http = FakeHttp::default().answer(200, r#"{"access_token":"at_new","refresh_token":"rt_new"}"#);
        let renewed = refresh(&http, &sample()).await.unwrap();
        assert_eq!(renewed.refresh_token.unwrap().expose(), "rt_new");
        let sent = &http.sent()[0];
        assert_eq!((sent.method.as_str(), sent.url.as_str()), ("POST", "https://auth.openai.com/oauth/token"));
        assert_eq!(sent.headers["content-type"], "application/json");
        let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
        let expected = json!({"client_id": "app_EMoamEEZ73f0CkXaXp7hrann", "grant_type": "refresh_token",
            "refresh_reason": "proactive_expiry", "refresh_token": "rt_ada_1"});
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn a_token_goes_to_openai_alone_and_never_empty() {
        let http = FakeHttp::default();
        let foreign = TokenSet { issuer: Some("https://auth.example.com".into()), ..sample() };
        assert!(matches!(refresh(&http, &foreign).await, Err(RefreshError::OtherIssuer)));
        let empty = TokenSet { refresh_token: Secret::new(""), ..sample() };
        assert!(matches!(refresh(&http, &empty).await, Err(RefreshError::NoRefreshToken)));
        assert!(http.sent().is_empty());
    }

    #[test]
    fn no_error_shows_a_token_and_each_has_words() {
        let errors = [
            read(200, None, br#"{"access_token":7,"refresh_token":"planted"}"#).unwrap_err(),
            read(401, None, br#"{"error":"planted planted"}"#).unwrap_err(),
            read(500, None, b"planted").unwrap_err(),
            RefreshError::OtherIssuer,
            RefreshError::NoRefreshToken,
        ];
        for error in errors {
            let failure = error.failure("main");
            assert!(!format!("{error:?} {error} {failure:?}").contains("planted"), "{error:?}");
            assert!(!failure.hints.is_empty());
        }
    }
}
