//! What the provider, Codex, or a network in between says of quota: in headers, events, answers and logs.

use codex_lab_core::model::quota::{FAMILIES_LIMIT, Observation, Quota, WINDOWS_LIMIT};
use codex_lab_core::quota::{headers, session_log, stream, usage};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use jiff::{SignedDuration, Timestamp};

use crate::outside::status_and_body;

const NOW: i64 = 1_795_000_000;

/// Headers, a line each.
pub(crate) fn in_headers(bytes: &[u8]) {
    let mut sent = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(1000) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(&line[colon + 1..])) {
            sent.insert(name, value);
        }
    }
    if let Some(seen) = headers::read(&sent, now()) {
        check(&seen);
        check_headers(&seen);
    }
}

/// An event of a stream.
pub(crate) fn in_event(bytes: &[u8]) {
    let Some(seen) = serde_json::from_slice(bytes).ok().and_then(|event| stream::read(&event, now())) else { return };
    check(&seen);
    check_headers(&seen);
    for event in stream::events(&seen) {
        let again = stream::read(&event, now()).unwrap();
        for (family, reading) in &again.families {
            assert_eq!(reading.windows.len(), seen.families[family].windows.len().min(2), "an event tells what was told");
        }
    }
}

/// An answer of the usage endpoint.
pub(crate) fn in_usage(bytes: &[u8]) {
    let (status, body) = status_and_body(bytes);
    let answer = Response::builder().status(status).body(body.to_vec()).unwrap_or_default();
    if let Ok(seen) = usage::read(&answer, Some("ws"), now()) {
        check(&seen);
        stream::events(&seen);
    }
}

/// Lines of a session log.
pub(crate) fn in_log(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines() {
        if let Some(start) = session_log::start(line) {
            assert!((1..=128).contains(&start.session.len()));
        }
        if let Some(seen) = session_log::read(line, now()) {
            assert!(seen.at <= now());
            check(&seen);
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// What holds of every reading, and of every book it is taken into.
fn check(seen: &Observation) {
    assert!(!seen.is_empty() && seen.families.len() <= FAMILIES_LIMIT);
    for window in seen.families.values().flat_map(|reading| &reading.windows) {
        assert!((0.0..=100.0).contains(&window.used_percent.get()) && (1..=5_270_400).contains(&window.minutes.get()));
        let far = SignedDuration::from_hours(401 * 24);
        assert!(window.resets_at.is_none_or(|at| at.duration_since(seen.at) <= far));
    }
    let mut book = Quota::default();
    book.take(seen);
    for at in [Timestamp::MIN, now(), Timestamp::MAX] {
        book.notice_clock(at);
        let view = book.view((20, 5), at);
        assert!(view.families.iter().all(|family| family.windows.len() <= WINDOWS_LIMIT));
        serde_json::to_string(&view).unwrap();
        for (family, _) in book.families() {
            let lowest = book.lowest(family, at);
            assert!(book.remaining(family, at).iter().all(|left| lowest.is_some_and(|lowest| lowest.left_percent <= left.left_percent)));
            book.back_at(family, at);
        }
    }
    assert!(book.take(&Observation { at: Timestamp::MIN, ..seen.clone() }).windows.is_empty(), "an older reading changes nothing");
}

/// What is written as headers says the same of every family of two windows and less.
fn check_headers(seen: &Observation) {
    let again = headers::read(&headers::write(seen, now()), now());
    for (family, reading) in &seen.families {
        let told = again.as_ref().and_then(|again| again.families.get(family)).map_or(0, |reading| reading.windows.len());
        assert_eq!(told, reading.windows.len().min(2), "{family}");
    }
}
