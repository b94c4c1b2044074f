//! Putting an earlier index back: names, order and remarks as they were. Which profiles there are, and their logins, stays as it is.

use super::index::Index;
use super::profiles::{Profiles, StoreError};
use crate::base::files::{self, Entry};
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};

/// Every place where a test may kill the process that puts an index back, in order.
pub const PLACES: &[&str] = &["rearrange.begun", "rearrange.parked", "rearrange.parking_indexed", "rearrange.renamed", "rearrange.indexed"];

/// A profile's folder that gets another name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rename {
    id: ProfileId,
    from: ProfileName,
    to: ProfileName,
}

impl Profiles {
    /// Gives the profiles the names, the order and the remarks that they have in `copy`. Those it does not know follow after
    /// the others; those it alone knows stay away.
    ///
    /// At no time does a folder lie under a name that the index gives to another profile: whoever holds a name that another
    /// one is to have moves to a name of its own first, with the index. So `repair` finishes each step that a kill cuts off.
    pub(super) fn rearrange(&self, copy: &Index) -> Result<(), StoreError> {
        self.checkpoint.reached("rearrange.begun");
        self.change(|index| {
            let wanted = arranged(index, copy);
            if self.park(index, &wanted)? && !self.is_rehearsal() {
                self.write_index(index)?;
                self.checkpoint.reached("rearrange.parking_indexed");
            }
            for Rename { from, to, .. } in renames(index, &wanted) {
                self.rename_folder(&from, &to)?;
                self.checkpoint.reached("rearrange.renamed");
            }
            *index = wanted;
            Ok(())
        })?;
        self.checkpoint.reached("rearrange.indexed");
        Ok(())
    }

    /// Moves profiles whose names others are to have to names that nobody has or is to have. Whether there were any.
    fn park(&self, index: &mut Index, wanted: &Index) -> Result<bool, StoreError> {
        let in_the_way = |rename: Rename| Some(index.holder_of(&rename.to, Some(&rename.id))?.id.clone());
        let to_park: Vec<ProfileId> = renames(index, wanted).into_iter().filter_map(in_the_way).collect();
        let mut taken = index.clone();
        taken.profiles.extend(wanted.profiles.iter().cloned());
        for id in &to_park {
            let profile = index.find_mut(id)?;
            let name = taken.free_name(profile.name.clone());
            self.rename_folder(&profile.name, &name)?;
            profile.name = name;
            taken.profiles.push(profile.clone());
            self.checkpoint.reached("rearrange.parked");
        }
        Ok(!to_park.is_empty())
    }

    /// A profile may have lost its folder: then there is nothing to rename.
    fn rename_folder(&self, from: &ProfileName, to: &ProfileName) -> Result<(), StoreError> {
        let folder = self.home.profile_folder(from);
        if !self.is_rehearsal() && files::entry(&folder)? == Entry::Folder {
            files::rename(&folder, &self.home.profile_folder(to))?;
        }
        Ok(())
    }
}

/// The profiles of `now` as `copy` has them.
fn arranged(now: &Index, copy: &Index) -> Index {
    let mut arranged = now.clone();
    arranged.profiles.clear();
    let same = |profile: &Profile, other: &Profile| profile.id == other.id || profile.subject == other.subject;
    for old in &copy.profiles {
        if let Some(profile) = now.profiles.iter().find(|profile| same(profile, old))
            && arranged.find(&profile.id).is_err()
        {
            let Profile { name, paused, details, .. } = old.clone();
            arranged.profiles.push(Profile { name, paused, details, ..profile.clone() });
        }
    }
    for profile in &now.profiles {
        if arranged.find(&profile.id).is_err() {
            let name = arranged.free_name(profile.name.clone());
            arranged.profiles.push(Profile { name, ..profile.clone() });
        }
    }
    arranged
}

/// What has to be renamed on the way from one index to another.
fn renames(now: &Index, wanted: &Index) -> Vec<Rename> {
    let renames = wanted.profiles.iter().filter_map(|profile| {
        let from = now.find(&profile.id).ok()?.name.clone();
        (from != profile.name).then(|| Rename { id: profile.id.clone(), from, to: profile.name.clone() })
    });
    renames.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::samples::ports;
    use crate::model::details::ProfileDetails;
    use crate::model::samples::login;
    use crate::store::home::Home;

    fn names(profiles: &Profiles) -> Vec<String> {
        profiles.list().unwrap().iter().map(|profile| profile.name.to_string()).collect()
    }

    #[test]
    fn names_order_and_remarks_go_back_and_no_login_does() {
        let folder = tempfile::tempdir().unwrap();
        let ports = ports(folder.path());
        let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
        let ids: Vec<_> = ["a", "b", "c"].iter().map(|user| profiles.keep(&login(user, "w", 1)).unwrap().profile.id).collect();
        for (id, name) in ids.iter().zip(["one", "two", "three"]) {
            profiles.rename(id, name).unwrap();
        }
        profiles.set_details(&ids[0], ProfileDetails { drain: true, ..ProfileDetails::default() }).unwrap();
        let copy = profiles.read_index().unwrap();

        // One and two change names, three goes, a fourth takes its name, and everything stands elsewhere.
        profiles.rename(&ids[0], "between").unwrap();
        profiles.rename(&ids[1], "one").unwrap();
        profiles.rename(&ids[0], "two").unwrap();
        profiles.set_details(&ids[0], ProfileDetails::default()).unwrap();
        profiles.remove(&ids[2], true).unwrap();
        let fourth = profiles.keep(&login("d", "w", 1)).unwrap().profile.id;
        profiles.rename(&fourth, "three").unwrap();
        profiles.reorder(&[fourth.clone(), ids[1].clone()]).unwrap();
        profiles.keep(&login("a", "w", 2)).unwrap();

        profiles.rearrange(&copy).unwrap();
        assert_eq!(names(&profiles), ["one", "two", "three"]);
        let list = profiles.list().unwrap();
        assert!(list[0].id == ids[0] && list[0].details.drain && list[2].id == fourth);
        for (profile, user) in list.iter().zip(["a", "b", "d"]) {
            let day = if user == "a" { 2 } else { 1 };
            assert_eq!(profiles.login_of(profile).unwrap().text(), login(user, "w", day).text(), "the newest login stays");
        }
        profiles.rearrange(&copy).unwrap();
        assert_eq!(profiles.list().unwrap(), list, "a second time changes nothing");
        assert!(profiles.repair().unwrap().is_empty());
    }

    #[test]
    fn a_name_that_the_copy_gives_to_another_profile_is_numbered() {
        let folder = tempfile::tempdir().unwrap();
        let ports = ports(folder.path());
        let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
        let ada = profiles.keep(&login("a", "w", 1)).unwrap().profile.id;
        profiles.rename(&ada, "main").unwrap();
        let copy = profiles.read_index().unwrap();
        profiles.rename(&ada, "old").unwrap();
        let bob = profiles.keep(&login("b", "w", 1)).unwrap().profile.id;
        profiles.rename(&bob, "main").unwrap();
        profiles.rearrange(&copy).unwrap();
        assert_eq!(names(&profiles), ["main", "main-2"]);
        for (profile, user) in profiles.list().unwrap().iter().zip(["a", "b"]) {
            assert_eq!(profiles.login_of(profile).unwrap().text(), login(user, "w", 1).text());
        }
    }
}
