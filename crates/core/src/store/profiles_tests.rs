//! The store on real files in a temporary home.

use super::*;
use crate::base::samples::ports;
use crate::model::auth_document::SIZE_LIMIT;
use crate::model::name::NameError;
use crate::model::samples::login;

struct Store {
    _folder: tempfile::TempDir,
    profiles: Profiles,
}

fn store() -> Store {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports(folder.path());
    let home = Home::open(&ports.environment).unwrap();
    Store { profiles: Profiles::open(home, &ports), _folder: folder }
}

fn names(profiles: &Profiles) -> Vec<String> {
    profiles.list().unwrap().iter().map(|profile| profile.name.to_string()).collect()
}

#[test]
fn a_new_identity_never_overwrites_another_profile() {
    let Store { profiles, .. } = &store();
    // One e-mail, two workspaces; and one workspace, two users.
    for (user, workspace) in [("ada", "w1"), ("ada", "w2"), ("bob", "w1")] {
        assert_eq!(profiles.keep(&login(user, workspace, 1)).unwrap().outcome, KeepOutcome::Added);
    }
    assert_eq!(names(profiles), ["ada-plus", "ada-plus-2", "bob-plus"]);
    for profile in profiles.list().unwrap() {
        assert_eq!(profiles.login(&profile.id).unwrap().subject(), Some(profile.subject));
    }
}

#[test]
fn an_older_login_never_replaces_a_newer_one() {
    let Store { profiles, .. } = &store();
    let id = profiles.keep(&login("ada", "w", 5)).unwrap().profile.id;
    assert_eq!(profiles.keep(&login("ada", "w", 4)).unwrap().outcome, KeepOutcome::Unchanged);
    assert_eq!(profiles.keep(&login("ada", "w", 6)).unwrap().outcome, KeepOutcome::Updated);
    assert_eq!(profiles.login(&id).unwrap().text(), login("ada", "w", 6).text());
    assert_eq!(profiles.sign_in(&login("ada", "w", 1)).unwrap().outcome, KeepOutcome::Updated, "the user's own sign-in always counts");
    assert_eq!(names(profiles).len(), 1);
}

#[test]
fn a_rename_moves_the_folder_and_refuses_a_taken_name() {
    let Store { profiles, .. } = &store();
    let ada = profiles.keep(&login("ada", "w", 1)).unwrap().profile.id;
    profiles.keep(&login("bob", "w", 1)).unwrap();
    assert!(matches!(profiles.rename(&ada, "BOB-plus"), Err(StoreError::NameTaken(_))));
    assert!(matches!(profiles.rename(&ada, "a/b"), Err(StoreError::Name(NameError::Character))));
    profiles.rename(&ada, "main").unwrap();
    profiles.rename(&ada, "Main").unwrap();
    assert_eq!(names(profiles), ["Main", "bob-plus"]);
    assert!(profiles.login(&ada).is_ok());
}

#[test]
fn a_removed_profile_comes_back_to_its_place() {
    let Store { profiles, .. } = &store();
    let ids: Vec<_> = ["a", "b", "c"].iter().map(|user| profiles.keep(&login(user, "w", 1)).unwrap().profile.id).collect();
    profiles.remove(&ids[1], true).unwrap();
    assert_eq!(names(profiles), ["a-plus", "c-plus"]);
    profiles.undo_remove().unwrap();
    assert_eq!(names(profiles), ["a-plus", "b-plus", "c-plus"]);
    assert!(profiles.login(&ids[1]).is_ok());
    assert!(matches!(profiles.undo_remove(), Err(StoreError::NothingRemoved)));
    profiles.remove(&ids[1], false).unwrap();
    assert!(profiles.removed().unwrap().is_empty());
}

#[test]
fn the_order_is_the_users() {
    let Store { profiles, .. } = &store();
    let ids: Vec<_> = ["a", "b", "c"].iter().map(|user| profiles.keep(&login(user, "w", 1)).unwrap().profile.id).collect();
    profiles.reorder(&[ids[2].clone(), ids[0].clone()]).unwrap();
    assert_eq!(names(profiles), ["c-plus", "a-plus", "b-plus"]);
}

#[test]
fn a_damaged_index_is_set_aside_and_restored() {
    let Store { profiles, .. } = &store();
    profiles.keep(&login("ada", "w", 1)).unwrap();
    profiles.keep(&login("bob", "w", 1)).unwrap();
    let text = files::read_text(&profiles.home.index(), SIZE_LIMIT).unwrap().unwrap();
    files::write_private(&profiles.home.index(), &text.as_bytes()[..text.len() / 2]).unwrap();
    assert_eq!(names(profiles).len(), 2, "reading works meanwhile");
    let repairs = profiles.repair().unwrap();
    let [Repair::IndexRestored { set_aside: Some(set_aside), from_copy: true }] = repairs.as_slice() else { panic!("{repairs:?}") };
    assert_eq!(files::read(set_aside, SIZE_LIMIT).unwrap().unwrap(), &text.as_bytes()[..text.len() / 2]);
    assert_eq!(names(profiles), ["ada-plus", "bob-plus"]);
}

#[test]
fn profiles_are_found_by_their_folders_when_every_index_is_gone() {
    let Store { profiles, .. } = &store();
    profiles.keep(&login("ada", "w", 1)).unwrap();
    files::remove(&profiles.home.index()).unwrap();
    files::remove_folder(&profiles.home.backups()).unwrap();
    assert_eq!(profiles.repair().unwrap().len(), 1);
    assert_eq!(names(profiles), ["ada-plus"]);
}

#[test]
fn a_newer_index_is_left_alone() {
    let Store { profiles, .. } = &store();
    files::write_private(&profiles.home.index(), br#"{"schema":2}"#).unwrap();
    assert!(matches!(profiles.keep(&login("ada", "w", 1)), Err(StoreError::NewerIndex)));
    assert_eq!(files::read_text(&profiles.home.index(), 99).unwrap().unwrap(), r#"{"schema":2}"#);
}

#[test]
fn what_a_kill_leaves_half_done_is_finished() {
    let Store { profiles, .. } = &store();
    let ada = profiles.keep(&login("ada", "w", 1)).unwrap().profile;
    // A rename cut off between folder and index.
    files::rename(&profiles.home.profile_folder(&ada.name), &profiles.home.profiles().join("main")).unwrap();
    profiles.repair().unwrap();
    assert_eq!(names(profiles), ["main"]);
    // A removal cut off there.
    files::create_private_folder(&profiles.home.backups().join("removed")).unwrap();
    files::rename(&profiles.home.profiles().join("main"), &profiles.home.backups().join("removed").join(ada.id.as_str())).unwrap();
    profiles.repair().unwrap();
    assert!(names(profiles).is_empty());
}

#[test]
fn a_thousand_profiles_live_side_by_side() {
    let Store { profiles, .. } = &store();
    // Written as they would lie there, without a thousand fsyncs; the repair takes them all in at once.
    for number in 0..999 {
        let folder = profiles.home.profiles().join(format!("user{number}"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("auth.json"), login(&format!("user{number}"), "w", 1).text().expose()).unwrap();
    }
    assert_eq!(profiles.repair().unwrap().len(), 999);
    profiles.keep(&login("last", "w", 1)).unwrap();
    let list = profiles.list().unwrap();
    assert_eq!(list.len(), 1000);
    for profile in list.iter().step_by(100) {
        assert_eq!(profiles.login(&profile.id).unwrap().subject().as_ref(), Some(&profile.subject));
    }
}

#[test]
fn another_accounts_login_in_a_profiles_place_is_never_compared_and_never_lost() {
    let Store { profiles, .. } = &store();
    let ada = profiles.keep(&login("ada", "w", 1)).unwrap().profile;
    let place = profiles.home.login_file(&ada.name);
    // Somebody put it there by hand; it is newer than anything of ours.
    files::write_private(&place, login("bob", "w", 9).text().expose().as_bytes()).unwrap();
    assert_eq!(profiles.keep(&login("ada", "w", 2)).unwrap().outcome, KeepOutcome::Updated);
    assert_eq!(profiles.login(&ada.id).unwrap().text(), login("ada", "w", 2).text());
    let bobs = profiles.copies().unwrap().into_iter().find(|copy| copy.email.as_deref() == Some("bob@example.com")).unwrap();
    profiles.put_back(&bobs.id, true).unwrap();
    let bob = profiles.list().unwrap().pop().unwrap();
    assert_eq!(profiles.login(&bob.id).unwrap().text(), login("bob", "w", 9).text());

    // A folder that no profile has, with a login of one whose own place holds another's.
    files::write_private(&place, login("bob", "w", 3).text().expose().as_bytes()).unwrap();
    let stray = profiles.home.profiles().join("stray");
    files::create_private_folder(&stray).unwrap();
    files::write_private(&stray.join("auth.json"), login("ada", "w", 5).text().expose().as_bytes()).unwrap();
    profiles.repair().unwrap();
    assert_eq!(files::read(&place, 1 << 20).unwrap().unwrap(), login("bob", "w", 3).text().expose().as_bytes());
}
