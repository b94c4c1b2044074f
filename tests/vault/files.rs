//! Sealed files, and the vault's own, that were cut, flipped, swapped or brought from elsewhere.

use std::fs;

use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snapshot::{VaultMode, VaultState};
use codex_lab_core::store::profiles::{Repair, StoreError};
use codex_lab_core::store::vault::VaultError;

use crate::logins::chatgpt;
use crate::world::{World, parse};

/// A home in keyring mode with one login that has no copy.
fn without_copies() -> (World, codex_lab_core::model::profile::ProfileId) {
    let world = World::new();
    world.keep(&chatgpt("main", 1));
    let id = world.profiles.list().unwrap()[0].id.clone();
    world.move_to(VaultMode::Keyring);
    fs::remove_dir_all(world.home.backups().join("logins")).unwrap();
    (world, id)
}

#[test]
fn every_cut_and_every_kind_of_flip_is_a_damaged_login_and_nothing_else() {
    let (world, id) = without_copies();
    let place = world.place(&id);
    let good = fs::read(&place).unwrap();
    let flips = (0..good.len() * 8).step_by(97).map(|bit| {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    });
    let cuts = (0..good.len()).step_by(41).map(|length| good[..length].to_vec());
    for bytes in flips.chain(cuts) {
        fs::write(&place, &bytes).unwrap();
        let error = world.profiles.login(&id).unwrap_err();
        // What is no sealed file any more is read as a plain one, which it is not either.
        let damaged =
            matches!(error, StoreError::BadSeal { source: VaultError::Damaged, .. } | StoreError::BadLogin { .. } | StoreError::File(_));
        assert!(damaged || matches!(error, StoreError::Vault(VaultError::Newer)), "{error:?}");
        assert!(fs::read(&place).unwrap() == bytes, "it is left as it is");
        let failure = Failure::from(error);
        assert!(!failure.hints.is_empty() && failure.code != Code::NeedsSignIn, "{failure:?}");
    }
    fs::write(&place, &good).unwrap();
    world.profiles.login(&id).unwrap();
}

#[test]
fn a_damaged_login_comes_back_from_its_sealed_copy() {
    let world = World::full();
    world.move_to(VaultMode::Passphrase);
    let main = world.keep(&chatgpt("main", 4));
    let place = world.place(&main.id);
    fs::write(&place, &fs::read(&place).unwrap()[..99]).unwrap();
    assert_eq!(world.profiles.login(&main.id).unwrap().text(), parse(&chatgpt("main", 4)).text());
    assert!(matches!(world.profiles.take_mended().as_slice(), [Repair::LoginRestored { set_aside: Some(_), .. }]));
    world.profiles.login(&main.id).unwrap();
}

#[test]
fn a_login_from_another_machine_and_one_of_a_newer_version_are_told_apart() {
    let (world, id) = without_copies();
    let (other, other_id) = without_copies();
    let place = world.place(&id);
    let mut good = fs::read(&place).unwrap();
    fs::copy(other.place(&other_id), &place).unwrap();
    let error = world.profiles.login(&id).unwrap_err();
    assert!(matches!(error, StoreError::BadSeal { source: VaultError::Foreign, .. }), "{error:?}");
    assert!(Failure::from(error).message.contains("another machine"));

    good["CLVAULT".len()] += 1;
    fs::write(&place, &good).unwrap();
    let error = world.profiles.login(&id).unwrap_err();
    assert!(matches!(error, StoreError::Vault(VaultError::Newer)), "{error:?}");
    assert_eq!(Failure::from(error).code, Code::NewerVersion);

    // The whole home on a machine with a keyring of its own.
    let elsewhere = World::new();
    for (from, to) in [(world.home.vault(), elsewhere.home.vault()), (world.home.index(), elsewhere.home.index())] {
        fs::copy(from, to).unwrap();
    }
    let error = elsewhere.profiles.vault().look().unwrap_err();
    assert_eq!(error.state(), Some(VaultState::Missing), "{error:?}");
    assert!(Failure::from(error).hints[0].contains("codex-lab export"));
}

#[test]
fn a_damaged_vault_file_comes_back_from_its_copy() {
    let world = World::full();
    world.move_to(VaultMode::Passphrase);
    let before = world.contents();
    let good = fs::read(world.home.vault()).unwrap();
    for bytes in [&good[..good.len() / 2], b"", b"[]", b"{\"schema\":1,\"mode\":\"file\"}"] {
        fs::write(world.home.vault(), bytes).unwrap();
        let profiles = world.fresh();
        assert_eq!(profiles.vault().mode().unwrap(), VaultMode::Passphrase, "already before it is mended");
        let repairs = profiles.repair().unwrap();
        assert!(
            matches!(repairs.as_slice(), [Repair::VaultRestored { set_aside }] if fs::read(set_aside).unwrap() == bytes),
            "{repairs:?}"
        );
        assert!(fs::read(world.home.vault()).unwrap() == good);
    }
    fs::remove_file(world.home.vault()).unwrap();
    world.fresh().repair().unwrap();
    assert!(fs::read(world.home.vault()).unwrap() == good);
    assert_eq!(world.contents(), before);
}

#[test]
fn without_vault_file_and_copy_nothing_is_deleted() {
    let world = World::full();
    world.move_to(VaultMode::Passphrase);
    let (header, copy) = (world.home.vault(), world.home.backups().join("vault.json"));
    let good = fs::read(&header).unwrap();
    for path in [&header, &copy] {
        fs::write(path, "{").unwrap();
    }
    let profiles = world.fresh();
    let error = profiles.vault().look().unwrap_err();
    assert_eq!(error.state(), Some(VaultState::Corrupt), "{error:?}");
    let id = profiles.list().unwrap()[0].id.clone();
    assert!(matches!(profiles.login(&id), Err(StoreError::Vault(VaultError::BadHeader))));
    assert!(profiles.keep(&parse(&chatgpt("main", 9))).is_err());
    fs::write(&header, good).unwrap();
    let profiles = world.fresh();
    World::unlock(&profiles).unwrap();
    profiles.login(&id).unwrap();
}
