//! Profiles and questions for tests.

use jiff::Timestamp;

use super::candidate::{Allowance, Candidate};
use super::router::Router;
use super::walk::{Question, Walk};
use crate::model::affinity::SessionKey;
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::quota::Family;
use crate::model::routing::RoutingSettings;
use crate::model::verdict::Choice;

pub(super) const WEEK: u32 = 7 * 24 * 60;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(super) fn id(number: u64) -> ProfileId {
    ProfileId::parse(&format!("{number:016x}")).unwrap()
}

pub(super) fn number(profile: &ProfileId) -> u64 {
    u64::from_str_radix(profile.as_str(), 16).unwrap()
}

/// A subscription with that much left of its week, which ends at that second.
pub(super) fn candidate(number: u64, left_percent: u8, resets_at: i64) -> Candidate {
    let mut candidate = Candidate::new(id(number), ProfileKind::Chatgpt);
    let window = Allowance { minutes: WEEK, left_percent, resets_at: Some(at(resets_at)), verified: true };
    candidate.allowances.insert(Family::main(), vec![window]);
    candidate
}

pub(super) fn router(candidates: Vec<Candidate>, settings: RoutingSettings) -> Router {
    let mut router = Router::default();
    router.roster.set_candidates(candidates);
    router.roster.set_settings(settings);
    router
}

pub(super) fn question(session: &str) -> Question {
    Question { session: SessionKey::of(session), ..Question::of(Family::main()) }
}

/// The next profile on the way, and why; its attempt ends without a word.
pub(super) fn step(router: &mut Router, walk: &mut Walk, now: i64) -> Option<(u64, Choice)> {
    let claim = router.next(walk, at(now)).ok()?;
    router.gone(&claim, at(now));
    Some((number(&claim.chosen().profile), claim.chosen().choice))
}

/// Who serves a question first, and why.
pub(super) fn asked(router: &mut Router, question: Question, now: i64) -> Option<(u64, Choice)> {
    let mut walk = router.decide(question, at(now), 7);
    step(router, &mut walk, now)
}

/// The whole way of a question, as if each attempt failed without a fault of the profile.
pub(super) fn way(router: &mut Router, question: Question, now: i64, random: u64) -> Vec<u64> {
    let mut walk = router.decide(question, at(now), random);
    std::iter::from_fn(|| step(router, &mut walk, now)).map(|(number, _)| number).collect()
}

/// Serves a question and says by whom.
pub(super) fn served(router: &mut Router, question: Question, now: i64) -> u64 {
    let mut walk = router.decide(question, at(now), 7);
    let mut claim = router.next(&mut walk, at(now)).unwrap();
    router.served(&mut claim, at(now));
    router.gone(&claim, at(now));
    number(&claim.chosen().profile)
}
