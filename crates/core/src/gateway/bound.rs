//! Sessions whose history is sealed.
//!
//! With remote compaction all that went before is in one sealed piece, which only the account can read that has made it, as far as
//! anyone knows, and which cannot be left out (codex-runtime.md 2.6, 6). So such a session stays at home unless nothing else is
//! left. Where its home rests for some seconds, it is waited for. Where it rests for longer, the request is offered to the next
//! profile as it is, since accounts of one owner have been seen to read each other's pieces; and if that one refuses it, the client
//! is told when its own profile is back.

use bytes::Bytes;
use http::Response;
use jiff::{SignedDuration, Timestamp};

use super::forward::Forward;
use super::patience::Patience;
use super::rescue::{self, NoneLeft as Rescued};
use crate::model::profile::ProfileId;
use crate::model::verdict::{Reason, Verdict};
use crate::route::walk::Question;

/// A home that nothing speaks against has just failed all the same: this much later it is asked again.
const BREATH: SignedDuration = SignedDuration::from_secs(5);

/// How it is with the home of a session.
enum Rest {
    /// Nothing speaks against it.
    None,
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
            Rest::Until(until) => until,
            Rest::ForGood => None,
        };
        until.filter(|until| patience.is_short(*until, now))
    }

    /// What a client is told whose session only its home can read.
    pub(super) fn sealed_for(&self, question: &Question, home: &ProfileId) -> Response<Bytes> {
        let now = self.clock.now();
        let why = match self.rest(question, home, now) {
            Rest::None => Rescued::Unreachable,
            Rest::Until(until) => Rescued::Exhausted { until },
            Rest::ForGood => Rescued::Unusable {
                message: "Codex Lab: only the profile that has compacted this session can read it, and that one cannot serve now. \
                          `codex-lab list` shows why."
                    .to_owned(),
            },
        };
        rescue::none_left(&why, now)
    }

    fn rest(&self, question: &Question, home: &ProfileId, now: Timestamp) -> Rest {
        let judged = self.desk.with(|router| router.explain(question.clone(), now));
        let verdict = judged.into_iter().find(|judged| judged.profile == *home).map(|judged| judged.verdict);
        let Some(Verdict::Refused(reasons)) = verdict else { return Rest::None };
        let passing: Option<Vec<Option<Timestamp>>> = reasons.iter().map(Reason::passes).collect();
        match passing {
            // It is back when the last of them is over.
            Some(times) => Rest::Until(times.into_iter().collect::<Option<Vec<_>>>().and_then(|times| times.into_iter().max())),
            None => Rest::ForGood,
        }
    }
}
