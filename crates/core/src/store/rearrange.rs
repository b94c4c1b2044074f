//! Putting an earlier index back: names, order and remarks as they were. Which profiles there are, and their logins, stays as it is.

use super::index::Index;
use super::profiles::{Profiles, StoreError};
use crate::base::files::{self, Entry};
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};

/// Every place where a test may kill the process that puts an index back, in order.
pub const PLACES: &[&str] = &["rearrange.begun", "rearrange.parked", "rearrange.renamed", "rearrange.indexed"];

/// A profile's folder that gets another name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rename {
    id: ProfileId,
    from: ProfileName,
    to: ProfileName,
}

impl Profiles {
    /// Gives the profiles the names, the order and the remarks that they have in `copy`. Those it does not know follow after
    /// the others; those it alone knows stay away. A kill in between leaves folders that `repair` knows by their logins.
    pub(super) fn rearrange(&self, copy: &Index) -> Result<(), StoreError> {
        self.checkpoint.reached("rearrange.begun");
        self.change(|index| {
            let (arranged, renames) = arranged(index, copy);
            self.rename_all(renames)?;
            *index = arranged;
            Ok(())
        })?;
        self.checkpoint.reached("rearrange.indexed");
        Ok(())
    }

    /// Renames folders, in an order in which none is in another's way; where they go round in a circle, one is parked.
    fn rename_all(&self, mut renames: Vec<Rename>) -> Result<(), StoreError> {
        let folder = |name: &ProfileName| self.home.profile_folder(name);
        renames.retain(|rename| files::entry(&folder(&rename.from)).is_ok_and(|entry| entry == Entry::Folder));
        while !renames.is_empty() {
            let free = |rename: &Rename| {
                rename.from.same_folder(&rename.to) || files::entry(&folder(&rename.to)).is_ok_and(|entry| entry == Entry::Missing)
            };
            if let Some(place) = renames.iter().position(free) {
                let Rename { from, to, .. } = renames.swap_remove(place);
                files::rename(&folder(&from), &folder(&to))?;
                self.checkpoint.reached("rearrange.renamed");
                continue;
            }
            let parked = ProfileName::parse(renames[0].id.as_str())?;
            files::rename(&folder(&renames[0].from), &folder(&parked))?;
            renames[0].from = parked;
            self.checkpoint.reached("rearrange.parked");
        }
        Ok(())
    }
}

/// The profiles of `now` as `copy` has them, and what has to be renamed for it.
fn arranged(now: &Index, copy: &Index) -> (Index, Vec<Rename>) {
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
    let renames = arranged.profiles.iter().filter_map(|profile| {
        let from = now.find(&profile.id).ok()?.name.clone();
        (from != profile.name).then(|| Rename { id: profile.id.clone(), from, to: profile.name.clone() })
    });
    let renames = renames.collect();
    (arranged, renames)
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
