//! A lease: the claim on one profile for one attempt. Its outcome is told; dropped without a word, the client went away and nobody
//! is to blame.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::ending::NoneLeft;
use super::router::{Claim, Router};
use super::walk::{Before, Question, Walk};
use crate::model::decision::Chosen;
use crate::model::profile::ProfileId;
use crate::model::remedy::Remedy;
use crate::model::trouble::Trouble;

/// The router, shared by all requests. What is done under its lock is short and never waits.
#[derive(Debug, Clone, Default)]
pub struct Desk(Arc<Mutex<Router>>);

impl Desk {
    /// The desk of a router.
    pub fn new(router: Router) -> Self {
        Self(Arc::new(Mutex::new(router)))
    }

    /// Looks at the router or changes it.
    pub fn with<R>(&self, work: impl FnOnce(&mut Router) -> R) -> R {
        // Each step leaves the router whole; a panic between two of them loses a count at most.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins a request's way.
    pub fn decide(&self, question: impl Into<Arc<Question>>, now: Timestamp, random: u64) -> Walk {
        self.with(|router| router.decide(question, now, random))
    }

    /// The same for a request that something went before.
    pub fn decide_after(&self, question: impl Into<Arc<Question>>, before: Before<'_>, now: Timestamp, random: u64) -> Walk {
        self.with(|router| router.decide_after(question, before, now, random))
    }

    /// Who would be next on the way; nothing is claimed or noted.
    pub fn peek(&self, walk: &Walk, now: Timestamp) -> Result<ProfileId, NoneLeft> {
        self.with(|router| router.peek(walk, now))
    }

    /// A lease on the next profile on the way, or why there is none.
    pub fn next(&self, walk: &mut Walk, now: Timestamp) -> Result<Lease, NoneLeft> {
        let claim = self.with(|router| router.next(walk, now))?;
        Ok(Lease { desk: self.clone(), claim, asked: now, is_over: false })
    }
}

/// The claim on one profile, until it is dropped.
#[derive(Debug)]
pub struct Lease {
    desk: Desk,
    claim: Claim,
    asked: Timestamp,
    is_over: bool,
}

impl Lease {
    /// The profile, and why it was chosen.
    pub fn chosen(&self) -> &Chosen {
        self.claim.chosen()
    }

    /// Whether the profile is paid by use.
    pub fn is_paid(&self) -> bool {
        self.claim.is_paid()
    }

    /// The profile that this one stands in for, if it does.
    pub fn instead_of(&self) -> Option<&ProfileId> {
        self.claim.instead_of()
    }

    /// To be called with the first event that is a part of an answer: the session is at home here from now on.
    pub fn serves(&mut self, now: Timestamp) {
        self.desk.with(|router| router.served(&mut self.claim, now));
    }

    /// The attempt has failed and is not made again on this profile: it rests as the trouble asks for. What may be done instead
    /// comes back. Whether to try again on the same profile says [`Trouble::remedy`] before.
    pub fn fails(mut self, trouble: &Trouble, now: Timestamp) -> Remedy {
        self.is_over = true;
        self.desk.with(|router| router.failed(&self.claim, trouble, now))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_over {
            self.desk.with(|router| router.gone(&self.claim, self.asked));
        }
    }
}
