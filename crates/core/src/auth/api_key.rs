//! Adding an API key: a look at its shape, then one question to the provider.

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, StatusCode};
use thiserror::Error;

use super::ask::{self, AskError};
use crate::base::https::Http;
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::model::auth_document::{AuthDocument, AuthDocumentError};
use crate::provider::chatgpt;

/// The longest keys in use have under 200 characters.
const LENGTH_LIMIT: usize = 512;
/// Every OpenAI key starts so.
const PREFIX: &str = "sk-";

/// Why a key was not added.
#[derive(Debug, Error)]
pub enum ApiKeyError {
    /// Nothing was typed.
    #[error("no key")]
    Empty,
    /// What was typed is no OpenAI key; it was sent nowhere.
    #[error("not the shape of an OpenAI API key")]
    Shape,
    /// No answer to look at.
    #[error("the key could not be checked")]
    Ask(#[from] AskError),
    /// The provider does not know the key.
    #[error("the key was refused")]
    Refused,
    /// The provider knows the key but does not let it ask.
    #[error("the key is not allowed to list models")]
    NotAllowed,
    /// The provider is in trouble.
    #[error("the provider answered with status {status}")]
    Trouble {
        /// HTTP status.
        status: u16,
    },
    /// The key does not make a login file.
    #[error("the key does not make a login")]
    Document(#[from] AuthDocumentError),
}

impl ApiKeyError {
    /// What the user is told. The key is not in it.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Empty => Failure::new(Code::InvalidInput, "There is no key to add.").hint("Paste an OpenAI API key; it starts with sk-."),
            Self::Shape => Failure::new(Code::InvalidInput, "This does not look like an OpenAI API key, so it was not sent anywhere.")
                .hint("Copy the whole key again; it starts with sk- and has no spaces."),
            Self::Ask(error) => error.failure(),
            Self::Refused => Failure::new(Code::SignInRefused, "OpenAI does not accept this key. It was not added.")
                .hint("Check at platform.openai.com/api-keys that the key still exists, or make a new one."),
            Self::NotAllowed => {
                Failure::new(Code::SignInRefused, "OpenAI does not let this key, or this network, list models. The key was not added.")
                    .hint("At platform.openai.com/api-keys, give the key permission to read models.")
                    .hint("If you use a VPN or proxy, try without it.")
            }
            Self::Trouble { status } => ask::trouble(*status),
            Self::Document(_) => Failure::new(Code::Internal, "The key could not be turned into a login. This is a mistake in Codex Lab.")
                .hint("Try again; if it stays, report it."),
        }
    }
}

/// The key as it is sent: without the spaces around it.
pub fn tidy(typed: &Secret) -> Result<Secret, ApiKeyError> {
    let key = typed.expose().trim();
    if key.is_empty() {
        return Err(ApiKeyError::Empty);
    }
    let shaped = key.len() > PREFIX.len() && key.len() <= LENGTH_LIMIT && key.starts_with(PREFIX);
    if shaped && key.bytes().all(|byte| byte.is_ascii_graphic()) { Ok(Secret::new(key)) } else { Err(ApiKeyError::Shape) }
}

/// The login that a key makes if the provider knows it, which nobody has asked.
pub fn unchecked(typed: &Secret) -> Result<AuthDocument, ApiKeyError> {
    Ok(AuthDocument::of_api_key(&tidy(typed)?)?)
}

/// Checks the key with one request that costs nothing, and makes a login of it.
pub async fn check(http: &dyn Http, typed: &Secret) -> Result<AuthDocument, ApiKeyError> {
    let key = tidy(typed)?;
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", key.expose())).map_err(|_| ApiKeyError::Shape)?;
    bearer.set_sensitive(true);
    let question = Request::get(chatgpt::API_KEY_CHECK)
        .header(AUTHORIZATION, bearer)
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .body(Vec::new());
    let answer = ask::ask(http, question).await?;
    match answer.status() {
        StatusCode::OK => Ok(AuthDocument::of_api_key(&key)?),
        StatusCode::UNAUTHORIZED => Err(ApiKeyError::Refused),
        StatusCode::FORBIDDEN => Err(ApiKeyError::NotAllowed),
        status => Err(ApiKeyError::Trouble { status: status.as_u16() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fakes::FakeHttp;
    use crate::model::subject::Subject;

    #[test]
    fn only_the_shape_of_a_key_is_a_key() {
        let long = format!("sk-{}", "a".repeat(LENGTH_LIMIT));
        for (typed, fits) in [
            ("sk-proj-Ab_1-2", true),
            ("  sk-abc\n", true),
            ("", false),
            (" ", false),
            ("sk-", false),
            ("pk-abc", false),
            ("Bearer sk-abc", false),
            ("sk-a b", false),
            ("sk-a\u{0}b", false),
            ("sk-ä", false),
            (long.as_str(), false),
        ] {
            assert_eq!(tidy(&Secret::new(typed)).is_ok(), fits, "{typed:.20}");
        }
    }

    #[tokio::test]
    async fn a_good_key_is_asked_about_once_and_becomes_a_login() {
        let http = FakeHttp::default().answer(200, r#"{"object":"list","data":[]}"#);
        let document = check(&http, &Secret::new(" sk-good ")).await.unwrap();
        assert_eq!(document.subject(), Some(Subject::api_key(&Secret::new("sk-good"))));
        let sent = http.sent();
        assert_eq!(sent.len(), 1);
        assert_eq!((sent[0].method.as_str(), sent[0].url.as_str()), ("GET", "https://api.openai.com/v1/models"));
        assert_eq!(sent[0].headers["authorization"], "Bearer sk-good");
        assert!(sent[0].headers["authorization"].is_sensitive());
    }

    #[tokio::test]
    async fn a_key_that_is_none_is_sent_nowhere() {
        let http = FakeHttp::default();
        assert!(matches!(check(&http, &Secret::new("hello")).await.unwrap_err(), ApiKeyError::Shape));
        assert!(http.sent().is_empty());
    }

    #[tokio::test]
    async fn each_refusal_has_its_own_sentence() {
        let mut sentences = std::collections::BTreeSet::new();
        for (http, code) in [
            (FakeHttp::default().answer(401, "{}"), Code::SignInRefused),
            (FakeHttp::default().answer(403, "{}"), Code::SignInRefused),
            (FakeHttp::default().answer(500, "{}"), Code::Provider),
            (FakeHttp::default().no_answer(), Code::Network),
        ] {
            let failure = check(&http, &Secret::new("sk-planted")).await.unwrap_err().failure();
            assert_eq!(failure.code, code);
            assert!(!failure.hints.is_empty() && !format!("{failure:?}").contains("planted"));
            assert!(sentences.insert(failure.message));
        }
    }
}
