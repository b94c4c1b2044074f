//! Moving everything from one mode into another.

use std::fs;

use codex_lab_core::base::secret::Secret;
use codex_lab_core::model::snapshot::VaultMode;
use codex_lab_core::store::profiles::StoreError;
use codex_lab_core::store::vault::VaultError;
use codex_lab_tests::pocket_keyring::Mood;

use crate::logins::chatgpt;
use crate::world::{MODES, World, files_below, parse};

#[test]
fn everything_goes_through_every_pair_of_modes_unchanged() {
    let world = World::full();
    let before = world.contents();
    assert!(before.iter().any(|line| line.starts_with("live ")) && before.iter().any(|line| line.starts_with("set aside ")), "{before:?}");
    for from in MODES {
        for to in MODES {
            world.move_to(from);
            world.move_to(to);
            let context = format!("{from:?} to {to:?}");
            world.assert_at_rest(&context);
            assert_eq!(world.contents(), before, "{context}");
            assert_eq!(world.fresh().vault().mode().unwrap(), to, "{context}");
        }
    }
    // The removed one comes back with its login, and what is written now is sealed too.
    world.move_to(VaultMode::Keyring);
    let back = world.profiles.undo_remove().unwrap();
    assert_eq!(world.profiles.login(&back.id).unwrap().text(), parse(&chatgpt("gone", 1)).text());
    world.keep(&chatgpt("gone", 2));
    world.keep(&chatgpt("new", 1));
    world.switch().to(Some(&back.id)).unwrap();
    world.switch().to(None).unwrap();
    world.assert_at_rest("after changes");
}

#[test]
fn a_process_that_knew_the_old_mode_notices_the_new_one() {
    let world = World::full();
    let id = world.keep(&chatgpt("main", 4)).id;
    let other = world.fresh();
    assert_eq!(other.login(&id).unwrap().text(), parse(&chatgpt("main", 4)).text());
    world.move_to(VaultMode::Keyring);
    other.keep(&parse(&chatgpt("main", 5))).unwrap();
    world.assert_at_rest("keyring");
    assert_eq!(world.profiles.login(&id).unwrap().text(), parse(&chatgpt("main", 5)).text());
    world.move_to(VaultMode::File);
    other.keep(&parse(&chatgpt("main", 6))).unwrap();
    world.assert_at_rest("file");
    assert_eq!(world.profiles.login(&id).unwrap().text(), parse(&chatgpt("main", 6)).text());
}

#[test]
fn a_keyring_that_does_not_keep_the_key_leaves_everything_as_it_was() {
    let world = World::full();
    let before = (world.contents(), files_below(world.home.root()));
    for mood in [Mood::Locked, Mood::Denying, Mood::Absent, Mood::Silent, Mood::Garbled, Mood::Forgetful] {
        world.keyring.set_mood(mood);
        let refused = world.profiles.move_vault(VaultMode::Keyring, None);
        assert!(matches!(refused, Err(StoreError::Vault(_))), "{mood:?}: {refused:?}");
        world.keyring.set_mood(Mood::Open);
        world.assert_at_rest(&format!("{mood:?}"));
        let ours = files_below(world.home.root()).into_iter().filter(|path| !path.ends_with("vault.json") && !path.ends_with("vault.lock"));
        assert!(ours.collect::<Vec<_>>() == before.1.iter().filter(|path| !path.ends_with("vault.lock")).cloned().collect::<Vec<_>>());
        assert_eq!(world.contents(), before.0, "{mood:?}");
    }
}

#[test]
fn a_closed_vault_is_not_moved() {
    let world = World::full();
    world.move_to(VaultMode::Passphrase);
    let closed = world.fresh();
    for mode in [VaultMode::File, VaultMode::Keyring] {
        let refused = closed.move_vault(mode, None);
        assert!(matches!(refused, Err(StoreError::Vault(VaultError::PassphraseNeeded))), "{refused:?}");
    }
    assert_eq!(closed.vault().mode().unwrap(), VaultMode::Passphrase);
    world.assert_at_rest("refused");
}

#[test]
fn the_passphrase_can_be_changed() {
    let world = World::full();
    world.move_to(VaultMode::Passphrase);
    let before = world.contents();
    world.profiles.move_vault(VaultMode::Passphrase, Some(&Secret::new("another planted one"))).unwrap();
    let other = world.fresh();
    assert!(matches!(World::unlock(&other), Err(VaultError::WrongPassphrase)));
    other.vault().unlock(Some(&Secret::new("another planted one"))).unwrap();
    other.move_vault(VaultMode::File, None).unwrap();
    assert_eq!(world.contents(), before);
}

#[test]
fn a_file_that_nobody_can_open_is_left_and_stops_nothing() {
    let world = World::full();
    world.move_to(VaultMode::Keyring);
    let set_aside = world.home.backups().join("set-aside");
    let damaged = set_aside.join("0000000000001-damaged.json");
    let source = files_below(&set_aside).remove(0);
    let mut bytes = fs::read(source).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&damaged, &bytes).unwrap();
    world.move_to(VaultMode::File);
    assert!(fs::read(&damaged).unwrap() == bytes);
    fs::remove_file(damaged).unwrap();
    world.assert_at_rest("the others");
}

#[test]
fn what_codex_wrote_into_a_profile_s_folder_since_is_not_lost() {
    let world = World::full();
    let profile = world.keep(&chatgpt("main", 4));
    world.move_to(VaultMode::Keyring);
    let plain = world.home.login_file(&profile.name);
    fs::write(&plain, chatgpt("main", 5)).unwrap();
    assert_eq!(world.fresh().login(&profile.id).unwrap().text(), parse(&chatgpt("main", 5)).text());
    world.keep(&chatgpt("main", 6));
    assert!(!plain.exists());
    assert_eq!(world.fresh().login(&profile.id).unwrap().text(), parse(&chatgpt("main", 6)).text());
}
