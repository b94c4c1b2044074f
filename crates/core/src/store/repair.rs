//! Mending at start: a damaged index, and what a killed process left half done. No login is ever dropped.

use std::path::PathBuf;

use super::index::{Index, IndexError, SIZE_LIMIT};
use super::profiles::{Profiles, StoreError, email, kind, plan};
use super::{backup, removal, staged, vault};
use crate::base::files::{self, Entry};
use crate::model::auth_document::{AuthDocument, Freshness};
use crate::model::details::ProfileDetails;
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};

/// What was mended, for a word to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// The index was damaged: it was set aside and its newest good copy restored.
    IndexRestored {
        /// Where the damaged one is now.
        set_aside: PathBuf,
        /// Whether there was a good copy; else the profiles were found again by their folders.
        from_copy: bool,
    },
    /// A folder with a login that no profile had is a profile again.
    Adopted {
        /// Its name.
        name: ProfileName,
    },
}

/// Call with the index's lock held.
pub(super) fn repair(profiles: &Profiles) -> Result<Vec<Repair>, StoreError> {
    let mut repairs: Vec<_> = mend_index(profiles)?.into_iter().collect();
    let before = profiles.read_index()?;
    let mut index = before.clone();
    for profile in &mut index.profiles {
        staged::take_in(profiles, profile)?;
    }
    for folder in files::names(&profiles.home.profiles())? {
        let Ok(name) = ProfileName::parse(&folder) else { continue };
        if name.as_str() != folder || index.holder_of(&name, None).is_some() {
            continue;
        }
        staged::finish(profiles, &name)?;
        let Ok(login) = vault::read(&profiles.home, &name) else { continue };
        if adopt(profiles, &mut index, &name, &login)? {
            repairs.push(Repair::Adopted { name });
        }
    }
    // A removal was cut off between the folder and the index.
    let cut_off = |profile: &Profile| {
        files::entry(&profiles.home.profile_folder(&profile.name)).is_ok_and(|entry| entry == Entry::Missing)
            && files::entry(&removal::place(&profiles.home, &profile.id)).is_ok_and(|entry| entry == Entry::Folder)
    };
    index.profiles.retain(|profile| !cut_off(profile));
    if index != before {
        profiles.write_index(&index)?;
    }
    Ok(repairs)
}

/// Sets a damaged index aside and puts its newest good copy in its place. Call with the index's lock held.
pub(super) fn mend_index(profiles: &Profiles) -> Result<Option<Repair>, StoreError> {
    let path = profiles.home.index();
    let Some(text) = files::read_text(&path, SIZE_LIMIT)? else { return Ok(None) };
    if !matches!(Index::parse(&text), Err(IndexError::Damaged)) {
        return Ok(None);
    }
    let set_aside = profiles.home.backups().join(format!("auth-profiles.damaged-{}.json", profiles.clock.now().as_second()));
    files::write_private(&set_aside, text.as_bytes())?;
    let copy = backup::newest_good_index(&profiles.home);
    let from_copy = copy.is_some();
    profiles.write_index(&copy.unwrap_or_default())?;
    tracing::warn!(set_aside = %set_aside.display(), from_copy, "the index was damaged and has been restored");
    Ok(Some(Repair::IndexRestored { set_aside, from_copy }))
}

/// Takes a folder in that the index does not know. `false` if it was a rename to finish, or brought nothing new.
fn adopt(profiles: &Profiles, index: &mut Index, name: &ProfileName, login: &AuthDocument) -> Result<bool, StoreError> {
    let Some(subject) = login.subject() else { return Ok(false) };
    if let Some(known) = index.of_subject(&subject) {
        let Ok(stored) = vault::read(&profiles.home, &known.name) else {
            if files::entry(&profiles.home.profile_folder(&known.name))? == Entry::Missing {
                // A rename was cut off between the folder and the index.
                known.name = name.clone();
            }
            return Ok(false);
        };
        if login.freshness_against(&stored) == Freshness::Newer {
            vault::write(profiles, &known.name, login)?;
        }
        return Ok(false);
    }
    index.profiles.push(Profile {
        id: ProfileId::random(&*profiles.entropy),
        name: name.clone(),
        kind: kind(login),
        subject,
        email: email(login),
        plan: plan(login),
        paused: false,
        needs_sign_in: false,
        refused_token: None,
        details: ProfileDetails::default(),
        imported_from: None,
        added_at: profiles.clock.now(),
        last_live_at: None,
        unknown: serde_json::Map::new(),
    });
    Ok(true)
}
