//! The requests of priming (codex-runtime.md 7): the list of models, and the least question that starts a week. No instructions, no
//! tools, no history.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request};
use serde_json::{Value, json};

use super::models::Cheap;
use crate::base::secret::Secret;
use crate::provider::chatgpt;

/// All that is said.
const WORDS: &str = "Reply with OK.";
const AGENT: &str = concat!("codex-lab/", env!("CARGO_PKG_VERSION"));

/// Where the question goes.
pub fn address() -> String {
    format!("{}{}", chatgpt::CODEX, chatgpt::RESPONSES_PATH)
}

/// The question's body. The provider refuses a cap on the answer's length (codex-runtime.md 5.1), so that it is asked for two letters.
pub fn body(cheap: &Cheap) -> Value {
    json!({
        "model": cheap.model,
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": WORDS}]}],
        "reasoning": {"effort": cheap.effort},
        "store": false,
        "stream": true,
        "include": ["reasoning.encrypted_content"],
    })
}

/// The question; `None` for a token that cannot be sent.
pub fn question(cheap: &Cheap, token: &Secret, account_id: Option<&str>) -> Option<Request<bytes::Bytes>> {
    let request = Request::post(address())
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(ACCEPT, HeaderValue::from_static("text/event-stream"));
    signed(request, token, account_id)?.body(bytes::Bytes::from(body(cheap).to_string())).ok()
}

/// Asks for the models of an account.
pub fn list(token: &Secret, account_id: Option<&str>) -> Option<Request<Vec<u8>>> {
    let address = format!("{}{}?client_version={}", chatgpt::CODEX, chatgpt::MODELS_PATH, chatgpt::CLIENT_VERSION);
    let request = Request::get(address).header(ACCEPT, HeaderValue::from_static("application/json"));
    signed(request, token, account_id)?.body(Vec::new()).ok()
}

fn signed(request: http::request::Builder, token: &Secret, account_id: Option<&str>) -> Option<http::request::Builder> {
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose())).ok()?;
    bearer.set_sensitive(true);
    let request = request.header(AUTHORIZATION, bearer).header(USER_AGENT, HeaderValue::from_static(AGENT));
    Some(match account_id {
        Some(account_id) => request.header("chatgpt-account-id", HeaderValue::try_from(account_id).ok()?),
        None => request,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_as_small_as_can_be() {
        let cheap = Cheap { model: "gpt-6-luna".to_owned(), effort: "low".to_owned() };
        let question = question(&cheap, &Secret::new("t".to_owned()), Some("w")).unwrap();
        let body: Value = serde_json::from_slice(question.body()).unwrap();
        let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(keys.iter().all(|key| ["model", "input", "reasoning", "store", "stream", "include"].contains(key)), "{keys:?}");
        assert_eq!((&body["store"], &body["stream"], &body["reasoning"]["effort"]), (&json!(false), &json!(true), &json!("low")));
        assert_eq!(body["input"].as_array().unwrap().len(), 1);
        assert!(question.headers()[AUTHORIZATION].is_sensitive() && question.headers()["chatgpt-account-id"] == "w");
        assert!(!question.headers().contains_key("version"), "a stale one is refused");
        assert!(list(&Secret::new("t".to_owned()), None).unwrap().uri().query().unwrap().starts_with("client_version="));
        assert!(list(&Secret::new("t\n".to_owned()), None).is_none());
    }
}
