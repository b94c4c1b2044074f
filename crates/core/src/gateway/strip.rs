//! Making a request fit for another profile, or for the provider at all: what only one account can read goes, and so does
//! what the provider refuses.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// What the provider refuses of a client that is not Codex (codex-runtime.md 5.1, 8).
const REFUSED: [&str; 4] = ["max_output_tokens", "temperature", "top_p", "previous_response_id"];

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    #[serde(default)]
    encrypted_content: Option<serde::de::IgnoredAny>,
}

/// Tells sealed pieces apart without keeping them.
pub type Mark = [u8; 16];
/// Some sealed pieces.
pub type Marks = BTreeSet<Mark>;

/// What came of taking sealed pieces out of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stripped {
    /// None of them was in it.
    Nothing,
    /// The request without them, and their marks.
    Without(Vec<u8>, Vec<Mark>),
    /// The history of the session is in a sealed piece: without it there is none.
    Bound,
}

/// Takes the thoughts out of a request that another account has sealed; all of them, or those with these marks. The provider
/// goes on without them (codex-runtime.md 6).
pub fn strip(body: &[u8], marked: Option<&Marks>) -> Stripped {
    let Ok(Value::Object(mut request)) = serde_json::from_slice(body) else { return Stripped::Nothing };
    let Some(Value::Array(input)) = request.get_mut("input") else { return Stripped::Nothing };
    let mut gone = Vec::new();
    let mut bound = false;
    let mut goes = |sealed: &str| {
        let mark = mark(sealed);
        let goes = marked.is_none_or(|marked| marked.contains(&mark));
        if goes {
            gone.push(mark);
        }
        goes
    };
    input.retain_mut(|item| match (item["type"].as_str(), item["encrypted_content"].as_str()) {
        (Some("reasoning"), Some(sealed)) => !goes(sealed),
        (Some("compaction"), Some(sealed)) => {
            bound |= goes(sealed);
            true
        }
        _ => match item.get_mut("content") {
            Some(Value::Array(parts)) => {
                let before = parts.len();
                parts.retain(|part| part["type"] != "encrypted_content" || !part["encrypted_content"].as_str().is_some_and(&mut goes));
                parts.len() == before || !parts.is_empty()
            }
            _ => true,
        },
    });
    if bound {
        Stripped::Bound
    } else if gone.is_empty() {
        Stripped::Nothing
    } else {
        Stripped::Without(Value::Object(request).to_string().into_bytes(), gone)
    }
}

/// Whether a request's input holds a history that only its account can read.
pub(super) fn is_compacted_body(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Seen<'a> {
        #[serde(borrow, default)]
        input: Option<&'a RawValue>,
    }
    serde_json::from_slice::<Seen<'_>>(body).is_ok_and(|seen| seen.input.is_some_and(|input| is_compacted(input.get())))
}

/// Whether an input holds a history that only its account can read (codex-runtime.md 2.6, 6).
pub(super) fn is_compacted(input: &str) -> bool {
    // Most have none: that is seen without reading all of it.
    memchr::memmem::find(input.as_bytes(), b"compaction").is_some()
        && serde_json::from_str::<Vec<&RawValue>>(input).is_ok_and(|items| {
            let is_sealed = |item: Item<'_>| item.kind == "compaction" && item.encrypted_content.is_some();
            items.iter().any(|item| serde_json::from_str(item.get()).is_ok_and(is_sealed))
        })
}

/// A sealed piece's mark.
fn mark(sealed: &str) -> Mark {
    let hash: [u8; 32] = Sha256::digest(sealed).into();
    let mut mark = Mark::default();
    mark.copy_from_slice(&hash[..16]);
    mark
}

/// The request of a client that is not Codex, as the provider takes it: nothing is kept there, the answer is a stream, and
/// what would be refused is left out. `None` where it is no JSON object.
pub fn fitted(body: &[u8]) -> Option<Vec<u8>> {
    let mut request: Map<String, Value> = serde_json::from_slice(body).ok()?;
    for field in REFUSED {
        request.shift_remove(field);
    }
    request.insert("store".to_owned(), false.into());
    request.insert("stream".to_owned(), true.into());
    if let Some(text) = request.get("input").and_then(Value::as_str).map(str::to_owned) {
        let message = serde_json::json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]});
        request.insert("input".to_owned(), Value::Array(vec![message]));
    }
    Some(Value::Object(request).to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request() -> Value {
        json!({"model": "m", "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "one"},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "two"},
            {"type": "agent_message", "content": [{"type": "encrypted_content", "encrypted_content": "three"}]},
            {"type": "agent_message", "content": [{"type": "text", "text": "t"}, {"type": "encrypted_content", "encrypted_content": "four"}]},
        ], "zeta": 1, "alpha": 2})
    }

    fn types(body: &[u8]) -> Vec<String> {
        let body: Value = serde_json::from_slice(body).unwrap();
        body["input"].as_array().unwrap().iter().map(|item| item["type"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn sealed_thoughts_go_and_the_rest_stays_in_order() {
        let Stripped::Without(body, marks) = strip(request().to_string().as_bytes(), None) else { panic!() };
        assert_eq!(types(&body), ["message", "function_call", "agent_message"]);
        assert_eq!(marks.len(), 4);
        let text = String::from_utf8(body.clone()).unwrap();
        assert!(text.ends_with(r#""zeta":1,"alpha":2}"#) && !text.contains("encrypted_content"), "{text}");
        assert_eq!(strip(&body, None), Stripped::Nothing);
    }

    #[test]
    fn only_the_marked_ones_go_where_some_are_marked() {
        let marked = Marks::from([mark("one")]);
        let Stripped::Without(body, marks) = strip(request().to_string().as_bytes(), Some(&marked)) else { panic!() };
        assert_eq!(marks, [mark("one")]);
        assert_eq!(types(&body).iter().filter(|kind| *kind == "reasoning").count(), 1);
        assert_eq!(strip(request().to_string().as_bytes(), Some(&Marks::new())), Stripped::Nothing);
    }

    #[test]
    fn a_compacted_session_is_bound_to_its_account() {
        let mut compacted = request();
        compacted["input"].as_array_mut().unwrap().push(json!({"type": "compaction", "encrypted_content": "all"}));
        assert_eq!(strip(compacted.to_string().as_bytes(), None), Stripped::Bound);
        assert!(matches!(strip(compacted.to_string().as_bytes(), Some(&Marks::from([mark("one")]))), Stripped::Without(..)));
    }

    #[test]
    fn nothing_is_taken_out_of_nothing() {
        for body in ["", "[]", "{}", r#"{"input":"hi"}"#, r#"{"input":[1,null,{"type":3,"content":"x"}]}"#] {
            assert_eq!(strip(body.as_bytes(), None), Stripped::Nothing, "{body}");
        }
    }

    #[test]
    fn another_clients_request_is_made_fit() {
        let body = json!({"model": "m", "input": "hi", "max_output_tokens": 5, "temperature": 0.1, "top_p": 1, "previous_response_id": "r",
            "store": true, "tools": []});
        let fit: Value = serde_json::from_slice(&fitted(body.to_string().as_bytes()).unwrap()).unwrap();
        assert_eq!(fit["input"][0]["content"][0]["text"], "hi");
        let mut rest = fit.as_object().unwrap().clone();
        rest.shift_remove("input");
        assert_eq!(Value::Object(rest), json!({"model": "m", "store": false, "tools": [], "stream": true}));
        assert_eq!(fitted(b"[1]"), None);
    }
}
