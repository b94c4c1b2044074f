//! Why: the last decisions, each with what was found of every profile. A bounded ring.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::roster::{Entry, Roster};
use super::walk::Walk;
use crate::model::affinity::SessionKey;
use crate::model::decision::{Chosen, Decision, Judged, VERDICTS_LIMIT};
use crate::model::verdict::{Choice, Verdict};

/// Decisions that are kept.
pub const DECISIONS_LIMIT: usize = 500;

/// The last decisions, the newest last.
#[derive(Debug, Default)]
pub struct DecisionLog {
    decisions: VecDeque<Decision>,
    /// How many at the end are not saved.
    unsaved: usize,
}

impl DecisionLog {
    /// Takes over what was stored, the newest last.
    pub fn restore(&mut self, stored: Vec<Decision>) {
        let surplus = (stored.len() + self.decisions.len()).saturating_sub(DECISIONS_LIMIT);
        for decision in stored.into_iter().skip(surplus).rev() {
            self.decisions.push_front(decision);
        }
    }

    /// The last decisions, the newest first.
    pub fn latest(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().rev()
    }

    /// Decisions made since this was last asked, the newest last.
    pub fn take_unsaved(&mut self) -> Vec<Decision> {
        let saved = self.decisions.len().saturating_sub(std::mem::take(&mut self.unsaved));
        self.decisions.iter().skip(saved).cloned().collect()
    }

    /// Counts a session that stays where it was, if that is among them. Whether it is: to look is far cheaper than to note, and
    /// dozens of sessions take turns.
    pub(super) fn repeat(&mut self, session: Option<&SessionKey>, chosen: &Chosen, now: Timestamp) -> bool {
        let Some(session) = session.filter(|_| chosen.choice == Choice::Sticky) else { return false };
        let alike = self.decisions.iter_mut().rev().find(|known| known.session.as_deref() == Some(session.as_str()));
        let Some(alike) = alike.filter(|known| known.chosen.as_ref() == Some(chosen)) else { return false };
        alike.times = alike.times.saturating_add(1);
        alike.at = now;
        true
    }

    /// Notes a decision.
    pub(super) fn note(&mut self, decision: Decision) {
        if self.decisions.len() >= DECISIONS_LIMIT {
            self.decisions.pop_front();
        }
        self.decisions.push_back(decision);
        self.unsaved = (self.unsaved + 1).min(self.decisions.len());
    }
}

/// A decision as it is remembered.
pub(super) fn decision(walk: &Walk, chosen: Option<&Chosen>, roster: &Roster, now: Timestamp) -> Decision {
    let first = chosen.and_then(|chosen| roster.find(&chosen.profile));
    let is_first = |entry: &Entry| first.is_some_and(|first| first.candidate.id == entry.candidate.id);
    let rest = roster.entries().iter().filter(|entry| !is_first(entry));
    let verdicts: Vec<Judged> = first.into_iter().chain(rest).take(VERDICTS_LIMIT).map(|entry| judged(walk, entry, roster, now)).collect();
    Decision {
        at: now,
        session: walk.question.session.as_ref().map(|session| session.as_str().to_owned()),
        family: walk.question.family.clone(),
        model: walk.question.model.clone(),
        chosen: chosen.cloned(),
        tried: walk.tried.clone(),
        instead_of: chosen.and_then(|chosen| walk.instead_of(chosen)),
        others: u32::try_from(roster.entries().len() - verdicts.len()).unwrap_or(u32::MAX),
        verdicts,
        times: 1,
    }
}

/// What is found of one profile.
pub(super) fn judged(walk: &Walk, entry: &Entry, roster: &Roster, now: Timestamp) -> Judged {
    let mut reasons = Vec::new();
    let rank = walk.judge(entry, roster, now, |reason| reasons.push(reason));
    let verdict = if reasons.is_empty() { Verdict::Eligible { rank } } else { Verdict::Refused(reasons) };
    Judged { profile: entry.candidate.id.clone(), verdict }
}
