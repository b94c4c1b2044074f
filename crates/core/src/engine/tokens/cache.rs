//! Tokens that were seen fresh: handed out again as long as no file they depend on has changed.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;

use super::Bearer;
use crate::base::stamp::{Looked, Stamp, stamp};
use crate::engine::Shared;
use crate::model::profile::{Profile, ProfileId};
use crate::store::rotation::LoginStamp;

#[derive(Debug, Default)]
pub(super) struct Cache(RwLock<HashMap<ProfileId, Entry>>);

#[derive(Debug)]
struct Entry {
    profile: Profile,
    bearer: Bearer,
    /// Not handed out from then on.
    until: Timestamp,
    seen: Seen,
    looked: Looked,
}

/// What the files looked like: read before the login is, so that a change in between is noticed next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    login: LoginStamp,
    live: Option<Stamp>,
}

impl Seen {
    pub(super) fn now(shared: &Shared, profile: &Profile) -> Self {
        Self { login: shared.profiles.login_stamp(profile), live: stamp(&shared.codex.auth_json()) }
    }
}

impl Cache {
    /// A token that is still fresh.
    pub(super) fn get(&self, shared: &Shared, id: &ProfileId) -> Option<Bearer> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let now = shared.ports.clock.now();
        let entry = entries.get(id).filter(|entry| now < entry.until)?;
        if !entry.looked.holds(now) {
            if Seen::now(shared, &entry.profile) != entry.seen {
                return None;
            }
            entry.looked.note(now);
        }
        Some(entry.bearer.clone())
    }

    pub(super) fn put(&self, profile: Profile, bearer: Bearer, until: Timestamp, seen: Seen) {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        entries.insert(profile.id.clone(), Entry { profile, bearer, until, seen, looked: Looked::default() });
    }

    pub(super) fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
