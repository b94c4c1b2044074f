//! What the provider's JSON forms of quota have in common. Every field may be missing, null, or of another type.

use jiff::Timestamp;
use serde_json::Value;

use crate::base::sorting;
use crate::model::quota::{Credits, Minutes, Percent, ShortText, WindowReading, reset_after, reset_at};

/// The places windows are told in. They say nothing of a window's length (codex-runtime.md 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Primary,
    Secondary,
}

impl Slot {
    pub(super) const ALL: [Self; 2] = [Self::Primary, Self::Secondary];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

/// The windows that are told in the two slots, the shorter first. Of more than two the fullest are told.
pub(super) fn slots(windows: &[WindowReading]) -> impl Iterator<Item = (Slot, WindowReading)> {
    let mut told = windows.to_vec();
    sorting::by_key(&mut told, |window| std::cmp::Reverse(window.used_percent));
    told.truncate(Slot::ALL.len());
    sorting::by_key(&mut told, |window| window.minutes);
    Slot::ALL.into_iter().zip(told)
}

/// A window of an event or of a log: length in minutes, the reset as `reset_at` or `resets_at`.
pub(super) fn window_in_minutes(value: &Value, now: Timestamp) -> Option<WindowReading> {
    window(value, Minutes::of(whole(&value["window_minutes"])?)?, now)
}

/// A window of the usage endpoint: length in seconds.
pub(super) fn window_in_seconds(value: &Value, now: Timestamp) -> Option<WindowReading> {
    window(value, Minutes::of_seconds(whole(&value["limit_window_seconds"])?)?, now)
}

fn window(value: &Value, minutes: Minutes, now: Timestamp) -> Option<WindowReading> {
    let named = ["reset_at", "resets_at"].into_iter().find_map(|key| whole(&value[key]));
    let after = ["reset_after_seconds", "resets_in_seconds"].into_iter().find_map(|key| whole(&value[key]));
    Some(WindowReading {
        minutes,
        used_percent: percent(&value["used_percent"])?,
        resets_at: named.and_then(|second| reset_at(second, now)).or_else(|| after.and_then(|seconds| reset_after(seconds, now))),
    })
}

/// Credits; `None` if it is no object that tells of them.
pub(super) fn credits(value: &Value) -> Option<Credits> {
    Some(Credits {
        has_credits: value["has_credits"].as_bool()?,
        unlimited: value["unlimited"].as_bool().unwrap_or_default(),
        balance: text(&value["balance"]),
        overage_limit_reached: value["overage_limit_reached"].as_bool(),
    })
}

/// A share, told as a number or as a text.
pub(super) fn percent(value: &Value) -> Option<Percent> {
    Percent::of(value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?)
}

/// A whole number; one with a fraction is rounded down.
pub(super) fn whole(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and what is too large is refused later")]
    let rounded = || value.as_f64().map(|number| number.floor() as i64);
    value.as_i64().or_else(rounded)
}

/// A short text, or a number as text.
pub(super) fn text(value: &Value) -> Option<ShortText> {
    match value {
        Value::String(text) => ShortText::parse(text),
        Value::Number(number) => ShortText::parse(&number.to_string()),
        _ => None,
    }
}
