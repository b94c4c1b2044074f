//! A keyring that is locked, absent, slow or lying, and a passphrase that was not given: states of the vault, never of a login.

use codex_lab_core::base::secret::Secret;
use codex_lab_core::model::snapshot::{VaultMode, VaultState};
use codex_lab_core::store::profiles::StoreError;
use codex_lab_core::store::vault::VaultError;
use codex_lab_tests::pocket_keyring::Mood;

use crate::logins::chatgpt;
use crate::world::{World, files_below, parse};

#[test]
fn each_trouble_is_a_state_of_its_own_and_changes_nothing() {
    let cases = [
        (Mood::Locked, VaultState::Locked),
        (Mood::Denying, VaultState::Denied),
        (Mood::Silent, VaultState::Denied),
        (Mood::Absent, VaultState::Missing),
        (Mood::Garbled, VaultState::Corrupt),
    ];
    let world = World::full();
    world.move_to(VaultMode::Keyring);
    let before = (world.contents(), files_below(world.home.root()));
    for (mood, state) in cases {
        world.keyring.set_mood(mood);
        let profiles = world.fresh();
        profiles.repair().unwrap();
        assert_eq!(profiles.vault().look().unwrap_err().state(), Some(state), "{mood:?}");
        for profile in profiles.list().unwrap() {
            assert!(matches!(profiles.login(&profile.id), Err(StoreError::Vault(_))), "{mood:?}");
            assert!(!profile.needs_sign_in);
        }
        // Neither a newer login nor an older one goes anywhere, nor is any taken for damaged.
        for age in [0, 9] {
            assert!(matches!(profiles.keep(&parse(&chatgpt("main", age))), Err(StoreError::Vault(_))), "{mood:?}");
            assert!(matches!(profiles.sign_in(&parse(&chatgpt("fresh", age))), Err(StoreError::Vault(_))), "{mood:?}");
        }
        profiles.rename(&profiles.list().unwrap()[0].id, "other").unwrap();
        profiles.rename(&profiles.list().unwrap()[0].id, "main").unwrap();
        world.keyring.set_mood(Mood::Open);
        let mut after = files_below(world.home.root());
        after.retain(|path| !path.starts_with(world.home.backups().join("index")));
        let mut expected = before.1.clone();
        expected.retain(|path| !path.starts_with(world.home.backups().join("index")));
        assert_eq!(after.len(), expected.len(), "{mood:?}: {after:?}");
    }
    world.assert_at_rest("after all");
}

#[test]
fn a_key_that_is_gone_or_another_one_is_told() {
    let world = World::full();
    world.move_to(VaultMode::Keyring);
    let item = world.keyring.items().unwrap().remove(0);
    let key = std::fs::read_to_string(&item).unwrap();
    for (text, state) in [
        (None, VaultState::Missing),
        (Some("not a key".to_owned()), VaultState::Corrupt),
        (Some(key.chars().rev().collect()), VaultState::Corrupt),
    ] {
        match &text {
            None => std::fs::remove_file(&item).unwrap(),
            Some(text) => std::fs::write(&item, text).unwrap(),
        }
        assert_eq!(world.fresh().vault().look().unwrap_err().state(), Some(state), "{text:?}");
    }
    std::fs::write(&item, key).unwrap();
    world.fresh().vault().look().unwrap();
}

#[test]
fn the_keyring_is_asked_once_and_a_refusal_is_believed_until_the_user_tries_again() {
    let world = World::full();
    world.move_to(VaultMode::Keyring);
    let profiles = world.fresh();
    let asked = world.keyring.times_asked();
    for _ in 0..3 {
        profiles.list().unwrap().iter().for_each(|profile| drop(profiles.login_of(profile).unwrap()));
    }
    assert_eq!(world.keyring.times_asked(), asked + 1);

    let refused = world.fresh();
    world.keyring.set_mood(Mood::Denying);
    for _ in 0..3 {
        assert!(matches!(refused.vault().look(), Err(VaultError::Denied)));
    }
    assert_eq!(world.keyring.times_asked(), asked + 2);
    world.keyring.set_mood(Mood::Open);
    assert!(matches!(refused.vault().look(), Err(VaultError::Denied)), "nobody has asked for another try");
    refused.vault().unlock(None).unwrap();
    refused.vault().look().unwrap();
}

#[test]
fn locking_reaches_every_process() {
    for mode in [VaultMode::Keyring, VaultMode::Passphrase] {
        let world = World::full();
        world.move_to(mode);
        let other = world.fresh();
        World::unlock(&other).unwrap();
        let id = other.list().unwrap()[0].id.clone();
        other.login(&id).unwrap();
        world.profiles.lock_vault().unwrap();
        for profiles in [&world.profiles, &other] {
            assert!(matches!(profiles.login(&id), Err(StoreError::Vault(VaultError::LockedByUser))), "{mode:?}");
        }
        for profiles in [&world.profiles, &other] {
            World::unlock(profiles).unwrap();
            profiles.login(&id).unwrap();
        }
    }
    assert!(matches!(World::full().profiles.lock_vault(), Err(StoreError::Vault(VaultError::NothingToLock))));
}

#[test]
fn only_the_right_passphrase_opens() {
    let world = World::full();
    world.move_to(VaultMode::Passphrase);
    let profiles = world.fresh();
    assert!(matches!(profiles.vault().look(), Err(VaultError::PassphraseNeeded)));
    assert!(matches!(profiles.vault().unlock(None), Err(VaultError::PassphraseNeeded)));
    for wrong in ["", "planted horse battery stapl", "Planted horse battery staple"] {
        assert!(matches!(profiles.vault().unlock(Some(&Secret::new(wrong))), Err(VaultError::WrongPassphrase)), "{wrong}");
    }
    World::unlock(&profiles).unwrap();
    profiles.vault().look().unwrap();
    let id = profiles.list().unwrap()[0].id.clone();
    assert!(matches!(profiles.vault().unlock(Some(&Secret::new("wrong"))), Err(VaultError::WrongPassphrase)), "checked when open, too");
    profiles.login(&id).unwrap();
}
