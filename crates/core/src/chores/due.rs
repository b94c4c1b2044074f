//! The one scheduler: of all that is wished for in the background, what is done now, and when to look again.
//!
//! It keeps nothing: every wish says itself when it is due, by what was done last. So a machine that slept for a week finds each
//! chore due once, not once for every time it was missed, and a clock set back makes nothing happen twice.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::lifetime::later;
use crate::model::profile::ProfileId;

/// Two requests, for whichever profiles, are this far apart, and up to as much again by jitter.
pub const SPACING: Duration = Duration::from_secs(15);
/// After a start, or after the machine woke up, the network needs a moment.
const SETTLE: Duration = Duration::from_secs(5);
/// Clocks tick apart by this much.
const SKEW: Duration = Duration::from_secs(60);

/// A chore. The first of those that ask the provider goes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chore {
    /// Dropping what is kept for too long.
    Thin,
    /// Renewing a login.
    KeepAlive(ProfileId),
    /// Whatever is next about starting a week.
    Prime(ProfileId),
    /// Asking for quota.
    Ask(ProfileId),
}

impl Chore {
    /// Whether it asks the provider.
    fn is_request(&self) -> bool {
        !matches!(self, Self::Thin)
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Thin => 0,
            Self::KeepAlive(_) => 1,
            Self::Prime(_) => 2,
            Self::Ask(_) => 3,
        }
    }
}

/// A chore and when it is due, which may have passed.
pub type Wish = (Chore, Timestamp);

/// What holds for all chores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Nothing is sent in the background.
    pub conservative: bool,
    /// When this process began, or the machine last woke up.
    pub since: Timestamp,
    /// The last request in the background, whichever process of ours sent it.
    pub last_request_at: Option<Timestamp>,
    /// 0 to 1.
    pub jitter: f64,
}

/// What is done now, and when something is next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// In this order; at most one of them asks the provider.
    pub now: Vec<Chore>,
    /// When the next one is due; `None`: nothing is, as things are.
    pub next: Option<Timestamp>,
}

/// What is due. Of the requests one at a time, spaced; those put off are looked at again when it is their turn.
pub fn due(wishes: impl IntoIterator<Item = Wish>, rules: Rules, now: Timestamp) -> Plan {
    let jitter = if rules.jitter.is_finite() { rules.jitter.clamp(0.0, 1.0) } else { 0.0 };
    let past = |at: &Timestamp| *at <= later(now, SKEW);
    let spaced = rules.last_request_at.filter(past).map_or(Timestamp::MIN, |last| later(last.min(now), SPACING + SPACING.mul_f64(jitter)));
    let settled = Some(rules.since).filter(past).map_or(Timestamp::MIN, |since| later(since.min(now), SETTLE));
    let may_ask_at = spaced.max(settled);
    let wishes = wishes.into_iter().filter(|(chore, _)| !(chore.is_request() && rules.conservative));
    let (requests, others): (Vec<Wish>, Vec<Wish>) = wishes.partition(|(chore, _)| chore.is_request());
    let (mut doing, mut waiting): (Vec<Wish>, Vec<Wish>) = others.into_iter().partition(|(_, at)| *at <= now);
    let first = requests
        .iter()
        .filter(|(_, at)| *at <= now && may_ask_at <= now)
        .min_by(|(one, one_at), (other, other_at)| one.rank().cmp(&other.rank()).then(one_at.cmp(other_at)).then(one.cmp(other)))
        .cloned();
    // Whoever comes after it waits for the spacing at least.
    let next_turn = if first.is_some() { later(now, SPACING) } else { may_ask_at };
    waiting.extend(requests.into_iter().filter(|wish| Some(wish) != first.as_ref()).map(|(chore, at)| (chore, at.max(next_turn))));
    doing.extend(first);
    Plan { now: doing.into_iter().map(|(chore, _)| chore).collect(), next: waiting.into_iter().map(|(_, at)| at).min() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(number: u64) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    fn rules() -> Rules {
        Rules { conservative: false, since: at(0), last_request_at: None, jitter: 0.0 }
    }

    fn plan(wishes: &[(Chore, i64)], rules: Rules) -> (Vec<Chore>, Option<i64>) {
        let plan = due(wishes.iter().map(|(chore, after)| (chore.clone(), at(NOW + after))), rules, at(NOW));
        (plan.now, plan.next.map(|next| next.as_second() - NOW))
    }

    #[test]
    fn one_request_at_a_time_the_most_needed_first() {
        use Chore::{Ask, KeepAlive, Prime, Thin};
        for (number, (wishes, now, next)) in [
            (vec![], vec![], None),
            (vec![(Thin, 0)], vec![Thin], None),
            (vec![(Thin, 60), (Ask(id(1)), 20)], vec![], Some(20)),
            (vec![(Ask(id(1)), -900), (Prime(id(2)), -5), (Thin, -1)], vec![Thin, Prime(id(2))], Some(15)),
            (vec![(Ask(id(1)), -900), (KeepAlive(id(2)), 0), (Prime(id(3)), -9)], vec![KeepAlive(id(2))], Some(15)),
            (vec![(Ask(id(1)), -5), (Ask(id(2)), -9)], vec![Ask(id(2))], Some(15)),
            (vec![(Ask(id(2)), -5), (Ask(id(1)), -5), (Prime(id(1)), 99)], vec![Ask(id(1))], Some(15)),
            (vec![(Ask(id(1)), -5), (Prime(id(1)), 99)], vec![Ask(id(1))], Some(99)),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(plan(&wishes, rules()), (now, next), "case {number}");
        }
    }

    #[test]
    fn requests_are_spaced_and_wait_for_the_network() {
        let wishes = [(Chore::Ask(id(1)), -5)];
        let ask = || vec![Chore::Ask(id(1))];
        for (last, since, jitter, now, next) in [
            (Some(-14), -99, 0.0, vec![], Some(1)),
            (Some(-15), -99, 0.0, ask(), None),
            (Some(-15), -99, 1.0, vec![], Some(15)),
            (Some(-15), -99, f64::NAN, ask(), None),
            (None, -4, 0.0, vec![], Some(1)),
            (None, -5, 0.0, ask(), None),
            // From before the clock was set back.
            (Some(9000), -99, 0.0, ask(), None),
            (None, 9000, 0.0, ask(), None),
            (Some(30), -99, 0.0, vec![], Some(15)),
        ] {
            let rules = Rules { last_request_at: last.map(|after| at(NOW + after)), since: at(NOW + since), jitter, ..rules() };
            assert_eq!(plan(&wishes, rules), (now, next), "{last:?} {since} {jitter}");
        }
    }

    #[test]
    fn in_conservative_mode_nobody_is_asked() {
        let wishes =
            [(Chore::Thin, 0), (Chore::KeepAlive(id(1)), 0), (Chore::Prime(id(1)), 0), (Chore::Ask(id(1)), -9), (Chore::Ask(id(2)), 9)];
        assert_eq!(plan(&wishes, Rules { conservative: true, ..rules() }), (vec![Chore::Thin], None));
    }

    #[test]
    fn after_a_long_sleep_each_is_done_once_and_spaced() {
        let mut open: Vec<Wish> = (1..=3).flat_map(|number| [(Chore::Ask(id(number)), at(0)), (Chore::Prime(id(number)), at(0))]).collect();
        let (mut now, mut last, mut done) = (NOW, None, Vec::new());
        while !open.is_empty() {
            let rules = Rules { since: at(NOW), last_request_at: last.map(at), jitter: 0.5, ..rules() };
            let plan = due(open.clone(), rules, at(now));
            assert!(plan.now.len() <= 1);
            if let Some(chore) = plan.now.first() {
                assert!(last.is_none_or(|last| now - last >= 15));
                last = Some(now);
                open.retain(|(other, _)| other != chore);
                done.push(chore.clone());
            }
            now = plan.next.map_or(now, |next| next.as_second().max(now + 1));
            assert!(now < NOW + 1000);
        }
        assert_eq!(done.len(), 6);
        for extreme in [Timestamp::MIN, Timestamp::MAX] {
            let _ = due([(Chore::Thin, extreme), (Chore::Ask(id(1)), extreme)], rules(), extreme);
        }
    }
}
