//! One question to the provider: build it, send it, take a bounded answer.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use serde_json::Value;
use thiserror::Error;

use crate::base::https::{Http, HttpError};
use crate::failure::{Code, Failure};
use crate::provider::chatgpt;

/// No answer to a sign-in question is near this size: tokens have a few KiB, a list of models some dozens.
const ANSWER_LIMIT: usize = 1 << 20;
/// An error code is a short word; anything longer is not one.
const CODE_LIMIT: usize = 64;

/// Why there is no answer to look at.
#[derive(Debug, Error)]
pub enum AskError {
    /// The question is not valid HTTP: a mistake of ours.
    #[error("the request could not be built")]
    Request(#[source] http::Error),
    /// No answer came; the user may check the connection and try again.
    #[error("no answer from the provider")]
    NoAnswer(#[source] HttpError),
    /// An answer far too large to be honest.
    #[error("the answer is too large")]
    TooLarge,
}

impl AskError {
    /// What the user is told.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Request(_) => {
                Failure::new(Code::Internal, "A request to OpenAI could not be put together. This is a mistake in Codex Lab.")
                    .hint("Try again; if it stays, report it.")
            }
            Self::NoAnswer(HttpError::Timeout { .. }) => {
                Failure::new(Code::Network, "OpenAI did not answer in time.").hint("Check your internet connection, then try again.")
            }
            Self::NoAnswer(HttpError::TooLarge { .. }) | Self::TooLarge => nonsense(),
            Self::NoAnswer(_) => Failure::new(Code::Network, "OpenAI could not be reached.")
                .hint("Check your internet connection, and your proxy or VPN if you use one, then try again."),
        }
    }
}

/// An answer with a status that says neither yes nor no.
pub(super) fn trouble(status: u16) -> Failure {
    Failure::new(Code::Provider, format!("OpenAI had a problem and answered with error {status}. Nothing was changed."))
        .hint("Wait a minute, then try again.")
}

/// An answer that means nothing to us.
pub(super) fn nonsense() -> Failure {
    Failure::new(Code::Provider, "OpenAI answered with something Codex Lab does not understand. Nothing was changed.")
        .hint("Try again; if you are on a hotel or company network, check that it lets you through to openai.com.")
}

/// A POST of JSON to a path below the issuer, with the headers the Codex CLI sends (codex-auth.md 2.2).
pub(super) fn post_json(path: &str, body: &Value) -> Result<Request<Vec<u8>>, http::Error> {
    Request::post(format!("{}{path}", chatgpt::ISSUER))
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(ACCEPT, HeaderValue::from_static("*/*"))
        .body(body.to_string().into_bytes())
}

/// Sends the question. Any status is an answer.
pub(super) async fn ask(http: &dyn Http, question: Result<Request<Vec<u8>>, http::Error>) -> Result<Response<Vec<u8>>, AskError> {
    let answer = http.send(question.map_err(AskError::Request)?).await.map_err(AskError::NoAnswer)?;
    if answer.body().len() > ANSWER_LIMIT { Err(AskError::TooLarge) } else { Ok(answer) }
}

/// The error code of a refusal: `error.code`, or `error`, or `code` (codex-auth.md 3.3). Never the provider's prose.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let code = [&answer["error"]["code"], &answer["error"], &answer["code"]].into_iter().find_map(Value::as_str)?;
    clean_code(code)
}

/// The code, if it looks like one.
pub(super) fn clean_code(code: &str) -> Option<String> {
    let honest =
        !code.is_empty() && code.len() <= CODE_LIMIT && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    honest.then(|| code.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_wherever_it_stands() {
        for (body, code) in [
            (r#"{"error":"invalid_grant","error_description":"x"}"#, Some("invalid_grant")),
            (r#"{"error":{"code":"Refresh_Token_Reused","message":"x"}}"#, Some("refresh_token_reused")),
            (r#"{"code":"denied"}"#, Some("denied")),
            (r#"{"error":{"message":"x"}}"#, None),
            (r#"{"error":"<script>"}"#, None),
            (r#"{"error":""}"#, None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(error_code(body.as_bytes()).as_deref(), code, "{body}");
        }
        assert_eq!(clean_code(&"x".repeat(CODE_LIMIT + 1)), None);
    }
}
