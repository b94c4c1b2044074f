//! What is said without being asked for, and what is never said.

use codex_lab_tests::sandbox::SandboxAccount;
use serde_json::Value;
use tokio::process::Command;

use crate::world::World;

#[tokio::test]
async fn processes_on_the_login_before_are_named_with_what_can_be_done() {
    let world = World::with_trio().await;
    world.good(&["use", "main"]).await;
    let program = world.home().join("other/codex");
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    std::fs::copy("/bin/sleep", &program).unwrap();
    let mut command = Command::new(program);
    command.arg("300").env_clear().env("HOME", world.home()).current_dir(world.home()).kill_on_drop(true);
    let other = command.spawn().unwrap();
    let pid = other.id().unwrap().to_string();

    assert_eq!(world.json(&["sessions"]).await["result"]["sessions"][0]["pid"].to_string(), pid);
    let switched = world.good(&["use", "work"]).await;
    assert!(switched.stderr.contains(&pid) && switched.stderr.contains("hint: "), "{switched:?}");
    assert!(world.good(&["status"]).await.stderr.contains(&pid), "as long as it runs");
    let listed = world.good(&["sessions"]).await.stdout;
    assert!(listed.contains("old") && listed.contains("main"), "{listed}");
    world.refused(&["sessions", "choose", &pid, "restart"], "not_possible_now", 6).await;
    world.good(&["sessions", "choose", &pid, "leave"]).await;
}

#[tokio::test]
async fn what_a_switch_sets_aside_is_said_with_its_place() {
    let world = World::with_trio().await;
    world.file(".codex/auth.json", "{\"half\":");
    let said = world.good(&["use", "backup"]).await.stderr;
    let place = said.split("kept as it was in ").nth(1).expect("the place is told").lines().next().unwrap().trim_end_matches('.');
    assert_eq!(std::fs::read_to_string(place).unwrap(), "{\"half\":");
}

#[tokio::test]
async fn what_the_start_mends_is_said_whatever_was_asked() {
    let world = World::with_trio().await;
    let index = world.lab_home().join("auth-profiles.json");
    let text = std::fs::read_to_string(&index).unwrap();
    std::fs::write(&index, &text[..text.len() / 2]).unwrap();
    let paused = world.good(&["pause", "work"]).await;
    assert!(paused.stderr.contains("restored from its last good copy"), "a later command knows nothing of it: {paused:?}");
}

#[tokio::test]
async fn a_login_in_the_keyring_is_not_called_none() {
    let world = World::new().await;
    world.file(".codex/config.toml", "cli_auth_credentials_store = \"keyring\"\n");
    world.refused(&["capture"], "codex_store_mode", 41).await;
    world.file(".codex/config.toml", "");
    world.refused(&["capture"], "not_found", 4).await;
}

#[tokio::test]
async fn a_login_without_an_account_id_is_known_by_its_claims() {
    let world = World::new().await;
    let mut login: Value = serde_json::from_str(&world.sandbox.auth_json("main").unwrap()).unwrap();
    login["tokens"].as_object_mut().unwrap().remove("account_id");
    world.file(".codex/auth.json", &login.to_string());
    world.good(&["capture"]).await;
    let whole = world.run_with(&["login", "--import", "-"], &world.sandbox.auth_json("main").unwrap()).await;
    assert_eq!(whole.status, 0);
    assert_eq!(world.json(&["list"]).await["result"]["profiles"].as_array().unwrap().len(), 1, "it is the same account");
}

#[tokio::test]
async fn what_is_far_too_long_is_not_read_to_its_end() {
    let world = World::with_trio().await;
    let long = "x".repeat(50 << 20);
    assert_eq!(world.run_with(&["login", "--import", "-"], &long).await.status, 3);
    assert_eq!(world.run_with(&["login", "--api-key"], &long).await.status, 3);
    world.file(".codex/auth.json", &long);
    world.refused(&["use", "work"], "live_login_unsafe", 44).await;
    assert!(std::fs::read_to_string(world.codex_home().join("auth.json")).unwrap() == long, "it is not moved about unasked");
}

#[tokio::test]
async fn words_from_outside_never_steer_the_terminal() {
    let world = World::new().await;
    let email = "eve\u{1b}[2J\u{9b}31m\u{202e}@sandbox.example".to_owned();
    world.sandbox.put_account(SandboxAccount { email, plan: "pl\u{202e}us\u{9b}2J".to_owned(), ..SandboxAccount::new("eve") });
    let file = world.file("eve.json", &world.sandbox.auth_json("eve").unwrap());
    world.good(&["login", "--import", file.to_str().unwrap()]).await;
    for verb in [&["list"][..], &["list", "--json"], &["use", "x\u{1b}]0;title\u{7}\u{9b}2J\u{202e}"]] {
        let said = world.run(verb).await;
        let hostile = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
        assert!(!said.stdout.contains(hostile) && !said.stderr.contains(hostile), "{said:?}");
    }
}
