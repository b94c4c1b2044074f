//! The vault in the terminal: its words, a passphrase that is piped in, and GNOME's real keyring.

use codex_lab_tests::gnome_keyring::KeyringBus;

use crate::expected::check;
use crate::world::{Ended, World};

const PASSPHRASE: &str = "planted horse battery";

fn said(ended: &Ended) -> String {
    format!("{}--- standard error\n{}", ended.stdout, ended.stderr)
}

async fn look(world: &World, name: &str, arguments: &[&str]) {
    check(world, name, &said(&world.good(arguments).await));
}

/// Runs a command that must succeed, with this on standard input.
async fn piped(world: &World, arguments: &[&str], input: &str) -> Ended {
    let ended = world.run_with(arguments, input).await;
    assert_eq!(ended.status, 0, "{arguments:?}: {ended:?}");
    ended
}

fn sealed(world: &World) -> bool {
    let folder = world.lab_home().join("auth-profiles").join("work");
    let there = |name: &str| folder.join(name).exists();
    assert_ne!(there("auth.json"), there("auth.json.sealed"));
    there("auth.json.sealed")
}

#[tokio::test]
async fn plain_files() {
    let world = World::with_trio().await;
    look(&world, "vault-status-file", &["vault", "status"]).await;
    look(&world, "vault-status-file-json", &["vault", "status", "--json"]).await;
    look(&world, "vault-unlock-file", &["vault", "unlock"]).await;
    look(&world, "vault-move-nowhere", &["vault", "move", "file"]).await;
    world.refused(&["vault", "lock"], "not_possible_now", 6).await;
    let asked = world.refused(&["vault", "move", "passphrase"], "invalid_input", 3).await;
    assert!(asked.contains("--passphrase-stdin"), "{asked}");
}

#[tokio::test]
async fn a_passphrase() {
    let world = World::with_trio().await;
    let weak = world.run_with(&["vault", "move", "passphrase", "--passphrase-stdin"], "short\n").await;
    assert!(weak.status == 3 && !sealed(&world), "{weak:?}");
    let moved = piped(&world, &["vault", "move", "passphrase", "--passphrase-stdin"], &format!("{PASSPHRASE}\n")).await;
    check(&world, "vault-move-passphrase", &said(&moved));
    assert!(sealed(&world));

    // Whoever only looks is not asked, and sees no profile signed out.
    look(&world, "vault-list-locked", &["list"]).await;
    look(&world, "vault-status-locked", &["vault", "status"]).await;
    look(&world, "vault-status-locked-json", &["vault", "status", "--json"]).await;
    look(&world, "vault-lock", &["vault", "lock"]).await;
    world.good(&["rename", "work", "job"]).await;
    world.good(&["rename", "job", "work"]).await;
    let doctor = world.run(&["doctor"]).await;
    assert!(doctor.status == 50 && doctor.stdout.contains("problem  vault: "), "{doctor:?}");
    for needing in [&["use", "work"][..], &["renew", "work"], &["login", "--device-code"]] {
        world.refused(needing, "vault_locked", 50).await;
    }
    assert!(!world.codex_home().join("auth.json").exists());

    let unlocked = piped(&world, &["vault", "unlock", "--passphrase-stdin"], PASSPHRASE).await;
    check(&world, "vault-unlock-passphrase", &said(&unlocked));
    let wrong = world.run_with(&["vault", "unlock", "--passphrase-stdin"], "planted but wrong").await;
    assert!(wrong.status == 54 && wrong.stderr.contains("[wrong_passphrase]"), "{wrong:?}");
    piped(&world, &["use", "work", "--vault-passphrase-stdin"], PASSPHRASE).await;
    assert!(world.codex_home().join("auth.json").exists());
    // The first line is the vault's, the rest the command's.
    let both = format!("{PASSPHRASE}\nplanted words for the export\n");
    piped(&world, &["export", "all.lab", "--passphrase-stdin", "--vault-passphrase-stdin"], &both).await;
    let other = format!("{PASSPHRASE}\nanother planted passphrase\n");
    piped(&world, &["vault", "move", "passphrase", "--passphrase-stdin", "--vault-passphrase-stdin"], &other).await;
    assert_eq!(world.run_with(&["vault", "move", "file", "--vault-passphrase-stdin"], PASSPHRASE).await.status, 54);
    piped(&world, &["vault", "move", "file", "--vault-passphrase-stdin"], "another planted passphrase").await;
    assert!(!sealed(&world));
    world.good(&["use", "main"]).await;
}

#[tokio::test]
async fn the_real_keyring_open_locked_and_gone() {
    let mut bus = KeyringBus::with_keyring().await.unwrap();
    let mut world = World::with_trio().await;
    world.set("DBUS_SESSION_BUS_ADDRESS", bus.address());
    look(&world, "vault-move-keyring", &["vault", "move", "keyring"]).await;
    assert!(sealed(&world));
    look(&world, "vault-status-keyring", &["vault", "status"]).await;
    let item = bus.secret_tool(&["search", "--all", "service", "Codex Lab"], "").await.unwrap();
    assert_eq!(String::from_utf8_lossy(&item.stdout).matches("label = ").count(), 1, "one item, one question");
    world.good(&["use", "work"]).await;
    look(&world, "vault-lock-keyring", &["vault", "lock"]).await;
    world.good(&["use", "main"]).await;
    look(&world, "vault-unlock-keyring", &["vault", "unlock"]).await;

    bus.lock().await.unwrap();
    for (name, status) in [("locked", 50), ("gone", 52)] {
        let vault = world.json(&["vault", "status"]).await;
        assert_eq!(vault["result"]["mode"], "keyring");
        assert_eq!(vault["result"]["state"], if name == "locked" { "locked" } else { "missing" });
        for profile in world.json(&["list"]).await["result"]["profiles"].as_array().unwrap() {
            assert_eq!(profile["state"], "locked", "{name}: {profile}");
        }
        let code = if name == "locked" { "vault_locked" } else { "vault_missing" };
        world.refused(&["use", "work"], code, status).await;
        world.refused(&["vault", "unlock"], code, status).await;
        world.refused(&["vault", "move", "file"], code, status).await;
        bus.stop_keyring().await.unwrap();
    }
    assert!(sealed(&world));

    bus.start_keyring().await.unwrap();
    world.good(&["use", "work"]).await;
    look(&world, "vault-move-file", &["vault", "move", "file"]).await;
    let item = bus.secret_tool(&["search", "--all", "service", "Codex Lab"], "").await.unwrap();
    assert!(!String::from_utf8_lossy(&item.stdout).contains("label = "), "the key went with the last sealed file");
    assert!(!sealed(&world));
}

#[tokio::test]
async fn no_session_bus_at_all() {
    let world = World::with_trio().await;
    world.refused(&["vault", "move", "keyring"], "vault_missing", 52).await;
    assert!(!sealed(&world));
    world.good(&["use", "work"]).await;
}
