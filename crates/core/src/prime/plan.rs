//! What to do next about one profile's week: wait, look, start it, or judge whether it has started. Reads no clock.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::recognise::{APART, Motion, Reading, Sight};
use super::stagger;
use crate::model::lifetime::later;
use crate::model::prime::ledger::{self, CLAIM_HOLDS, Claim};
use crate::model::prime::{Hindrance, PrimeByHand, PrimeRecord, PrimeState, PrimeTrouble};
use crate::model::quota::Percent;

/// A reset is looked at this long after it, so that the provider has made it too, and up to as much again by jitter.
const AFTER_RESET: Duration = Duration::from_secs(30);
/// A reading older than this says nothing of now: a session may have started the window since.
const FRESH: Duration = Duration::from_secs(3 * 60);
/// After an answer that broke off, a reading that is to tell what it did comes this much later.
const AFTERMATH: Duration = Duration::from_secs(60);
/// For so long it is looked whether a window has started. Then whatever is read anyway has to tell.
const JUDGED_FOR: Duration = Duration::from_secs(2 * 60 * 60);
/// Clocks tick apart by this much.
const SKEW: Duration = Duration::from_secs(60);

/// What is known of one profile.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Whether the user has asked for it.
    pub opted_in: bool,
    /// What speaks against any request for it.
    pub hindrance: Option<Hindrance>,
    /// Whether the plan has a weekly window; `None`: nobody has said yet.
    pub has_week: Option<bool>,
    /// The last readings of it.
    pub sight: &'a Sight,
    /// The record of the window nearest to the one that was seen last.
    pub record: Option<&'a PrimeRecord>,
    /// The last question to the usage endpoint about it, whatever for.
    pub asked_at: Option<Timestamp>,
    /// No two questions are closer than this.
    pub asked_every: Duration,
    /// When the weeks of the other profiles end that are started so, too.
    pub others_end: &'a [Timestamp],
    /// How far apart the ends are to be.
    pub apart: Duration,
    /// When the day's requests allow one more; `None`: now.
    pub budget_free_at: Option<Timestamp>,
    /// 0 to 1: the profile's own place in the spread.
    pub jitter: f64,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing by itself; something else has to change first.
    Nothing(Hindrance),
    /// Look at it again then, whatever it is then.
    Wait {
        /// When.
        until: Timestamp,
        /// What for.
        why: Hindrance,
    },
    /// Ask the usage endpoint.
    Look {
        /// The week is over by all that is known, so that a token will be needed to start the next one and may be renewed now. For
        /// anything else none is: a question about quota alone is not worth a renewal.
        due: bool,
    },
    /// Start the window.
    Prime {
        /// Names the window.
        anchor: Timestamp,
    },
    /// Note what became of the request that was sent.
    Judge {
        /// Names the window: that of the record.
        anchor: Timestamp,
        /// Where its reset stands; `None`: it still moves.
        resets_at: Option<Timestamp>,
    },
}

impl Step {
    /// When it is due; `None`: not by itself.
    pub fn due(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Nothing(_) => None,
            Self::Wait { until, .. } => Some(*until),
            Self::Look { .. } | Self::Prime { .. } | Self::Judge { .. } => Some(now),
        }
    }
}

/// What to do next about a profile.
pub fn next(facts: &Facts<'_>, now: Timestamp) -> Step {
    if let Some(step) = judgement(facts, now) {
        return step;
    }
    if !facts.opted_in {
        return Step::Nothing(Hindrance::NotOptedIn);
    }
    if let Some(hindrance) = facts.hindrance {
        return Step::Nothing(hindrance);
    }
    if facts.has_week == Some(false) {
        return Step::Nothing(Hindrance::NoWindow);
    }
    let Some(latest) = facts.sight.latest() else { return Step::Nothing(Hindrance::Unclear { until: None }) };
    let Some(resets_at) = latest.resets_at else { return Step::Nothing(Hindrance::Unclear { until: None }) };
    let runs = match facts.sight.motion() {
        Motion::Slides(anchor) => return start(facts, latest, anchor, now),
        Motion::Stands(_) => true,
        Motion::Unclear => latest.used > Percent::NONE,
    };
    let jitter = if facts.jitter.is_finite() { facts.jitter.clamp(0.0, 1.0) } else { 0.0 };
    let reset_made = later(resets_at, AFTER_RESET + AFTER_RESET.mul_f64(jitter));
    if runs && now < reset_made {
        return Step::Wait { until: reset_made, why: Hindrance::Running { until: resets_at } };
    }
    look(facts, now, now >= reset_made || facts.sight.is_of_next())
}

/// What to do where the user wants a window started by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByHand {
    /// Start it.
    Start {
        /// Names the window.
        anchor: Timestamp,
    },
    /// It runs, so that nothing is sent.
    Runs {
        /// Up to when.
        until: Timestamp,
    },
    /// Another reading is needed, after a pause.
    Look(Duration),
}

/// What the last readings allow, where the user wants the window started by hand: no less than by itself.
pub fn by_hand(sight: &Sight, now: Timestamp) -> ByHand {
    let Some(latest) = sight.latest() else { return ByHand::Look(Duration::ZERO) };
    let Ok(age) = Duration::try_from(now.duration_since(latest.at)) else { return ByHand::Look(APART) };
    let pause = APART.saturating_sub(age);
    if age > FRESH {
        return ByHand::Look(pause);
    }
    match (sight.motion(), latest.resets_at) {
        (Motion::Slides(anchor), _) => ByHand::Start { anchor },
        (Motion::Stands(until), _) => ByHand::Runs { until },
        (Motion::Unclear, Some(until)) if latest.used > Percent::NONE && until > now => ByHand::Runs { until },
        (Motion::Unclear, _) => ByHand::Look(pause),
    }
}

/// What would come of a start by hand, before anybody is asked. `ends` is when the week ends, if it is known to run.
pub fn would_by_hand(sight: &Sight, record: Option<&PrimeRecord>, ends: Option<Timestamp>, now: Timestamp) -> PrimeByHand {
    let is_sent = record.is_some_and(|record| record.state == PrimeState::Sent);
    let why = match (sight.motion(), ends) {
        (Motion::Slides(anchor), _) => match ledger::claim(record, anchor, true, now) {
            Claim::Refused(why) => why,
            Claim::First | Claim::Again(_) => return PrimeByHand::Starts,
        },
        (_, Some(_)) if is_sent => Hindrance::AlreadyPrimed,
        (_, Some(until)) => Hindrance::Running { until },
        (Motion::Stands(until), None) if until > now => Hindrance::Running { until },
        _ => return PrimeByHand::Looks,
    };
    PrimeByHand::Refused { why }
}

/// Whether a request that was sent has started its window.
fn judgement(facts: &Facts<'_>, now: Timestamp) -> Option<Step> {
    let record = facts.record.filter(|record| record.state == PrimeState::Sent)?;
    // Without a word of the end, the process has died over it, or another one is still at it.
    let since = record.ended_at.or_else(|| Some(later(record.sent_at?, CLAIM_HOLDS)))?;
    let anchor = record.anchor;
    let slides_elsewhere = matches!(facts.sight.motion(), Motion::Slides(seen) if !ledger::is_same_window(seen, anchor));
    if slides_elsewhere {
        // Its week is over: what becomes of the next one counts.
        return None;
    }
    match facts.sight.motion_since(since) {
        Motion::Stands(resets_at) => Some(Step::Judge { anchor, resets_at: Some(resets_at) }),
        Motion::Slides(_) => Some(Step::Judge { anchor, resets_at: None }),
        Motion::Unclear => {
            let may_look = facts.hindrance.is_none() && (facts.opted_in || record.by_user);
            let until = if now <= since { later(since, APART) } else { now };
            let still = now < later(since, JUDGED_FOR) && later(now, CLAIM_HOLDS) >= since;
            (may_look && still).then(|| if until > now { wait(until) } else { look(facts, now, false) })
        }
    }
}

/// A window that has not started.
fn start(facts: &Facts<'_>, latest: Reading, anchor: Timestamp, now: Timestamp) -> Step {
    let again = match ledger::claim(facts.record, anchor, false, now) {
        Claim::Refused(why @ Hindrance::Resting { until }) => return Step::Wait { until, why },
        Claim::Refused(why) => return Step::Nothing(why),
        Claim::First => false,
        Claim::Again(_) => true,
    };
    let turn = if again { now } else { stagger::earliest(now, facts.others_end, facts.apart) };
    if turn > now {
        return Step::Wait { until: turn, why: Hindrance::Apart { until: turn } };
    }
    let doubt = facts.record.filter(|record| again && record.trouble.is_some_and(PrimeTrouble::leaves_doubt));
    let told = doubt.and_then(|record| record.ended_at).is_none_or(|ended| latest.at >= later(ended, AFTERMATH));
    let age = now.duration_since(latest.at);
    let fresh = age <= SignedDuration::try_from(FRESH).unwrap_or(SignedDuration::ZERO);
    match facts.budget_free_at.filter(|until| *until > now) {
        Some(until) => Step::Wait { until, why: Hindrance::OverBudget { until } },
        None if told && fresh => Step::Prime { anchor },
        None => look(facts, now, true),
    }
}

/// Another reading, as soon as there may be one.
fn look(facts: &Facts<'_>, now: Timestamp, due: bool) -> Step {
    if let Some(until) = facts.budget_free_at.filter(|until| *until > now) {
        return Step::Wait { until, why: Hindrance::OverBudget { until } };
    }
    let asked = facts.asked_at.filter(|at| *at <= later(now, SKEW)).map(|at| later(at, facts.asked_every));
    let apart = facts.sight.latest().filter(|latest| latest.at <= later(now, SKEW)).map(|latest| later(latest.at, APART));
    match asked.max(apart).filter(|until| *until > now) {
        Some(until) => wait(until),
        None => Step::Look { due },
    }
}

fn wait(until: Timestamp) -> Step {
    Step::Wait { until, why: Hindrance::Unclear { until: Some(until) } }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
