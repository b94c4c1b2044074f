//! Taking in many logins at once, each with the remarks it came with: by identity, and never an older one over a newer.

use std::collections::{HashMap, HashSet};

use super::index::Index;
use super::profiles::{KeepOutcome, Kept, Profiles, StoreError, email, plan};
use super::vault::usable;
use crate::base::progress::{Underway, Work};
use crate::model::auth_document::{AuthDocument, Freshness};
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};
use crate::model::subject::Subject;

/// The index is written after so many logins: a kill in between costs the remarks on these, and no login.
const AT_ONCE: usize = 500;

/// A login, and what the profile it came from was like.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The login.
    pub login: AuthDocument,
    /// Its profile, elsewhere: a new profile gets its id, name, remarks and whether it is paused, as far as these are free.
    pub like: Option<Profile>,
}

/// The index, prepared for many questions.
struct Known {
    by_subject: HashMap<Subject, usize>,
    names: HashSet<String>,
    ids: HashSet<ProfileId>,
}

impl Profiles {
    /// What taking these in does or, with `dry_run`, would do, one answer for each. A second time changes nothing.
    pub fn merge(&self, incoming: &[Incoming], dry_run: bool) -> Result<Vec<Result<Kept, StoreError>>, StoreError> {
        if dry_run {
            let mut index = (*self.read_index()?).clone();
            let mut known = Known::of(&index);
            // Two logins of one account in the same file: the second is compared with the first.
            let mut staged = HashMap::new();
            return Ok(incoming.iter().map(|one| self.merge_one(&mut index, &mut known, one, Some(&mut staged))).collect());
        }
        let mut done = Vec::with_capacity(incoming.len());
        let mut underway = Underway::of_steps(&self.progress, Work::KeepLogins, incoming.len());
        for some in incoming.chunks(AT_ONCE) {
            self.change(|index| {
                let mut known = Known::of(index);
                for one in some {
                    done.push(self.merge_one(index, &mut known, one, None));
                    underway.step();
                }
                Ok(())
            })?;
        }
        Ok(done)
    }

    fn merge_one(
        &self,
        index: &mut Index,
        known: &mut Known,
        Incoming { login, like }: &Incoming,
        staged: Option<&mut HashMap<ProfileId, AuthDocument>>,
    ) -> Result<Kept, StoreError> {
        let subject = login.subject().ok_or(StoreError::NoIdentity)?;
        let Some(place) = known.by_subject.get(&subject).copied() else {
            let fresh = self.like(login, subject, like.as_ref(), known);
            match staged {
                Some(staged) => drop(staged.insert(fresh.id.clone(), login.clone())),
                None => self.store_login(&fresh.id, &fresh.name, login)?,
            }
            known.learn(&fresh, index.profiles.len());
            index.profiles.push(fresh.clone());
            return Ok(Kept { profile: fresh, outcome: KeepOutcome::Added });
        };
        let profile = &mut index.profiles[place];
        if let Some(like) = like
            && profile.details.is_default()
        {
            profile.details = like.details.clone();
        }
        let stored = match &staged {
            Some(staged) => staged.get(&profile.id).cloned().map_or_else(|| self.vault.read(&profile.name), Ok),
            None => self.read_login_locked(profile),
        };
        if usable(stored)?.is_some_and(|stored| login.freshness_against(&stored) != Freshness::Newer) {
            return Ok(Kept { profile: profile.clone(), outcome: KeepOutcome::Unchanged });
        }
        match staged {
            Some(staged) => drop(staged.insert(profile.id.clone(), login.clone())),
            None => self.store_login(&profile.id, &profile.name, login)?,
        }
        (profile.email, profile.plan) = (email(login), plan(login));
        (profile.needs_sign_in, profile.refused_token) = (false, None);
        Ok(Kept { profile: profile.clone(), outcome: KeepOutcome::Updated })
    }

    /// A new profile. Whose it is says the login; the rest is taken over as far as it is free.
    fn like(&self, login: &AuthDocument, subject: Subject, like: Option<&Profile>, known: &Known) -> Profile {
        let fresh = self.new_profile(login, subject);
        let Some(like) = like.cloned() else {
            return Profile { name: known.free_name(fresh.name), ..fresh };
        };
        Profile {
            id: Some(like.id).filter(|id| !known.ids.contains(id)).unwrap_or(fresh.id),
            name: known.free_name(like.name),
            kind: fresh.kind,
            subject: fresh.subject,
            email: fresh.email,
            plan: fresh.plan,
            last_live_at: None,
            ..like
        }
    }
}

impl Known {
    fn of(index: &Index) -> Self {
        let mut known = Self { by_subject: HashMap::new(), names: HashSet::new(), ids: HashSet::new() };
        index.profiles.iter().enumerate().for_each(|(place, profile)| known.learn(profile, place));
        known
    }

    fn learn(&mut self, profile: &Profile, place: usize) {
        self.by_subject.insert(profile.subject.clone(), place);
        self.names.insert(profile.name.as_str().to_ascii_lowercase());
        self.ids.insert(profile.id.clone());
    }

    fn free_name(&self, wanted: ProfileName) -> ProfileName {
        let free = |name: &ProfileName| !self.names.contains(&name.as_str().to_ascii_lowercase());
        // Of so many numbered names one is free.
        let mut numbered = (2..=self.names.len() + 2).map(|number| wanted.numbered(number));
        if free(&wanted) { wanted } else { numbered.find(free).unwrap_or(wanted) }
    }
}

#[cfg(test)]
#[path = "merging_tests.rs"]
mod tests;
