//! JSON-RPC 2.0: what comes in is a call, a notice or refused; what goes out is an answer or a notice. Pure.

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::failure::Failure;

/// The frame is no JSON.
const PARSE_ERROR: i32 = -32700;
/// It is JSON, and no request that is taken.
const INVALID_REQUEST: i32 = -32600;
/// No such method.
const METHOD_NOT_FOUND: i32 = -32601;
/// The method takes other parameters.
const INVALID_PARAMS: i32 = -32602;
/// A failure of ours has its exit status on top of this: `1004` is `not_found`.
const FAILURES: i32 = 1000;
/// Characters of an id that is text.
const ID_LIMIT: usize = 256;
/// Characters of a method's name, or of a parameter's, that are said again.
const NAME_LIMIT: usize = 64;

/// Names a call; its answer has the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// A whole number.
    Number(i64),
    /// A short text.
    Text(String),
}

/// A frame that was understood.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// Wants an answer.
    Call {
        /// What the answer has too.
        id: Id,
        /// What is asked for.
        method: String,
        /// With what.
        params: Option<&'a RawValue>,
    },
    /// Wants none.
    Notice,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RpcError {
    code: i32,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

/// A frame that is no request; with the call's id, as far as it could be read.
#[derive(Debug)]
pub struct Refused {
    /// The call's, if it has one that can be read.
    pub id: Option<Id>,
    /// Why.
    pub error: RpcError,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(default)]
    method: Option<String>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
}

impl RpcError {
    pub(super) fn invalid_request(message: impl Into<String>) -> Self {
        Self { code: INVALID_REQUEST, message: message.into(), data: None }
    }

    pub(super) fn no_method(method: &str) -> Self {
        Self { code: METHOD_NOT_FOUND, message: format!("there is no method {:?}", short(method)), data: None }
    }

    pub(super) fn invalid_params(message: impl Into<String>) -> Self {
        Self { code: INVALID_PARAMS, message: message.into(), data: None }
    }

    pub(super) fn with(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }

    /// What speaks against parameters. A value may be a secret, so none is said again.
    pub(super) fn of_params(error: &serde_json::Error) -> Self {
        let said = error.to_string();
        let named = ["missing field `", "unknown field `"].into_iter().find_map(|begins| {
            let name = said.strip_prefix(begins)?.split('`').next()?;
            Some(format!("{begins}{}`", short(name)))
        });
        Self::invalid_params(named.unwrap_or_else(|| "a parameter is not of the sort that is wanted".to_owned()))
    }
}

impl From<Failure> for RpcError {
    fn from(failure: Failure) -> Self {
        let code = FAILURES + i32::from(failure.code.exit_status());
        Self { code, message: failure.message.clone(), data: Some(json!(failure)) }
    }
}

/// Reads a frame.
pub fn read(frame: &[u8]) -> Result<Incoming<'_>, Box<Refused>> {
    let refused = |message: &str| Box::new(Refused { id: None, error: RpcError::invalid_request(message) });
    let parse_error = || RpcError { code: PARSE_ERROR, message: "the line is no JSON".to_owned(), data: None };
    let text: &RawValue = serde_json::from_slice(frame).map_err(|_| Box::new(Refused { id: None, error: parse_error() }))?;
    if text.get().starts_with('[') {
        return Err(refused("batches are not taken: send each request on a line of its own"));
    }
    let envelope: Envelope<'_> = serde_json::from_str(text.get()).map_err(|_| refused("the line is no JSON-RPC request"))?;
    let id = envelope.id.map(|id| id_of(id).ok_or_else(|| refused("an id is a whole number or a short text"))).transpose()?;
    if envelope.jsonrpc.is_some_and(|version| version.get() != "\"2.0\"") {
        return Err(Box::new(Refused { id, error: RpcError::invalid_request("this is JSON-RPC 2.0") }));
    }
    let Some(method) = envelope.method else {
        return Err(Box::new(Refused { id, error: RpcError::invalid_request("there is no method") }));
    };
    Ok(match id {
        Some(id) => Incoming::Call { id, method, params: envelope.params },
        None => Incoming::Notice,
    })
}

/// The line that answers a call.
pub fn answer(id: Option<&Id>, result: Result<&RawValue, &RpcError>) -> Bytes {
    #[derive(Serialize)]
    struct Answer<'a> {
        jsonrpc: &'static str,
        id: Option<&'a Id>,
        #[serde(skip_serializing_if = "Option::is_none")]
        result: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a RpcError>,
    }
    line(&Answer { jsonrpc: "2.0", id, result: result.ok(), error: result.err() })
}

/// The line of a notice.
pub(super) fn notice(method: &str, params: &impl Serialize) -> Bytes {
    #[derive(Serialize)]
    struct Notice<'a, P> {
        jsonrpc: &'static str,
        method: &'a str,
        params: &'a P,
    }
    line(&Notice { jsonrpc: "2.0", method, params })
}

/// Plain values, which can be written at any rate.
fn line(value: &impl Serialize) -> Bytes {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line.into()
}

/// A member that is there, be it `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

fn id_of(id: &RawValue) -> Option<Id> {
    serde_json::from_str(id.get()).ok().filter(|id| !matches!(id, Id::Text(text) if text.len() > ID_LIMIT))
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(NAME_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;

    fn refused(frame: &str) -> (Option<Id>, i32) {
        let refused = *read(frame.as_bytes()).unwrap_err();
        (refused.id, refused.error.code)
    }

    #[test]
    fn calls_and_notices() {
        for (frame, expected) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"b":1}}"#, (Some(Id::Number(1)), "a", Some(r#"{"b":1}"#))),
            (r#"{"id":"x","method":"a"}"#, (Some(Id::Text("x".into())), "a", None)),
            (r#" {"method":"initialized","params":null,"more":[1]} "#, (None, "initialized", None)),
        ] {
            let read = match read(frame.as_bytes()).unwrap() {
                Incoming::Call { id, method, params } => (Some(id), method, params.map(|params| params.get().to_owned())),
                Incoming::Notice => (None, "initialized".to_owned(), None),
            };
            assert_eq!((read.0, read.1.as_str(), read.2.as_deref()), expected, "{frame}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused_as_json_rpc_says() {
        let deep = "[".repeat(10_000);
        for (frame, expected) in [
            ("", (None, PARSE_ERROR)),
            ("{", (None, PARSE_ERROR)),
            (deep.as_str(), (None, PARSE_ERROR)),
            ("1", (None, INVALID_REQUEST)),
            ("[]", (None, INVALID_REQUEST)),
            (r#"[{"id":1,"method":"a"}]"#, (None, INVALID_REQUEST)),
            (r#"{"id":null,"method":"a"}"#, (None, INVALID_REQUEST)),
            (r#"{"id":1.5,"method":"a"}"#, (None, INVALID_REQUEST)),
            (r#"{"id":{},"method":"a"}"#, (None, INVALID_REQUEST)),
            (r#"{"id":7}"#, (Some(Id::Number(7)), INVALID_REQUEST)),
            (r#"{"id":7,"result":{}}"#, (Some(Id::Number(7)), INVALID_REQUEST)),
            (r#"{"id":7,"jsonrpc":"1.0","method":"a"}"#, (Some(Id::Number(7)), INVALID_REQUEST)),
            (r#"{"id":7,"method":5}"#, (None, INVALID_REQUEST)),
        ] {
            assert_eq!(refused(frame), expected, "{frame}");
        }
        assert_eq!(refused(&format!(r#"{{"id":"{}","method":"a"}}"#, "x".repeat(257))), (None, INVALID_REQUEST));
        assert!(read(b"\xff\xfe").is_err());
    }

    #[test]
    fn answers_are_lines() {
        let result = RawValue::from_string("{\"a\":1}".into()).unwrap();
        let said = answer(Some(&Id::Number(1)), Ok(&result));
        assert_eq!(&said[..], b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":1}}\n");
        let failure = Failure::new(Code::NotFound, "Nothing.").hint("Look.");
        let said = answer(None, Err(&failure.into()));
        let said: Value = serde_json::from_slice(&said).unwrap();
        let data = json!({ "code": "not_found", "message": "Nothing.", "hints": ["Look."] });
        assert_eq!(said, json!({ "jsonrpc": "2.0", "id": null, "error": { "code": 1004, "message": "Nothing.", "data": data } }));
        assert_eq!(&notice("a/b", &json!({}))[..], b"{\"jsonrpc\":\"2.0\",\"method\":\"a/b\",\"params\":{}}\n");
    }

    #[test]
    fn what_is_wrong_with_parameters_says_no_value_again() {
        let error = |text: &str| serde_json::from_value::<crate::api::table::Request>(serde_json::from_str(text).unwrap()).unwrap_err();
        let said = |text: &str| RpcError::of_params(&error(text)).message;
        assert_eq!(said(r#"{"method":"rename","params":{"name":"a"}}"#), "missing field `profile`");
        assert_eq!(said(r#"{"method":"rename","params":{"nam":"a"}}"#), "unknown field `nam`");
        for text in [
            r#"{"method":"add_api_key","params":{"key":["planted"]}}"#,
            r#"{"method":"add_api_key","params":"planted"}"#,
            r#"{"method":"begin_sign_in","params":{"method":"planted"}}"#,
        ] {
            assert!(!said(text).contains("planted"), "{text}");
        }
    }
}
