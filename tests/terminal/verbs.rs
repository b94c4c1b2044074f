//! Every verb on its good way, for people and as JSON, compared with what is written down.

use codex_lab_tests::login_ports::LoginPorts;

use crate::expected::check;
use crate::world::World;

/// Runs a command and compares both of its forms; the second form must not need the state the first one changed.
async fn look(world: &World, name: &str, arguments: &[&str]) {
    let ended = world.good(arguments).await;
    check(world, name, &format!("{}--- standard error\n{}", ended.stdout, ended.stderr));
}

async fn look_at_json(world: &World, name: &str, arguments: &[&str]) {
    let ended = world.good(&[arguments, &["--json"]].concat()).await;
    check(world, &format!("{name}-json"), &ended.stdout);
}

#[tokio::test]
async fn an_empty_home() {
    let world = World::new().await;
    look(&world, "empty-list", &["list"]).await;
    look(&world, "empty-status", &["status"]).await;
    look_at_json(&world, "empty-list", &["list"]).await;
}

#[tokio::test]
async fn looking() {
    let world = World::with_trio().await;
    let _ports = LoginPorts::claim().await.unwrap();
    world.good(&["use", "main"]).await;
    for (name, arguments) in [
        ("list", &["list"][..]),
        ("show", &["show", "WORK"]),
        ("status", &["status"]),
        ("sessions", &["sessions"]),
        ("doctor", &["doctor"]),
    ] {
        look(&world, name, arguments).await;
        look_at_json(&world, name, arguments).await;
    }
}

#[tokio::test]
async fn switching() {
    let world = World::with_trio().await;
    look(&world, "use", &["use", "main"]).await;
    look(&world, "use-again", &["use", "main"]).await;
    look_at_json(&world, "use", &["use", "backup"]).await;
    look(&world, "undo", &["undo"]).await;
    look(&world, "use-none", &["use", "--none"]).await;
    assert!(!world.codex_home().join("auth.json").exists());
    look_at_json(&world, "undo", &["undo"]).await;
}

#[tokio::test]
async fn changing() {
    let world = World::with_trio().await;
    look(&world, "rename", &["rename", "work", "job"]).await;
    look(&world, "pause", &["pause", "job"]).await;
    look_at_json(&world, "pause", &["pause", "job"]).await;
    look(&world, "list-paused", &["list"]).await;
    look(&world, "resume", &["resume", "job"]).await;
    look(&world, "move", &["move", "backup", "1"]).await;
    look(&world, "remove", &["remove", "job"]).await;
    look(&world, "remove-undo", &["remove", "--undo"]).await;
    look(&world, "remove-sign-out", &["remove", "job", "--sign-out", "--yes"]).await;
    assert_eq!(world.sandbox.counters_of("work").revokes, 1);
    look_at_json(&world, "remove", &["remove", "main"]).await;
}

#[tokio::test]
async fn importing() {
    let world = World::new().await;
    let file = world.file("old.json", &world.sandbox.auth_json("main").unwrap());
    look(&world, "import", &["login", "--import", file.to_str().unwrap()]).await;
    look_at_json(&world, "import-again", &["login", "--import", file.to_str().unwrap()]).await;
    let piped = world.run_with(&["login", "--import", "-"], &world.sandbox.auth_json("work").unwrap()).await;
    check(&world, "import-piped", &piped.stdout);
    world.file(".codex/auth.json", &world.sandbox.auth_json("backup").unwrap());
    look(&world, "status-unknown", &["status"]).await;
    look(&world, "capture", &["capture"]).await;
    let key = world.sandbox.account("main").unwrap().api_key;
    let added = world.run_with(&["login", "--api-key"], &format!("{key}\n")).await;
    check(&world, "api-key", &added.stdout);
}

#[tokio::test]
async fn help_and_completions() {
    let world = World::new().await;
    look(&world, "help", &["--help"]).await;
    look(&world, "help-login", &["login", "--help"]).await;
    assert!(world.good(&["completions", "bash"]).await.stdout.contains("codex-lab"));
    assert_eq!(world.run(&["frobnicate"]).await.status, 2);
}

#[tokio::test]
async fn quiet_says_results_only() {
    let world = World::with_trio().await;
    let ended = world.good(&["remove", "work", "--quiet"]).await;
    assert!(ended.stderr.is_empty() && !ended.stdout.is_empty(), "{ended:?}");
}
