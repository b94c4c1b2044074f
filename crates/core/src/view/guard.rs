//! Whether enough is left of a profile's quota to begin something, for scripts.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Serialize;

use super::times::{moment, span, window};
use super::words::plain;
use crate::model::profile::ProfileKind;
use crate::model::quota::{Minutes, Percent, WindowNote, WindowView};
use crate::model::snapshot::{ProfileRow, ProfileState};

/// How much has to be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// At least so many percent.
    pub least: u8,
    /// Of this window; without it, of each window of the main family.
    pub window: Option<Minutes>,
    /// A reading that is older says nothing.
    pub max_age: Duration,
    /// Whether a reset that has passed counts as seen: the window is full unless somebody else uses it.
    pub trust_resets: bool,
}

/// What a script is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// At least as much as was asked for is left.
    Enough,
    /// Nobody knows, or nobody has looked for too long.
    Unknown,
    /// Less is left.
    TooLittle,
}

/// The answer about one profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// In one word.
    pub standing: Standing,
    /// The profile's name.
    pub profile: String,
    /// The window that decided, in minutes.
    pub window_minutes: Option<Minutes>,
    /// What is left of it, 0 to 100.
    pub left_percent: Option<Percent>,
    /// When it starts anew.
    pub resets_at: Option<Timestamp>,
    /// When it was seen.
    pub observed_at: Option<Timestamp>,
    /// Why, in one line.
    pub reason: String,
}

/// Whether enough is left of one profile.
pub fn guard(row: &ProfileRow, wish: Wish, now: &Zoned) -> Answer {
    let unknown = |why: &str| answer(row, Standing::Unknown, None, why);
    match (row.state, row.kind) {
        (ProfileState::Paused, _) => return unknown("is paused"),
        (ProfileState::NeedsSignIn, _) => return unknown("needs sign-in"),
        (ProfileState::Unreadable, _) => return unknown("has a damaged login file"),
        (ProfileState::Locked, _) => return unknown("is locked"),
        (ProfileState::Ready, ProfileKind::ApiKey) => return unknown("is an API key, which has no windows"),
        (ProfileState::Ready, ProfileKind::Chatgpt) => {}
    }
    let windows = row.quota.main_windows().iter().filter(|window| wish.window.is_none_or(|minutes| window.minutes == minutes));
    // Of several the worst: the one with too little, then the one nobody knows, then the scarcest.
    let decided = windows
        .map(|seen| (of_window(seen, wish, now), seen))
        .max_by_key(|((standing, _), seen)| (*standing, std::cmp::Reverse(seen.left_percent)));
    match (decided, wish.window) {
        (Some(((standing, why), seen)), _) => answer(row, standing, Some(seen), &why),
        (None, Some(minutes)) if !row.quota.main_windows().is_empty() => unknown(&format!("has no {} window", window(minutes.get()))),
        (None, _) => unknown("has no reading yet"),
    }
}

/// Whether one of several has enough; otherwise the best that can be said.
pub fn guard_any<'a>(rows: impl Iterator<Item = &'a ProfileRow>, wish: Wish, now: &Zoned) -> Option<Answer> {
    rows.filter(|row| !row.details.drain)
        .map(|row| guard(row, wish, now))
        .min_by_key(|answer| (answer.standing, std::cmp::Reverse(answer.left_percent)))
}

fn of_window(seen: &WindowView, wish: Wish, now: &Zoned) -> (Standing, String) {
    let name = window(seen.minutes.get());
    if seen.note == WindowNote::ResetUnverified {
        let standing = if wish.trust_resets { Standing::Enough } else { Standing::Unknown };
        return (standing, format!("{name}: reset, and nobody has looked since"));
    }
    let left = seen.left_percent.rounded_up();
    if seen.left_percent < Percent::whole(wish.least) {
        // Quota only gets less until its reset: for this a reading is never too old.
        let back = seen.resets_at.map(|at| format!(", resets {}", moment(at, now))).unwrap_or_default();
        return (Standing::TooLittle, format!("{name}: {left} % left, {} % asked for{back}", wish.least));
    }
    let age = seen.observed_at.map(|at| now.timestamp().duration_since(at));
    let limit = SignedDuration::try_from(wish.max_age).unwrap_or(SignedDuration::MAX);
    match age {
        Some(age) if age <= limit => (Standing::Enough, format!("{name}: {left} % left")),
        Some(age) => (Standing::Unknown, format!("{name}: {left} % left {} ago, which is too old", span(age))),
        None => (Standing::Unknown, format!("{name}: {left} % left, nobody can tell when")),
    }
}

fn answer(row: &ProfileRow, standing: Standing, seen: Option<&WindowView>, why: &str) -> Answer {
    Answer {
        standing,
        profile: row.name.clone(),
        window_minutes: seen.map(|window| window.minutes),
        left_percent: seen.map(|window| window.left_percent),
        resets_at: seen.and_then(|window| window.resets_at),
        observed_at: seen.and_then(|window| window.observed_at),
        reason: format!("{} {why}", plain(&row.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::samples::{now, quota, row};

    fn wish(least: u8, window: Option<Minutes>) -> Wish {
        Wish { least, window, max_age: Duration::from_secs(3_600), trust_resets: false }
    }

    fn asked(windows: &[(i64, f64, i64)], wish: Wish) -> (Standing, String) {
        let mut main = row(1, "main", None);
        main.quota = quota(windows);
        let answer = guard(&main, wish, &now());
        (answer.standing, answer.reason)
    }

    #[test]
    fn the_worst_window_that_is_asked_for_decides() {
        use Standing::{Enough, TooLittle, Unknown};
        let both = [(300, 38.0, 3_600), (10_080, 82.0, 86_400)];
        for (windows, least, window, standing, reason) in [
            (&both[..], 18, None, Enough, "main weekly: 18 % left"),
            (&both, 19, None, TooLittle, "main weekly: 18 % left, 19 % asked for, resets Sun 14:13"),
            (&both, 19, Some(Minutes::FIVE_HOURS), Enough, "main 5-hour: 62 % left"),
            (&both, 20, Minutes::of(43_200), Unknown, "main has no 30-day window"),
            (&[], 1, None, Unknown, "main has no reading yet"),
            (&[], 1, Some(Minutes::WEEK), Unknown, "main has no reading yet"),
            (&[(300, 99.0, -60), (10_080, 10.0, 60)], 20, None, Unknown, "main 5-hour: reset, and nobody has looked since"),
            (&[(300, 99.0, -60), (10_080, 90.0, 60)], 20, None, TooLittle, "main weekly: 10 % left, 20 % asked for, resets 14:14"),
            // Shown as 20 %, and is less.
            (&[(300, 80.5, 60)], 20, None, TooLittle, "main 5-hour: 20 % left, 20 % asked for, resets 14:14"),
            (&[(300, 100.0, 60)], 0, None, Enough, "main 5-hour: 0 % left"),
        ] {
            assert_eq!(asked(windows, wish(least, window)), (standing, reason.to_owned()), "{windows:?} {least}");
        }
        let trusting = Wish { trust_resets: true, ..wish(20, None) };
        assert_eq!(asked(&[(300, 99.0, -60)], trusting).0, Enough);
    }

    #[test]
    fn what_is_too_old_is_unknown_unless_it_was_too_little_already() {
        // The samples were seen two minutes ago.
        let old = Wish { max_age: Duration::from_secs(60), ..wish(20, None) };
        assert_eq!(asked(&[(300, 38.0, 60)], old), (Standing::Unknown, "main 5-hour: 62 % left 2 min ago, which is too old".to_owned()));
        assert_eq!(asked(&[(300, 90.0, 60)], old).0, Standing::TooLittle);
        let mut main = row(1, "main", None);
        main.quota = quota(&[(300, 38.0, 60)]);
        main.quota.families[0].windows[0].observed_at = None;
        assert_eq!(guard(&main, wish(20, None), &now()).standing, Standing::Unknown);
    }

    #[test]
    fn a_profile_that_cannot_be_used_is_unknown() {
        let mut main = row(1, "main", None);
        main.quota = quota(&[(300, 38.0, 60)]);
        for state in [ProfileState::Paused, ProfileState::NeedsSignIn, ProfileState::Unreadable, ProfileState::Locked] {
            main.state = state;
            assert_eq!(guard(&main, wish(1, None), &now()).standing, Standing::Unknown, "{state:?}");
        }
        (main.state, main.kind) = (ProfileState::Ready, ProfileKind::ApiKey);
        assert_eq!(guard(&main, wish(1, None), &now()).standing, Standing::Unknown);
    }

    #[test]
    fn of_several_one_that_has_enough_is_enough() {
        let with = |number, name, windows| {
            let mut row = row(number, name, None);
            row.quota = quota(windows);
            row
        };
        let (full, empty, unread) = (with(1, "full", &[(300, 10.0, 60)]), with(2, "empty", &[(300, 99.0, 60)]), with(3, "unread", &[]));
        let mut draining = full.clone();
        draining.details.drain = true;
        for (rows, expected) in [
            (vec![&empty, &unread, &full], Some((Standing::Enough, "full"))),
            (vec![&empty, &unread, &draining], Some((Standing::Unknown, "unread"))),
            (vec![&empty, &draining], Some((Standing::TooLittle, "empty"))),
            (vec![&draining], None),
        ] {
            let answer = guard_any(rows.into_iter(), wish(20, None), &now());
            assert_eq!(answer.as_ref().map(|answer| (answer.standing, answer.profile.as_str())), expected);
        }
    }
}
