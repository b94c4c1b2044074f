//! The ledger's rules: one start for each window, a few tries, and no two processes at once. Pure.
//!
//! A window that has not started has no name: its reset moves with the clock. Where it stood when it was claimed names it, and every
//! slide less than a week further on is of the same window, because a window that was started then would still run. None of that
//! needs our own clock, which may be wrong.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Hindrance, PrimeRecord, PrimeState};
use crate::model::lifetime::later;

/// The length of the window that is started.
pub const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Two slides as far apart as a week less this are of two windows.
const SLACK: SignedDuration = SignedDuration::from_hours(1);
/// The pauses after the first, second and third try that failed; after the fourth comes the next window.
pub const PAUSES: [Duration; 3] = [Duration::from_secs(60), Duration::from_secs(5 * 60), Duration::from_secs(30 * 60)];
/// No request takes longer: whoever has claimed a window and said nothing for so long is dead.
pub const CLAIM_HOLDS: Duration = Duration::from_secs(10 * 60);

/// What the ledger says to whoever wants to start a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has tried it yet.
    First,
    /// The last try failed, or its process died before anything went out. This is the number of the try. The record's anchor moves
    /// along: a week from the last try on, not from the first, belongs to it.
    Again(u32),
    /// Not now.
    Refused(Hindrance),
}

/// Whether two slides are of the same window.
pub fn is_same_window(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() < WEEK.saturating_sub(SLACK)
}

/// Whether a window whose reset slides to `anchor` may be started. `nearest` is the profile's record with the nearest anchor. A user
/// who asks does not wait for the pause.
pub fn claim(nearest: Option<&PrimeRecord>, anchor: Timestamp, by_user: bool, now: Timestamp) -> Claim {
    let Some(record) = nearest.filter(|record| is_same_window(record.anchor, anchor)) else { return Claim::First };
    match record.state {
        PrimeState::Sent | PrimeState::Verified => Claim::Refused(Hindrance::AlreadyPrimed),
        PrimeState::Reserved if is_held(record.reserved_at, now) => Claim::Refused(Hindrance::AlreadyPrimed),
        PrimeState::Reserved => Claim::Again(record.attempts),
        PrimeState::Failed => match record.next_at {
            None if !by_user => Claim::Refused(Hindrance::GivenUp),
            Some(until) if !by_user && is_pause(until, now) => Claim::Refused(Hindrance::Resting { until }),
            _ => Claim::Again(record.attempts.saturating_add(1)),
        },
    }
}

/// Whether a process is at it now, by all that is noted: it has claimed the window, and no answer has ended yet.
pub fn is_under_way(record: &PrimeRecord, now: Timestamp) -> bool {
    let begun = matches!(record.state, PrimeState::Reserved | PrimeState::Sent) && record.ended_at.is_none_or(|at| at < record.reserved_at);
    begun && is_held(record.reserved_at, now)
}

/// When the next try is due after so many have failed; `None`: not for this window.
pub fn next_try(attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
    PAUSES.get(place).map(|pause| later(now, *pause))
}

/// Whether the process that has claimed it may still be at it. Where the clock was set since, it is not believed for longer.
fn is_held(reserved_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(reserved_at).abs() < SignedDuration::try_from(CLAIM_HOLDS).unwrap_or(SignedDuration::MAX)
}

/// A pause that is longer than any we make was noted before the clock was set back.
fn is_pause(until: Timestamp, now: Timestamp) -> bool {
    now < until && until <= later(now, PAUSES[2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::profile::ProfileId;

    const NOW: i64 = 1_000_000;
    const DAY: i64 = 24 * 60 * 60;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn record(state: PrimeState) -> PrimeRecord {
        PrimeRecord {
            profile: ProfileId::parse("0123456789abcdef").unwrap(),
            anchor: at(NOW + 7 * DAY),
            state,
            attempts: 1,
            by_user: false,
            reserved_at: at(NOW),
            sent_at: None,
            ended_at: None,
            next_at: None,
            model: None,
            input_tokens: None,
            output_tokens: None,
            resets_at: None,
            trouble: None,
        }
    }

    #[test]
    fn a_window_is_started_once() {
        let primed = Claim::Refused(Hindrance::AlreadyPrimed);
        let resting = |second| Claim::Refused(Hindrance::Resting { until: at(second) });
        let failed = |attempts, next: Option<i64>| PrimeRecord { attempts, next_at: next.map(at), ..record(PrimeState::Failed) };
        for (number, (nearest, after, by_user, expected)) in [
            (None, 0, false, Claim::First),
            (Some(record(PrimeState::Verified)), 10, false, primed),
            (Some(record(PrimeState::Sent)), 10, false, primed),
            (Some(record(PrimeState::Sent)), 6 * DAY, true, primed),
            // A week on, it is another window.
            (Some(record(PrimeState::Sent)), 7 * DAY - 3601, false, primed),
            (Some(record(PrimeState::Sent)), 7 * DAY - 3600, false, Claim::First),
            (Some(record(PrimeState::Verified)), 7 * DAY, false, Claim::First),
            (Some(record(PrimeState::Verified)), -8 * DAY, false, Claim::First),
            // Another process is at it, or died over it.
            (Some(record(PrimeState::Reserved)), 599, false, primed),
            (Some(record(PrimeState::Reserved)), 600, false, Claim::Again(1)),
            (Some(record(PrimeState::Reserved)), -600, false, Claim::Again(1)),
            // Pauses.
            (Some(failed(1, Some(NOW + 60))), 59, false, resting(NOW + 60)),
            (Some(failed(1, Some(NOW + 60))), 59, true, Claim::Again(2)),
            (Some(failed(1, Some(NOW + 60))), 60, false, Claim::Again(2)),
            (Some(failed(3, Some(NOW + 1800))), 1, false, resting(NOW + 1800)),
            (Some(failed(3, Some(NOW + 1800))), -9000, false, Claim::Again(4)),
            (Some(failed(4, None)), 3 * DAY, false, Claim::Refused(Hindrance::GivenUp)),
            (Some(failed(4, None)), 3 * DAY, true, Claim::Again(5)),
            (Some(failed(4, None)), 7 * DAY, false, Claim::First),
        ]
        .into_iter()
        .enumerate()
        {
            let now = NOW + after;
            assert_eq!(claim(nearest.as_ref(), at(now + 7 * DAY), by_user, at(now)), expected, "case {number}");
        }
        assert_eq!(claim(Some(&record(PrimeState::Sent)), Timestamp::MAX, false, Timestamp::MIN), Claim::First);
    }

    #[test]
    fn a_claim_without_an_end_is_under_way_for_ten_minutes() {
        let ended = |second| PrimeRecord { ended_at: Some(at(second)), ..record(PrimeState::Sent) };
        for (number, (record, after, expected)) in [
            (record(PrimeState::Reserved), 599, true),
            (record(PrimeState::Sent), 599, true),
            (record(PrimeState::Sent), -599, true),
            (record(PrimeState::Sent), 600, false),
            (ended(NOW + 5), 6, false),
            // The end of an earlier try.
            (PrimeRecord { state: PrimeState::Reserved, ..ended(NOW - 5) }, 6, true),
            (record(PrimeState::Failed), 1, false),
            (record(PrimeState::Verified), 1, false),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(is_under_way(&record, at(NOW + after)), expected, "case {number}");
        }
    }

    #[test]
    fn the_pauses_are_one_five_and_thirty_minutes() {
        let pauses = [0, 1, 2, 3, 4, u32::MAX].map(|attempts| next_try(attempts, at(0)).map(Timestamp::as_second));
        assert_eq!(pauses, [None, Some(60), Some(300), Some(1800), None, None]);
    }

    proptest::proptest! {
        /// However slides, failures, deaths and clocks come, between two requests that may have started a window lies a week.
        #[test]
        fn no_two_starts_within_a_week(steps in proptest::collection::vec((0_i64..3 * DAY, -7200_i64..7200, 0_u8..4, proptest::bool::ANY), 1..60)) {
            let (mut records, mut provider, mut starts): (Vec<PrimeRecord>, i64, Vec<i64>) = (Vec::new(), NOW, Vec::new());
            for (passes, clock_off, end, by_user) in steps {
                provider += passes;
                let (anchor, now) = (at(provider + 7 * DAY), at(provider + clock_off));
                let nearest = records.iter().min_by_key(|record| record.anchor.duration_since(anchor).abs()).cloned();
                let tries = match claim(nearest.as_ref(), anchor, by_user, now) {
                    Claim::Refused(_) => continue,
                    Claim::First => { records.push(PrimeRecord { anchor, ..record(PrimeState::Reserved) }); 1 }
                    Claim::Again(tries) => tries,
                };
                let claimed = records.iter_mut().min_by_key(|record| record.anchor.duration_since(anchor).abs()).unwrap();
                (claimed.anchor, claimed.attempts, claimed.reserved_at) = (anchor, tries, now);
                claimed.state = match end {
                    0 => PrimeState::Reserved,
                    1 => PrimeState::Failed,
                    2 => PrimeState::Sent,
                    _ => PrimeState::Verified,
                };
                claimed.next_at = next_try(tries, now);
                if end >= 2 {
                    starts.push(provider);
                }
            }
            proptest::prop_assert!(starts.windows(2).all(|two| two[1] - two[0] >= 7 * DAY - 3600), "{starts:?}");
        }
    }
}
