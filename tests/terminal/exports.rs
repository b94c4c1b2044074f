//! Exporting to a sealed file and restoring from it, and every file that is none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::expected::check;
use crate::world::{Ended, World};

const PASSPHRASE: &str = "planted horse battery\n";

async fn export(world: &World, more: &[&str]) -> Ended {
    world.run_with(&[&["export", "all.lab", "--passphrase-stdin"], more].concat(), PASSPHRASE).await
}

async fn restore(world: &World, file: &str, more: &[&str]) -> Ended {
    world.run_with(&[&["restore", file, "--passphrase-stdin"], more].concat(), PASSPHRASE).await
}

fn said(ended: &Ended) -> String {
    assert_eq!(ended.status, 0, "{ended:?}");
    format!("{}--- standard error\n{}", ended.stdout, ended.stderr)
}

/// Everything of the store but the time it takes to look at it.
fn contents(world: &World) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![world.lab_home().join("auth-profiles"), world.lab_home().join("backups")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push((path.clone(), fs::read(path).unwrap())) }
        }
    }
    found.push((world.lab_home(), fs::read(world.lab_home().join("auth-profiles.json")).unwrap_or_default()));
    found.sort();
    found
}

#[tokio::test]
async fn a_home_goes_through_a_file_and_a_second_time_changes_nothing() {
    let world = World::with_trio().await;
    world.good(&["set", "work", "--label", "daily", "--colour", "blue"]).await;
    world.good(&["pause", "backup"]).await;
    check(&world, "export", &said(&export(&world, &[]).await));
    let file = world.home().join("all.lab");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&file).unwrap();
    let text = String::from_utf8_lossy(&before).into_owned();
    assert!(world.sandbox.minted_secrets().iter().all(|secret| !text.contains(secret)) && !text.contains("sandbox.example"));

    let taken = export(&world, &[]).await;
    assert!(taken.status == 5 && taken.stderr.contains("[already_exists]"), "{taken:?}");
    assert!(fs::read(&file).unwrap() == before);
    assert_eq!(export(&world, &["--force"]).await.status, 0);
    assert!(fs::read(&file).unwrap() != before, "another salt each time");

    let list = world.good(&["list"]).await.stdout;
    fs::remove_dir_all(world.lab_home()).unwrap();
    check(&world, "restore-dry", &said(&restore(&world, "all.lab", &["--dry-run"]).await));
    assert_eq!(world.good(&["list"]).await.stdout, "");
    check(&world, "restore", &said(&restore(&world, "all.lab", &[]).await));
    assert_eq!(world.good(&["list"]).await.stdout, list);
    let after = contents(&world);
    check(&world, "restore-again", &said(&restore(&world, "all.lab", &[]).await));
    assert!(contents(&world) == after, "a second time changes nothing");
}

#[tokio::test]
async fn what_is_newer_here_stays() {
    let world = World::with_trio().await;
    assert_eq!(export(&world, &[]).await.status, 0);
    let mut login: serde_json::Value = serde_json::from_str(&world.sandbox.auth_json("main").unwrap()).unwrap();
    login["tokens"]["refresh_token"] = "planted-newer".into();
    login["last_refresh"] = "2099-01-01T00:00:00Z".into();
    let newer = login.to_string();
    let file = world.file("newer.json", &newer);
    world.good(&["login", "--import", file.to_str().unwrap()]).await;
    world.good(&["rename", "work", "job"]).await;
    let restored = said(&restore(&world, "all.lab", &["--json"]).await);
    assert_eq!(restored.matches("\"unchanged\"").count(), 3, "{restored}");
    let stored = fs::read_to_string(world.lab_home().join("auth-profiles/main/auth.json")).unwrap();
    assert!(stored == newer, "the newer login stays");
    assert!(world.good(&["list"]).await.stdout.contains("job"), "names here stay");
}

#[tokio::test]
async fn passphrases_that_are_weak_missing_or_wrong_change_nothing() {
    let world = World::with_trio().await;
    for weak in ["", "\n", "short\n", "aaaaaaaaaaaaaaaaaaaa\n"] {
        let refused = world.run_with(&["export", "all.lab", "--passphrase-stdin"], weak).await;
        assert!(refused.status == 3 && refused.stderr.contains("hint: "), "{weak:?}: {refused:?}");
    }
    let nobody = world.run(&["export", "all.lab"]).await;
    assert!(nobody.status == 3 && nobody.stderr.contains("--passphrase-stdin"), "{nobody:?}");
    assert!(!world.home().join("all.lab").exists());

    assert_eq!(export(&world, &[]).await.status, 0);
    let before = contents(&world);
    let started = tokio::time::Instant::now();
    let wrong = world.run_with(&["restore", "all.lab", "--passphrase-stdin"], "planted horse batterY\n").await;
    assert!(wrong.status == 54 && wrong.stderr.contains("[wrong_passphrase]") && wrong.stderr.contains("hint: "), "{wrong:?}");
    assert!(started.elapsed() >= std::time::Duration::from_secs(1), "guessing takes its time");
    assert!(contents(&world) == before);
}

#[tokio::test]
async fn files_that_are_no_export_are_refused_each_with_its_word() {
    let world = World::with_trio().await;
    assert_eq!(export(&world, &[]).await.status, 0);
    let whole = fs::read(world.home().join("all.lab")).unwrap();
    let before = contents(&world);
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let cases: [(&str, &[u8]); 5] =
        [("empty", b""), ("cut", &whole[..whole.len() - 1]), ("half", &whole[..whole.len() / 2]), ("flipped", &flipped), ("other", b"{}")];
    for (name, bytes) in cases {
        fs::write(world.home().join(name), bytes).unwrap();
        let refused = restore(&world, name, &[]).await;
        assert!(refused.status == 30 && refused.stderr.contains("hint: "), "{name}: {refused:?}");
    }
    let huge = world.file("huge", "");
    fs::File::options().write(true).open(&huge).unwrap().set_len(9 << 30).unwrap();
    assert_eq!(restore(&world, "huge", &[]).await.status, 30);
    let fifo = world.home().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_eq!(restore(&world, "fifo", &[]).await.status, 30);
    assert_eq!(restore(&world, ".codex-lab", &[]).await.status, 30);
    assert_eq!(restore(&world, "nowhere", &[]).await.status, 4);
    for place in ["fifo", ".codex-lab"] {
        let refused = world.run_with(&["export", place, "--force", "--passphrase-stdin"], PASSPHRASE).await;
        assert!(refused.status == 3 && refused.stderr.contains("hint: "), "{place}: {refused:?}");
    }
    assert!(contents(&world) == before);
    assert_eq!(World::new().await.run_with(&["export", "x", "--passphrase-stdin"], PASSPHRASE).await.status, 4, "nothing to export");
}
