//! Removing a profile, and bringing the last removed one back.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::generations;
use super::home::Home;
use super::profiles::{Profiles, StoreError};
use crate::base::files;
use crate::base::sorting;
use crate::model::profile::{Profile, ProfileId};

/// So many removed profiles are kept, for the user's second thoughts.
const KEPT: usize = 10;
const NOTE_LIMIT: u64 = 64 << 10;

/// A removed profile that can come back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemovedProfile {
    /// As it was.
    pub profile: Profile,
    /// Its place in the order, from 0.
    pub position: usize,
    /// When.
    pub removed_at: Timestamp,
}

impl Profiles {
    /// Removes a profile. With `keep` it can be brought back; without, its login is deleted.
    pub fn remove(&self, id: &ProfileId, keep: bool) -> Result<Profile, StoreError> {
        let removed = self.change(|index| {
            let position = index.profiles.iter().position(|profile| profile.id == *id).ok_or(StoreError::NotFound)?;
            let profile = index.profiles.remove(position);
            let removed = RemovedProfile { profile, position, removed_at: self.clock.now() };
            let folder = self.home.profile_folder(&removed.profile.name);
            if self.is_rehearsal() {
                return Ok(removed);
            }
            if keep {
                let place = place(&self.home, id);
                files::create_private_folder(&removed_folder(&self.home))?;
                files::remove_folder(&place)?;
                let note = serde_json::to_string_pretty(&removed).map_err(StoreError::Encode)?;
                files::create_private_folder(&folder)?;
                files::write_private(&folder.join("profile.json"), note.as_bytes())?;
                // The folder goes before the index: `repair` finishes what was cut off in between.
                files::rename(&folder, &place)?;
            } else {
                // The copies first: none of them may bring back what is being deleted.
                generations::forget(&self.home, id)?;
                files::remove_folder(&folder)?;
            }
            Ok(removed)
        })?;
        if self.is_rehearsal() {
            return Ok(removed.profile);
        }
        for old in self.removed()?.into_iter().skip(KEPT) {
            generations::forget(&self.home, &old.profile.id)?;
            files::remove_folder(&place(&self.home, &old.profile.id))?;
        }
        Ok(removed.profile)
    }

    /// Removed profiles that can come back, the last one first.
    pub fn removed(&self) -> Result<Vec<RemovedProfile>, StoreError> {
        let folder = removed_folder(&self.home);
        let mut removed: Vec<RemovedProfile> = files::names(&folder)?
            .into_iter()
            .filter_map(|name| files::read_text(&folder.join(name).join("profile.json"), NOTE_LIMIT).ok()?)
            .filter_map(|text| serde_json::from_str(&text).ok())
            .collect();
        sorting::by_key(&mut removed, |removed| std::cmp::Reverse(removed.removed_at));
        Ok(removed)
    }

    /// Brings the profile back that was removed last, under another name if its own is taken now.
    pub fn undo_remove(&self) -> Result<Profile, StoreError> {
        let RemovedProfile { mut profile, position, .. } = self.removed()?.into_iter().next().ok_or(StoreError::NothingRemoved)?;
        self.change(|index| {
            if index.of_subject(&profile.subject).is_some() {
                return Err(StoreError::NothingRemoved);
            }
            profile.name = index.free_name(profile.name);
            if !self.is_rehearsal() {
                let folder = self.home.profile_folder(&profile.name);
                files::rename(&place(&self.home, &profile.id), &folder)?;
                files::remove(&folder.join("profile.json"))?;
            }
            index.profiles.insert(position.min(index.profiles.len()), profile.clone());
            Ok(profile)
        })
    }
}

fn removed_folder(home: &Home) -> PathBuf {
    home.backups().join("removed")
}

pub(super) fn place(home: &Home, id: &ProfileId) -> PathBuf {
    removed_folder(home).join(id.as_str())
}
