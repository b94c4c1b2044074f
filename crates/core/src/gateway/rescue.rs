//! Every answer that is the gateway's own, in one place. Its form is the provider's, so that clients show what it says.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::guard::Turned;
use super::intake::IntakeError;
use crate::failure::Failure;
use crate::model::launch::LaunchReport;
use crate::model::verdict::Reason;
use crate::route;

/// Why no profile serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoneLeft {
    /// All are out of quota, the first until then, if that is known. The CLI ends the turn and tells the time (codex-runtime.md 5.2).
    Exhausted {
        /// When the first of them comes back.
        until: Option<Timestamp>,
    },
    /// None may be used: the sentence says why, and what to do.
    Unusable {
        /// For the user.
        message: String,
    },
    /// The provider could not be reached, or not in a way that would help. The CLI tries again by itself.
    Unreachable,
}

impl From<&route::NoneLeft> for NoneLeft {
    fn from(none: &route::NoneLeft) -> Self {
        match none {
            route::NoneLeft::Failed => Self::Unreachable,
            route::NoneLeft::Resting { until } => Self::Exhausted { until: *until },
            route::NoneLeft::Unusable { reasons } if reasons.iter().any(|(_, reasons)| reasons[..] == [Reason::OverSpendCap]) => {
                Self::Unusable {
                    message:
                        "Codex Lab: this month's spend cap for API keys is reached, and no other profile can serve this. `codex-lab route` \
                          shows both."
                            .to_owned(),
                }
            }
            route::NoneLeft::Unusable { .. } => {
                Self::Unusable { message: "Codex Lab: no profile can serve this. `codex-lab list` shows why.".to_owned() }
            }
        }
    }
}

/// A request that was turned away at the door.
pub fn turned(why: Turned) -> Response<Bytes> {
    let (status, code, message) = match why {
        Turned::ForeignHost => (StatusCode::MISDIRECTED_REQUEST, "foreign_host", "Codex Lab answers on 127.0.0.1 and localhost alone."),
        Turned::Browser => (StatusCode::FORBIDDEN, "browser", "Codex Lab answers no web page."),
        Turned::NoKey => (StatusCode::UNAUTHORIZED, "gateway_key", "The key of Codex Lab's gateway is missing or wrong."),
        Turned::NoSuchPath => (StatusCode::NOT_FOUND, "unknown_path", "Codex Lab's gateway does not send this on."),
    };
    error(status, "invalid_request_error", code, message)
}

/// A request that could not be taken in.
pub fn not_taken(why: &IntakeError) -> Response<Bytes> {
    let (status, code, message) = match why {
        IntakeError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The request is larger than 64 MiB."),
        IntakeError::Broken => (StatusCode::BAD_REQUEST, "broken_request", "The request broke off."),
        IntakeError::Encoding => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "encoding", "The request is packed in a way that Codex Lab cannot open.")
        }
    };
    error(status, "invalid_request_error", code, message)
}

/// There is no WebSocket here. Of all refusals this is the one after which Codex goes on over HTTP at once (codex-runtime.md 2.2).
pub fn no_socket() -> Response<Bytes> {
    error(StatusCode::UPGRADE_REQUIRED, "invalid_request_error", "http_only", "Codex Lab's gateway answers over HTTP.")
}

/// What the user has wished for a request cannot be looked up. The CLI tries again by itself.
pub fn not_placed(failure: &Failure) -> Response<Bytes> {
    error(StatusCode::BAD_GATEWAY, "server_error", "not_placed", &format!("Codex Lab: {failure}"))
}

/// What became of a launch, for whoever has started it.
pub fn launch(report: Option<LaunchReport>) -> Response<Bytes> {
    let report = report.unwrap_or_default();
    answer(StatusCode::OK, &json!({ "served": report.served, "exhausted": report.exhausted, "until": report.until }))
}

/// No profile serves this request.
pub fn none_left(why: &NoneLeft, now: Timestamp) -> Response<Bytes> {
    match why {
        NoneLeft::Exhausted { until } => answer(StatusCode::TOO_MANY_REQUESTS, &exhausted(*until, now)),
        // 400 is the one status that Codex shows as it is and does not repeat.
        NoneLeft::Unusable { message } => answer(StatusCode::BAD_REQUEST, &json!({ "detail": message })),
        NoneLeft::Unreachable => {
            error(StatusCode::BAD_GATEWAY, "server_error", "unreachable", "Codex Lab could not reach the provider. Check the connection.")
        }
    }
}

/// What tells Codex that the quota is out, and until when.
pub fn exhausted(until: Option<Timestamp>, now: Timestamp) -> Value {
    let mut error = json!({
        "type": "usage_limit_reached",
        "message": "All profiles of Codex Lab are out of quota",
        "eligible_promo": null,
    });
    if let Some(until) = until {
        error["resets_at"] = until.as_second().into();
        error["resets_in_seconds"] = until.as_second().saturating_sub(now.as_second()).max(0).into();
    }
    json!({ "error": error })
}

/// An answer of our own as a frame on a WebSocket; of a body that has no error, its text is taken.
pub fn frame(answer: &Response<Bytes>) -> Value {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let error = match &body["error"] {
        Value::Object(error) => Value::Object(error.clone()),
        _ => json!({ "type": "invalid_request_error", "code": "codex_lab", "message": body["detail"] }),
    };
    json!({ "type": "error", "status": answer.status().as_u16(), "error": error })
}

/// An answer of our own as an event of a stream that has begun already.
pub fn failed(answer: &Response<Bytes>) -> Bytes {
    let mut error = frame(answer)["error"].take();
    // In a stream there is a code and no type.
    if error["code"].is_null() {
        error["code"] = error["type"].take();
    }
    let response = json!({ "id": "resp_codex_lab", "object": "response", "status": "failed", "error": error, "output": [] });
    event(&json!({ "type": "response.failed", "response": response }))
}

/// Tells a client that its turn goes on, and nothing else.
pub fn sign_of_life() -> Bytes {
    event(&keepalive())
}

/// The same as a frame.
pub fn keepalive() -> Value {
    json!({ "type": "keepalive" })
}

/// An error that the provider told in another form.
pub fn refused(status: StatusCode, error: &Value) -> Response<Bytes> {
    answer(status, &json!({ "error": error }))
}

/// An answer that cannot be put together.
pub fn too_much() -> Response<Bytes> {
    error(StatusCode::BAD_GATEWAY, "server_error", "too_large", "The answer is larger than 64 MiB.")
}

/// The frame after which Codex opens a new connection by itself and sends the whole turn again (codex-runtime.md 2.3).
pub fn again() -> Value {
    json!({ "type": "error", "status": 400, "error": {
        "type": "invalid_request_error",
        "code": "previous_response_not_found",
        "message": "Codex Lab goes on with another profile",
    } })
}

fn event(event: &Value) -> Bytes {
    Bytes::from(format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default()))
}

fn error(status: StatusCode, kind: &str, code: &str, message: &str) -> Response<Bytes> {
    answer(status, &json!({ "error": { "message": message, "type": kind, "code": code, "param": null } }))
}

fn answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
