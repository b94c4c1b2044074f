//! Every row of the protocol's tables (codex-runtime.md 5.2, 2.2, 2.3), and what is in none of them.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::model::quota::Family;

const NOW: i64 = 1_790_000_000;

/// Its name, status, headers, body, and what it means.
type Row<'a> = (&'a str, u16, &'a [(&'a str, &'a str)], Value, Trouble);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())).collect()
}

fn ask(asked: Asked, status: u16, pairs: &[(&str, &str)], body: &str) -> Option<Trouble> {
    answer(asked, StatusCode::from_u16(status).unwrap(), &headers(pairs), body.as_bytes(), at(NOW))
}

fn http(status: u16, pairs: &[(&str, &str)], body: &Value) -> Option<Trouble> {
    ask(Asked::Http, status, pairs, &body.to_string())
}

fn said(event_json: &Value) -> Option<Trouble> {
    event(event_json.to_string().as_bytes(), at(NOW))
}

fn code(code: &str) -> Value {
    json!({"error": {"message": "text", "type": "invalid_request_error", "code": code, "param": null}})
}

fn kind(kind: &str) -> Value {
    json!({"error": {"type": kind, "message": "text"}})
}

fn limit(family: &str, resets_in: Option<i64>) -> Trouble {
    Trouble::UsageLimit { family: Family::parse(family).unwrap(), resets_at: resets_in.map(|seconds| at(NOW + seconds)) }
}

fn many(seconds: Option<f64>) -> Trouble {
    Trouble::TooManyRequests { retry_after: seconds.map(Duration::from_secs_f64) }
}

const REFRESHABLE: Trouble = Trouble::LoginRefused(LoginRefusal::Refreshable);
const FOR_GOOD: Trouble = Trouble::LoginRefused(LoginRefusal::ForGood);
const SERVER_ERROR: Trouble = Trouble::ServerError { retry_after: None };

#[test]
fn every_answer_over_http_has_its_meaning() {
    let limit_body = json!({"error": {"type": "usage_limit_reached", "message": "The usage limit has been reached", "plan_type": "plus",
        "resets_at": NOW + 500, "eligible_promo": null, "resets_in_seconds": 500}});
    let no_time = kind("usage_limit_reached");
    let credits = [("x-codex-rate-limit-reached-type", "workspace_member_credits_depleted")];
    let owner = [("x-codex-rate-limit-reached-type", "workspace_owner_credits_depleted")];
    let luna = [
        ("x-codex-primary-used-percent", "12"),
        ("x-codex-gpt6luna-primary-used-percent", "100"),
        ("x-codex-gpt6luna-primary-reset-at", "1790000900"),
        ("x-codex-gpt6luna-limit-name", "GPT-6-Luna"),
    ];
    let windows = [
        ("x-codex-primary-used-percent", "100.0"),
        ("x-codex-primary-reset-at", "1790000100"),
        ("x-codex-secondary-used-percent", "100"),
        ("x-codex-secondary-reset-at", "1790000300"),
    ];
    let encrypted =
        json!({"error": {"code": "invalid_encrypted_content", "message": "The encrypted content gA could not be verified. Reason: x"}});
    let rows: Vec<Row<'_>> = vec![
        ("429 usage limit", 429, &[], limit_body.clone(), limit("codex", Some(500))),
        (
            "429 usage limit, from now",
            429,
            &[],
            json!({"error": {"type": "usage_limit_reached", "resets_in_seconds": 60}}),
            limit("codex", Some(60)),
        ),
        ("429 usage limit, time in headers", 429, &windows, no_time.clone(), limit("codex", Some(300))),
        ("429 usage limit, no time", 429, &[], no_time.clone(), limit("codex", None)),
        ("429 credits", 429, &credits, limit_body.clone(), Trouble::CreditsDepleted),
        ("429 credits, owner", 429, &owner, no_time.clone(), Trouble::CreditsDepleted),
        ("429 credits, no body", 429, &owner, json!({}), Trouble::CreditsDepleted),
        ("429 family", 429, &luna, no_time.clone(), limit("codex-gpt6luna", Some(900))),
        ("429 family by its name", 429, &[("x-codex-bengalfox-limit-name", "Spark")], no_time.clone(), limit("codex_bengalfox", None)),
        ("429 active family", 429, &[("x-codex-active-limit", "codex_bengalfox")], limit_body.clone(), limit("codex_bengalfox", Some(500))),
        ("429 active main", 429, &[("x-codex-active-limit", "premium")], limit_body.clone(), limit("codex", Some(500))),
        ("429 not included", 429, &[], kind("usage_not_included"), Trouble::NotIncluded),
        ("403 not included", 403, &[], kind("usage_not_included"), Trouble::NotIncluded),
        ("429 organisation", 429, &[], code("organization_usage_limit_exceeded"), Trouble::OrganizationLimit),
        ("429 no balance", 429, &[], code("insufficient_quota"), Trouble::OrganizationLimit),
        ("429 other", 429, &[], code("something"), many(None)),
        ("429 nothing", 429, &[], json!(null), many(None)),
        ("429 N", 429, &[("retry-after", "7")], code("rate_limit_exceeded"), many(Some(7.0))),
        ("429 N, long", 429, &[("retry-after", "100000")], json!({}), many(Some(86_400.0))),
        ("429 date", 429, &[("retry-after", "Mon, 21 Sep 2026 14:13:50 GMT")], json!({}), many(Some(30.0))),
        ("429 past date", 429, &[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")], json!({}), many(Some(0.0))),
        ("429 N nonsense", 429, &[("retry-after", "-1")], json!({}), many(None)),
        ("429 N ms", 429, &[("retry-after-ms", "1500"), ("retry-after", "2")], json!({}), many(Some(1.5))),
        ("401 expired", 401, &[], code("token_expired"), REFRESHABLE),
        ("401 unknown", 401, &[], code("who_are_you"), REFRESHABLE),
        ("401 nothing", 401, &[], json!({}), REFRESHABLE),
        ("401 invalidated", 401, &[], code("token_invalidated"), FOR_GOOD),
        ("401 revoked", 401, &[], code("token_revoked"), FOR_GOOD),
        ("401 deactivated", 401, &[], code("account_deactivated"), FOR_GOOD),
        ("401 by header", 401, &[("x-openai-authorization-error", "token_revoked")], json!({}), FOR_GOOD),
        ("401 key", 401, &[], code("invalid_api_key"), FOR_GOOD),
        ("402 workspace", 402, &[], json!({"detail": {"code": "deactivated_workspace"}}), Trouble::WorkspaceGone),
        ("402 other", 402, &[], json!({"detail": "pay"}), Trouble::Forbidden),
        ("403 other", 403, &[], code("no"), Trouble::Forbidden),
        ("403 challenge", 403, &[("cf-mitigated", "challenge")], json!({}), Trouble::EdgeBlocked),
        ("404", 404, &[], json!({"detail": "Not Found"}), Trouble::RequestBad),
        ("404 model", 404, &[], code("model_not_found"), Trouble::ModelNotSupported),
        ("413", 413, &[], json!({}), Trouble::RequestBad),
        ("400 any", 400, &[], json!({"detail": "Store must be set to false"}), Trouble::RequestBad),
        ("400 parameter", 400, &[], json!({"detail": "Unsupported parameter: previous_response_id"}), Trouble::RequestBad),
        (
            "400 model",
            400,
            &[],
            json!({"detail": "The 'gpt-9' model is not supported when using Codex with a ChatGPT account."}),
            Trouble::ModelNotSupported,
        ),
        (
            "400 old client",
            400,
            &[],
            json!({"detail": "The 'gpt-9' model requires a newer version of Codex. Please upgrade."}),
            Trouble::ClientTooOld,
        ),
        ("400 encrypted", 400, &[], encrypted, Trouble::EncryptedContentInvalid),
        ("400 too long", 400, &[], code("context_length_exceeded"), Trouble::ContextTooLong),
        ("400 policy", 400, &[], code("cyber_policy"), Trouble::PolicyRefused),
        ("400 prompt", 400, &[], code("invalid_prompt"), Trouble::PolicyRefused),
        ("500", 500, &[], json!({}), SERVER_ERROR),
        ("502", 502, &[], json!({}), SERVER_ERROR),
        ("504", 504, &[], json!({}), SERVER_ERROR),
        ("503 overloaded", 503, &[], json!({"error": {"code": "server_is_overloaded"}}), Trouble::Overloaded { retry_after: None }),
        (
            "503 slow down",
            503,
            &[("retry-after", "4")],
            json!({"error": {"code": "slow_down"}}),
            Trouble::SlowDown { retry_after: Some(Duration::from_secs(4)) },
        ),
        ("503 other", 503, &[("retry-after", "2")], json!({}), Trouble::ServerError { retry_after: Some(Duration::from_secs(2)) }),
        ("edge failure", 525, &[], json!({}), SERVER_ERROR),
        ("redirect", 302, &[], json!({}), Trouble::Garbage),
        ("426 to a POST", 426, &[], json!({}), Trouble::RequestBad),
    ];
    for (row, status, pairs, body, expected) in rows {
        assert_eq!(http(status, pairs, &body), Some(expected), "{row}");
    }
    assert_eq!(http(200, &[], &json!({"models": []})), None);
    assert_eq!(http(200, &[], &code("usage_limit_reached")), None, "a success is judged by its events");
}

#[test]
fn bodies_that_are_no_json_are_judged_by_their_status() {
    let page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>";
    let html = [("content-type", "text/html; charset=UTF-8")];
    let deep = "[".repeat(100_000);
    let long = format!("{{\"error\":{{\"code\":\"token_revoked\",\"message\":\"{}\"}}}}", "x".repeat(BODY_LIMIT));
    for (status, pairs, body, expected) in [
        (403, &html[..], page, Some(Trouble::EdgeBlocked)),
        (403, &[], page, Some(Trouble::EdgeBlocked)),
        (403, &[], "error code: 1020", Some(Trouble::EdgeBlocked)),
        (403, &[], "", Some(Trouble::Forbidden)),
        (429, &html, page, Some(many(None))),
        (503, &html, page, Some(SERVER_ERROR)),
        (401, &html, page, Some(REFRESHABLE)),
        (200, &html, page, Some(Trouble::Garbage)),
        (200, &[], "", None),
        (400, &[], &deep, Some(Trouble::RequestBad)),
        (401, &[], &long, Some(REFRESHABLE)),
        (500, &[], "\u{0}\u{fffd}", Some(SERVER_ERROR)),
        (400, &[], "{\"error\": 3, \"detail\": []}", Some(Trouble::RequestBad)),
        (429, &[], "{\"error\": \"usage_limit_reached\"}", Some(limit("codex", None))),
    ] {
        assert_eq!(ask(Asked::Http, status, pairs, body), expected, "{status} {}", &body[..body.len().min(60)]);
    }
}

#[test]
fn every_answer_to_an_upgrade_has_its_meaning() {
    let limited = kind("usage_limit_reached").to_string();
    let busy = code("server_is_overloaded").to_string();
    let gone = json!({"detail": {"code": "deactivated_workspace"}}).to_string();
    for (status, body, expected) in [
        (101, "", None),
        (200, "", Some(Trouble::NoWebSocket)),
        (426, "", Some(Trouble::NoWebSocket)),
        (404, "", Some(Trouble::NoWebSocket)),
        (405, "", Some(Trouble::NoWebSocket)),
        (400, "{\"detail\":\"no\"}", Some(Trouble::RequestBad)),
        (401, "", Some(REFRESHABLE)),
        (402, &gone, Some(Trouble::WorkspaceGone)),
        (403, "", Some(Trouble::Forbidden)),
        (403, "<html>", Some(Trouble::EdgeBlocked)),
        (413, "", Some(Trouble::RequestBad)),
        (429, &limited, Some(limit("codex", None))),
        (429, "", Some(many(None))),
        (500, "", Some(SERVER_ERROR)),
        (501, "", Some(SERVER_ERROR)),
        (502, "", Some(SERVER_ERROR)),
        (503, "", Some(SERVER_ERROR)),
        (503, &busy, Some(Trouble::Overloaded { retry_after: None })),
    ] {
        assert_eq!(ask(Asked::Upgrade, status, &[], body), expected, "{status} {body}");
    }
}

#[test]
fn every_failure_in_a_stream_has_its_meaning() {
    let failed = |code: &str, message: &str| json!({"type": "response.failed", "response": {"id": "r", "error": {"code": code, "message": message}}});
    for (word, expected) in [
        ("usage_not_included", Trouble::NotIncluded),
        ("insufficient_quota", Trouble::OrganizationLimit),
        ("credit_balance_exhausted", Trouble::OrganizationLimit),
        ("organization_spend_limit_exceeded", Trouble::OrganizationLimit),
        ("organization_usage_limit_exceeded", Trouble::OrganizationLimit),
        ("context_length_exceeded", Trouble::ContextTooLong),
        ("server_is_overloaded", Trouble::Overloaded { retry_after: None }),
        ("invalid_prompt", Trouble::PolicyRefused),
        ("bio_policy", Trouble::PolicyRefused),
        ("cyber_policy", Trouble::PolicyRefused),
        ("flex_unavailable", Trouble::RequestBad),
        ("model_not_found", Trouble::ModelNotSupported),
        ("usage_limit_reached", limit("codex", None)),
        ("slow_down", Trouble::SlowDown { retry_after: None }),
        ("rate_limit_exceeded", many(None)),
        ("server_error", SERVER_ERROR),
        ("invalid_encrypted_content", Trouble::EncryptedContentInvalid),
        ("account_deactivated", FOR_GOOD),
        ("token_expired", REFRESHABLE),
        ("something_new", SERVER_ERROR),
        ("", SERVER_ERROR),
    ] {
        assert_eq!(said(&failed(word, "")), Some(expected), "{word}");
    }
    for (text, seconds) in [
        ("Rate limit reached. Please try again in 1.5s. Visit …", Some(1.5)),
        ("try again in 28ms", Some(0.028)),
        ("try again in 2m", Some(120.0)),
        ("try again in soon", None),
        ("try again in 99999999999999999s", None),
    ] {
        assert_eq!(said(&failed("rate_limit_exceeded", text)), Some(many(seconds)), "{text}");
    }
    let timed = json!({"type": "response.failed", "response": {"error": {"type": "usage_limit_reached", "resets_at": NOW + 9}}});
    assert_eq!(said(&timed), Some(limit("codex", Some(9))));
}

#[test]
fn every_error_frame_has_its_meaning() {
    let frame = |status: u16, error: Value| json!({"type": "error", "status": status, "error": error});
    let plain = |word: &str| json!({"type": "invalid_request_error", "code": word, "message": "text"});
    for (status, error, expected) in [
        (400, plain("previous_response_not_found"), Trouble::PreviousResponseNotFound),
        (400, plain("websocket_connection_limit_reached"), Trouble::ConnectionLimit),
        (429, json!({"type": "usage_limit_reached", "resets_at": NOW + 5}), limit("codex", Some(5))),
        (429, plain("other"), many(None)),
        (401, plain("other"), REFRESHABLE),
        (401, plain("token_revoked"), FOR_GOOD),
        (402, json!({"code": "deactivated_workspace"}), Trouble::WorkspaceGone),
        (403, plain("other"), Trouble::Forbidden),
        (500, plain("other"), SERVER_ERROR),
        (503, plain("server_is_overloaded"), Trouble::Overloaded { retry_after: None }),
        (400, plain("other"), Trouble::RequestBad),
        (400, plain("invalid_encrypted_content"), Trouble::EncryptedContentInvalid),
    ] {
        assert_eq!(said(&frame(status, error.clone())), Some(expected), "{status} {error}");
    }
    let with_headers = json!({"type": "error", "status": 429, "error": {"type": "usage_limit_reached"}, "headers": {
        "X-Codex-Active-Limit": "codex_bengalfox", "x-codex-codex-bengalfox": [1], "bad name": "x", "retry-after": 7}});
    assert_eq!(said(&with_headers), Some(limit("codex_bengalfox", None)));
    let credits = json!({"type": "error", "status": 429, "error": {"type": "usage_limit_reached"}, "headers": {
        "x-codex-rate-limit-reached-type": "workspace_owner_credits_depleted"}});
    assert_eq!(said(&credits), Some(Trouble::CreditsDepleted));
    assert_eq!(said(&json!({"type": "error", "error": {"code": "other"}})), Some(SERVER_ERROR), "a frame without a status");
    assert_eq!(said(&json!({"type": "error", "code": "usage_limit_reached", "message": "m"})), Some(limit("codex", None)), "an SSE error");
    assert_eq!(said(&json!({"type": "error", "status": 70_000, "error": {}})), Some(SERVER_ERROR));
}

#[test]
fn what_is_no_failure_is_none() {
    for kind in ["response.created", "response.completed", "response.incomplete", "codex.rate_limits", "keepalive", ""] {
        assert_eq!(said(&json!({"type": kind, "response": {"error": {"code": "server_error"}}})), None, "{kind}");
    }
    for text in ["", "{", "[]", "null", "{\"type\": 3}", "\u{fffd}"] {
        assert_eq!(event(text.as_bytes(), at(NOW)), None, "{text}");
    }
    let huge = json!({"type": "response.failed", "response": {"error": {"code": "server_error", "message": "x".repeat(BODY_LIMIT)}}});
    assert_eq!(said(&huge), Some(Trouble::Garbage));
    let image = json!({"type": "response.output_item.done", "item": {"result": "x".repeat(BODY_LIMIT)}});
    assert_eq!(said(&image), None);
}

#[test]
fn times_that_make_no_sense_are_passed_over() {
    for (resets_at, expected) in [
        (json!(NOW + 10), Some(10)),
        (json!((NOW + 10).to_string()), Some(10)),
        (json!(1_790_000_010.5), Some(10)),
        (json!(NOW), None),
        (json!(NOW - 10), None),
        (json!(0), None),
        (json!(-1), None),
        (json!(i64::MAX), None),
        (json!(i64::MIN), None),
        (json!(1e300), None),
        (json!((NOW + 10) * 1000), None),
        (json!("soon"), None),
        (json!(null), None),
    ] {
        let body = json!({"error": {"type": "usage_limit_reached", "resets_at": resets_at.clone()}});
        assert_eq!(http(429, &[], &body), Some(limit("codex", expected)), "{resets_at}");
        let body = json!({"error": {"type": "usage_limit_reached", "resets_in_seconds": i64::MAX}});
        assert_eq!(http(429, &[], &body), Some(limit("codex", None)));
    }
}

#[test]
fn no_remedy_lets_a_refused_login_or_a_lost_workspace_reach_the_client() {
    for trouble in [http(401, &[], &json!({})), http(401, &[], &code("token_revoked")), http(402, &[], &json!({}))] {
        assert!(trouble.unwrap().remedy(None, at(NOW)).next);
    }
}
