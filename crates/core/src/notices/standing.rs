//! What a snapshot gives to tell, whether or not it was told before.

use jiff::{SignedDuration, Timestamp};

use crate::model::news::{News, NewsKey, Told, Topic};
use crate::model::prime::PrimeRecord;
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::quota::{Minutes, WindowNote, WindowView};
use crate::model::snapshot::{ProfileRow, ProfileState, Snapshot};

/// What happened longer ago than this, while nobody looked, is no news.
pub const OLD: SignedDuration = SignedDuration::from_hours(12);

/// Of every profile in use: each window that is low or empty; and whether nobody has any left.
pub fn standing(snapshot: &Snapshot) -> Vec<News> {
    let all = all_exhausted(snapshot);
    let each = snapshot.profiles.iter().filter(|row| is_in_use(row)).flat_map(|row| {
        row.quota.main_windows().iter().filter_map(|window| {
            let (profile, minutes, resets_at) = (row.id.clone(), window.minutes, window.resets_at);
            let low = |critical| News::Low { profile: row.id.clone(), minutes, left: window.left_percent, critical, resets_at };
            match window.note {
                WindowNote::Empty => Some(News::Exhausted { profile, minutes, resets_at }),
                WindowNote::Critical => Some(low(true)),
                WindowNote::Low => Some(low(false)),
                WindowNote::Fine | WindowNote::ResetUnverified => None,
            }
        })
    });
    all.into_iter().chain(each).collect()
}

/// Windows that have started anew since it was told that they are low.
pub fn resets(snapshot: &Snapshot, told: &[Told], now: Timestamp) -> Vec<News> {
    let mut resets: Vec<News> = Vec::new();
    for told in told.iter().filter(|told| told.key.topic == Topic::Quota) {
        let (Some(profile), Some(minutes)) = (&told.key.profile, told.key.minutes) else { continue };
        let row = snapshot.profiles.iter().find(|row| row.id == *profile && is_in_use(row));
        let Some(window) = row.and_then(|row| row.quota.main_windows().iter().find(|window| window.minutes == minutes)) else { continue };
        if !has_started_anew(&told.key, told.at, window, now) {
            continue;
        }
        let reset = News::Reset { profile: profile.clone(), minutes, reset: told.key.reset };
        // Low and then exhausted: one window, one reset.
        if !resets.iter().any(|known| known.key().is_about(&reset.key()) && known.key().has_same_reset(&reset.key())) {
            resets.push(reset);
        }
    }
    resets
}

/// Windows that were started ahead of need, from the records of them that are known to run.
pub fn primed(snapshot: &Snapshot, records: Vec<PrimeRecord>) -> Vec<News> {
    let known = records.into_iter().filter(|record| snapshot.profiles.iter().any(|row| row.id == record.profile));
    known.map(|record| News::Primed { profile: record.profile, minutes: Minutes::WEEK, resets_at: record.resets_at }).collect()
}

/// The profiles whose login is gone.
pub fn without_login(snapshot: &Snapshot) -> impl Iterator<Item = &ProfileId> {
    snapshot.profiles.iter().filter(|row| matches!(row.state, ProfileState::NeedsSignIn | ProfileState::Unreadable)).map(|row| &row.id)
}

/// The best profile to switch to instead of this one: ready, with something left of every window, the most in its scarcest one.
/// An API key is no substitute that anyone would want by one click.
pub fn substitute<'a>(snapshot: &'a Snapshot, instead_of: &ProfileId) -> Option<&'a ProfileRow> {
    let left = |row: &ProfileRow| row.quota.lowest().map(|window| window.left_percent);
    let fit = |row: &&ProfileRow| {
        let has_quota = row.quota.main_windows().iter().all(|window| !matches!(window.note, WindowNote::Empty | WindowNote::Critical));
        row.id != *instead_of && is_in_use(row) && row.kind == ProfileKind::Chatgpt && !row.details.drain && has_quota
    };
    // Of equals the first in the user's order; what is not known counts as nothing left.
    snapshot.profiles.iter().rev().filter(fit).max_by_key(|row| left(row))
}

fn is_in_use(row: &ProfileRow) -> bool {
    row.state == ProfileState::Ready
}

fn all_exhausted(snapshot: &Snapshot) -> Option<News> {
    let paid = snapshot.routing.api_key_fallback;
    let counts = |row: &&ProfileRow| is_in_use(row) && (row.kind == ProfileKind::Chatgpt || paid);
    let rows: Vec<_> = snapshot.profiles.iter().filter(counts).collect();
    // Of one alone, that it is exhausted says it all.
    if rows.len() < 2 || !rows.iter().all(|row| is_out(row)) {
        return None;
    }
    let back = |row: &&&ProfileRow| Some((back_at(row)?, row.id.clone()));
    let first = rows.iter().filter_map(|row| back(&row)).min_by_key(|(at, _)| *at);
    let (until, first) = first.unzip();
    Some(News::AllExhausted { first, until })
}

fn empty(row: &ProfileRow) -> impl Iterator<Item = &WindowView> {
    row.quota.main_windows().iter().filter(|window| window.note == WindowNote::Empty)
}

fn is_out(row: &ProfileRow) -> bool {
    let has_credits = row.quota.credits.as_ref().is_some_and(|credits| credits.has_credits || credits.unlimited);
    !has_credits && empty(row).next().is_some()
}

/// When all of its empty windows have started anew, if that is known of each.
fn back_at(row: &ProfileRow) -> Option<Timestamp> {
    empty(row).map(|window| window.resets_at).collect::<Option<Vec<_>>>()?.into_iter().max()
}

fn has_started_anew(told: &NewsKey, told_at: Timestamp, window: &WindowView, now: Timestamp) -> bool {
    // Low again already, or still: that is told by itself.
    if !matches!(window.note, WindowNote::Fine | WindowNote::ResetUnverified) {
        return false;
    }
    let seen = NewsKey { reset: window.resets_at, ..told.clone() };
    match told.reset {
        Some(reset) if reset <= now => now.duration_since(reset) < OLD,
        // Before its time, as with a reset on request; but not where only the threshold was moved.
        Some(_) => window.resets_at.is_some() && !seen.has_same_reset(told),
        None => window.observed_at.is_some_and(|at| at > told_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::samples::{NOW, at, id, quota, row, snapshot, told};

    #[test]
    fn each_low_window_is_told_by_how_low_it_is() {
        let mut shown = snapshot(&["main", "backup"]);
        for (used, expected) in [(50.0, None), (80.0, None), (81.0, Some(1)), (95.0, Some(1)), (96.0, Some(2)), (100.0, Some(3))] {
            shown.profiles[0].quota = quota(&[(300, used, 3_600), (10_080, 10.0, 90_000)]);
            let levels: Vec<_> = standing(&shown).iter().map(|news| news.key().level).collect();
            assert_eq!(levels, expected.into_iter().collect::<Vec<_>>(), "{used}");
        }
        for state in [ProfileState::Paused, ProfileState::NeedsSignIn, ProfileState::Locked, ProfileState::Unreadable] {
            shown.profiles[0].state = state;
            assert_eq!(standing(&shown), [], "{state:?}");
        }
    }

    #[test]
    fn nobody_has_any_left_only_where_nobody_has() {
        let empty = |resets_in| quota(&[(300, 100.0, 60), (10_080, 100.0, resets_in)]);
        let all = |shown: &Snapshot| standing(shown).into_iter().find(|news| matches!(news, News::AllExhausted { .. }));
        let mut shown = snapshot(&["main", "backup"]);
        shown.profiles[0].quota = empty(9_000);
        assert_eq!(all(&shown), None);
        shown.profiles[1].quota = empty(5_000);
        let expected = News::AllExhausted { first: Some(id(2)), until: Some(at(NOW + 5_000)) };
        assert_eq!(all(&shown), Some(expected.clone()));
        // A key of the user's that may stand in still serves.
        let mut key = row(3, "key");
        key.kind = ProfileKind::ApiKey;
        shown.profiles.push(key);
        assert_eq!(all(&shown), Some(expected));
        shown.routing.api_key_fallback = true;
        assert_eq!(all(&shown), None);
        let mut alone = snapshot(&["main"]);
        alone.profiles[0].quota = empty(9_000);
        assert_eq!(all(&alone), None, "one alone");
    }

    #[test]
    fn only_what_was_told_as_low_is_told_as_reset() {
        let low = |reset: Option<i64>| {
            told(&News::Exhausted { profile: id(1), minutes: Minutes::FIVE_HOURS, resets_at: reset.map(at) }, NOW - 3_000)
        };
        let window = |used, resets_in| quota(&[(300, used, resets_in)]);
        for (what, told, quota, expected) in [
            ("nothing was told", None, window(1.0, 3_600), false),
            ("its reset has passed", Some(low(Some(NOW - 60))), window(100.0, -60), true),
            ("seen after its reset", Some(low(Some(NOW - 60))), window(0.0, 17_000), true),
            ("low again", Some(low(Some(NOW - 60))), window(90.0, 17_000), false),
            ("still empty", Some(low(Some(NOW + 60))), window(100.0, 60), false),
            ("the threshold was moved", Some(low(Some(NOW + 60))), window(10.0, 70), false),
            ("reset on request", Some(low(Some(NOW + 60))), window(0.0, 17_900), true),
            ("long ago", Some(low(Some(NOW - 12 * 3_600))), window(0.0, 17_900), false),
            ("nobody knew when", Some(low(None)), window(0.0, 17_900), true),
        ] {
            let mut shown = snapshot(&["main"]);
            shown.profiles[0].quota = quota;
            let told: Vec<_> = told.into_iter().collect();
            assert_eq!(resets(&shown, &told, at(NOW)).len(), usize::from(expected), "{what}");
        }
        let mut shown = snapshot(&["main"]);
        shown.profiles[0].quota = window(0.0, 17_000);
        assert_eq!(resets(&shown, &[low(Some(NOW - 60)), low(Some(NOW - 57))], at(NOW)).len(), 1, "one window, one reset");
    }

    #[test]
    fn the_substitute_has_most_left_and_is_fit_to_serve() {
        let mut shown = snapshot(&["main", "backup", "work", "old"]);
        shown.profiles[1].quota = quota(&[(300, 50.0, 60), (10_080, 60.0, 60)]);
        shown.profiles[2].quota = quota(&[(300, 55.0, 60), (10_080, 55.0, 60)]);
        shown.profiles[3].quota = quota(&[(300, 55.0, 60)]);
        let best = |shown: &Snapshot| substitute(shown, &id(1)).map(|row| row.name.clone());
        assert_eq!(best(&shown).as_deref(), Some("work"), "of equals the first");
        shown.profiles[2].details.drain = true;
        assert_eq!(best(&shown).as_deref(), Some("old"));
        shown.profiles[3].quota = quota(&[(300, 100.0, 60)]);
        assert_eq!(best(&shown).as_deref(), Some("backup"));
        shown.profiles[1].state = ProfileState::NeedsSignIn;
        assert_eq!(best(&shown), None);
    }
}
