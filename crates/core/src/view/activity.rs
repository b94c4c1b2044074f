//! The words of the timeline: what happened, why, and until when. English.

use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned};

use super::prime;
use super::times::{moment, window};
use super::why;
use super::words::plain;
use crate::model::activity::{ActivityEntry, ActivityKind, ActivityWhy, Happened};
use crate::model::background::Purpose;
use crate::model::news::Topic;
use crate::model::profile::ProfileId;
use crate::model::verdict::Reason;

/// Names of profiles, those that are gone too as far as they are known.
pub type Names = BTreeMap<ProfileId, String>;

/// "work stood in for main", "switched from main to work".
pub fn what(entry: &ActivityEntry, names: &Names) -> String {
    let to = || named(entry.to.as_ref(), names);
    let from = || named(entry.from.as_ref(), names);
    match entry.what {
        Happened::Switched => match (&entry.from, &entry.to) {
            (None, None) => "the live login was changed".to_owned(),
            (None, Some(_)) => format!("switched to {}", to()),
            (Some(_), None) => format!("signed out locally from {}", from()),
            (Some(_), Some(_)) => format!("switched from {} to {}", from(), to()),
        },
        Happened::FellBack => format!("{} stood in for {}", to(), from()),
        Happened::NobodyLeft => "no profile could serve".to_owned(),
        Happened::Chosen => format!("{} was given a session", to()),
        Happened::BlockBegan => format!("{} rests", to()),
        Happened::BlockEnded => format!("{} does not rest any more", to()),
        Happened::Added => format!("signed in: {} is new", to()),
        Happened::SignedIn => format!("signed in to {} again", to()),
        Happened::SignInFailed => "a sign-in failed".to_owned(),
        Happened::Renewed => format!("the login of {} was renewed", to()),
        Happened::RenewalFailed => format!("the login of {} could not be renewed for now", to()),
        Happened::RenewalRefused => format!("{} needs a new sign-in", to()),
        Happened::Imported => format!("imported {}", to()),
        Happened::Updated => format!("imported a newer login of {}", to()),
        Happened::Removed => format!("removed {}", to()),
        Happened::SignedOut => format!("removed {}, and signed out at the provider", to()),
        Happened::BroughtBack => format!("brought {} back", to()),
        Happened::PrimeSent => format!("asked for the start of {}'s week", to()),
        Happened::Primed => format!("started {}'s week", to()),
        Happened::PrimeFailed => format!("could not start {}'s week", to()),
        Happened::Told => told(entry, names),
        Happened::Asked => format!("asked the provider about {}", to()),
    }
}

/// Why, in a few words; nothing where that is not known.
pub fn why(entry: &ActivityEntry) -> String {
    let words = match &entry.why {
        None if entry.what == Happened::RenewalRefused => "the provider refuses to renew it",
        // What the user was told about is why it was told.
        None | Some(ActivityWhy::News { .. }) => "",
        Some(ActivityWhy::ByHand) => "you asked for it",
        Some(ActivityWhy::WasRemoved) => "the profile before was removed",
        Some(ActivityWhy::WeekOver) => "the last week was over",
        // Until when is told beside it.
        Some(ActivityWhy::Reason { reason }) if entry.what == Happened::BlockEnded => return over(*reason, entry.at),
        Some(ActivityWhy::Reason { reason }) => return why::reason(&endless(*reason), entry.at),
        Some(ActivityWhy::Choice { choice }) => why::choice(*choice),
        Some(ActivityWhy::Prime { trouble }) => prime::trouble(*trouble),
        Some(ActivityWhy::Purpose { purpose }) => asked(*purpose),
    };
    match (words, entry.code) {
        ("", Some(code)) => serde_json::to_value(code).ok().and_then(|code| Some(code.as_str()?.replace('_', " "))).unwrap_or_default(),
        _ => words.to_owned(),
    }
}

/// "until Thu 14:00", "next try 03:05"; nothing where that is not known.
pub fn until(entry: &ActivityEntry, now: &Zoned) -> String {
    let Some(until) = entry.until else { return String::new() };
    let word = if entry.what == Happened::PrimeFailed { "next try" } else { "until" };
    format!("{word} {}", moment_around(until, entry.at, now))
}

/// The word of a sort.
pub fn kind(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::Switch => "switch",
        ActivityKind::Fallback => "fallback",
        ActivityKind::Block => "rest",
        ActivityKind::SignIn => "sign-in",
        ActivityKind::Renewal => "renewal",
        ActivityKind::Profile => "profile",
        ActivityKind::Prime => "week",
        ActivityKind::Notice => "notice",
        ActivityKind::Choice => "choice",
        ActivityKind::Background => "request",
    }
}

/// Whether all words that are searched for are somewhere in an entry, in upper or lower case. `words` are in lower case.
pub fn is_found(entry: &ActivityEntry, names: &Names, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let name = |id: &Option<ProfileId>| named(id.as_ref(), names);
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let parts = [what(entry, names), why(entry), name(&entry.from), name(&entry.to), optional(&entry.session), optional(&entry.model)];
    let code = entry.code.and_then(|code| serde_json::to_string(&code).ok()).unwrap_or_default();
    let text = format!("{}\n{}\n{}\n{code}", parts.join("\n"), kind(entry.kind), entry.kind.as_str()).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

fn told(entry: &ActivityEntry, names: &Names) -> String {
    let to = named(entry.to.as_ref(), names);
    let Some(ActivityWhy::News { topic, level, minutes }) = &entry.why else { return "you were told something".to_owned() };
    let limit = minutes.map_or_else(String::new, |minutes| format!(" {}", window(minutes)));
    match (topic, level) {
        (Topic::AllExhausted, _) => "you were told that no profile has quota left".to_owned(),
        (Topic::SignIn, _) => format!("you were told that {to} needs a new sign-in"),
        (Topic::Quota, 3) => format!("you were told that the{limit} limit of {to} is used up"),
        (Topic::Quota, 2) => format!("you were told that the{limit} limit of {to} is nearly used up"),
        (Topic::Quota, _) => format!("you were told that the{limit} limit of {to} is low"),
        (Topic::FellBack, _) => format!("you were told that {to} stands in for {}", named(entry.from.as_ref(), names)),
        (Topic::Reset, _) => format!("you were told that the{limit} limit of {to} starts anew"),
        (Topic::Primed, _) => format!("you were told that the week of {to} was started"),
    }
}

/// The end is told beside the reason.
fn endless(reason: Reason) -> Reason {
    match reason {
        Reason::Blocked { kind, .. } => Reason::Blocked { kind, until: None },
        Reason::Exhausted { minutes, .. } => Reason::Exhausted { minutes, resets_at: None },
        Reason::WorkspaceOut { .. } => Reason::WorkspaceOut { until: None },
        other => other,
    }
}

fn over(reason: Reason, at: Timestamp) -> String {
    format!("over: {}", why::reason(&endless(reason), at))
}

fn asked(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::KeepAlive => "to renew the login",
        Purpose::Quota => "to see what is left of its quota",
        Purpose::PrimeLook => "to see whether its week runs",
        Purpose::Models => "for its models",
        Purpose::Prime => "to start its week",
    }
}

fn named(id: Option<&ProfileId>, names: &Names) -> String {
    match id {
        None => "no profile".to_owned(),
        Some(id) => names.get(id).map_or_else(|| "a removed profile".to_owned(), |name| plain(name)),
    }
}

/// A time that may be past: with its day, where that is not the entry's own.
fn moment_around(until: Timestamp, since: Timestamp, now: &Zoned) -> String {
    let [local, day] = [until, since].map(|at| at.to_zoned(now.time_zone().clone()));
    if local.date() == day.date() {
        local.strftime("%H:%M").to_string()
    } else if until < now.timestamp() {
        local.strftime("%-d %b %H:%M").to_string()
    } else {
        moment(until, now)
    }
}

#[cfg(test)]
#[path = "activity_tests.rs"]
mod tests;
