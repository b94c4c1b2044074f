//! One request's way from profile to profile: each at most once, never across a wall, and with an end.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::affinity::Affinity;
use super::eligibility::{Circumstances, judge};
use super::folders::Side;
use super::roster::{Entry, Roster};
use crate::model::affinity::{BucketKey, SessionKey};
use crate::model::decision::Chosen;
use crate::model::model_name::ModelName;
use crate::model::profile::ProfileId;
use crate::model::quota::Family;
use crate::model::verdict::{Choice, Rank, Reason};

/// Profiles that one request tries at most.
pub const ATTEMPTS_LIMIT: usize = 16;

/// What a request is, as far as routing asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its session.
    pub session: Option<SessionKey>,
    /// Its repository and model.
    pub bucket: Option<BucketKey>,
    /// The folder it comes from, links resolved.
    pub folder: Option<PathBuf>,
    /// The family of its model, as far as that is known.
    pub family: Family,
    /// Its model.
    pub model: Option<ModelName>,
    /// The profile that its client was started on.
    pub pin: Option<Pin>,
}

/// A profile that was named for a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Which.
    pub profile: ProfileId,
    /// Whether nothing else serves when it cannot.
    pub strict: bool,
}

impl Question {
    /// A question of which only the family is known.
    pub fn of(family: Family) -> Self {
        Self { session: None, bucket: None, folder: None, family, model: None, pin: None }
    }
}

/// What went before a request on another connection, or on the one that it comes by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before<'a> {
    /// Profiles that have had their try at it.
    pub tried: &'a [ProfileId],
    /// The profile that its connection is open on: as good as a home where the session has none.
    pub connected: Option<&'a ProfileId>,
}

/// The way, as far as it was gone.
#[derive(Debug, Clone)]
pub struct Walk {
    pub(super) question: Arc<Question>,
    /// Who comes before the strategy's choice, in this order.
    pub(super) first: Vec<Chosen>,
    /// Whether there is nobody beside the first.
    pub(super) only_first: bool,
    /// The profiles that serve the folder, if it is bound.
    pub(super) set: Option<Arc<[ProfileId]>>,
    /// The side of the walls on which the request stays, once that is known.
    pub(super) side: Option<Side>,
    pub(super) home: Option<ProfileId>,
    pub(super) tried: Vec<ProfileId>,
    pub(super) random: u64,
}

impl Walk {
    /// The beginning: who goes first, and which profiles come into question at all.
    pub(super) fn begin(
        mut question: Arc<Question>,
        before: Before<'_>,
        roster: &Roster,
        affinity: &Affinity,
        now: Timestamp,
        random: u64,
    ) -> Self {
        if let Some(family) = question.model.as_ref().and_then(|model| roster.family_of(model)) {
            Arc::make_mut(&mut question).family = family.clone();
        }
        let set = question.folder.as_deref().and_then(|folder| roster.folders.serving(folder));
        let home = question.session.as_ref().and_then(|session| affinity.sessions.home(session, now));
        let chosen = |profile: &ProfileId, choice| Chosen { profile: profile.clone(), choice };
        let serves = |profile: &ProfileId| set.as_ref().is_none_or(|set| set.contains(profile));

        let tied = home.filter(|home| home.pinned).map(|home| (chosen(&home.profile, Choice::SessionPin), true));
        let launched = || question.pin.as_ref().map(|pin| (chosen(&pin.profile, Choice::LaunchPin), pin.strict));
        let bound = || match set.as_deref() {
            Some([only]) => Some((chosen(only, Choice::Folder), false)),
            _ => None,
        };
        let forced = || {
            let force = roster.settings.forced(now).filter(|force| serves(&force.profile))?;
            Some((chosen(&force.profile, Choice::Forced), force.strict))
        };
        let pinned = tied.or_else(launched).or_else(bound).or_else(forced);
        let only_first = pinned.as_ref().is_some_and(|(_, strict)| *strict);

        let mut first = Vec::with_capacity(2);
        first.extend(pinned.map(|(pinned, _)| pinned));
        if !only_first {
            let bucket = || question.bucket.as_ref().and_then(|bucket| affinity.buckets.home(bucket, now));
            let sticky = home.map(|home| &home.profile).or(before.connected).map(|profile| chosen(profile, Choice::Sticky));
            first.extend(sticky.or_else(|| bucket().map(|home| chosen(&home.profile, Choice::Bucket))));
        }
        let side = first.iter().find_map(|chosen| roster.find(&chosen.profile)).map(|entry| entry.side.clone());
        let home = home.map(|home| &home.profile).or(before.connected).cloned();
        let mut walk = Self { first, only_first, set, side, home, tried: Vec::new(), random, question };
        before.tried.iter().filter_map(|profile| roster.find(profile)).for_each(|entry| walk.go_to(entry));
        walk
    }

    /// The profiles that were tried.
    pub fn tried(&self) -> &[ProfileId] {
        &self.tried
    }

    /// The profile that the user has named for this request, if there is one.
    pub fn pinned(&self) -> Option<&Chosen> {
        self.first.first().filter(|first| !matches!(first.choice, Choice::Sticky | Choice::Bucket))
    }

    /// All that speaks against a profile for this request, and its rank.
    pub(super) fn judge(&self, entry: &Entry, roster: &Roster, now: Timestamp, mut note: impl FnMut(Reason)) -> Rank {
        let id = &entry.candidate.id;
        let pinned = self.pinned();
        let insisted = pinned.is_some_and(|pinned| pinned.profile == *id);
        // Who names a profile for a session or a client has looked beyond the folder.
        let named = insisted && pinned.is_some_and(|pinned| matches!(pinned.choice, Choice::SessionPin | Choice::LaunchPin));
        for (speaks_against, reason) in [
            (self.tried.contains(id), Reason::AlreadyTried),
            (self.only_first && !insisted, Reason::ForcedElsewhere),
            (!named && self.set.as_ref().is_some_and(|set| !set.contains(id)), Reason::NotInFolderSet),
            (self.side.as_ref().is_some_and(|side| *side != entry.side), Reason::RoleWall),
        ] {
            if speaks_against {
                note(reason);
            }
        }
        let Question { family, model, .. } = &*self.question;
        let at_home = self.home.as_ref() == Some(id);
        judge(&entry.candidate, &Circumstances { family, model: model.as_ref(), at_home, insisted, settings: &roster.settings, now }, note)
    }

    /// Whether nothing speaks against a profile for this request.
    pub(super) fn accepts(&self, entry: &Entry, roster: &Roster, now: Timestamp) -> bool {
        let mut refused = false;
        self.judge(entry, roster, now, |_| refused = true);
        !refused
    }

    /// The one that a chosen profile stands in for: where the session is at home, else the first that was tried.
    pub(super) fn instead_of(&self, chosen: &Chosen) -> Option<ProfileId> {
        self.home.iter().chain(self.tried.first()).find(|other| **other != chosen.profile).cloned()
    }

    /// Goes to a profile: it is not gone to again, and the walls around it are not left.
    pub(super) fn go_to(&mut self, entry: &Entry) {
        self.tried.push(entry.candidate.id.clone());
        self.side.get_or_insert_with(|| entry.side.clone());
    }
}
