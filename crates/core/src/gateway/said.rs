//! The error in an answer's body, in whichever of its shapes: codes, text, times. All of it is the provider's word, bounded.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::provider::errors as codes;

/// Characters of a text that are looked at.
const TEXT_LIMIT: usize = 1000;
/// Characters of a code.
const CODE_LIMIT: usize = 64;
/// Headers of an error frame that are taken over.
const HEADERS_LIMIT: usize = 64;

/// Types of events and frames that tell of a failure.
const FAILURES: [&str; 2] = ["response.failed", "error"];

/// What an error says of itself.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Its `code` and its `type`.
    pub(super) codes: Vec<String>,
    /// Its text for people.
    pub(super) text: String,
    /// The status that a frame names.
    pub(super) status: Option<u16>,
    /// When the limit is lifted: `resets_at` in Unix seconds.
    pub(super) resets_at: Option<i64>,
    /// The same from now: `resets_in_seconds`.
    pub(super) resets_in: Option<i64>,
    headers: Map<String, Value>,
}

impl Said {
    /// The error in a body; nothing where there is none that can be read.
    pub(super) fn in_body(body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(Value::Object(body)) => Self::in_object(&body),
            _ => Self::default(),
        }
    }

    /// Whether an event or a frame tells of a failure. What is no JSON tells of nothing.
    pub(super) fn is_failure(json: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Typed<'a> {
            #[serde(rename = "type", borrow)]
            kind: Cow<'a, str>,
        }
        serde_json::from_slice::<Typed<'_>>(json).is_ok_and(|typed| FAILURES.contains(&&*typed.kind))
    }

    /// The error in an event or a frame that tells of a failure.
    pub(super) fn in_event(json: &[u8]) -> Option<Self> {
        let event: Map<String, Value> = serde_json::from_slice(json).ok()?;
        let source = event.get("response").and_then(Value::as_object).unwrap_or(&event);
        let mut said = Self::in_object(source);
        said.codes.retain(|code| !FAILURES.contains(&code.as_str()));
        let status = event.get("status").or_else(|| event.get("status_code")).and_then(whole);
        said.status = status.and_then(|status| u16::try_from(status).ok());
        if let Some(Value::Object(headers)) = event.get("headers") {
            said.headers = headers.iter().take(HEADERS_LIMIT).map(|(name, value)| (name.clone(), value.clone())).collect();
        }
        Some(said)
    }

    /// `{"error": {…}}`, `{"error": "code"}`, `{"detail": "text"}`, `{"detail": {…}}`, or the error itself.
    fn in_object(body: &Map<String, Value>) -> Self {
        let mut said = Self::default();
        let inner = ["error", "detail"].iter().find_map(|key| body.get(*key).filter(|value| !value.is_null()));
        match inner {
            Some(Value::Object(error)) => said.take(error),
            Some(Value::String(word)) if is_code(word) => said.codes.push(word.clone()),
            Some(Value::String(text)) => said.text = bounded(text),
            _ => said.take(body),
        }
        said
    }

    fn take(&mut self, error: &Map<String, Value>) {
        let word = |key: &str| error.get(key).and_then(Value::as_str);
        self.codes.extend(["code", "type"].iter().filter_map(|key| word(key)).filter(|word| is_code(word)).map(str::to_owned));
        self.text = word("message").or_else(|| word("detail")).map(bounded).unwrap_or_default();
        self.resets_at = error.get("resets_at").and_then(whole);
        self.resets_in = error.get("resets_in_seconds").and_then(whole);
    }

    /// With the code that headers repeat where the body has none, as a refused token's do.
    pub(super) fn with_headers(mut self, headers: &HeaderMap) -> Self {
        let known = codes::TOKEN_GONE.iter().chain(&codes::TOKEN_EXPIRED);
        for text in codes::AUTHORIZATION_ERROR_HEADERS.iter().filter_map(|name| headers.get(*name)?.to_str().ok()) {
            self.codes.extend(known.clone().filter(|code| text.contains(*code)).map(|code| (*code).to_owned()));
        }
        self
    }

    /// The headers that an error frame carries.
    pub(super) fn headers(&self) -> HeaderMap {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(yes) => Some(yes.to_string()),
            _ => None,
        };
        let pairs = self
            .headers
            .iter()
            .filter_map(|(name, value)| Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(text(value)?).ok()?)));
        pairs.collect()
    }
}

fn is_code(word: &str) -> bool {
    !word.is_empty() && word.len() <= CODE_LIMIT && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn bounded(text: &str) -> String {
    text.chars().take(TEXT_LIMIT).collect()
}

/// A whole number, however it is written.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            // Saturates; what is not finite is no JSON.
            #[expect(
                clippy::cast_possible_truncation,
                reason = "seconds and statuses are far below the limit, and a wrong one is bounded later"
            )]
            number.as_f64().map(|number| number as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
