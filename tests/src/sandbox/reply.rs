//! The forms answers take: JSON, a page, a redirect, a scripted one.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::script::Canned;

/// An answer on its way out.
pub(crate) type Reply = Response<Body>;

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox closed the connection, as scripted")]
pub(crate) struct Dropped;

/// A JSON answer.
pub(crate) fn json_reply(status: StatusCode, body: &Value) -> Reply {
    typed(status, "application/json", body.to_string())
}

/// 200 with JSON.
pub(crate) fn ok(body: &Value) -> Reply {
    json_reply(StatusCode::OK, body)
}

/// An error in the platform's shape (codex-runtime.md 5.1).
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Reply {
    let error = json!({"message": message, "type": "invalid_request_error", "code": code, "param": null});
    json_reply(status, &json!({"error": error, "status": status.as_u16()}))
}

/// An error in the shape of OAuth (RFC 6749 5.2).
pub(crate) fn oauth_error(status: StatusCode, code: &str, description: &str) -> Reply {
    json_reply(status, &json!({"error": code, "error_description": description}))
}

/// An HTML page; `body` is markup.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Reply {
    let title = escape(title);
    let style = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem;color:#1d1d1f;background:#f7f7f8}\
        a.pick{display:block;padding:.75rem 1rem;margin:.5rem 0;border:1px solid #c8c8cd;border-radius:.5rem;color:inherit;text-decoration:none;background:#fff}\
        a.pick small{display:block;color:#5f6068}";
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{style}</style></head>\
         <body><h1>{title}</h1>\n{body}\n<p><small>This is the sandbox provider of Codex Lab. Nothing leaves this machine.</small></p></body></html>\n"
    );
    typed(status, "text/html; charset=utf-8", html)
}

/// 302 to `location`.
pub(crate) fn redirect(location: &str) -> Reply {
    let mut reply = typed(StatusCode::FOUND, "text/plain; charset=utf-8", String::new());
    if let Ok(value) = HeaderValue::from_str(location) {
        reply.headers_mut().insert(header::LOCATION, value);
    }
    reply
}

/// A scripted answer. Header names or values that cannot be sent are left out.
pub(crate) fn canned(canned: &Canned) -> Reply {
    let mut reply = Response::new(Body::from(canned.body.clone()));
    *reply.status_mut() = StatusCode::from_u16(canned.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    add_headers(&mut reply, &canned.headers);
    reply
}

/// Adds headers, leaving out what cannot be sent.
pub(crate) fn add_headers(reply: &mut Reply, headers: &[(String, String)]) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            reply.headers_mut().append(name, value);
        }
    }
}

/// Text made safe to stand in HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn typed(status: StatusCode, content_type: &'static str, body: String) -> Reply {
    let mut reply = Response::new(Body::from(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}
