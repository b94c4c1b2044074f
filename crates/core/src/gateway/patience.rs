//! For how long a request waits for a profile to come back, rather than being refused. Pure.

use jiff::{SignedDuration, Timestamp};

use super::guard::Kind;
use super::intake::Intake;
use crate::route::NoneLeft;

/// Who was only asked too often in a minute is not used up: a rest of that sort that is over so soon is waited out, whatever the
/// settings say.
const SHORT: SignedDuration = SignedDuration::from_secs(30);
/// But not again and again.
const SHORT_IN_ALL: SignedDuration = SignedDuration::from_secs(60);
/// A reset that is further ahead is not waited for.
const LONG_IN_ALL: SignedDuration = SignedDuration::from_hours(6);

/// How long one request has waited, and whether it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    began: Timestamp,
    /// Whether it is worth waiting for at all.
    waits: bool,
    /// Whether its client can be told meanwhile that it goes on.
    hears: bool,
}

/// What to do where nobody is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// To refuse.
    Not,
    /// To wait without a word.
    Silently(Timestamp),
    /// To wait, and to tell the client every now and then.
    Telling(Timestamp),
}

impl Patience {
    /// That of a request over HTTP. An answer in one piece has no room for signs of life.
    pub(super) fn new(intake: &Intake, now: Timestamp) -> Self {
        let waits = intake.admitted.kind == Kind::Turn;
        Self { began: now, waits, hears: waits && !intake.wants_whole() }
    }

    /// That of a turn on a WebSocket, which began then.
    pub(super) fn of_turn(began: Timestamp) -> Self {
        Self { began, waits: true, hears: true }
    }

    /// What to do where nobody is left. `rested` is when the first is back that was only asked too often, and `may_be_long` says
    /// whether the user wants to wait for resets.
    pub(super) fn with(self, none: &NoneLeft, rested: Option<Timestamp>, may_be_long: bool, now: Timestamp) -> Wait {
        if let Some(until) = rested.filter(|until| self.is_short(*until, now)) {
            return Wait::Silently(until);
        }
        match none {
            NoneLeft::Resting { until: Some(until) } if may_be_long && self.hears && until.duration_since(self.began) <= LONG_IN_ALL => {
                Wait::Telling(*until)
            }
            _ => Wait::Not,
        }
    }

    /// Whether a rest until then is waited out whatever the settings say.
    pub(super) fn is_short(self, until: Timestamp, now: Timestamp) -> bool {
        self.waits && until.duration_since(now) <= SHORT && until.duration_since(self.began) <= SHORT_IN_ALL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn short_rests_are_waited_out_and_long_ones_where_that_is_wished() {
        let stream = Patience::of_turn(at(0));
        let whole = Patience { hears: false, ..stream };
        let plain = Patience { waits: false, ..whole };
        let resting = |second| NoneLeft::Resting { until: Some(at(second)) };
        let (short, long) = (|second| Wait::Silently(at(second)), |second| Wait::Telling(at(second)));
        for (patience, none, rested, may_be_long, now, expected) in [
            (stream, resting(20), Some(20), false, 0, short(20)),
            (stream, resting(5), Some(30), true, 0, short(30)),
            (stream, resting(31), Some(31), false, 0, Wait::Not),
            (stream, resting(31), Some(31), true, 0, long(31)),
            (stream, resting(60), Some(60), false, 40, short(60)),
            (stream, resting(61), Some(61), false, 40, Wait::Not),
            (stream, resting(61), Some(61), true, 40, long(61)),
            (stream, resting(-5), Some(-5), false, 0, short(-5)),
            (stream, resting(20), None, false, 0, Wait::Not),
            (stream, resting(20), None, true, 0, long(20)),
            (stream, resting(6 * 3600), None, true, 0, long(6 * 3600)),
            (stream, resting(6 * 3600 + 1), None, true, 0, Wait::Not),
            (stream, resting(6 * 3600 + 1), None, true, 6 * 3600, Wait::Not),
            (whole, resting(20), Some(20), true, 0, short(20)),
            (whole, resting(31), Some(31), true, 0, Wait::Not),
            (plain, resting(20), Some(20), true, 0, Wait::Not),
            (stream, NoneLeft::Resting { until: None }, None, true, 0, Wait::Not),
            (stream, NoneLeft::Failed, None, true, 0, Wait::Not),
            (stream, NoneLeft::Unusable { reasons: vec![] }, None, true, 0, Wait::Not),
        ] {
            assert_eq!(patience.with(&none, rested.map(at), may_be_long, at(now)), expected, "{patience:?} {none:?} {now}");
        }
    }
}
