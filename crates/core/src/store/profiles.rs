//! The profiles and their logins. Every change happens under the index's lock, after a re-read.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use super::glance::Seen;
use super::home::Home;
use super::index::{Found, Index};
use super::rehearsal::Rehearsal;
pub use super::removal::RemovedProfile;
pub use super::repair::Repair;
pub use super::store_error::StoreError;
use super::vault::{Vault, usable};
use super::{backup, repair};
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::files;
use crate::base::locks::FileLock;
use crate::base::ports::{Checkpoint, Ports};
use crate::base::progress::Progress;
use crate::base::secret::Secret;
use crate::base::sorting;
use crate::model::auth_document::{AuthDocument, Credential, Freshness};
use crate::model::details::ProfileDetails;
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId, ProfileKind};
use crate::model::snapshot::VaultMode;
use crate::model::subject::Subject;

/// Every place of saving a login where a test may kill the process, in order.
pub const PLACES: &[&str] = &["save.begun", "save.copied", "save.staged", "save.login_written", "save.indexed"];

/// Another process changes the index within milliseconds.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// The profiles. All calls block on files: make them from a blocking task.
#[derive(Debug, Clone)]
pub struct Profiles {
    pub(super) home: Home,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) checkpoint: Arc<dyn Checkpoint>,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) vault: Vault,
    /// What was mended and not yet told.
    pub(super) mended: Arc<Mutex<Vec<Repair>>>,
    /// What need not be read again.
    pub(super) seen: Arc<Seen>,
    /// Changes are tried out on it, and nothing is written.
    pub(super) rehearsal: Option<Rehearsal>,
}

/// What became of a login that was given to the store.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The profile it belongs to.
    pub profile: Profile,
    /// What happened.
    pub outcome: KeepOutcome,
}

/// What became of a login that was given to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepOutcome {
    /// A new profile.
    Added,
    /// A known account; its login was replaced.
    Updated,
    /// A known account; what the store has is as new or newer.
    Unchanged,
}

/// Who holds the tokens of a login that is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner<'a> {
    /// Whoever held the profile's tokens before.
    AsBefore,
    /// Nobody but us.
    OursAlone,
    /// Another tool as well.
    Shared(&'a str),
}

impl Owner<'_> {
    fn after(self, before: Option<String>) -> Option<String> {
        match self {
            Self::AsBefore => before,
            Self::OursAlone => None,
            Self::Shared(owner) => Some(owner.to_owned()),
        }
    }
}

impl Profiles {
    /// The profiles of a home.
    pub fn open(home: Home, ports: &Ports) -> Self {
        let (clock, entropy, checkpoint) = (ports.clock.clone(), ports.entropy.clone(), ports.checkpoint.clone());
        let vault = Vault::new(home.clone(), ports);
        let (mended, seen) = (Arc::default(), Arc::default());
        Self { home, clock, entropy, checkpoint, progress: ports.progress.clone(), vault, mended, seen, rehearsal: None }
    }

    /// Mends what a killed process left half done, and a damaged index. Called at every start; says what was done.
    pub fn repair(&self) -> Result<Vec<Repair>, StoreError> {
        let _lock = self.lock()?;
        repair::repair(self)
    }

    /// Where the logins are kept.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Keeps all logins and all copies of them in another way from now on; with mode `passphrase`, under this passphrase.
    /// After an error they are kept as before.
    pub fn move_vault(&self, mode: VaultMode, passphrase: Option<&Secret>) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        // What killed writers have left is taken in now: what stays behind in the old form is removed.
        repair::repair(self)?.into_iter().for_each(|repair| self.tell(repair));
        Ok(self.vault.move_to(mode, passphrase)?)
    }

    /// Forgets the vault's key in every process that has it.
    pub fn lock_vault(&self) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        Ok(self.vault.lock()?)
    }

    /// All profiles, in the user's order.
    pub fn list(&self) -> Result<Vec<Profile>, StoreError> {
        Ok(self.read_index()?.profiles.clone())
    }

    /// One profile.
    pub fn get(&self, id: &ProfileId) -> Result<Profile, StoreError> {
        Ok(self.read_index()?.find(id)?.clone())
    }

    /// A profile's login as the store has it.
    pub fn login(&self, id: &ProfileId) -> Result<AuthDocument, StoreError> {
        self.read_login(&self.get(id)?)
    }

    /// A listed profile's login, without reading the index again.
    pub fn login_of(&self, profile: &Profile) -> Result<AuthDocument, StoreError> {
        self.read_login(profile)
    }

    /// Keeps a login that was found: a known account's is replaced only by a newer one, an unknown account becomes a profile.
    pub fn keep(&self, login: &AuthDocument) -> Result<Kept, StoreError> {
        self.put(login, Owner::AsBefore, |stored| login.freshness_against(stored) == Freshness::Newer)
    }

    /// Like [`Self::keep`], for a login that `owner`, another tool, goes on holding: the profile says so from then on.
    pub fn keep_shared(&self, login: &AuthDocument, owner: &str) -> Result<Kept, StoreError> {
        self.put(login, Owner::Shared(owner), |stored| login.freshness_against(stored) == Freshness::Newer)
    }

    /// Keeps a login the user has just made: it replaces whatever its account had.
    pub fn sign_in(&self, login: &AuthDocument) -> Result<Kept, StoreError> {
        self.put(login, Owner::OursAlone, |_| true)
    }

    /// Notes that nobody else holds a profile's tokens any more.
    pub fn mark_ours_alone(&self, id: &ProfileId) -> Result<(), StoreError> {
        self.change(|index| {
            index.find_mut(id)?.imported_from = None;
            Ok(())
        })
    }

    /// Renames a profile and its folder.
    pub fn rename(&self, id: &ProfileId, name: &str) -> Result<Profile, StoreError> {
        let name = ProfileName::parse(name)?;
        self.change(|index| {
            if index.holder_of(&name, Some(id)).is_some() {
                return Err(StoreError::NameTaken(name));
            }
            let profile = index.find_mut(id)?;
            if profile.name != name {
                if !self.is_rehearsal() {
                    // The folder first: a kill in between leaves a folder that `repair` knows by its login.
                    files::rename(&self.home.profile_folder(&profile.name), &self.home.profile_folder(&name))?;
                }
                profile.name = name;
            }
            Ok(profile.clone())
        })
    }

    /// Puts the named profiles first, in this order; the others follow as they were.
    pub fn reorder(&self, order: &[ProfileId]) -> Result<(), StoreError> {
        self.change(|index| {
            for id in order {
                index.find(id)?;
            }
            let place = |id: &ProfileId| order.iter().position(|other| other == id).unwrap_or(order.len());
            sorting::by_key(&mut index.profiles, |profile| place(&profile.id));
            Ok(())
        })
    }

    /// Takes a profile out of use, or back.
    pub fn set_paused(&self, id: &ProfileId, paused: bool) -> Result<(), StoreError> {
        self.change(|index| {
            index.find_mut(id)?.paused = paused;
            Ok(())
        })
    }

    /// Notes the user's remarks on a profile.
    pub fn set_details(&self, id: &ProfileId, details: ProfileDetails) -> Result<(), StoreError> {
        let details = details.checked()?;
        self.change(|index| {
            index.find_mut(id)?.details = details;
            Ok(())
        })
    }

    /// Notes that a profile became the live login.
    pub fn mark_live(&self, id: &ProfileId, at: Timestamp) -> Result<(), StoreError> {
        self.change(|index| {
            index.find_mut(id)?.last_live_at = Some(at);
            Ok(())
        })
    }

    fn put(&self, login: &AuthDocument, owner: Owner<'_>, replaces: impl FnOnce(&AuthDocument) -> bool) -> Result<Kept, StoreError> {
        self.checkpoint.reached("save.begun");
        let kept = self.change(|index| self.take_in(index, login, owner, replaces))?;
        self.checkpoint.reached("save.indexed");
        Ok(kept)
    }

    /// Stores a login in the profile of its account, a new one if there is none. Call with the index's lock held.
    pub(super) fn take_in(
        &self,
        index: &mut Index,
        login: &AuthDocument,
        owner: Owner<'_>,
        replaces: impl FnOnce(&AuthDocument) -> bool,
    ) -> Result<Kept, StoreError> {
        let subject = login.subject().ok_or(StoreError::NoIdentity)?;
        if let Some(profile) = index.of_subject(&subject) {
            // A stored login that cannot be read is no reason to refuse a good one.
            // Nor is another account's, which somebody put there; it stays as a copy.
            let stored = usable(self.read_login_locked(profile))?.filter(|stored| stored.subject().as_ref() == Some(&subject));
            let same_tokens = stored.as_ref().is_some_and(|stored| login.freshness_against(stored) == Freshness::Same);
            let replace = stored.is_none_or(|stored| replaces(&stored));
            if replace || same_tokens {
                profile.imported_from = owner.after(profile.imported_from.take());
            }
            if !replace {
                return Ok(Kept { profile: profile.clone(), outcome: KeepOutcome::Unchanged });
            }
            self.store_login(&profile.id, &profile.name, login)?;
            profile.email = email(login);
            profile.plan = plan(login);
            profile.needs_sign_in = false;
            profile.refused_token = None;
            return Ok(Kept { profile: profile.clone(), outcome: KeepOutcome::Updated });
        }
        let mut fresh = self.new_profile(login, subject);
        fresh.name = index.free_name(fresh.name);
        fresh.imported_from = owner.after(None);
        // The login first: a kill in between leaves a folder that `repair` takes in.
        self.store_login(&fresh.id, &fresh.name, login)?;
        index.profiles.push(fresh.clone());
        Ok(Kept { profile: fresh, outcome: KeepOutcome::Added })
    }

    /// A profile for a login, as nobody has changed it yet.
    pub(super) fn new_profile(&self, login: &AuthDocument, subject: Subject) -> Profile {
        Profile {
            id: ProfileId::random(&*self.entropy),
            name: suggested_name(login),
            kind: kind(login),
            subject,
            email: email(login),
            plan: plan(login),
            paused: false,
            needs_sign_in: false,
            refused_token: None,
            details: ProfileDetails::default(),
            imported_from: None,
            added_at: self.clock.now(),
            last_live_at: None,
            unknown: serde_json::Map::new(),
        }
    }

    /// Reads, changes and writes the index under its lock; nothing is written if nothing changed.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Index) -> Result<R, StoreError>) -> Result<R, StoreError> {
        if let Some(rehearsal) = &self.rehearsal {
            return rehearsal.change(change);
        }
        let _lock = self.lock()?;
        repair::mend_index(self)?.into_iter().for_each(|repair| self.tell(repair));
        let before = self.read_index()?;
        let mut index = (*before).clone();
        let result = change(&mut index)?;
        if index != *before {
            self.write_index(&index)?;
        }
        Ok(result)
    }

    pub(super) fn write_index(&self, index: &Index) -> Result<(), StoreError> {
        let text = index.text()?;
        files::write_private(&self.home.index(), text.as_bytes())?;
        // The change is made; a copy that cannot be kept is no failure of it.
        if let Err(error) = backup::keep_index(&self.home, &text) {
            tracing::warn!(%error, "no copy of the index was kept");
        }
        Ok(())
    }

    /// The index; a damaged or lost one reads as its newest good copy until the next change mends it.
    pub(super) fn read_index(&self) -> Result<Arc<Index>, StoreError> {
        if let Some(rehearsal) = &self.rehearsal {
            return Ok(Arc::new(rehearsal.index()));
        }
        match self.find_index()? {
            Found::Index(index) => Ok(index),
            Found::Newer => Err(StoreError::NewerIndex),
            Found::Nothing | Found::Damaged => Ok(Arc::new(backup::newest_good_index(&self.home).unwrap_or_default())),
        }
    }

    /// Keeps every other process from spending or replacing this profile's tokens while it is held.
    pub fn lock_login(&self, id: &ProfileId, purpose: &'static str, patience: Duration) -> Result<FileLock, StoreError> {
        Ok(FileLock::acquire(&self.home.lock(&format!("login-{id}")), purpose, patience)?)
    }

    pub(super) fn lock(&self) -> Result<FileLock, StoreError> {
        let lock = FileLock::acquire(&self.home.lock("index"), "to change the profiles", LOCK_PATIENCE)?;
        // Nothing is written in between two ways of keeping it.
        self.vault.settle()?;
        Ok(lock)
    }
}

/// The name a login suggests for its profile.
pub(super) fn suggested_name(login: &AuthDocument) -> ProfileName {
    match login.credential() {
        Credential::OAuth(_) => ProfileName::suggest(email(login).as_deref(), plan(login).as_deref()),
        Credential::ApiKey(_) => ProfileName::suggest(Some("api"), Some("key")),
    }
}

pub(super) fn kind(login: &AuthDocument) -> ProfileKind {
    match login.credential() {
        Credential::OAuth(_) => ProfileKind::Chatgpt,
        Credential::ApiKey(_) => ProfileKind::ApiKey,
    }
}

pub(super) fn email(login: &AuthDocument) -> Option<String> {
    match login.credential() {
        Credential::OAuth(tokens) => tokens.claims.email.clone(),
        Credential::ApiKey(_) => None,
    }
}

pub(super) fn plan(login: &AuthDocument) -> Option<String> {
    match login.credential() {
        Credential::OAuth(tokens) => tokens.claims.plan.clone(),
        Credential::ApiKey(_) => None,
    }
}

#[cfg(test)]
#[path = "profiles_tests.rs"]
mod tests;
