//! Mending at start: a damaged index, and what a killed process left half done. No login is ever dropped.

use std::collections::HashSet;
use std::path::PathBuf;

use jiff::Timestamp;

use super::generations::{self, Generation};
use super::home::Home;
use super::index::{self, Found, Index};
use super::profiles::{Owner, Profiles, StoreError};
use super::{backup, removal, staged};
use crate::base::files::{self, Entry, FileError};
use crate::model::auth_document::{AuthDocument, Freshness};
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};

/// What was mended, for a word to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// The index was damaged or gone: its newest good copy was restored.
    IndexRestored {
        /// Where the damaged one is now.
        set_aside: Option<PathBuf>,
        /// Whether there was a good copy; else the profiles were found again by their folders.
        from_copy: bool,
    },
    /// The vault's own file was damaged: it was set aside and its copy restored.
    VaultRestored {
        /// Where the damaged one is now.
        set_aside: PathBuf,
    },
    /// A login was damaged, gone, or written over by an older one: its copy was restored.
    LoginRestored {
        /// Whose.
        name: ProfileName,
        /// Where the damaged one is now, if there was one.
        set_aside: Option<PathBuf>,
        /// When the restored one was written, if it says so.
        written_at: Option<Timestamp>,
    },
    /// A folder with a login that no profile had is a profile again.
    Adopted {
        /// Its name.
        name: ProfileName,
    },
}

/// Whether the next start would have to bring the index back: it is damaged, or gone although there are copies of it. Changes nothing.
pub fn is_index_lost(home: &Home) -> Result<bool, FileError> {
    Ok(match index::read(home)? {
        Found::Damaged => true,
        Found::Nothing => backup::newest_good_index(home).is_some(),
        Found::Index(_) | Found::Newer => false,
    })
}

/// Call with the index's lock held.
pub(super) fn repair(profiles: &Profiles) -> Result<Vec<Repair>, StoreError> {
    let mut repairs: Vec<_> = profiles.vault.mend()?.map(|set_aside| Repair::VaultRestored { set_aside }).into_iter().collect();
    repairs.extend(mend_index(profiles)?);
    let orphans = finish_saves(profiles)?;
    let before = profiles.read_index()?;
    let mut index = (*before).clone();
    // Nearly all of them, nearly always: a start must not take longer the more profiles there are.
    let look = profiles.look_at_start(&index.profiles);
    let is_touched = |profile: &Profile| !look.is_untouched(&profile.name);
    // In a vault that is not open everything stays as it lies, until it is opened.
    let open = profiles.vault.look().is_ok();
    for profile in index.profiles.iter_mut().filter(|profile| open && is_touched(profile)) {
        staged::take_in(profiles, profile)?;
    }
    let known: HashSet<String> = index.profiles.iter().map(|profile| profile.name.as_str().to_owned()).collect();
    for folder in files::names(&profiles.home.profiles())? {
        let Some(name) = ProfileName::parse(&folder).ok().filter(|_| !known.contains(&folder)) else { continue };
        if name.as_str() != folder || index.holder_of(&name, None).is_some() {
            continue;
        }
        if open {
            staged::finish(profiles, &name)?;
        }
        let Ok(login) = profiles.vault.read(&name) else { continue };
        if adopt(profiles, &mut index, &name, &login)? {
            repairs.push(Repair::Adopted { name });
        }
    }
    // A removal was cut off between the folder and the index.
    let cut_off = |profile: &Profile| {
        files::entry(&profiles.home.profile_folder(&profile.name)).is_ok_and(|entry| entry == Entry::Missing)
            && files::entry(&removal::place(&profiles.home, &profile.id)).is_ok_and(|entry| entry == Entry::Folder)
    };
    index.profiles.retain(|profile| !is_touched(profile) || !cut_off(profile));
    for (_, login) in orphans.iter().filter(|(_, login)| login.subject().is_some()) {
        profiles.take_in(&mut index, login, Owner::AsBefore, |stored| login.freshness_against(stored) == Freshness::Newer)?;
    }
    if index != *before {
        profiles.write_index(&index)?;
    }
    for (id, _) in &orphans {
        generations::abandon(profiles, id)?;
    }
    for profile in index.profiles.iter().filter(|profile| is_touched(profile)) {
        let folder = profiles.home.profile_folder(&profile.name);
        let lost = files::entry(&folder)? == Entry::Missing;
        if lost && generations::copy(profiles, &profile.id, Generation::Current).is_ok_and(|copy| copy.is_some()) {
            files::create_private_folder(&folder)?;
            profiles.heal(&profile.id)?;
        }
    }
    repairs.extend(profiles.take_mended());
    Ok(repairs)
}

/// Finishes the saves that a kill cut off; gives those of accounts that the index did not know yet.
fn finish_saves(profiles: &Profiles) -> Result<Vec<(ProfileId, AuthDocument)>, StoreError> {
    let known = profiles.read_index()?;
    let mut orphans = Vec::new();
    for id in generations::all_unfinished(&profiles.home)? {
        if known.find(&id).is_ok() {
            // One that does not heal keeps its word for when it is read.
            let _ = profiles.heal(&id);
        } else if let Ok(Some(login)) = generations::unfinished(profiles, &id) {
            orphans.push((id, login));
        }
    }
    Ok(orphans)
}

/// Sets a damaged index aside and puts its newest good copy in its place; the same for one that is gone. Call with the
/// index's lock held.
pub(super) fn mend_index(profiles: &Profiles) -> Result<Option<Repair>, StoreError> {
    let home = &profiles.home;
    let damaged = match profiles.find_index()? {
        Found::Index(_) | Found::Newer => return Ok(None),
        Found::Nothing => false,
        Found::Damaged => true,
    };
    let copy = backup::newest_good_index(home);
    if !damaged && copy.is_none() {
        // A new home.
        return Ok(None);
    }
    let set_aside = damaged.then(|| home.backups().join(format!("auth-profiles.damaged-{:013}.json", profiles.now_in_milliseconds())));
    if let Some(place) = &set_aside {
        files::rename(&home.index(), place)?;
    }
    let from_copy = copy.is_some();
    profiles.write_index(&copy.unwrap_or_default())?;
    tracing::warn!(?set_aside, from_copy, "the index was damaged or gone, and has been restored");
    Ok(Some(Repair::IndexRestored { set_aside, from_copy }))
}

/// Takes a folder in that the index does not know. `false` if it was a rename to finish, or brought nothing new.
fn adopt(profiles: &Profiles, index: &mut Index, name: &ProfileName, login: &AuthDocument) -> Result<bool, StoreError> {
    let Some(subject) = login.subject() else { return Ok(false) };
    if let Some(known) = index.of_subject(&subject) {
        if files::entry(&profiles.home.profile_folder(&known.name))? == Entry::Missing {
            // A rename was cut off between the folder and the index.
            known.name = name.clone();
            return Ok(false);
        }
        let known = known.clone();
        let Ok(stored) = profiles.read_login_locked(&known) else { return Ok(false) };
        // Only logins of one account are compared: another's is never written over.
        if stored.subject().as_ref() == Some(&subject) && login.freshness_against(&stored) == Freshness::Newer {
            profiles.store_login(&known.id, &known.name, login)?;
        }
        return Ok(false);
    }
    index.profiles.push(Profile { name: name.clone(), ..profiles.new_profile(login, subject) });
    Ok(true)
}
