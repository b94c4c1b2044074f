//! What the doctor finds when something is wrong: each thing has its line, and the worst its exit status.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use codex_lab_tests::login_ports::LoginPorts;
use serde_json::Value;

use crate::expected::check;
use crate::world::World;

async fn finding(world: &World, topic: &str) -> Value {
    let said: Value = serde_json::from_str(&world.run(&["doctor", "--json"]).await.stdout).unwrap();
    let findings = said["result"]["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["topic"] == topic).unwrap_or_else(|| panic!("{findings:?}")).clone()
}

#[tokio::test]
async fn what_is_wrong_is_said_with_a_way_to_mend_it() {
    let mut world = World::with_trio().await;
    let _ports = LoginPorts::claim().await.unwrap();
    world.set("PATH", world.home().join("bin"));
    let codex = world.file("bin/codex", "#!/bin/sh\nexit 1\n");
    fs::set_permissions(codex, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(world.lab_home().join("auth-profiles/main/auth.json"), fs::Permissions::from_mode(0o644)).unwrap();
    world.file(".codex-lab/auth-profiles/backup/auth.json", "");
    // With its copy it would be healed.
    fs::remove_dir_all(world.lab_home().join("backups/logins")).unwrap();
    world.file(".codex-lab/config.toml", "after_switch = \"never\"\n");
    world.file(".codex/auth.json", "{\"half\":");
    let ended = world.run(&["doctor"]).await;
    assert_eq!(ended.status, 3, "the first problem is the settings': {ended:?}");
    check(&world, "doctor-problems", &ended.stdout);
}

#[tokio::test]
async fn a_codex_that_runs_tells_its_version() {
    let mut world = World::new().await;
    world.set("PATH", world.home().join("bin"));
    let codex = world.file("bin/codex", "#!/bin/sh\necho codex-cli 0.169.0\n");
    fs::set_permissions(codex, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(finding(&world, "codex").await["message"].as_str().unwrap().starts_with("codex-cli 0.169.0 in "));
}

#[tokio::test]
async fn a_forced_key_is_told_before_anyone_switches() {
    let world = World::with_trio().await;
    world.file(".codex/config.toml", "forced_login_method = \"api\"\n");
    let profile = finding(&world, "profile work").await;
    assert_eq!((profile["severity"].as_str(), profile["code"].as_str()), (Some("warning"), Some("codex_forced")));
}

#[tokio::test]
async fn a_certificate_file_that_is_none_is_said_before_anything_else() {
    let mut world = World::new().await;
    world.set("SSL_CERT_FILE", world.file("none.pem", ""));
    assert_eq!(finding(&world, "network").await["severity"], "problem");
    assert_eq!(world.run(&["doctor"]).await.status, 20);
}

#[tokio::test]
async fn a_proxys_password_is_never_told() {
    let mut world = World::new().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    world.set("HTTPS_PROXY", format!("http://user:proxy-password@{closed}"));
    let doctor = world.run(&["doctor"]).await;
    assert!(doctor.stdout.contains("HTTPS_PROXY") && !doctor.stdout.contains("proxy-password"), "{doctor:?}");
    let login = world.run(&["login", "--device-code", "--verbose"]).await;
    assert!(login.status == 20 && !login.stderr.contains("proxy-password"), "{login:?}");
}

#[tokio::test]
async fn a_lock_that_is_held_is_noticed() {
    let world = World::with_trio().await;
    let lock = fs::File::options().write(true).open(world.lab_home().join("locks/index.lock")).unwrap();
    assert_eq!(finding(&world, "locks").await["severity"], "ok");
    lock.lock().unwrap();
    let locks = finding(&world, "locks").await;
    assert_eq!((locks["severity"].as_str(), locks["code"].as_str()), (Some("warning"), Some("locked")));
}

#[tokio::test]
async fn what_keeps_it_from_starting_has_its_topic() {
    let mut world = World::with_trio().await;
    world.file(".codex-lab/auth-profiles.json", "{\"schema\": 7}");
    assert_eq!(finding(&world, "profiles").await["code"], "newer_version");
    world.set("CODEX_HOME", world.home().join("nowhere"));
    world.set("CODEX_LAB_HOME", world.home().join("another"));
    assert_eq!(finding(&world, "codex").await["code"], "codex_config");
}
