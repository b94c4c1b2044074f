//! Tokens that were renewed, and tokens that were refused: both are noted only where the store still holds what was spent.

use super::profiles::{Profiles, StoreError, email, plan};
use crate::base::secret::Fingerprint;
use crate::base::stamp::{Stamp, stamp};
use crate::model::auth_document::{AuthDocument, Credential};
use crate::model::profile::{Profile, ProfileId};

/// What became of renewed tokens.
#[derive(Debug)]
pub enum Rotated {
    /// They are stored.
    Saved,
    /// The store has a login by now that was not made from the spent token: the user signed in again. That one stays.
    Superseded(Box<AuthDocument>),
}

/// Tells without opening anything whether a profile's login may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginStamp([Option<Stamp>; 4]);

impl Profiles {
    /// Puts a renewed login in the place of the one whose refresh token was spent for it. Hold the profile's login lock.
    pub fn replace(&self, id: &ProfileId, spent: Fingerprint, renewed: &AuthDocument) -> Result<Rotated, StoreError> {
        self.change(|index| {
            let profile = index.find_mut(id)?;
            match self.read_login_locked(profile) {
                Ok(stored) if refresh_token(&stored) != Some(spent) => return Ok(Rotated::Superseded(Box::new(stored))),
                // A stored login that is damaged or gone is no reason to drop a good one.
                Ok(_) | Err(StoreError::NoLogin { .. } | StoreError::BadLogin { .. } | StoreError::BadSeal { .. }) => {}
                Err(error) => return Err(error),
            }
            self.store_renewed(&profile.id, &profile.name, renewed)?;
            profile.email = email(renewed).or(profile.email.take());
            profile.plan = plan(renewed).or(profile.plan.take());
            profile.needs_sign_in = false;
            profile.refused_token = None;
            Ok(Rotated::Saved)
        })
    }

    /// Notes that the provider refused a refresh token for good. A profile that holds another one by now is left alone.
    pub fn mark_refused(&self, id: &ProfileId, refused: Fingerprint) -> Result<(), StoreError> {
        self.change(|index| {
            let profile = index.find_mut(id)?;
            if self.vault.read(&profile.name).is_ok_and(|stored| refresh_token(&stored) == Some(refused)) {
                profile.needs_sign_in = true;
                profile.refused_token = Some(refused.to_string());
            }
            Ok(())
        })
    }

    /// The stamp of a profile's login, whichever way it is kept.
    pub fn login_stamp(&self, profile: &Profile) -> LoginStamp {
        let plain = self.home.login_file(&profile.name);
        let sealed = plain.with_extension("json.sealed");
        LoginStamp([stamp(&self.home.index()), stamp(&self.home.vault()), stamp(&plain), stamp(&sealed)])
    }
}

/// Names the refresh token of a login; `None` for a login that has none.
pub fn refresh_token(login: &AuthDocument) -> Option<Fingerprint> {
    match login.credential() {
        Credential::OAuth(tokens) => Some(tokens.refresh_token.fingerprint()),
        Credential::ApiKey(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::samples::ports;
    use crate::model::samples::login;
    use crate::store::home::Home;

    fn store() -> (tempfile::TempDir, Profiles) {
        let folder = tempfile::tempdir().unwrap();
        let ports = ports(folder.path());
        let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
        (folder, profiles)
    }

    fn spent(login: &AuthDocument) -> Fingerprint {
        refresh_token(login).unwrap()
    }

    #[test]
    fn renewed_tokens_replace_those_they_were_made_from_and_no_others() {
        let (_folder, profiles) = store();
        let old = login("ada", "w", 1);
        let id = profiles.keep(&old).unwrap().profile.id;
        profiles.mark_refused(&id, spent(&old)).unwrap();
        assert!(profiles.get(&id).unwrap().needs_sign_in);
        assert!(matches!(profiles.replace(&id, spent(&old), &login("ada", "w", 2)).unwrap(), Rotated::Saved));
        let profile = profiles.get(&id).unwrap();
        assert_eq!((profile.needs_sign_in, profile.refused_token), (false, None));
        // The user has signed in meanwhile: what was renewed from the old chain does not replace that.
        let late = profiles.replace(&id, spent(&old), &login("ada", "w", 9)).unwrap();
        assert!(matches!(late, Rotated::Superseded(stored) if stored.text() == login("ada", "w", 2).text()));
        assert_eq!(profiles.login(&id).unwrap().text(), login("ada", "w", 2).text());
    }

    #[test]
    fn a_refusal_is_remembered_for_its_token_only() {
        let (_folder, profiles) = store();
        let (old, new) = (login("ada", "w", 1), login("ada", "w", 2));
        let id = profiles.keep(&new).unwrap().profile.id;
        profiles.mark_refused(&id, spent(&old)).unwrap();
        assert!(!profiles.get(&id).unwrap().needs_sign_in);
        profiles.mark_refused(&id, spent(&new)).unwrap();
        assert_eq!(profiles.get(&id).unwrap().refused_token, Some(spent(&new).to_string()));
        profiles.keep(&login("ada", "w", 3)).unwrap();
        assert_eq!(profiles.get(&id).unwrap().refused_token, None);
    }

    #[test]
    fn a_damaged_login_gives_way_to_a_renewed_one() {
        let (_folder, profiles) = store();
        let old = login("ada", "w", 1);
        let kept = profiles.keep(&old).unwrap().profile;
        crate::base::files::write_private(&profiles.home.login_file(&kept.name), b"{").unwrap();
        let before = profiles.login_stamp(&kept);
        assert!(matches!(profiles.replace(&kept.id, spent(&old), &login("ada", "w", 2)).unwrap(), Rotated::Saved));
        assert_ne!(profiles.login_stamp(&kept), before);
    }
}
