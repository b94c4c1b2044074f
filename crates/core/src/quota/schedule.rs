//! When to ask the usage endpoint, profile by profile. Decides; asks nobody.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::lifetime::later;
use crate::model::profile::ProfileId;
use crate::model::quota::Percent;

/// No profile is asked about more often, whatever happens.
pub const FLOOR: Duration = Duration::from_secs(5 * 60);
/// Two questions, about whichever profiles, are this far apart, and up to as much again by jitter.
pub const SPACING: Duration = Duration::from_secs(15);

/// A profile at work whose quota runs low is asked about as often as is allowed.
const LOW: Percent = Percent::whole(20);
const ACTIVE: Duration = Duration::from_secs(10 * 60);
const IDLE: Duration = Duration::from_secs(30 * 60);
/// Live traffic tells of windows, not of all that the endpoint tells: it is asked this often all the same.
const BESIDE_TRAFFIC: Duration = Duration::from_secs(60 * 60);
/// A profile is at work if there was traffic of its own within this time.
const AT_WORK: Duration = Duration::from_secs(15 * 60);
/// Traffic has just told what a question would tell, and may be going to tell more.
const AFTER_TRAFFIC: Duration = Duration::from_secs(15);
/// Clocks tick apart by this much.
const SKEW: Duration = Duration::from_secs(60);
/// A window is looked at this long after its reset, so that the provider has made it too.
const AFTER_RESET: Duration = Duration::from_secs(30);
/// Failures double the pause up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(2 * 60 * 60);
/// After a start, or after the machine woke up, the network needs a moment.
const AFTER_START: Duration = Duration::from_secs(5);
const START_JITTER: Duration = Duration::from_secs(30);

/// What is known of one profile, for deciding when to ask about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Whether it can be asked about at all: a ChatGPT login that is neither refused nor locked, with a token that is good.
    pub askable: bool,
    /// The last question about it, answered or not.
    pub asked_at: Option<Timestamp>,
    /// Questions in a row that told nothing.
    pub failures: u32,
    /// Up to when the provider wants to be left alone.
    pub pause_until: Option<Timestamp>,
    /// When live traffic last told of it: headers, events.
    pub traffic_at: Option<Timestamp>,
    /// The least that is left of any window of it.
    pub lowest: Option<Percent>,
    /// The first reset of a window in use that has come, or will come, since anybody told of the profile.
    pub reset_at: Option<Timestamp>,
    /// When this process began to ask, or the machine last woke up.
    pub since: Timestamp,
    /// Questions further apart than this, where nothing is going on, so that the day's budget lasts.
    pub pace: Duration,
    /// When the day's budget allows one more; `None`: now.
    pub free_at: Option<Timestamp>,
    /// 0 to 1: the profile's own place in the spread.
    pub jitter: f64,
}

/// What holds for all profiles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// The user wants no request that is not needed.
    pub conservative: bool,
    /// The last question about any profile.
    pub last_asked_at: Option<Timestamp>,
}

/// The next question: about whom, and when. `None`: about nobody, as things are.
pub fn next<'a>(
    profiles: impl IntoIterator<Item = (&'a ProfileId, Facts)>,
    rules: Rules,
    now: Timestamp,
) -> Option<(&'a ProfileId, Timestamp)> {
    if rules.conservative {
        return None;
    }
    let due = profiles.into_iter().filter_map(|(id, facts)| Some((due_at(facts, now)?, facts.jitter, id)));
    let (due, jitter, id) = due.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then_with(|| a.2.cmp(b.2)))?;
    let spaced = past(rules.last_asked_at, now).map_or(Timestamp::MIN, |last| later(last, SPACING + part(SPACING, jitter)));
    Some((id, due.max(spaced)))
}

/// When a profile is due by itself; `None` if never. May have passed.
pub fn due_at(facts: Facts, now: Timestamp) -> Option<Timestamp> {
    if !facts.askable {
        return None;
    }
    let facts = Facts { jitter: if facts.jitter.is_finite() { facts.jitter.clamp(0.0, 1.0) } else { 0.0 }, ..facts };
    let jitter = |length| part(length, facts.jitter);
    let started = past(Some(facts.since), now).map_or(Timestamp::MIN, |since| later(since, AFTER_START + jitter(START_JITTER)));
    let asked = past(facts.asked_at, now);
    let traffic = past(facts.traffic_at, now);
    let wanted = asked.map_or(Timestamp::MIN, |asked| wanted(facts, asked, traffic, now));
    let floor = asked.map_or(Timestamp::MIN, |asked| later(asked, FLOOR));
    let quiet = traffic.map_or(Timestamp::MIN, |traffic| later(traffic, AFTER_TRAFFIC));
    // A pause that is longer than any we make was noted before the clock was set back.
    let pause = facts.pause_until.filter(|until| *until <= later(now, LONGEST_PAUSE * 4)).unwrap_or(Timestamp::MIN);
    let free = facts.free_at.unwrap_or(Timestamp::MIN);
    Some([started, wanted, floor, quiet, pause, free].into_iter().fold(Timestamp::MIN, Timestamp::max))
}

/// When there would be news.
fn wanted(facts: Facts, asked: Timestamp, traffic: Option<Timestamp>, now: Timestamp) -> Timestamp {
    if facts.failures > 0 {
        let grown = FLOOR.saturating_mul(2_u32.saturating_pow(facts.failures.min(16))).min(LONGEST_PAUSE);
        return later(asked, grown + part(grown, facts.jitter / 5.0));
    }
    let at_work = traffic.is_some_and(|at| later(at, AT_WORK) > now);
    let pace = match (at_work, facts.lowest) {
        (true, Some(left)) if left <= LOW => FLOOR,
        (true, _) => ACTIVE,
        (false, _) => IDLE.max(facts.pace),
    };
    let spread = |length: Duration| length + part(length, facts.jitter / 5.0);
    let seen = traffic.map_or(asked, |traffic| traffic.max(asked));
    let paced = later(seen, spread(pace)).min(later(asked, spread(BESIDE_TRAFFIC.max(facts.pace))));
    let after_reset = facts.reset_at.filter(|reset| *reset > seen).map(|reset| later(reset, AFTER_RESET + part(AFTER_RESET, facts.jitter)));
    after_reset.map_or(paced, |after_reset| after_reset.min(paced))
}

/// A time from the future was noted before the clock was set back, and says nothing any more.
fn past(at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    at.filter(|at| *at <= later(now, SKEW)).map(|at| at.min(now))
}

fn part(length: Duration, share: f64) -> Duration {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    length.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Asked a while ago, nothing since.
    fn quiet() -> Facts {
        Facts {
            askable: true,
            asked_at: Some(at(NOW - 100)),
            failures: 0,
            pause_until: None,
            traffic_at: None,
            lowest: Percent::of(80.0),
            reset_at: None,
            since: at(0),
            pace: Duration::ZERO,
            free_at: None,
            jitter: 0.0,
        }
    }

    /// Seconds from [`NOW`] on.
    fn due(facts: Facts) -> Option<i64> {
        due_at(facts, at(NOW)).map(|due| due.as_second() - NOW)
    }

    #[test]
    fn each_state_has_its_pace() {
        let asked = |ago| Some(at(NOW - ago));
        let (low, failed) = (Percent::of(20.0), Facts { failures: 1, ..quiet() });
        let working = Facts { traffic_at: asked(200), ..quiet() };
        for (facts, seconds) in [
            (quiet(), Some(1800 - 100)),
            (Facts { jitter: 1.0, ..quiet() }, Some(2160 - 100)),
            (Facts { askable: false, ..quiet() }, None),
            // Never asked: at once, but for a moment after the start.
            (Facts { asked_at: None, ..quiet() }, Some(5 - NOW)),
            (Facts { asked_at: None, since: at(NOW), ..quiet() }, Some(5)),
            (Facts { asked_at: None, since: at(NOW), jitter: 1.0, ..quiet() }, Some(35)),
            // Low and idle is no hurry; low and at work is, and never more often than allowed.
            (Facts { lowest: low, ..quiet() }, Some(1700)),
            (working, Some(600 - 100)),
            (Facts { lowest: low, ..working }, Some(300 - 100)),
            (Facts { lowest: low, asked_at: asked(1000), ..working }, Some(300 - 200)),
            (Facts { lowest: Percent::of(20.01), ..working }, Some(500)),
            // Traffic of long ago is none.
            (Facts { traffic_at: asked(900), lowest: low, ..quiet() }, Some(1700)),
            // Traffic tells by itself, and puts a question off: for an hour at most, and never right behind it.
            (Facts { traffic_at: asked(0), asked_at: asked(1200), ..quiet() }, Some(600)),
            (Facts { traffic_at: asked(0), asked_at: asked(3300), ..quiet() }, Some(300)),
            (Facts { traffic_at: asked(0), asked_at: asked(9000), ..quiet() }, Some(15)),
            (Facts { traffic_at: asked(0), asked_at: None, ..quiet() }, Some(15)),
            // A reset is looked at soon after.
            (Facts { reset_at: Some(at(NOW + 400)), ..quiet() }, Some(430)),
            (Facts { reset_at: Some(at(NOW + 10)), ..quiet() }, Some(200)),
            (Facts { reset_at: Some(at(NOW + 9000)), ..quiet() }, Some(1700)),
            (Facts { reset_at: Some(at(NOW - 100)), ..quiet() }, Some(1700)),
            (Facts { reset_at: Some(at(NOW - 50)), asked_at: asked(400), ..quiet() }, Some(-20)),
            // Failures.
            (failed, Some(600 - 100)),
            (Facts { failures: 2, reset_at: Some(at(NOW)), ..quiet() }, Some(1200 - 100)),
            (Facts { failures: 4, ..quiet() }, Some(4800 - 100)),
            (Facts { failures: 5, ..quiet() }, Some(7200 - 100)),
            (Facts { failures: u32::MAX, ..quiet() }, Some(7200 - 100)),
            (Facts { pause_until: Some(at(NOW + 5000)), ..failed }, Some(5000)),
            (Facts { pause_until: Some(at(NOW + 10)), ..failed }, Some(500)),
            // The budget: it lasts all day, and a reset is looked at all the same.
            (Facts { pace: Duration::from_secs(9000), ..quiet() }, Some(9000 - 100)),
            (Facts { pace: Duration::from_secs(9), ..quiet() }, Some(1800 - 100)),
            (Facts { pace: Duration::from_secs(9000), reset_at: Some(at(NOW + 400)), ..quiet() }, Some(430)),
            (Facts { pace: Duration::from_secs(9000), ..working }, Some(600 - 100)),
            (Facts { free_at: Some(at(NOW + 4000)), ..quiet() }, Some(4000)),
            (Facts { free_at: Some(at(NOW + 4)), ..quiet() }, Some(1700)),
        ] {
            assert_eq!(due(facts), seconds, "{facts:?}");
        }
    }

    #[test]
    fn nobody_is_asked_about_more_often_than_every_five_minutes() {
        for traffic in [None, Some(0), Some(250)] {
            for left in [0.0, 10.0, 100.0] {
                for reset in [None, Some(-250), Some(1), Some(290)] {
                    for (failures, jitter) in [(0, 0.0), (0, 1.0), (1, 0.0), (9, 0.5)] {
                        let facts = Facts {
                            asked_at: Some(at(NOW)),
                            traffic_at: traffic.map(|ago| at(NOW - ago)),
                            lowest: Percent::of(left),
                            reset_at: reset.map(|after| at(NOW + after)),
                            failures,
                            jitter,
                            ..quiet()
                        };
                        assert!(due(facts).unwrap() >= 300, "{facts:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_clock_set_back_neither_stops_nor_hurries_it() {
        let future = Some(at(NOW + 500_000));
        for (facts, seconds) in [
            (Facts { asked_at: future, ..quiet() }, 5 - NOW),
            (Facts { asked_at: Some(at(NOW + 1)), ..quiet() }, 1800),
            (Facts { traffic_at: future, ..quiet() }, 1700),
            (Facts { pause_until: future, ..quiet() }, 1700),
            (Facts { since: at(NOW + 500_000), ..quiet() }, 1700),
            (Facts { reset_at: Some(Timestamp::MAX), ..quiet() }, 1700),
        ] {
            assert_eq!(due(facts), Some(seconds), "{facts:?}");
        }
        for jitter in [f64::NAN, f64::INFINITY, -1.0, 9.0] {
            assert!(due(Facts { jitter, ..quiet() }).is_some_and(|due| (1700..=2060).contains(&due)));
        }
        for now in [Timestamp::MIN, Timestamp::MAX] {
            assert!(due_at(quiet(), now).is_some());
        }
    }

    #[test]
    fn questions_are_spaced_and_the_longest_due_goes_first() {
        let ids: Vec<_> = (1..=3).map(|number| ProfileId::parse(&format!("{number:016x}")).unwrap()).collect();
        let asked = |ago: i64| Facts { asked_at: Some(at(NOW - ago)), ..quiet() };
        let all = [asked(2000), asked(4000), Facts { askable: false, ..asked(9000) }];
        let profiles = || ids.iter().zip(all);
        let ask = |rules| next(profiles(), rules, at(NOW)).map(|(id, due)| (id.as_str().ends_with('2'), due.as_second() - NOW));
        for (rules, asked) in [
            (Rules::default(), Some((true, 1800 - 4000))),
            (Rules { last_asked_at: Some(at(NOW - 5)), ..Rules::default() }, Some((true, 10))),
            (Rules { last_asked_at: Some(at(NOW - 15)), ..Rules::default() }, Some((true, 0))),
            (Rules { last_asked_at: Some(Timestamp::MAX), ..Rules::default() }, Some((true, 1800 - 4000))),
            (Rules { conservative: true, ..Rules::default() }, None),
        ] {
            assert_eq!(ask(rules), asked, "{rules:?}");
        }
        assert_eq!(next([], Rules::default(), at(NOW)), None);
        let jittered = [(&ids[0], Facts { jitter: 1.0, ..asked(9000) })];
        let rules = Rules { last_asked_at: Some(at(NOW)), ..Rules::default() };
        assert_eq!(next(jittered, rules, at(NOW)), Some((&ids[0], at(NOW + 30))));
    }
}
