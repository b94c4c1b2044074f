//! Sessions whose history is sealed.
//!
//! With remote compaction all that went before is in one sealed piece, which only the account can read that has made it, as far as
//! anyone knows, and which cannot be left out (codex-runtime.md 2.6, 6). So such a session stays at home unless nothing else is
//! left. Where its home rests for some seconds, it is waited for. Where it is used up or rests for longer, the request is offered to
//! the next profile as it is, since accounts of one owner have been seen to read each other's pieces; and if that one refuses it, the client
//! is told when its own profile is back.

use bytes::Bytes;
use http::Response;
use jiff::{SignedDuration, Timestamp};

use super::forward::Forward;
use super::patience::Patience;
use super::rescue::{self, NoneLeft as Rescued};
use crate::model::block::BlockKind;
use crate::model::profile::ProfileId;
use crate::model::verdict::{Reason, Verdict};
use crate::route::walk::Question;

/// A home that nothing speaks against has just failed all the same: this much later it is asked again.
const BREATH: SignedDuration = SignedDuration::from_secs(5);

/// How it is with a profile.
enum Rest {
    /// Nothing speaks against it.
    None,
    /// It was asked too often, and is back then.
    Hurried(Timestamp),
    /// It comes back, then if that is known.
    Until(Option<Timestamp>),
    /// Not before the user does something.
    ForGood,
}

impl Forward {
    /// When to ask the home of a bound session, if it is worth waiting for.
    pub(super) fn back_soon(&self, question: &Question, home: &ProfileId, patience: Patience) -> Option<Timestamp> {
        let now = self.clock.now();
        let until = match self.rest(question, home, now) {
            Rest::None => now.checked_add(BREATH).ok(),
            Rest::Hurried(until) => Some(until),
            Rest::Until(_) | Rest::ForGood => None,
        };
        until.filter(|until| patience.is_short(*until, now))
    }

    /// What a client is told whose session only its home can read.
    pub(super) fn sealed_for(&self, question: &Question, home: &ProfileId) -> Response<Bytes> {
        let now = self.clock.now();
        let why = match self.rest(question, home, now) {
            Rest::None => Rescued::Unreachable,
            Rest::Hurried(until) => Rescued::Exhausted { until: Some(until) },
            Rest::Until(until) => Rescued::Exhausted { until },
            Rest::ForGood => Rescued::Unusable {
                message: "Codex Lab: only the profile that has compacted this session can read it, and that one cannot serve now. \
                          `codex-lab list` shows why."
                    .to_owned(),
            },
        };
        rescue::none_left(&why, now)
    }

    /// When the first profile is back that was only asked too often, for a request that nobody serves now.
    pub(super) fn first_rested(&self, question: &Question) -> Option<Timestamp> {
        let now = self.clock.now();
        let judged = self.desk.with(|router| router.explain(question.clone(), now));
        let rests = judged.into_iter().map(|judged| Rest::of(&judged.verdict));
        rests.filter_map(|rest| if let Rest::Hurried(until) = rest { Some(until) } else { None }).min()
    }

    fn rest(&self, question: &Question, home: &ProfileId, now: Timestamp) -> Rest {
        let judged = self.desk.with(|router| router.explain(question.clone(), now));
        judged.iter().find(|judged| judged.profile == *home).map_or(Rest::None, |judged| Rest::of(&judged.verdict))
    }
}

impl Rest {
    fn of(verdict: &Verdict) -> Self {
        let Verdict::Refused(reasons) = verdict else { return Self::None };
        let Some(times) = reasons.iter().map(Reason::passes).collect::<Option<Vec<_>>>() else { return Self::ForGood };
        // It is back when the last of them is over.
        let until = times.into_iter().collect::<Option<Vec<_>>>().and_then(|times| times.into_iter().max());
        let is_hurried = reasons.iter().all(|reason| matches!(reason, Reason::Blocked { kind: BlockKind::RateLimited, .. }));
        match until {
            Some(until) if is_hurried => Self::Hurried(until),
            until => Self::Until(until),
        }
    }
}
