//! Looks at a real store, whose files are made to look old.

use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use super::*;
use crate::base::samples::ports;
use crate::model::samples::login;

struct Store {
    folder: tempfile::TempDir,
    profiles: Profiles,
    profile: Profile,
}

fn store() -> Store {
    let folder = tempfile::tempdir().unwrap();
    let profiles = open(folder.path());
    let profile = profiles.keep(&login("ada", "w", 1)).unwrap().profile;
    Store { folder, profiles, profile }
}

fn open(folder: &Path) -> Profiles {
    let ports = ports(folder);
    Profiles::open(Home::open(&ports.environment).unwrap(), &ports)
}

/// Whether nothing needs to be opened.
fn knows(profiles: &Profiles, profile: &Profile) -> bool {
    profiles.look(std::slice::from_ref(profile)).is_untouched(&profile.name)
}

impl Store {
    fn login_file(&self) -> std::path::PathBuf {
        self.profiles.home.login_file(&self.profile.name)
    }

    fn look(&self) -> Result<(), StoreError> {
        let look = self.profiles.look(std::slice::from_ref(&self.profile));
        self.profiles.look_at(&look, &self.profile)
    }

    /// Makes the login, its folder and the index look as if they were written long ago.
    fn age(&self) {
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for path in [self.login_file(), self.profiles.home.profile_folder(&self.profile.name), self.profiles.home.index()] {
            File::open(path).unwrap().set_modified(long_ago).unwrap();
        }
    }

    /// Damages the login; its size stays.
    fn damage(&self) {
        fs::write(self.login_file(), " ".repeat(fs::read(self.login_file()).unwrap().len())).unwrap();
        // Else it would be healed.
        fs::remove_dir_all(self.profiles.home.backups()).unwrap();
    }
}

#[test]
fn a_login_is_read_again_only_when_its_file_has_changed() {
    let store = store();
    store.age();
    assert!(!knows(&store.profiles, &store.profile));
    store.look().unwrap();
    assert!(knows(&store.profiles, &store.profile));
    store.damage();
    assert!(store.look().is_err());
    store.age();
    assert!(store.look().is_ok(), "a stamp is all that is looked at");
}

#[test]
fn the_next_process_knows_what_this_one_saw() {
    let store = store();
    store.age();
    store.look().unwrap();
    store.profiles.keep_look(std::slice::from_ref(&store.profile));
    assert!(knows(&open(store.folder.path()), &store.profile));
    for bad in ["", "[]", "{\"x\":1}", "\u{0}"] {
        fs::write(file(&store.profiles.home), bad).unwrap();
        let other = open(store.folder.path());
        assert!(!knows(&other, &store.profile), "{bad:?}");
        other.look_at(&other.look(&[]), &store.profile).unwrap();
    }
}

#[test]
fn what_was_written_just_now_is_read_every_time() {
    let store = store();
    store.look().unwrap();
    assert!(!knows(&store.profiles, &store.profile));
    store.damage();
    assert!(store.look().is_err());
}

#[test]
fn what_a_killed_writer_left_is_never_overlooked() {
    let store = store();
    let left = store.profiles.home.profile_folder(&store.profile.name).join(".auth.json.4000000000-0.tmp");
    fs::write(&left, login("ada", "w", 2).text().expose()).unwrap();
    store.age();
    // Seen while it lay there: that is not whole, though the login itself is.
    store.look().unwrap();
    assert!(!knows(&store.profiles, &store.profile));
    let other = open(store.folder.path());
    other.repair().unwrap();
    assert_eq!(other.login_of(&store.profile).unwrap().text(), login("ada", "w", 2).text());
}

#[test]
fn the_index_is_parsed_again_when_it_has_changed() {
    let store = store();
    store.age();
    let names = |profiles: &Profiles| profiles.list().unwrap().iter().map(|it| it.name.to_string()).collect::<Vec<_>>();
    let before = names(&store.profiles);
    assert_eq!(names(&store.profiles), before);
    open(store.folder.path()).rename(&store.profile.id, "other").unwrap();
    assert_eq!(names(&store.profiles), ["other"]);
}
