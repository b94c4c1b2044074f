//! Listing copies and putting them back, on real files in a temporary home.

use super::*;
use crate::base::files;
use crate::base::samples::ports;
use crate::model::samples::login;
use crate::store::home::Home;

struct Store {
    _folder: tempfile::TempDir,
    profiles: Profiles,
    id: ProfileId,
}

/// A home with one profile whose login was renewed twice.
fn store() -> Store {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports(folder.path());
    let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
    for day in 1..=2 {
        profiles.keep(&login("ada", "w", day)).unwrap();
    }
    let id = profiles.keep(&login("ada", "w", 3)).unwrap().profile.id;
    Store { _folder: folder, profiles, id }
}

impl Store {
    fn standings(&self) -> Vec<(String, Result<Standing, StoreError>)> {
        let copies = self.profiles.copies().unwrap().into_iter().filter(|copy| copy.profile.is_some());
        copies.map(|copy| (copy.id.rsplit('-').next().unwrap().to_owned(), copy.standing)).collect()
    }

    fn day(&self) -> u8 {
        let text = self.profiles.login(&self.id).unwrap().text().expose().to_owned();
        (1..9).find(|day| login("ada", "w", *day).text().expose() == text).unwrap()
    }

    fn name(&self, which: &str) -> String {
        format!("login-{}-{which}", self.id)
    }
}

#[test]
fn the_list_says_how_each_copy_stands_to_what_is_there() {
    let store = store();
    let found: Vec<_> = store.standings().into_iter().map(|(id, standing)| (id, standing.unwrap())).collect();
    let expected = [("current", Standing::Current), ("2", Standing::Older), ("1", Standing::Older)];
    assert_eq!(found, expected.map(|(id, standing)| (id.to_owned(), standing)));
    let index: Vec<_> = store.profiles.copies().unwrap().into_iter().filter(|copy| copy.profile.is_none()).collect();
    assert!(index[0].id.starts_with("index-") && matches!(index[0].standing, Ok(Standing::Current)), "{index:?}");

    let damaged = store.profiles.home.backups().join("logins").join(store.id.as_str()).join("00000001.copy");
    files::write_private(&damaged, b"{").unwrap();
    assert!(matches!(store.standings()[2].1, Err(StoreError::BadCopy)));
    assert!(matches!(store.profiles.put_back(&store.name("1"), true), Err(StoreError::BadCopy)));
}

#[test]
fn an_older_login_is_put_back_only_by_force_and_what_was_there_stays_as_a_copy() {
    let store = store();
    assert!(matches!(store.profiles.put_back(&store.name("1"), false), Err(StoreError::OlderCopy { .. })));
    assert_eq!(store.day(), 3);
    store.profiles.put_back(&store.name("1"), true).unwrap();
    assert_eq!(store.day(), 1);
    // And back: the newer one needs no force.
    let newest = store.standings().into_iter().find(|(_, standing)| matches!(standing, Ok(Standing::Older | Standing::Newer))).unwrap().0;
    store.profiles.put_back(&store.name(&newest), true).unwrap();
    assert_eq!(store.day(), 3);
    store.profiles.put_back(&store.name("current"), false).unwrap();
    assert_eq!(store.day(), 3, "what is there already changes nothing");
}

#[test]
fn where_nothing_usable_is_left_an_older_copy_still_needs_force_and_the_damaged_file_is_kept() {
    let store = store();
    let name = store.profiles.get(&store.id).unwrap().name;
    let copy = store.profiles.home.backups().join("logins").join(store.id.as_str()).join("current.copy");
    for path in [&copy, &store.profiles.home.login_file(&name)] {
        files::write_private(path, b"{damaged").unwrap();
    }
    assert!(matches!(store.profiles.put_back(&store.name("2"), false), Err(StoreError::OlderCopy { .. })));
    store.profiles.put_back(&store.name("2"), true).unwrap();
    assert_eq!(store.day(), 2);
    let aside = store.profiles.home.backups().join("set-aside");
    let kept = files::names(&aside).unwrap();
    assert_eq!(files::read(&aside.join(&kept[0]), 99).unwrap().unwrap(), b"{damaged");
}

#[test]
fn the_login_of_a_profile_that_is_gone_becomes_one_again() {
    let store = store();
    store.profiles.remove(&store.id, true).unwrap();
    assert!(matches!(store.standings()[0].1, Ok(Standing::Alone)));
    store.profiles.put_back(&store.name("current"), false).unwrap();
    let list = store.profiles.list().unwrap();
    assert_eq!(store.profiles.login_of(&list[0]).unwrap().text(), login("ada", "w", 3).text());
}

#[test]
fn what_names_no_copy_is_refused() {
    let store = store();
    for name in ["", "index-", "index-999", "login-x-current", "login-0123456789abcdef-current", "login-../../etc-1", "../x"] {
        assert!(matches!(store.profiles.put_back(name, true), Err(StoreError::NoSuchCopy)), "{name}");
    }
    assert_eq!(Named::parse(&store.name("12")), Some(Named::Login(store.id.clone(), Generation::Replaced(12))));
}
