//! `support-bundle`: shown before it is written, never written over anything, and without a secret or a name in it.

use std::fs;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt as _;

use codex_lab_tests::secrets::Search;

use crate::world::World;

/// Everything in the world that has no place in a bundle.
fn private(world: &World) -> Vec<String> {
    let mut private = world.sandbox.minted_secrets();
    for account in world.sandbox.accounts() {
        private.extend([account.email, account.user_id, account.account_id]);
        private.push(account.api_key);
    }
    private.push(world.home().display().to_string());
    private.extend(["anna-at-acme", "My label", "my own words", "hook-password", "bob@elsewhere.example"].map(str::to_owned));
    private.retain(|text| !text.is_empty());
    private
}

/// A world with secrets in its logs, which are not to be kept as what the test leaves.
struct Told(World);

impl Deref for Told {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.lab_home().join("logs"));
    }
}

/// A world in which everything that is private stands wherever it can stand.
async fn told() -> Told {
    let world = World::with_trio().await;
    world.good(&["rename", "work", "anna-at-acme"]).await;
    world.good(&["set", "anna-at-acme", "--label", "My label", "--note", "my own words"]).await;
    world.good(&["use", "anna-at-acme"]).await;
    world.good(&["remove", "backup"]).await;
    let hook = world.file("hook.sh", "#!/bin/sh\n");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o700)).unwrap();
    let settings = format!("[hooks]\nreset = [\"{}\", \"--header\", \"X: hook-password\"]\n", hook.display());
    world.file(".codex-lab/config.toml", &settings);
    let world = Told(world);
    let mut log = String::from("2026-11-22T02:25:47.123456Z  WARN codex_lab_core::engine: something stays readable\n");
    for secret in private(&world) {
        let line =
            format!("2026-11-22T02:25:47Z WARN a: x=\"{secret}\" of {secret}, Cookie: a={secret}\nhttps://x.example/p?code={secret}\n");
        log.push_str(&line);
    }
    log.push_str("Set-Cookie: session=cookie-value\n");
    for name in ["desktop.log", "desktop.log.1", "window.log"] {
        world.file(&format!(".codex-lab/logs/{name}"), &log);
    }
    world
}

#[tokio::test]
async fn nothing_private_is_in_a_bundle() {
    let world = told().await;
    let file = world.home().join("bundle.txt");
    let written = world.json(&["support-bundle", "--yes", "--output", file.to_str().unwrap()]).await;
    assert_eq!(written["result"]["path"].as_str().unwrap(), file.display().to_string());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains("cookie-value"), "{text}");
    for private in private(&world) {
        assert!(!text.to_lowercase().contains(&private.to_lowercase()), "{private} is in the bundle: {text}");
    }
    let leaks = Search::new().unwrap().leaks(text.as_bytes());
    assert!(leaks.is_empty(), "{leaks:?}");
    for part in ["versions", "doctor", "snapshot", "settings", "activity", "quota", "desktop.log", "desktop.log.1", "window.log"] {
        assert!(text.contains(&format!("\n==== {part} ====\n")), "{part}: {text}");
    }
    for told in ["codex-lab 0.", "~/.codex-lab", "\"p1\"", "e1@…", "something stays readable", "Ok  locks: free", "\"hooks.reset\""] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[tokio::test]
async fn it_is_shown_first_and_never_written_over() {
    let world = told().await;
    let file = world.file("there.txt", "mine");
    let path = file.to_str().unwrap();
    let shown = world.good(&["support-bundle", "--dry-run"]).await;
    assert!(shown.stdout.starts_with("   bytes  part\n") && shown.stdout.contains("  desktop.log\n"), "{shown:?}");
    world.refused(&["support-bundle", "--output", path], "invalid_input", 3).await;
    world.refused(&["support-bundle", "--yes", "--output", path], "already_exists", 5).await;
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    // Without a file it is named after the time, in the folder it was asked for in.
    let named = world.good(&["support-bundle", "--yes"]).await;
    assert!(named.stdout.contains("codex-lab-support-"), "{named:?}");
}

#[tokio::test]
async fn names_are_kept_on_request_alone() {
    let world = told().await;
    let file = world.home().join("named.txt");
    world.good(&["support-bundle", "--yes", "--keep-names", "--output", file.to_str().unwrap()]).await;
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("anna-at-acme") && !text.contains("@sandbox.example"), "{text}");
}

#[tokio::test]
async fn a_home_that_does_not_open_has_a_bundle_too() {
    let world = told().await;
    world.file(".codex-lab/auth-profiles.json", "{\"schema\": 7}");
    let file = world.home().join("broken.txt");
    world.good(&["support-bundle", "--yes", "--output", file.to_str().unwrap()]).await;
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("[newer_version]") && text.contains("==== desktop.log ====") && !text.contains("anna-at-acme"), "{text}");
}
