//! For how long, and for which models: the times and the family in the headers and the body of a refusal.

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::Timestamp;

use super::said::Said;
use crate::model::quota::Family;
use crate::provider::errors as codes;

/// No pause is taken to be longer.
const PAUSE_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);
/// No reset is taken to be further ahead.
const RESET_LIMIT: i64 = 40 * 24 * 60 * 60;

/// Whether an edge before the provider speaks rather than the provider: a page, a challenge, or text that is no JSON.
pub(super) fn is_of_an_edge(headers: &HeaderMap, body: &[u8]) -> bool {
    let start = body.iter().find(|byte| !byte.is_ascii_whitespace());
    is_page(headers, body) || headers.contains_key(codes::CHALLENGE_HEADER) || start.is_some_and(|start| *start != b'{')
}

/// Whether the body is a page for people, which an edge or a captive portal sends.
pub(super) fn is_page(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let start = body.iter().find(|byte| !byte.is_ascii_whitespace());
    kind.trim_start().to_ascii_lowercase().starts_with("text/html") || start == Some(&b'<')
}

/// How long the provider asks to stay away: `Retry-After` as seconds or a date, its form in milliseconds, or "try again in 1.5s".
pub(super) fn retry_after(headers: &HeaderMap, said: &Said, now: Timestamp) -> Option<Duration> {
    let value = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = value("retry-after-ms").and_then(|text| pause(text, 0.001));
    let told = millis.or_else(|| value(header::RETRY_AFTER.as_str()).and_then(|text| pause(text, 1.0).or_else(|| until(text, now))));
    told.or_else(|| in_text(&said.text)).map(|told| told.min(PAUSE_LIMIT))
}

fn pause(number: &str, unit: f64) -> Option<Duration> {
    let seconds = number.parse::<f64>().ok().filter(|number| *number >= 0.0)? * unit;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(PAUSE_LIMIT))
}

fn until(date: &str, now: Timestamp) -> Option<Duration> {
    let then = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
}

/// "Please try again in 1.5s", "… in 28ms".
fn in_text(text: &str) -> Option<Duration> {
    let (_, rest) = text.split_once("try again in ")?;
    let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').take(12).collect();
    let unit = rest[number.len()..].trim_start();
    if unit.starts_with("ms") {
        pause(&number, 0.001)
    } else if unit.starts_with('s') {
        pause(&number, 1.0)
    } else if unit.starts_with('m') {
        pause(&number, 60.0)
    } else {
        None
    }
}

/// The family whose allowance is used up: the one named as active, else the only other one that is full, else the main one.
pub(super) fn family(headers: &HeaderMap) -> Family {
    let active = headers.get(codes::ACTIVE_LIMIT_HEADER).and_then(|value| value.to_str().ok());
    if let Some(active) = active.filter(|active| !codes::MAIN_LIMITS.contains(active)).and_then(Family::parse) {
        return active;
    }
    let main = Family::main();
    let mut full: Vec<Family> = full_windows(headers).filter_map(|(prefix, _)| Family::parse(prefix.strip_prefix("x-")?)).collect();
    full.dedup();
    match full.as_slice() {
        [only] => only.clone(),
        [] => named(headers).unwrap_or(main),
        _ => main,
    }
}

/// The only family that an answer calls by a name for people.
fn named(headers: &HeaderMap) -> Option<Family> {
    let mut names =
        headers.keys().filter_map(|name| name.as_str().strip_suffix(codes::LIMIT_NAME_END)?.strip_prefix("x-").and_then(Family::parse));
    let only = names.next()?;
    names.next().is_none().then_some(only)
}

/// When the allowance starts anew, where that is told and is yet to come.
pub(super) fn resets_at(said: &Said, headers: &HeaderMap, family: &Family, now: Timestamp) -> Option<Timestamp> {
    let from_now = |seconds: i64| now.as_second().checked_add(seconds);
    let told = said.resets_at.or_else(|| said.resets_in.and_then(from_now));
    told.filter(|second| is_ahead(*second, now))
        .or_else(|| of_full_windows(headers, family, now))
        .and_then(|it| Timestamp::from_second(it).ok())
}

/// The last reset of the windows that are full: only then is there something left again.
fn of_full_windows(headers: &HeaderMap, family: &Family, now: Timestamp) -> Option<i64> {
    let unprefixed = format!("x-{}", Family::main());
    let ours = |prefix: &str| prefix == unprefixed || prefix.strip_prefix("x-").and_then(Family::parse).as_ref() == Some(family);
    let resets = full_windows(headers).filter(|(prefix, _)| ours(prefix)).filter_map(|(_, window)| {
        let value = headers.get(format!("{window}{}", codes::RESET_AT_END))?.to_str().ok()?;
        value.trim().parse::<i64>().ok().filter(|second| is_ahead(*second, now))
    });
    resets.max()
}

fn is_ahead(second: i64, now: Timestamp) -> bool {
    (1..=RESET_LIMIT).contains(&second.saturating_sub(now.as_second()))
}

/// `x-codex`, `x-codex-primary` for each window that is used up.
fn full_windows(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers.iter().filter_map(|(name, value)| {
        let window = name.as_str().strip_suffix("-used-percent")?;
        let prefix = codes::USED_ENDS.iter().find_map(|end| name.as_str().strip_suffix(end))?;
        let used: f64 = value.to_str().ok()?.trim().parse().ok()?;
        (used >= 100.0).then_some((prefix, window))
    })
}
