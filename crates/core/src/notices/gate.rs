//! Whether news is told now, later or not at all, by what the user wishes.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{Timestamp, Zoned};

use crate::model::lifetime::later;
use crate::model::news::{News, Topic};
use crate::model::profile::ProfileId;
use crate::model::quota::WindowNote;
use crate::model::snapshot::{ProfileState, Snapshot};

/// A snooze that has no reset to end at.
const UNKNOWN_SNOOZE: Duration = Duration::from_secs(60 * 60);

/// Until when the user does not want to hear of a profile's quota; `None` is of all.
pub type Snoozes = BTreeMap<Option<ProfileId>, Timestamp>;

/// What becomes of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is told.
    Now,
    /// It is told when quiet hours are over, if it still holds.
    Later,
    /// It is not told; it may come again.
    Never,
}

/// The way of news that was not told yet.
pub fn way(news: &News, snapshot: &Snapshot, snoozes: &Snoozes, now: &Zoned) -> Way {
    let settings = &snapshot.settings;
    let is_quiet = settings.quiet_hours.is_some_and(|hours| hours.holds(now));
    if !settings.notifications || is_muted(news, snapshot) || is_snoozed(news, snoozes, now.timestamp()) {
        Way::Never
    } else if is_quiet && !news.is_urgent() {
        Way::Later
    } else {
        Way::Now
    }
}

/// What of the news that waited is still worth telling: what has not passed by itself, each matter once, its last word.
pub fn still_news(waited: Vec<News>, snapshot: &Snapshot, now: Timestamp) -> Vec<News> {
    let is_known = |id: &ProfileId| snapshot.profiles.iter().any(|row| row.id == *id && row.state != ProfileState::Paused);
    let mut kept: Vec<News> = Vec::new();
    for news in waited {
        if news.is_over(now) || news.profile().is_some_and(|id| !is_known(id)) || is_muted(&news, snapshot) {
            continue;
        }
        kept.retain(|earlier| !news.key().is_about(&earlier.key()));
        kept.push(news);
    }
    kept
}

/// When a snooze ends: at the first reset of a window that is low, of this profile or of all; in an hour, if nobody knows one.
pub fn snooze_end(snapshot: &Snapshot, profile: Option<&ProfileId>, now: Timestamp) -> Timestamp {
    let rows = snapshot.profiles.iter().filter(|row| profile.is_none_or(|id| row.id == *id));
    let low = rows.flat_map(|row| row.quota.main_windows()).filter(|window| window.note != WindowNote::Fine);
    low.filter_map(|window| window.resets_at).filter(|at| *at > now).min().unwrap_or_else(|| later(now, UNKNOWN_SNOOZE))
}

fn is_muted(news: &News, snapshot: &Snapshot) -> bool {
    news.profile().is_some_and(|id| snapshot.profiles.iter().any(|row| row.id == *id && row.details.muted))
}

fn is_snoozed(news: &News, snoozes: &Snoozes, now: Timestamp) -> bool {
    let of = |whom: &Option<ProfileId>| snoozes.get(whom).is_some_and(|until| now < *until);
    match news.key().topic {
        Topic::Quota | Topic::FellBack => of(&news.profile().cloned()) || of(&None),
        Topic::AllExhausted => of(&None),
        Topic::SignIn | Topic::Reset | Topic::Primed => false,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::model::quiet_hours::QuietHours;
    use crate::model::quota::{Minutes, Percent};
    use crate::notices::samples::{NOW, at, id, quota, snapshot};

    fn low(profile: u8) -> News {
        News::Low { profile: id(profile), minutes: Minutes::WEEK, left: Percent::whole(9), critical: false, resets_at: Some(at(NOW + 60)) }
    }

    #[test]
    fn the_user_decides_what_is_told_and_when() {
        // The samples' moment is 14:13 UTC.
        let quiet = QuietHours::parse("14:00-15:00");
        let everybody = News::AllExhausted { first: None, until: None };
        let gone = News::SignInNeeded { profile: id(1) };
        let reset = News::Reset { profile: id(1), minutes: Minutes::WEEK, reset: None };
        let fell_back = News::FellBack { from: id(1), to: id(2), why: None, until: None };
        for (news, quiet, muted, snoozed, expected) in [
            (low(1), None, false, None, Way::Now),
            (low(1), quiet, false, None, Way::Later),
            (everybody.clone(), quiet, false, None, Way::Now),
            (gone.clone(), quiet, false, None, Way::Now),
            (gone.clone(), None, true, None, Way::Never),
            (low(1), quiet, true, None, Way::Never),
            (low(2), None, true, None, Way::Now),
            (low(1), None, false, Some((Some(id(1)), NOW + 1)), Way::Never),
            (low(1), None, false, Some((Some(id(1)), NOW)), Way::Now),
            (low(2), None, false, Some((Some(id(1)), NOW + 1)), Way::Now),
            (low(2), None, false, Some((None, NOW + 1)), Way::Never),
            (fell_back.clone(), None, false, Some((Some(id(1)), NOW + 1)), Way::Never),
            (everybody.clone(), None, true, Some((None, NOW + 1)), Way::Never),
            (everybody, None, false, Some((Some(id(1)), NOW + 1)), Way::Now),
            (reset, None, false, Some((None, NOW + 1)), Way::Now),
            (gone, None, false, Some((None, NOW + 1)), Way::Now),
        ] {
            let mut shown = snapshot(&["main", "backup"]);
            shown.profiles[0].details.muted = muted;
            shown.settings.quiet_hours = quiet;
            let snoozes: Snoozes = snoozed.into_iter().map(|(whom, until)| (whom, at(until))).collect();
            let now = at(NOW).to_zoned(TimeZone::UTC);
            assert_eq!(way(&news, &shown, &snoozes, &now), expected, "{news:?} {muted} {snoozes:?}");
            shown.settings.notifications = false;
            assert_eq!(way(&news, &shown, &snoozes, &now), Way::Never);
        }
    }

    #[test]
    fn a_snooze_ends_with_the_first_reset_of_what_is_low() {
        let mut shown = snapshot(&["main", "backup"]);
        assert_eq!(snooze_end(&shown, Some(&id(1)), at(NOW)), at(NOW + 3_600));
        shown.profiles[0].quota = quota(&[(300, 10.0, 60), (10_080, 90.0, 9_000)]);
        shown.profiles[1].quota = quota(&[(300, 100.0, -5), (10_080, 90.0, 8_000)]);
        for (whom, end) in [(Some(id(1)), 9_000), (Some(id(2)), 8_000), (None, 8_000)] {
            assert_eq!(snooze_end(&shown, whom.as_ref(), at(NOW)), at(NOW + end), "{whom:?}");
        }
    }

    #[test]
    fn what_has_passed_while_it_was_quiet_is_not_told() {
        let shown = snapshot(&["main", "backup"]);
        let over = News::Exhausted { profile: id(1), minutes: Minutes::FIVE_HOURS, resets_at: Some(at(NOW)) };
        let worse = News::Exhausted { profile: id(1), minutes: Minutes::WEEK, resets_at: Some(at(NOW + 60)) };
        let nobody = News::SignInNeeded { profile: id(9) };
        assert_eq!(still_news(vec![low(1), over, low(2), worse.clone(), nobody], &shown, at(NOW)), [low(2), worse]);
    }
}
