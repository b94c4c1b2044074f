//! Keeping the ends of several profiles' weeks apart, so that they do not all run out, and come back, together.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::prime::ledger::WEEK;

/// The first moment from now on at which a week may begin, so that its end is `apart` from the ends of the others' weeks. With many
/// profiles they come closer together: the last one waits half a week at most.
pub fn earliest(now: Timestamp, others_end: &[Timestamp], apart: Duration) -> Timestamp {
    let profiles = u32::try_from(others_end.len()).unwrap_or(u32::MAX).saturating_add(1);
    let half_a_week = Duration::try_from(WEEK).unwrap_or_default() / 2;
    let apart = SignedDuration::try_from(apart.min(half_a_week / profiles)).unwrap_or(SignedDuration::ZERO);
    let mut ends: Vec<Timestamp> = others_end.to_vec();
    ends.sort_unstable();
    let shifted =
        |at: Timestamp, by: SignedDuration| at.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX });
    let mut end = shifted(now, WEEK);
    for other in ends {
        if end.duration_since(other).abs() < apart {
            end = shifted(other, apart);
        }
    }
    shifted(end, -WEEK).max(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * 60;
    const NOW: i64 = 1_000_000;
    const WEEK_LONG: i64 = 7 * 24 * HOUR;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Hours to wait, where the others' weeks end so many hours off a week from now.
    fn wait(ends: &[i64], apart: u64) -> i64 {
        let ends: Vec<Timestamp> = ends.iter().map(|hours| at(NOW + WEEK_LONG + hours * HOUR)).collect();
        (earliest(at(NOW), &ends, Duration::from_secs(apart * 3600)).as_second() - NOW) / HOUR
    }

    #[test]
    fn a_week_waits_until_its_end_is_apart_from_the_others() {
        for (ends, apart, hours) in [
            (&[][..], 3, 0),
            (&[0], 0, 0),
            (&[0], 3, 3),
            (&[-2], 3, 1),
            (&[-3], 3, 0),
            (&[-100], 3, 0),
            (&[0, 3, 6], 3, 9),
            (&[6, 0, 3], 3, 9),
            (&[-2, 4], 3, 1),
            (&[-2, 2], 3, 5),
            (&[1, -1, 1, 1], 3, 4),
            // More than would fit into half a week.
            (&[0], 1000, 42),
        ] {
            assert_eq!(wait(ends, apart), hours, "{ends:?} {apart}");
        }
        assert_eq!(earliest(Timestamp::MAX, &[Timestamp::MAX, Timestamp::MIN], Duration::MAX), Timestamp::MAX);
    }

    proptest::proptest! {
        /// Whoever follows the advice ends apart, and nobody waits longer than half a week.
        #[test]
        fn the_advice_keeps_ends_apart(starts in proptest::collection::vec(0_i64..WEEK_LONG, 1..60), hours in 0_u64..24) {
            let mut ends: Vec<Timestamp> = Vec::new();
            let apart = Duration::from_secs(hours * 3600);
            for start in starts {
                let begins = earliest(at(NOW + start), &ends, apart);
                proptest::prop_assert!(begins >= at(NOW + start));
                let end = begins + WEEK;
                let least = apart.min(Duration::try_from(WEEK).unwrap() / 2 / u32::try_from(ends.len() + 1).unwrap());
                proptest::prop_assert!(ends.iter().all(|other| end.duration_since(*other).abs() >= SignedDuration::try_from(least).unwrap()));
                proptest::prop_assert!(begins.duration_since(at(NOW + start)) <= WEEK);
                ends.push(end);
            }
        }
    }
}
