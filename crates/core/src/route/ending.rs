//! Where nobody is left: what that means for the client, and when the first comes back.

use jiff::Timestamp;

use super::roster::Roster;
use super::walk::Walk;
use crate::model::profile::ProfileId;
use crate::model::verdict::Reason;

/// Profiles whose reasons are told.
const TOLD: usize = 8;

/// Why no profile serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoneLeft {
    /// Some were tried and failed without a fault of theirs: the provider or the way to it. Asking again soon may help.
    Failed,
    /// Some will serve again by themselves.
    Resting {
        /// When the first of them does, if that is known of any.
        until: Option<Timestamp>,
    },
    /// None will before the user does something.
    Unusable {
        /// Why, of the first few.
        reasons: Vec<(ProfileId, Vec<Reason>)>,
    },
}

/// Why nobody is left on this way.
pub(super) fn none_left(walk: &Walk, roster: &Roster, now: Timestamp) -> NoneLeft {
    let mut failed = false;
    let mut resting = false;
    let mut until: Option<Timestamp> = None;
    let mut told = Vec::new();
    let mut reasons = Vec::new();
    for entry in roster.entries() {
        reasons.clear();
        walk.judge(entry, roster, now, |reason| reasons.push(reason));
        if told.len() < TOLD && !reasons.is_empty() {
            told.push((entry.candidate.id.clone(), reasons.clone()));
        }
        reasons.retain(|reason| *reason != Reason::AlreadyTried);
        // Nothing speaks against it but that it was tried, or that enough were.
        failed |= reasons.is_empty();
        if !reasons.is_empty() && reasons.iter().all(|reason| reason.passes().is_some()) {
            resting = true;
            let times: Option<Vec<Timestamp>> = reasons.iter().map(|reason| reason.passes().flatten()).collect();
            until = [until, times.and_then(|times| times.into_iter().max())].into_iter().flatten().min();
        }
    }
    if failed {
        NoneLeft::Failed
    } else if resting {
        NoneLeft::Resting { until }
    } else {
        NoneLeft::Unusable { reasons: told }
    }
}
