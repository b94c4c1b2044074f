//! Damage to logins and to the index, bit by bit and byte by byte: afterwards there is what was there, or its last good copy.

use std::path::PathBuf;

use super::*;
use crate::base::ports::Ports;
use crate::base::samples::ports;
use crate::model::samples::login;
use crate::store::home::Home;
use crate::store::rotation::Rotated;

struct Store {
    _folder: tempfile::TempDir,
    ports: Ports,
    profiles: Profiles,
    profile: Profile,
}

/// A home with one profile whose login was renewed once.
fn store() -> Store {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports(folder.path());
    let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
    profiles.keep(&login("ada", "w", 4)).unwrap();
    let profile = profiles.keep(&login("ada", "w", 5)).unwrap().profile;
    Store { _folder: folder, ports, profiles, profile }
}

impl Store {
    fn file(&self) -> PathBuf {
        self.profiles.home.login_file(&self.profile.name)
    }

    /// What the next start finds, and what it says.
    fn start(&self) -> (Result<String, StoreError>, Vec<Repair>) {
        let profiles = Profiles::open(self.profiles.home.clone(), &self.ports);
        let mut said = profiles.repair().unwrap();
        let login = profiles.list().and_then(|list| profiles.login_of(&list[0])).map(|login| text(&login));
        said.extend(profiles.take_mended());
        (login, said)
    }
}

fn text(login: &AuthDocument) -> String {
    login.text().expose().to_owned()
}

/// A text spoilt in every way a disk or a crash spoils one.
fn spoilt(whole: &[u8]) -> Vec<(String, Vec<u8>)> {
    let cut = (0..whole.len()).step_by(23).map(|length| (format!("cut to {length}"), whole[..length].to_vec()));
    let flip = (0..whole.len() * 8).step_by(29).map(|bit| {
        let mut changed = whole.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        (format!("bit {bit} flipped"), changed)
    });
    let zeroed = ("zeroed".to_owned(), vec![0; whole.len()]);
    let half = ("half zeroed".to_owned(), [&whole[..whole.len() / 2], &vec![0; whole.len() / 2]].concat());
    let grown = ("far too large".to_owned(), vec![b' '; (2 << 20) + whole.len()]);
    cut.chain(flip).chain([zeroed, half, grown]).collect()
}

#[test]
fn a_damaged_login_is_set_aside_and_its_copy_restored_with_a_word() {
    let store = store();
    let good = text(&login("ada", "w", 5));
    for (how, bad) in spoilt(good.as_bytes()) {
        std::fs::write(store.file(), &bad).unwrap();
        let (found, said) = store.start();
        assert_eq!(found.unwrap(), good, "{how}");
        let [Repair::LoginRestored { set_aside: Some(place), name, .. }] = said.as_slice() else { panic!("{how}: {said:?}") };
        assert_eq!((files::read(place, u64::MAX).unwrap().unwrap() == bad, name), (true, &store.profile.name), "{how}");
        assert_eq!(std::fs::read_to_string(store.file()).unwrap(), good, "{how}");
        std::fs::remove_file(place).unwrap();
    }
}

#[test]
fn a_damaged_copy_harms_nothing_and_is_made_anew() {
    let store = store();
    let good = text(&login("ada", "w", 5));
    let copy = store.profiles.home.backups().join("logins").join(store.profile.id.as_str()).join("current.copy");
    let whole = std::fs::read_to_string(&copy).unwrap();
    for (how, bad) in spoilt(whole.as_bytes()).into_iter().step_by(3) {
        std::fs::write(&copy, &bad).unwrap();
        let (found, said) = store.start();
        assert_eq!((found.unwrap(), said.len()), (good.clone(), 0), "{how}");
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), whole, "{how}: {said:?}");
    }
}

#[test]
fn a_lost_login_comes_back_also_with_its_folder() {
    let store = store();
    let good = text(&login("ada", "w", 5));
    files::remove(&store.file()).unwrap();
    let (found, said) = store.start();
    assert_eq!(found.unwrap(), good);
    assert!(matches!(said.as_slice(), [Repair::LoginRestored { set_aside: None, .. }]), "{said:?}");
    files::remove_folder(&store.profiles.home.profile_folder(&store.profile.name)).unwrap();
    let (found, said) = store.start();
    assert_eq!((found.unwrap(), said.len()), (good, 1), "{said:?}");
}

#[test]
fn an_older_login_never_comes_back_by_itself() {
    let store = store();
    // The file and the newest copy are both damaged: the older generation stays where it is.
    let copy = store.profiles.home.backups().join("logins").join(store.profile.id.as_str()).join("current.copy");
    for path in [&copy, &store.file()] {
        std::fs::write(path, "{").unwrap();
    }
    let (found, said) = store.start();
    assert!(matches!(found, Err(StoreError::BadLogin { .. })) && said.is_empty(), "{said:?}");
    assert_eq!(std::fs::read_to_string(store.file()).unwrap(), "{", "it is left as it is");
}

#[test]
fn an_older_file_put_there_by_hand_does_not_stay() {
    let store = store();
    std::fs::write(store.file(), text(&login("ada", "w", 2))).unwrap();
    let (found, said) = store.start();
    assert_eq!((found.unwrap(), said.len()), (text(&login("ada", "w", 5)), 1));
}

#[test]
fn a_login_that_was_renewed_in_its_folder_wins_over_the_copy() {
    let store = store();
    let renewed = text(&login("ada", "w", 6));
    std::fs::write(store.file(), &renewed).unwrap();
    let (found, said) = store.start();
    assert_eq!((found.unwrap(), said.len()), (renewed.clone(), 0));
    // And is the copy from now on.
    std::fs::write(store.file(), "").unwrap();
    assert_eq!(store.start().0.unwrap(), renewed);
}

#[test]
fn another_accounts_login_is_left_alone() {
    let store = store();
    let other = text(&login("bob", "w", 6));
    std::fs::write(store.file(), &other).unwrap();
    let (found, said) = store.start();
    assert_eq!((found.unwrap(), said.len()), (other, 0));
}

#[test]
fn a_save_that_was_cut_off_is_finished() {
    let store = store();
    let renewed = login("ada", "w", 6);
    generations::begin(&store.profiles, &store.profile.id, &renewed).unwrap();
    assert_eq!(store.start().0.unwrap(), text(&renewed));
    // One that somebody has overtaken is dropped.
    generations::begin(&store.profiles, &store.profile.id, &login("ada", "w", 3)).unwrap();
    assert_eq!(store.start().0.unwrap(), text(&renewed));
    // One of an account that the index did not hold yet becomes a profile.
    let stranger = ProfileId::random(&*store.ports.entropy);
    generations::begin(&store.profiles, &stranger, &login("bob", "w", 1)).unwrap();
    store.start().0.unwrap();
    assert_eq!(store.profiles.list().unwrap().len(), 2);
    assert!(generations::all_unfinished(&store.profiles.home).unwrap().is_empty());
}

#[test]
fn renewed_tokens_that_found_no_place_wait_for_one_and_others_do_not() {
    let store = store();
    let folder = store.profiles.home.profile_folder(&store.profile.name);
    let aside = folder.with_file_name("aside");
    let block = || {
        files::rename(&folder, &aside).unwrap();
        std::fs::write(&folder, "in the way").unwrap();
    };
    let unblock = || {
        std::fs::remove_file(&folder).unwrap();
        files::rename(&aside, &folder).unwrap();
    };
    let spent = crate::store::rotation::refresh_token(&login("ada", "w", 5)).unwrap();
    block();
    store.profiles.sign_in(&login("ada", "w", 8)).unwrap_err();
    unblock();
    assert_eq!(store.start().0.unwrap(), text(&login("ada", "w", 5)), "what was refused left no trace");
    let name = &store.profile.name;
    block();
    store.profiles.store_renewed(&store.profile.id, name, &login("ada", "w", 7)).unwrap_err();
    unblock();
    assert_eq!(store.profiles.login(&store.profile.id).unwrap().text(), login("ada", "w", 7).text());
    assert!(matches!(store.profiles.replace(&store.profile.id, spent, &login("ada", "w", 9)).unwrap(), Rotated::Superseded(_)));
}

#[test]
fn a_damaged_index_gives_way_to_its_last_good_copy() {
    let store = store();
    let path = store.profiles.home.index();
    let good = std::fs::read_to_string(&path).unwrap();
    let profiles = store.profiles.list().unwrap();
    for (how, bad) in spoilt(good.as_bytes()) {
        std::fs::write(&path, &bad).unwrap();
        let (_, said) = store.start();
        assert_eq!(store.profiles.list().unwrap(), profiles, "{how}");
        match said.as_slice() {
            [Repair::IndexRestored { set_aside: Some(place), from_copy: true }] => {
                assert!(files::read(place, u64::MAX).unwrap().unwrap() == bad, "{how}");
                std::fs::remove_file(place).unwrap();
            }
            // The flip has hidden the sum, and what it sums is whole.
            said => assert!(said.is_empty() && how.contains("flipped"), "{how}: {said:?}"),
        }
    }
    std::fs::remove_file(&path).unwrap();
    let (_, said) = store.start();
    assert!(matches!(said.as_slice(), [Repair::IndexRestored { set_aside: None, from_copy: true }]), "{said:?}");
    assert_eq!(store.profiles.list().unwrap(), profiles);
}

#[test]
fn half_a_copy_goes_even_if_its_writer_lives() {
    let store = store();
    let saving = store.profiles.home.backups().join("saving");
    let (half, whole) = (saving.join(format!(".{}.copy.{}-0.tmp", store.profile.id.as_str(), std::process::id())), saving.join("other"));
    for file in [&half, &whole] {
        std::fs::write(file, "{\"tokens\"").unwrap();
    }
    store.profiles.sweep_copies().unwrap();
    assert_eq!((half.exists(), whole.exists()), (false, true));
    // Somebody may be at one.
    std::fs::write(&half, "{").unwrap();
    let at_work = FileLock::acquire(&store.profiles.home.lock("index"), "to save", PATIENCE).unwrap();
    assert!(store.profiles.sweep_copies().is_err() && half.exists());
    drop(at_work);
    store.profiles.sweep_copies().unwrap();
    assert!(!half.exists());
}
