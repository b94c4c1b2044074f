//! Decides which profile serves a request: an explicit pin, else where the session is at home and well, else where the last one
//! with this repository and model was, else the strategy's choice.

use std::sync::Arc;

use jiff::Timestamp;

use super::affinity::Affinity;
use super::ending::{NoneLeft, none_left};
use super::explain::{DecisionLog, decision, judged};
use super::ranking::choose;
use super::roster::Roster;
use super::strategy::Lots;
use super::walk::{ATTEMPTS_LIMIT, Before, Question, Walk};
use crate::model::decision::{Chosen, Decision, Judged};
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::remedy::Remedy;
use crate::model::trouble::Trouble;
use crate::model::verdict::Choice;

/// Everything that routing knows. Pure: time and randomness are passed in, and whoever owns it saves what has changed.
#[derive(Debug, Default)]
pub struct Router {
    /// The profiles.
    pub roster: Roster,
    /// Where sessions are at home.
    pub affinity: Affinity,
    /// The last decisions.
    pub log: DecisionLog,
}

/// The claim on one profile for one attempt; what becomes of it is told by `served`, `failed` or `gone`.
#[derive(Debug, Clone)]
pub struct Claim {
    chosen: Chosen,
    question: Arc<Question>,
    since: Timestamp,
    on_trial: bool,
    paid: bool,
    instead_of: Option<ProfileId>,
}

impl Router {
    /// Begins a request's way. `random` is any number; the same one gives the same way.
    pub fn decide(&self, question: impl Into<Arc<Question>>, now: Timestamp, random: u64) -> Walk {
        self.decide_after(question, Before::default(), now, random)
    }

    /// The same for a request that something went before.
    pub fn decide_after(&self, question: impl Into<Arc<Question>>, before: Before<'_>, now: Timestamp, random: u64) -> Walk {
        Walk::begin(question.into(), before, &self.roster, &self.affinity, now, random)
    }

    /// Who would be next on the way; nothing is claimed or noted.
    pub fn peek(&mut self, walk: &Walk, now: Timestamp) -> Result<ProfileId, NoneLeft> {
        let next = self.choose(walk, now).and_then(|(place, _)| self.roster.entry(place));
        next.map(|entry| entry.candidate.id.clone()).ok_or_else(|| none_left(walk, &self.roster, now))
    }

    /// The next profile on the way, claimed; or why there is none.
    pub fn next(&mut self, walk: &mut Walk, now: Timestamp) -> Result<Claim, NoneLeft> {
        let Some((place, choice)) = self.choose(walk, now) else {
            self.log.note(decision(walk, None, &self.roster, now));
            return Err(none_left(walk, &self.roster, now));
        };
        let Some(entry) = self.roster.entry(place) else { return Err(NoneLeft::Failed) };
        let chosen = Chosen { profile: entry.candidate.id.clone(), choice };
        if !self.log.repeat(walk.question.session.as_ref(), &chosen, now) {
            self.log.note(decision(walk, Some(&chosen), &self.roster, now));
        }
        let (instead_of, paid) = (walk.instead_of(&chosen), entry.candidate.kind == ProfileKind::ApiKey);
        walk.go_to(entry);
        let turn = if matches!(choice, Choice::Strategy | Choice::Fallback) { Some(self.roster.next_turn()) } else { None };
        self.roster.work(place, now, |work| {
            work.in_flight = work.in_flight.saturating_add(1);
            work.last_used = Some(now);
            work.turn = turn.unwrap_or(work.turn);
        });
        let Question { family, model, .. } = &*walk.question;
        let on_trial = self.roster.begin_trial(place, family, model.as_ref(), now);
        Ok(Claim { chosen, question: Arc::clone(&walk.question), since: now, on_trial, paid, instead_of })
    }

    /// What is found of every profile for a request, in the list's order.
    pub fn explain(&self, question: Question, now: Timestamp) -> Vec<Judged> {
        let walk = self.decide(question, now, 0);
        self.roster.entries().iter().map(|entry| judged(&walk, entry, &self.roster, now)).collect()
    }

    /// Who would serve a request, and what is found of every profile. Nothing is claimed, and nothing is noted.
    pub fn preview(&mut self, question: Question, now: Timestamp, random: u64) -> Decision {
        let walk = self.decide(question, now, random);
        let chosen = self.choose(&walk, now).and_then(|(place, choice)| {
            let profile = self.roster.entry(place)?.candidate.id.clone();
            Some(Chosen { profile, choice })
        });
        decision(&walk, chosen.as_ref(), &self.roster, now)
    }

    fn choose(&mut self, walk: &Walk, now: Timestamp) -> Option<(u32, Choice)> {
        if walk.tried.len() >= ATTEMPTS_LIMIT {
            return None;
        }
        let accepts = |roster: &Roster, place| roster.entry(place).is_some_and(|entry| walk.accepts(entry, roster, now));
        for Chosen { profile, choice } in &walk.first {
            if let Some(place) = self.roster.place(profile).filter(|place| accepts(&self.roster, *place)) {
                return Some((place, *choice));
            }
        }
        if walk.only_first {
            return None;
        }
        self.roster.look(&walk.question.family, now);
        let roster = &self.roster;
        let ranking = roster.ranking(&walk.question.family)?;
        // Each attempt draws other lots.
        let lots = Lots::from(walk.random.wrapping_add(walk.tried.len() as u64));
        let weight = |place| roster.entry(place).map_or(0, |entry| entry.candidate.details.weight);
        let bound = walk.set.as_ref().map(|set| ranking.some(set.iter().filter_map(|profile| roster.place(profile))));
        let order = bound.as_deref().unwrap_or(ranking.all());
        let place = choose(order, roster.settings.strategy, lots, weight, |place| accepts(roster, place))?;
        let is_first = walk.first.is_empty() && walk.tried.is_empty();
        Some((place, if is_first { Choice::Strategy } else { Choice::Fallback }))
    }

    /// The provider has begun to serve: the session is at home there from now on, and trials have gone well.
    pub fn served(&mut self, claim: &mut Claim, now: Timestamp) {
        let Question { session, bucket, family, model, .. } = &*claim.question;
        if let Some(place) = self.roster.place(&claim.chosen.profile) {
            self.roster.went_well(place, family, model.as_ref(), now);
        }
        if let Some(session) = session {
            self.affinity.sessions.served(session, &claim.chosen.profile, now);
        }
        if let Some(bucket) = bucket {
            self.affinity.buckets.served(bucket, &claim.chosen.profile, now);
        }
        claim.on_trial = false;
    }

    /// The attempt has failed for good: the profile rests as the trouble asks for.
    pub fn failed(&mut self, claim: &Claim, trouble: &Trouble, now: Timestamp) -> Remedy {
        let model = claim.question.model.as_ref();
        let remedy = trouble.remedy(model, now);
        self.gone(claim, now);
        if let (Trouble::UsageLimit { family, .. }, Some(model)) = (trouble, model) {
            self.roster.learn_family(model, family, &claim.question.family);
        }
        if let (Some(block), Some(place)) = (&remedy.block, self.roster.place(&claim.chosen.profile)) {
            self.roster.note(place, block);
        }
        remedy
    }

    /// The attempt is over. Where nothing else was told, the client went away, and nobody is to blame.
    pub fn gone(&mut self, claim: &Claim, now: Timestamp) {
        let Some(place) = self.roster.place(&claim.chosen.profile) else { return };
        self.roster.work(place, now, |work| work.in_flight = work.in_flight.saturating_sub(1));
        if claim.on_trial {
            self.roster.give_up_trial(place, claim.since, now);
        }
    }
}

impl Claim {
    /// The profile, and why it was chosen.
    pub fn chosen(&self) -> &Chosen {
        &self.chosen
    }

    /// Whether the profile is paid by use.
    pub fn is_paid(&self) -> bool {
        self.paid
    }

    /// The profile that this one stands in for: where the session was at home, or else the first that was tried.
    pub fn instead_of(&self) -> Option<&ProfileId> {
        self.instead_of.as_ref()
    }
}
