//! Logins that were written and not yet put in place when their writer was killed: one may be all there is of renewed tokens.

use std::path::PathBuf;

use super::profiles::{Profiles, StoreError, email, plan};
use super::vault::{forms, usable};
use crate::base::files::{self, FileError};
use crate::model::auth_document::{AuthDocument, Freshness};
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};

impl Profiles {
    /// Takes in what a killed writer has left of a profile's login, if that is newer. To be called before its tokens are
    /// spent: another process may have been killed while this one runs.
    pub fn take_in_staged(&self, id: &ProfileId) -> Result<(), StoreError> {
        let name = self.get(id)?.name;
        // Nearly always there is nothing, and no lock is needed to see that.
        if staged(self, &name)?.is_empty() {
            return Ok(());
        }
        self.change(|index| take_in(self, index.find_mut(id)?).map(drop))
    }
}

/// The same, with the index's lock held: logins are written under it alone, so nobody is still at work on what lies there.
/// Whether there was anything.
pub(super) fn take_in(profiles: &Profiles, profile: &mut Profile) -> Result<bool, StoreError> {
    let Some((place, login)) = newest(profiles, &profile.name)? else { return Ok(false) };
    let is_newer = |stored: AuthDocument| login.freshness_against(&stored) == Freshness::Newer;
    let stored = usable(profiles.vault.read(&profile.name))?;
    let wanted = login.subject().as_ref() == Some(&profile.subject) && stored.is_none_or(is_newer);
    if wanted {
        profiles.vault.write(&profile.name, &login)?;
        profile.email = email(&login).or(profile.email.take());
        profile.plan = plan(&login).or(profile.plan.take());
        profile.needs_sign_in = false;
        profile.refused_token = None;
        tracing::info!(profile = %profile.name, "a login that a killed process had written is taken in");
    }
    files::remove(&place)?;
    Ok(wanted)
}

/// Puts the login of a folder in place that has none yet: it was new. With the index's lock held.
pub(super) fn finish(profiles: &Profiles, name: &ProfileName) -> Result<(), StoreError> {
    let missing = |place: &PathBuf| files::entry(place).is_ok_and(|entry| entry == files::Entry::Missing);
    if forms(&profiles.home.login_file(name)).iter().all(missing)
        && let Some((staged, login)) = newest(profiles, name)?
    {
        profiles.vault.write(name, &login)?;
        files::remove(&staged)?;
    }
    Ok(())
}

/// Whatever lies there, in either form.
fn staged(profiles: &Profiles, name: &ProfileName) -> Result<Vec<PathBuf>, FileError> {
    let mut found = Vec::new();
    for place in forms(&profiles.home.login_file(name)) {
        found.extend(files::staged(&place)?);
    }
    Ok(found)
}

/// The newest whole login among what lies there.
fn newest(profiles: &Profiles, name: &ProfileName) -> Result<Option<(PathBuf, AuthDocument)>, StoreError> {
    let mut newest: Option<(PathBuf, AuthDocument)> = None;
    for place in staged(profiles, name)? {
        // Half written: its writer had not got so far, and what was there before is still in place.
        let Ok(login) = profiles.vault.read_at(&place, name) else { continue };
        if newest.as_ref().is_none_or(|(_, other)| login.freshness_against(other) == Freshness::Newer) {
            newest = Some((place, login));
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::samples::ports;
    use crate::model::samples::login;
    use crate::store::home::Home;

    struct Store {
        _folder: tempfile::TempDir,
        profiles: Profiles,
    }

    fn store() -> Store {
        let folder = tempfile::tempdir().unwrap();
        let ports = ports(folder.path());
        let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
        Store { _folder: folder, profiles }
    }

    impl Store {
        /// Leaves a staged login as a killed writer does.
        fn stage(&self, name: &ProfileName, text: &str) {
            let folder = self.profiles.home.profile_folder(name);
            files::create_private_folder(&folder).unwrap();
            files::write_private(&folder.join(".auth.json.4000000-0.tmp"), text.as_bytes()).unwrap();
        }
    }

    #[test]
    fn a_newer_one_is_taken_in_and_no_other() {
        let Store { profiles, .. } = &store();
        let kept = profiles.keep(&login("ada", "w", 5)).unwrap().profile;
        let cases = [
            (login("ada", "w", 6).text().expose().to_owned(), 6),
            (login("ada", "w", 4).text().expose().to_owned(), 6),
            (login("eve", "w", 9).text().expose().to_owned(), 6),
            (login("ada", "w", 9).text().expose()[..40].to_owned(), 6),
        ];
        for (text, expected) in cases {
            Store { profiles: profiles.clone(), _folder: tempfile::tempdir().unwrap() }.stage(&kept.name, &text);
            profiles.take_in_staged(&kept.id).unwrap();
            assert_eq!(profiles.login(&kept.id).unwrap().text(), login("ada", "w", expected).text());
        }
    }

    #[test]
    fn a_new_account_is_found_at_the_next_start() {
        let store = store();
        let new = login("ada", "w", 1);
        store.stage(&ProfileName::parse("ada").unwrap(), new.text().expose());
        store.profiles.repair().unwrap();
        let found = store.profiles.list().unwrap();
        assert_eq!((found.len(), found[0].name.as_str()), (1, "ada"));
        assert_eq!(store.profiles.login(&found[0].id).unwrap().text(), new.text());
    }
}
