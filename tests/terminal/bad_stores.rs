//! Stores of other tools that cannot be read: each has its word, and nothing is changed.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use codex_lab_tests::foreign_stores as stores;
use rusqlite::Connection;

use crate::world::World;

const STORE: &str = ".local/share/opencode/auth.json";

async fn refused(world: &World, from: &str, code: &str, status: i32) {
    world.refused(&["import", "--from", from], code, status).await;
    // Among other tools it is one row of the table.
    let plan = world.json(&["import", "--dry-run"]).await;
    let items = plan["result"]["items"].as_array().unwrap().clone();
    let row = items.iter().find(|item| item["from"] == from).unwrap();
    assert_eq!(row["failure"]["code"], code);
    assert!(world.json(&["list"]).await["result"]["profiles"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn cut_off_newer_and_foreign_stores() {
    let world = World::new().await;
    let good = stores::store("codex-multi-auth/openai-codex-accounts.json").unwrap();
    let place = ".codex/multi-auth/openai-codex-accounts.json";
    let newer = good.replace("\"version\": 3", "\"version\": 4");
    for (text, code, status) in [
        (&good[..good.len() / 2], "bad_login_file", 30),
        ("", "bad_login_file", 30),
        ("{\"name\":\"left-pad\"}", "bad_login_file", 30),
        (newer.as_str(), "newer_version", 36),
        (&"[".repeat(1 << 20), "bad_login_file", 30),
        (&"x".repeat(17 << 20), "bad_login_file", 30),
    ] {
        world.file(place, text);
        refused(&world, "codex-multi-auth", code, status).await;
        assert_eq!(fs::read_to_string(world.home().join(place)).unwrap(), text);
    }
    let account = r#"{"refreshToken":"r","accessToken":"a"}"#;
    world.file(place, &format!("{{\"version\":3,\"accounts\":[{}{account}]}}", format!("{account},").repeat(9_999)));
    refused(&world, "codex-multi-auth", "invalid_input", 3).await;
}

#[tokio::test]
async fn pipes_folders_and_links_are_not_entered() {
    let world = World::new().await;
    let place = world.file(STORE, "");
    fs::remove_file(&place).unwrap();
    assert!(Command::new("mkfifo").arg(&place).status().unwrap().success());
    refused(&world, "opencode", "bad_login_file", 30).await;
    world.refused(&["import", "--from", "opencode", place.to_str().unwrap()], "bad_login_file", 30).await;

    fs::remove_file(&place).unwrap();
    fs::create_dir(&place).unwrap();
    refused(&world, "opencode", "bad_login_file", 30).await;

    fs::remove_dir(&place).unwrap();
    let real = world.file("elsewhere.json", &stores::store("opencode/auth.json").unwrap());
    symlink(&real, &place).unwrap();
    refused(&world, "opencode", "bad_login_file", 30).await;
    world.good(&["import", "--from", "opencode", place.to_str().unwrap()]).await;
    assert_eq!(world.json(&["list"]).await["result"]["profiles"].as_array().unwrap().len(), 1, "the user named this one");
}

#[tokio::test]
async fn a_database_in_the_middle_of_a_change_is_left_alone() {
    let world = World::new().await;
    let place = world.file(".cc-switch/cc-switch.db", "");
    stores::database(&place).unwrap();
    let writer = Connection::open(&place).unwrap();
    writer.execute_batch("begin exclusive; update providers set name = 'changed';").unwrap();
    refused(&world, "cc-switch", "locked", 37).await;
    writer.execute_batch("rollback; begin exclusive;").unwrap();
    // A lock alone changes nothing: what is there can be read.
    let plan = world.json(&["import", "--from", "cc-switch", "--dry-run"]).await;
    assert_eq!(plan["result"]["items"].as_array().unwrap().len(), 3);
    writer.execute_batch("rollback; pragma journal_mode = wal; update providers set name = 'changed';").unwrap();
    refused(&world, "cc-switch", "locked", 37).await;
    drop(writer);
    let before: Vec<_> = fs::read_dir(place.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    world.good(&["import", "--from", "cc-switch"]).await;
    let after: Vec<_> = fs::read_dir(place.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(before, after, "no side file appears");
}

#[tokio::test]
async fn a_damaged_database_is_no_store() {
    let world = World::new().await;
    let place = world.file(".cc-switch/cc-switch.db", "");
    stores::database(&place).unwrap();
    let whole = fs::read(&place).unwrap();
    for bytes in [&whole[..whole.len() / 2], &whole[..50]] {
        fs::write(&place, bytes).unwrap();
        refused(&world, "cc-switch", "bad_login_file", 30).await;
    }
}

#[tokio::test]
async fn the_keyring_and_the_encrypted_file_of_codex_are_named() {
    let world = World::new().await;
    world.file(".codex/config.toml", "cli_auth_credentials_store = \"keyring\"\n");
    refused(&world, "codex", "vault_missing", 52).await;
    world.file(".codex/secrets/codex_auth.age", "age-encryption.org/v1");
    refused(&world, "codex", "codex_store_mode", 41).await;
}
