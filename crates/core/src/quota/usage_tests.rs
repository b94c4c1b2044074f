//! Tables of the usage endpoint: what is asked, and what each answer says.

use serde_json::json;

use super::*;
use crate::model::quota::{Minutes, Quota};

const NOW: i64 = 1_795_000_000;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn answer(status: u16, body: &str) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap()
}

fn seen(usage: &Value) -> Observation {
    read(&answer(200, &usage.to_string()), None, now()).unwrap()
}

fn window(used: i64, seconds: i64) -> Value {
    json!({"used_percent": used, "limit_window_seconds": seconds, "reset_after_seconds": 60, "reset_at": NOW + 60})
}

fn windows(seen: &Observation, family: &Family) -> Vec<(u32, f64)> {
    seen.families
        .get(family)
        .map_or_else(Vec::new, |reading| reading.windows.iter().map(|window| (window.minutes.get(), window.used_percent.get())).collect())
}

#[test]
fn the_question_carries_the_token_the_workspace_and_nothing_that_costs() {
    let question = request(&Secret::new("at-planted"), Some("ws-1")).unwrap();
    assert_eq!((question.method().as_str(), question.uri().to_string().as_str()), ("GET", "https://chatgpt.com/backend-api/wham/usage"));
    let headers = question.headers();
    assert!(headers[AUTHORIZATION] == "Bearer at-planted" && headers[AUTHORIZATION].is_sensitive());
    assert_eq!(headers["chatgpt-account-id"], "ws-1");
    let mut names: Vec<_> = headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "chatgpt-account-id", "user-agent"], "no opt-in to a reserve, no disguise");
    assert!(question.body().is_empty());
    assert!(!request(&Secret::new("at"), None).unwrap().headers().contains_key("chatgpt-account-id"));
    for (token, account) in [("at\nx: y", None), ("at", Some("ws\r\nx: y"))] {
        let error = request(&Secret::new(token), account).unwrap_err();
        assert!(matches!(error, UsageError::Request(_)));
    }
}

#[test]
fn a_whole_answer_is_read() {
    let seen = seen(&json!({
        "user_id": "user-1", "account_id": "ws-1", "email": "ada@example.com", "plan_type": "plus",
        "rate_limit": {"allowed": true, "limit_reached": false, "primary_window": window(38, 18_000), "secondary_window": window(61, 604_800)},
        "code_review_rate_limit": {"primary_window": window(5, 604_800), "secondary_window": null},
        "additional_rate_limits": [
            {"limit_name": "GPT-5.3-Codex-Spark", "metered_feature": "codex_bengalfox", "rate_limit": {"primary_window": window(7, 18_000)}},
            {"limit_name": "!", "rate_limit": {"primary_window": window(7, 18_000)}},
            {"metered_feature": "codex", "rate_limit": {"primary_window": window(99, 18_000)}},
            17,
        ],
        "credits": {"has_credits": true, "unlimited": false, "overage_limit_reached": false, "balance": "12.50", "approx_local_messages": [1, 2]},
        "spend_control": {"reached": false, "individual_limit": {"source": "x", "limit": 100, "used": 40, "used_percent": 40, "reset_at": NOW + 9}},
        "rate_limit_reached_type": {"type": "workspace_member_usage_limit_reached"},
        "rate_limit_reset_credits": {"available_count": 3},
        "promo": null,
    }));
    assert_eq!((seen.at, seen.source), (now(), QuotaSource::Usage));
    assert_eq!(windows(&seen, &Family::main()), [(300, 38.0), (10_080, 61.0)]);
    assert_eq!(seen.families[&Family::main()].windows[0].resets_at.unwrap().as_second(), NOW + 60);
    assert!(seen.families[&Family::main()].complete);
    let spark = Family::parse("codex_bengalfox").unwrap();
    assert_eq!(windows(&seen, &spark), [(300, 7.0)]);
    assert!(!seen.families[&spark].complete, "nothing was said of its second slot");
    assert_eq!(seen.families[&spark].name.as_ref().unwrap().as_str(), "GPT-5.3-Codex-Spark");
    assert_eq!(seen.families.len(), 3);
    assert_eq!(seen.credits.said().unwrap().balance.as_ref().unwrap().as_str(), "12.50");
    let spend = seen.spend_limit.said().unwrap();
    assert_eq!((spend.limit.as_ref().unwrap().as_str(), spend.used_percent.unwrap().get(), spend.reached), ("100", 40.0, false));
    assert_eq!((seen.limit_reached, seen.reset_credits), (Told::Is(LimitReached::MemberUsageLimit), Told::Is(3)));
}

#[test]
fn null_says_none_and_silence_says_nothing() {
    let known = || {
        let mut book = Quota::default();
        let mut before =
            seen(&json!({"plan_type": "plus", "rate_limit": {"primary_window": window(1, 18_000), "secondary_window": window(2, 604_800)},
            "credits": {"has_credits": true}, "rate_limit_reset_credits": {"available_count": 1}}));
        before.at = Timestamp::from_second(NOW - 60).unwrap();
        book.take(&before);
        book
    };
    let cases: [(Value, &[u32], bool); 9] = [
        (json!({"plan_type": "plus"}), &[300, 10_080], true),
        (json!({"rate_limit": null, "credits": null}), &[], false),
        (json!({"rate_limit": {}}), &[300, 10_080], true),
        (json!({"rate_limit": {"primary_window": window(3, 604_800)}}), &[300, 10_080], true),
        (json!({"rate_limit": {"primary_window": window(3, 604_800), "secondary_window": null}}), &[10_080], true),
        (json!({"rate_limit": {"primary_window": null, "secondary_window": null}}), &[], true),
        (json!({"rate_limit": {"primary_window": "soon", "secondary_window": null}}), &[300, 10_080], true),
        (json!({"rate_limit": {"primary_window": {"used_percent": 1}, "secondary_window": window(3, 604_800)}}), &[300, 10_080], true),
        (json!({"rate_limit": "none", "credits": []}), &[300, 10_080], true),
    ];
    for (usage, left, credits) in cases {
        let mut book = known();
        book.take(&seen(&usage));
        let lengths: Vec<_> = book.windows(&Family::main()).map(|window| window.minutes.get()).collect();
        assert_eq!((lengths.as_slice(), book.account().credits.is.is_some()), (left, credits), "{usage}");
        assert_eq!(book.account().reset_credits.is, Some(1), "{usage}");
    }
    assert_eq!(Minutes::WEEK.get(), 10_080);
}

#[test]
fn no_other_answer_is_a_reading_and_none_is_an_authority_on_sign_ins() {
    let html = "<!DOCTYPE html><title>Just a moment...</title>";
    for (status, body, kind) in [
        (401, r#"{"error":{"code":"token_expired"}}"#, "the token was not taken"),
        (403, html, "not allowed to ask"),
        (403, r#"{"error":{"type":"invalid_grant"}}"#, "not allowed to ask"),
        (404, "", "the provider answered with status 404"),
        (500, "{}", "the provider answered with status 500"),
        (302, "", "the provider answered with status 302"),
        (429, "", "asked too often"),
        (200, html, "the answer is not understood"),
        (200, "", "the answer is not understood"),
        (200, "[]", "the answer is not understood"),
        (200, "{}", "the answer is not understood"),
        (200, r#"{"error":"x"}"#, "the answer is not understood"),
        (200, r#"{"plan_type":"plus","account_id":"ws-2"}"#, "the answer is of another account"),
    ] {
        let error = read(&answer(status, body), Some("ws-1"), now()).unwrap_err();
        assert_eq!(error.to_string(), kind, "{status} {body}");
    }
    let large = format!(r#"{{"plan_type":"{}"}}"#, "x".repeat(SIZE_LIMIT));
    assert!(matches!(read(&answer(200, &large), None, now()), Err(UsageError::NotUnderstood)));
    assert!(read(&answer(200, r#"{"plan_type":"plus","account_id":"ws-1"}"#), Some("ws-1"), now()).is_ok());
}

#[test]
fn a_pause_is_heeded_within_reason() {
    for (value, seconds) in [("30", Some(30)), ("0", Some(0)), ("99999999", Some(21_600)), ("soon", None), ("-1", None)] {
        let mut refused = answer(429, "");
        refused.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(value));
        let error = read(&refused, None, now()).unwrap_err();
        assert_eq!(error.pause().map(|pause| pause.as_secs()), seconds, "{value}");
    }
}
