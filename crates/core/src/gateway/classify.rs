//! What an answer of the provider means: the one place where statuses, codes and texts are told apart. Pure.
//!
//! Known codes come first, whatever the status; then the status; what is unknown never counts against an account.

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use super::limits;
use super::said::Said;
use crate::model::trouble::{LoginRefusal, Trouble};
use crate::provider::errors as codes;

/// Bytes of a body that are looked at.
pub const BODY_LIMIT: usize = 64 << 10;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A request whose answer is its body or stream.
    Http,
    /// To open a WebSocket.
    Upgrade,
}

/// What the head of an answer and the beginning of its body mean; `None`: all is well. The body of a success may be empty: its
/// stream is judged event by event.
pub fn answer(asked: Asked, status: StatusCode, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Option<Trouble> {
    let good = match asked {
        Asked::Http => status.is_success(),
        Asked::Upgrade => status == StatusCode::SWITCHING_PROTOCOLS,
    };
    if good {
        return (asked == Asked::Http && limits::is_page(headers, body)).then_some(Trouble::Garbage);
    }
    let said = Said::in_body(&body[..body.len().min(BODY_LIMIT)]).with_headers(headers);
    if let Some(trouble) = by_code(&said, headers, now) {
        return Some(trouble);
    }
    Some(match (asked, status.as_u16()) {
        (Asked::Upgrade, 404 | 405 | 426 | 200..=299) => Trouble::NoWebSocket,
        (_, 403) if limits::is_of_an_edge(headers, body) => Trouble::EdgeBlocked,
        (_, status) => by_status(status, &said, headers, now),
    })
}

/// What an event of a stream or a frame of a WebSocket means, given as its JSON; `None` where it is no failure. A failure that
/// cannot be read is one of the provider.
pub fn event(json: &[u8], now: Timestamp) -> Option<Trouble> {
    if !Said::is_failure(json) {
        return None;
    }
    let Some(said) = Some(json).filter(|json| json.len() <= BODY_LIMIT).and_then(Said::in_event) else { return Some(Trouble::Garbage) };
    let headers = said.headers();
    Some(by_code(&said, &headers, now).unwrap_or_else(|| match said.status {
        Some(status) => by_status(status, &said, &headers, now),
        None => Trouble::ServerError { retry_after: None },
    }))
}

fn by_code(said: &Said, headers: &HeaderMap, now: Timestamp) -> Option<Trouble> {
    let retry_after = || limits::retry_after(headers, said, now);
    let is = |codes: &[&str]| said.codes.iter().any(|code| codes.contains(&code.as_str()));
    let says = |part: &str| said.text.to_ascii_lowercase().contains(part);
    let reached = || headers.get(codes::LIMIT_REACHED_HEADER).and_then(|value| value.to_str().ok());
    Some(if is(&codes::USAGE_LIMIT) {
        // Windows that are empty say nothing where credits are what is missing.
        if reached().is_some_and(|limit| limit.ends_with(codes::OUT_OF_CREDITS_END)) {
            Trouble::CreditsDepleted
        } else {
            let family = limits::family(headers);
            let resets_at = limits::resets_at(said, headers, &family, now);
            Trouble::UsageLimit { family, resets_at }
        }
    } else if is(&codes::NOT_INCLUDED) {
        Trouble::NotIncluded
    } else if is(&codes::ORGANIZATION_LIMIT) {
        Trouble::OrganizationLimit
    } else if is(&codes::TOKEN_GONE) {
        Trouble::LoginRefused(LoginRefusal::ForGood)
    } else if is(&codes::TOKEN_EXPIRED) {
        Trouble::LoginRefused(LoginRefusal::Refreshable)
    } else if is(&codes::WORKSPACE_GONE) {
        Trouble::WorkspaceGone
    } else if is(&codes::ENCRYPTED_CONTENT) {
        Trouble::EncryptedContentInvalid
    } else if is(&codes::CONTEXT_TOO_LONG) {
        Trouble::ContextTooLong
    } else if is(&codes::POLICY) {
        Trouble::PolicyRefused
    } else if is(&codes::NO_PREVIOUS) {
        Trouble::PreviousResponseNotFound
    } else if is(&codes::CONNECTION_LIMIT) {
        Trouble::ConnectionLimit
    } else if is(&codes::NO_SUCH_MODEL) || says(codes::NO_SUCH_MODEL_TEXT) {
        Trouble::ModelNotSupported
    } else if says(codes::CLIENT_TOO_OLD_TEXT) {
        Trouble::ClientTooOld
    } else if is(&codes::OVERLOADED) {
        Trouble::Overloaded { retry_after: retry_after() }
    } else if is(&codes::SLOW_DOWN) {
        Trouble::SlowDown { retry_after: retry_after() }
    } else if is(&codes::TOO_MANY) {
        Trouble::TooManyRequests { retry_after: retry_after() }
    } else if is(&codes::SERVER_ERROR) {
        Trouble::ServerError { retry_after: retry_after() }
    } else if is(&codes::REQUEST_BAD) {
        Trouble::RequestBad
    } else {
        return None;
    })
}

fn by_status(status: u16, said: &Said, headers: &HeaderMap, now: Timestamp) -> Trouble {
    let retry_after = limits::retry_after(headers, said, now);
    match status {
        429 => match headers.get(codes::LIMIT_REACHED_HEADER).and_then(|value| value.to_str().ok()) {
            Some(limit) if limit.ends_with(codes::OUT_OF_CREDITS_END) => Trouble::CreditsDepleted,
            _ => Trouble::TooManyRequests { retry_after },
        },
        401 => Trouble::LoginRefused(LoginRefusal::Refreshable),
        402 | 403 => Trouble::Forbidden,
        407 | 511 => Trouble::EdgeBlocked,
        408 | 425 | 500..=599 => Trouble::ServerError { retry_after },
        400..=499 => Trouble::RequestBad,
        // No redirect is followed, and nothing else was asked for.
        _ => Trouble::Garbage,
    }
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
