//! Telling a window that has not started from one that runs (codex-runtime.md 7): nothing is used, and its reset moves with the
//! clock. One reading cannot tell them apart, for a window that has just begun looks the same; two can.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::lifetime::later;
use crate::model::quota::{Percent, QuotaWindow};

/// Two readings closer than this tell nothing: the reset would have moved by less than it may be off.
pub const APART: Duration = Duration::from_secs(60);
/// A reset is told to about this.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(5);
/// Clocks tick apart by this much.
const SKEW: Duration = Duration::from_secs(60);

/// What one reading said of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// When, by our clock.
    pub at: Timestamp,
    /// How much was used.
    pub used: Percent,
    /// When it would start anew, by the provider's clock.
    pub resets_at: Option<Timestamp>,
}

/// What two readings say of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// Nothing yet.
    Unclear,
    /// It has not started: this is where its reset stood at the later reading.
    Slides(Timestamp),
    /// It runs, up to then.
    Stands(Timestamp),
}

/// The last two readings of one window that are far enough apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sight {
    earlier: Option<Reading>,
    latest: Option<Reading>,
}

impl From<&QuotaWindow> for Reading {
    fn from(window: &QuotaWindow) -> Self {
        Self { at: window.observed_at, used: window.used_percent, resets_at: window.resets_at }
    }
}

impl Sight {
    /// Takes a reading; one that is not later than the last one says nothing new.
    pub fn take(&mut self, reading: Reading) {
        match self.latest {
            Some(latest) if reading.at <= latest.at => return,
            Some(latest) if later(latest.at, APART) <= reading.at => self.earlier = Some(latest),
            // Too close to the last one: it is told from the one before that.
            _ => {}
        }
        self.latest = Some(reading);
    }

    /// Readings from the future were made before the clock was set back: nobody can tell how long ago.
    pub fn notice_clock(&mut self, now: Timestamp) {
        if [self.earlier, self.latest].into_iter().flatten().any(|reading| reading.at > later(now, SKEW)) {
            *self = Self::default();
        }
    }

    /// The last reading.
    pub fn latest(&self) -> Option<Reading> {
        self.latest
    }

    /// Whether the two are of two windows: the reset that the earlier one told of had passed, and nothing was used of the next.
    pub fn is_of_next(&self) -> bool {
        let (Some(earlier), Some(latest)) = (self.earlier, self.latest) else { return false };
        earlier.resets_at.is_some_and(|reset| reset <= latest.at) && latest.used == Percent::NONE
    }

    /// What the two say together.
    pub fn motion(&self) -> Motion {
        self.motion_since(Timestamp::MIN)
    }

    /// The same of readings made after a time alone.
    pub fn motion_since(&self, since: Timestamp) -> Motion {
        let (Some(earlier), Some(latest)) = (self.earlier, self.latest) else { return Motion::Unclear };
        let (Some(before), Some(after)) = (earlier.resets_at, latest.resets_at) else { return Motion::Unclear };
        if earlier.at <= since || latest.at < later(earlier.at, APART) {
            return Motion::Unclear;
        }
        let moved = after.duration_since(before);
        let passed = latest.at.duration_since(earlier.at);
        if moved.abs() <= TOLERANCE {
            Motion::Stands(after)
        } else if earlier.used == Percent::NONE && latest.used == Percent::NONE && moved.saturating_sub(passed).abs() <= TOLERANCE {
            Motion::Slides(after)
        } else {
            Motion::Unclear
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: i64 = 7 * 24 * 60 * 60;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn reading(second: i64, used: u8, resets_at: i64) -> Reading {
        Reading { at: at(second), used: Percent::whole(used), resets_at: Some(at(resets_at)) }
    }

    fn seen(readings: &[Reading]) -> Sight {
        let mut sight = Sight::default();
        for reading in readings {
            sight.take(*reading);
        }
        sight
    }

    #[test]
    fn a_reset_between_two_readings_makes_them_of_two_windows() {
        for (readings, expected) in [
            (vec![], false),
            (vec![reading(100, 50, 150)], false),
            (vec![reading(100, 50, 150), reading(160, 0, WEEK)], true),
            (vec![reading(100, 50, 150), reading(160, 1, WEEK)], false),
            (vec![reading(100, 50, 161), reading(160, 0, WEEK)], false),
        ] {
            assert_eq!(seen(&readings).is_of_next(), expected, "{readings:?}");
        }
    }

    #[test]
    fn two_readings_a_minute_apart_tell() {
        let (slides, stands) = (|second| Motion::Slides(at(second)), |second| Motion::Stands(at(second)));
        let silent = Reading { resets_at: None, ..reading(160, 0, 0) };
        for (number, (readings, motion)) in [
            (vec![], Motion::Unclear),
            (vec![reading(100, 0, WEEK)], Motion::Unclear),
            (vec![reading(100, 0, WEEK), reading(160, 0, WEEK + 60)], slides(WEEK + 60)),
            (vec![reading(100, 0, WEEK), reading(160, 0, WEEK + 55)], slides(WEEK + 55)),
            (vec![reading(100, 0, WEEK), reading(160, 0, WEEK + 65)], slides(WEEK + 65)),
            (vec![reading(100, 0, WEEK), reading(160, 0, WEEK + 66)], Motion::Unclear),
            (vec![reading(100, 0, WEEK), reading(160, 0, WEEK + 54)], Motion::Unclear),
            (vec![reading(100, 0, WEEK), reading(160, 0, WEEK + 5)], stands(WEEK + 5)),
            (vec![reading(100, 0, WEEK), reading(160, 0, WEEK - 5)], stands(WEEK - 5)),
            (vec![reading(100, 0, WEEK), reading(160, 0, WEEK + 6)], Motion::Unclear),
            // Too close.
            (vec![reading(100, 0, WEEK), reading(159, 0, WEEK + 59)], Motion::Unclear),
            (vec![reading(100, 0, WEEK), reading(159, 0, WEEK)], Motion::Unclear),
            // Something is used, so it has started, whatever its reset does.
            (vec![reading(100, 0, WEEK), reading(400, 1, WEEK + 300)], Motion::Unclear),
            (vec![reading(100, 61, WEEK), reading(400, 62, WEEK)], stands(WEEK)),
            // The old window and the new one.
            (vec![reading(100, 61, 200), reading(400, 0, WEEK + 400)], Motion::Unclear),
            (vec![reading(100, 61, 200), reading(400, 0, WEEK + 400), reading(700, 0, WEEK + 700)], slides(WEEK + 700)),
            // Readings in quick succession do not push the earlier one away.
            (vec![reading(100, 0, WEEK), reading(150, 0, WEEK + 50), reading(200, 0, WEEK + 100)], Motion::Unclear),
            (vec![reading(100, 0, WEEK), reading(200, 0, WEEK + 100), reading(210, 0, WEEK + 110)], slides(WEEK + 110)),
            (vec![reading(100, 0, WEEK), silent], Motion::Unclear),
            // An older one comes late.
            (vec![reading(200, 0, WEEK + 100), reading(100, 0, WEEK)], Motion::Unclear),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(seen(&readings).motion(), motion, "case {number}");
        }
    }

    #[test]
    fn readings_from_before_do_not_count() {
        let sight = seen(&[reading(100, 0, WEEK), reading(200, 0, WEEK)]);
        for (since, motion) in [(99, Motion::Stands(at(WEEK))), (100, Motion::Unclear), (200, Motion::Unclear)] {
            assert_eq!(sight.motion_since(at(since)), motion, "{since}");
        }
        let mut back = sight;
        back.notice_clock(at(140));
        assert_eq!(back, sight, "a minute may be chance");
        back.notice_clock(at(139));
        assert_eq!(back, Sight::default());
    }

    proptest::proptest! {
        /// A window that runs never looks as if it had not started, whatever the readings' times, rounding and our clock's set-backs.
        #[test]
        fn a_window_that_runs_never_slides(gaps in proptest::collection::vec((1_i64..5000, -2_i64..=2), 2..40)) {
            let (mut sight, mut now) = (Sight::default(), 1_000_000);
            for (gap, rounding) in gaps {
                now += gap;
                sight.take(reading(now, 0, 2_000_000 + rounding));
                proptest::prop_assert!(!matches!(sight.motion(), Motion::Slides(_)));
            }
        }

        /// One that has not started never looks as if it ran.
        #[test]
        fn one_that_has_not_started_never_stands(gaps in proptest::collection::vec((1_i64..5000, -2_i64..=2), 2..40)) {
            let (mut sight, mut now) = (Sight::default(), 1_000_000);
            for (gap, rounding) in gaps {
                now += gap;
                sight.take(reading(now, 0, now + WEEK + rounding));
                proptest::prop_assert!(!matches!(sight.motion(), Motion::Stands(_)));
            }
        }
    }
}
