//! Healing logins: a login file that is not what was written is set aside, and its copy restored with a word to the user.
//!
//! An older chain of tokens never comes back this way: the only copy that is used is that of the login as it was written
//! last, and a file that was written after the copy wins over it.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::generations::{self, Generation};
use super::profiles::{Profiles, Repair, StoreError};
use super::vault::usable;
use crate::base::files::{self, Entry, FileError, FileErrorKind};
use crate::base::locks::FileLock;
use crate::model::auth_document::{AuthDocument, Credential, Freshness};
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};

/// Healing waits only this long for others who change the profiles: they may be at work on this very login.
const PATIENCE: Duration = Duration::from_secs(1);

impl Profiles {
    /// What was mended since this was asked last.
    pub fn take_mended(&self) -> Vec<Repair> {
        std::mem::take(&mut *self.mended.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    pub(super) fn tell(&self, repair: Repair) {
        self.mended.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(repair);
    }

    /// Puts a login in a profile's place, or leaves no trace of it. Call with the index's lock held.
    pub(super) fn store_login(&self, id: &ProfileId, name: &ProfileName, login: &AuthDocument) -> Result<(), StoreError> {
        if self.is_rehearsal() {
            return Ok(self.vault.look()?);
        }
        self.store_renewed(id, name, login).inspect_err(|_| {
            // Whoever brought it hears that nothing was changed.
            let _ = generations::abandon(self, id);
        })
    }

    /// Puts a login in a profile's place; what it replaces stays as a generation. If it cannot, what was made safe of it stays
    /// for a later start: nobody else has these tokens. Call with the index's lock held.
    pub(super) fn store_renewed(&self, id: &ProfileId, name: &ProfileName, login: &AuthDocument) -> Result<(), StoreError> {
        let replaced = usable(self.vault.read(name))?;
        // A copy that cannot be made is no reason to lose the login itself.
        let begun = generations::begin(self, id, login);
        self.checkpoint.reached("save.copied");
        self.vault.write(name, login)?;
        if let Err(error) = begun.and_then(|()| generations::finish(self, id, login, replaced.as_ref())) {
            tracing::warn!(%error, profile = %name, "no copy of the login was kept");
        }
        Ok(())
    }

    /// Removes copies of logins that were left half written, also by a process that lives: a disk that failed may have kept it from
    /// removing them.
    pub(crate) fn sweep_copies(&self) -> Result<(), StoreError> {
        if self.is_rehearsal() || !generations::is_half_written(&self.home)? {
            return Ok(());
        }
        let _lock = FileLock::acquire(&self.home.lock("index"), "to clear away half a copy", PATIENCE)?;
        Ok(generations::sweep(&self.home)?)
    }

    /// A profile's login; one that is not as it was written is healed first.
    pub(super) fn read_login(&self, profile: &Profile) -> Result<AuthDocument, StoreError> {
        let stored = self.vault.read(&profile.name);
        if self.is_as_written(profile, &stored) {
            return stored;
        }
        let healed = FileLock::acquire(&self.home.lock("index"), "to mend a login", PATIENCE).map_err(StoreError::from);
        healed.and_then(|_lock| self.vault.settle().map_err(StoreError::from).and_then(|()| self.heal(&profile.id))).or_else(|error| {
            tracing::warn!(%error, profile = %profile.name, "the login could not be healed");
            stored
        })
    }

    /// The same, for those who hold the index's lock.
    pub(super) fn read_login_locked(&self, profile: &Profile) -> Result<AuthDocument, StoreError> {
        let stored = self.vault.read(&profile.name);
        if self.is_as_written(profile, &stored) { stored } else { self.heal(&profile.id) }
    }

    fn is_as_written(&self, profile: &Profile, stored: &Result<AuthDocument, StoreError>) -> bool {
        // Nothing is mended then.
        if self.is_rehearsal() {
            return true;
        }
        if generations::is_unfinished(&self.home, &profile.id) {
            return false;
        }
        match (stored, generations::copy(self, &profile.id, Generation::Current)) {
            (Ok(login), Ok(Some(copy))) => login.text() == copy.text(),
            (Ok(_), Ok(None)) => true,
            (Ok(_), Err(_)) => false,
            (Err(error), _) => !is_damage(error),
        }
    }

    /// Finishes a save that was cut off, or does what is right about a login that is not its copy. Call with the index's
    /// lock held.
    pub(super) fn heal(&self, id: &ProfileId) -> Result<AuthDocument, StoreError> {
        // Another process may have renamed or removed it.
        let profile = self.read_index()?.find(id)?.clone();
        let stored = self.vault.read(&profile.name);
        // Where even the folder is missing, a rename or a removal was cut off, which only `repair` can tell.
        let lost = files::entry(&self.home.profile_folder(&profile.name))? == Entry::Missing;
        if lost || stored.as_ref().is_err_and(|error| !is_damage(error)) {
            return stored;
        }
        let ours = |login: &AuthDocument| login.subject().as_ref() == Some(&profile.subject);
        match generations::unfinished(self, id) {
            Ok(Some(login)) if ours(&login) => return self.finish_save(&profile, login, stored.as_ref().ok()),
            Ok(Some(_)) | Err(StoreError::BadCopy) => generations::abandon(self, id)?,
            Ok(None) => {}
            // It may be the newest there is.
            Err(error) => return Err(error),
        }
        let copy = generations::copy(self, id, Generation::Current).ok().flatten().filter(ours);
        match (remedy(&profile, stored.as_ref().ok(), copy.as_ref()), stored, copy) {
            (Remedy::Copy, Ok(login), _) => {
                generations::begin(self, id, &login)?;
                generations::finish(self, id, &login, None)?;
                Ok(login)
            }
            (Remedy::Restore, _, Some(copy)) => {
                self.restore(&profile, &copy)?;
                Ok(copy)
            }
            (_, stored, _) => stored,
        }
    }

    /// The tokens of a save that was cut off are the newest there are, unless someone has written since.
    fn finish_save(&self, profile: &Profile, login: AuthDocument, stored: Option<&AuthDocument>) -> Result<AuthDocument, StoreError> {
        if let Some(later) = stored.filter(|stored| stored.is_later_than(&login) == Some(true)) {
            generations::abandon(self, &profile.id)?;
            return Ok(later.clone());
        }
        if stored.is_none_or(|stored| stored.text() != login.text()) {
            self.vault.write(&profile.name, &login)?;
            tracing::info!(profile = %profile.name, "a login whose saving was cut off is saved");
        }
        generations::finish(self, &profile.id, &login, stored)?;
        Ok(login)
    }

    /// Sees to it that what is in a profile's place is kept before something else goes there: as the current copy, or, where
    /// it is no login, as a file set aside. Call with the index's lock held.
    pub(super) fn secure(&self, profile: &Profile) -> Result<(), StoreError> {
        if self.is_rehearsal() {
            return Ok(());
        }
        match self.read_login_locked(profile) {
            Ok(login) if generations::copy(self, &profile.id, Generation::Current)?.is_some_and(|copy| copy.text() == login.text()) => {
                Ok(())
            }
            Ok(login) => {
                generations::begin(self, &profile.id, &login)?;
                generations::finish(self, &profile.id, &login, None)
            }
            Err(error) if is_damage(&error) => Ok(self.set_aside(profile).map(drop)?),
            Err(error) => Err(error),
        }
    }

    fn restore(&self, profile: &Profile, copy: &AuthDocument) -> Result<(), StoreError> {
        let set_aside = self.set_aside(profile)?;
        self.vault.write(&profile.name, copy)?;
        tracing::warn!(profile = %profile.name, ?set_aside, "a damaged login was restored from its copy");
        self.tell(Repair::LoginRestored { name: profile.name.clone(), set_aside, written_at: written_at(copy) });
        Ok(())
    }

    /// Moves a profile's login file out of the way; says where it is then.
    fn set_aside(&self, profile: &Profile) -> Result<Option<PathBuf>, FileError> {
        let file = self.vault.place(&profile.name);
        if files::entry(&file)? == Entry::Missing {
            return Ok(None);
        }
        let folder = self.home.backups().join("set-aside");
        files::create_private_folder(&folder)?;
        let place = folder.join(format!("{:013}-{}.json", self.now_in_milliseconds(), profile.id));
        files::rename(&file, &place)?;
        Ok(Some(place))
    }

    pub(super) fn now_in_milliseconds(&self) -> i64 {
        self.clock.now().as_millisecond().max(0)
    }
}

/// What to do about a login that is not its copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// Nothing: it cannot be told which is right, or there is nothing better.
    Leave,
    /// The login is right, and the copy is behind.
    Copy,
    /// The copy is right.
    Restore,
}

/// Decides by what is in them; `None` for one that is damaged or gone. The copy is known to be the profile's own.
fn remedy(profile: &Profile, stored: Option<&AuthDocument>, copy: Option<&AuthDocument>) -> Remedy {
    match (stored, copy) {
        (None, None) => Remedy::Leave,
        (None, Some(_)) => Remedy::Restore,
        (Some(stored), Some(copy)) if stored.text() == copy.text() => Remedy::Leave,
        // Whoever renews changes the tokens, and the time with them: Codex does, with a profile's folder as its home.
        (Some(stored), Some(copy)) if stored.freshness_against(copy) == Freshness::Same => Remedy::Restore,
        // Another account's login was put there: that is no damage, and the doctor has a word for it.
        (Some(stored), _) if stored.subject().as_ref() != Some(&profile.subject) => Remedy::Leave,
        (Some(_), None) => Remedy::Copy,
        (Some(stored), Some(copy)) => match stored.is_later_than(copy) {
            Some(true) => Remedy::Copy,
            Some(false) => Remedy::Restore,
            None => Remedy::Leave,
        },
    }
}

fn written_at(login: &AuthDocument) -> Option<Timestamp> {
    match login.credential() {
        Credential::OAuth(tokens) => tokens.last_refresh,
        Credential::ApiKey(_) => None,
    }
}

/// Whether a file is not what was written, rather than out of reach.
fn is_damage(error: &StoreError) -> bool {
    match error {
        StoreError::NoLogin { .. } | StoreError::BadLogin { .. } | StoreError::BadSeal { .. } => true,
        StoreError::File(error) => matches!(error.kind, FileErrorKind::NotText | FileErrorKind::TooLarge),
        _ => false,
    }
}

#[cfg(test)]
#[path = "healing_tests.rs"]
mod tests;
