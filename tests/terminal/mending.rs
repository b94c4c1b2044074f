//! `doctor --fix`: what is broken on a real disk is named by a dry run that touches nothing, mended, and found in order afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use codex_lab_tests::{own_port, tree};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::world::World;

/// Every file below a folder, with its content and its mode.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let read = |path: PathBuf| (path.clone(), (fs::metadata(&path).unwrap().mode(), fs::read(&path).unwrap()));
    tree::files(folder).unwrap().into_iter().map(read).collect()
}

fn open_up(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

async fn said(world: &World, arguments: &[&str]) -> Value {
    let ended = world.run(&[arguments, &["--json"]].concat()).await;
    serde_json::from_str::<Value>(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"))["result"].clone()
}

async fn finding(world: &World, topic: &str) -> Value {
    let said = said(world, &["doctor"]).await;
    said["findings"].as_array().unwrap().iter().find(|finding| finding["topic"] == topic).unwrap_or_else(|| panic!("{said}")).clone()
}

/// The topics of what is, or would be, mended.
fn topics(said: &Value) -> Vec<&str> {
    said["mended"].as_array().unwrap().iter().map(|row| row["topic"].as_str().unwrap()).collect()
}

type Breaking = (&'static str, Option<&'static str>, fn(&World));

/// What is called in the doctor's list, the topic under which it is found before, and how it is broken.
const BROKEN: &[Breaking] = &[
    ("permissions", Some("profile work"), |world| open_up(&world.lab_home().join("auth-profiles").join("work").join("auth.json"), 0o644)),
    ("permissions", Some("permissions"), |world| open_up(&world.lab_home().join("backups/index"), 0o755)),
    ("permissions", Some("live login"), |world| open_up(&world.codex_home().join("auth.json"), 0o640)),
    ("temporary files", None, |world| drop(world.file(".codex-lab/runtime/.looks.json.4194399-0.tmp", "half"))),
    ("profiles", None, |world| drop(world.file(".codex-lab/auth-profiles.json", "{\"schema\": 1, \"profi"))),
    ("switch", None, |world| {
        let home = world.codex_home().canonicalize().unwrap();
        let journal = json!({ "schema": 1, "id": "0011223344556677", "at": "2026-01-01T00:00:00Z", "codex_home": home, "from": null,
            "to": null, "outgoing": "x", "incoming": "y" });
        open_up(&world.file(".codex-lab/runtime/switch.json", &journal.to_string()), 0o600);
    }),
    ("autostart", Some("autostart"), |world| {
        let entry = "[Desktop Entry]\nType=Application\nName=Codex Lab\nExec=\"/gone/codex-lab-desktop\" --hidden\n";
        world.file(".config/autostart/dev.codexlab.tray.desktop", entry);
    }),
];

#[tokio::test]
async fn what_is_safe_to_mend_is_mended_and_a_dry_run_touches_nothing() {
    for (topic, found_as, spoil) in BROKEN {
        let mut world = World::with_trio().await;
        let tools = world.home().join("bin");
        fs::create_dir(&tools).unwrap();
        fs::copy("/bin/true", tools.join("codex-lab-desktop")).unwrap();
        world.set("PATH", format!("{}:/usr/bin:/bin", tools.display()));
        world.good(&["use", "main"]).await;
        world.good(&["connect", "codex"]).await;
        assert_eq!(topics(&said(&world, &["doctor", "--fix", "--dry-run"]).await), [""; 0], "{topic}: nothing is wrong yet");
        spoil(&world);
        let before = everything(world.home());
        let would = said(&world, &["doctor", "--fix", "--dry-run"]).await;
        assert_eq!(topics(&would), [*topic], "{would}");
        assert!(would["dry_run"] == true && would["mended"][0]["done"] == false, "{would}");
        world.good(&["doctor", "--fix", "--dry-run"]).await;
        assert!(everything(world.home()) == before, "{topic}: a dry run changed something");
        if let Some(found_as) = found_as {
            let finding = finding(&world, found_as).await;
            assert!(finding["severity"] == "warning" && !finding["hints"].as_array().unwrap().is_empty(), "{finding}");
        }
        let fixed = said(&world, &["doctor", "--fix"]).await;
        // A plain look opens the home, and a start mends some of it by itself.
        if found_as.is_some() || !topics(&fixed).is_empty() {
            assert_eq!(topics(&fixed), [*topic], "{fixed}");
            assert!(fixed["mended"][0]["done"] == true && fixed["mended"][0]["failure"].is_null(), "{fixed}");
        }
        let again = said(&world, &["doctor", "--fix"]).await;
        assert_eq!(topics(&again), [""; 0], "{topic}: {again}");
        if let Some(found_as) = found_as {
            assert_eq!(finding(&world, found_as).await["severity"], "ok", "{topic}");
        }
        assert_eq!(world.json(&["list"]).await["result"]["profiles"].as_array().unwrap().len(), 3, "{topic}");
    }
}

#[tokio::test]
async fn what_is_mended_is_named() {
    let world = World::with_trio().await;
    open_up(&world.lab_home().join("auth-profiles").join("work").join("auth.json"), 0o644);
    let would = world.good(&["doctor", "--fix", "--dry-run"]).await;
    let file = world.lab_home().canonicalize().unwrap().join("auth-profiles").join("work").join("auth.json");
    assert_eq!(would.stdout, format!("would mend  permissions: {}: only you may read and change it\n", file.display()));
    let fixed = world.good(&["doctor", "--fix"]).await;
    assert!(fixed.stdout.starts_with(&format!("mended  permissions: {}: ", file.display())), "{fixed:?}");
    assert_eq!(fs::metadata(file).unwrap().mode() & 0o777, 0o600);
    assert_eq!(world.run(&["doctor", "--dry-run"]).await.status, 2, "a dry run is of something");
}

#[tokio::test]
async fn a_home_that_is_not_there_is_not_made_by_a_dry_run() {
    let world = World::new().await;
    assert_eq!(world.good(&["doctor", "--fix", "--dry-run"]).await.stdout, "nothing to mend\n");
    assert!(!world.lab_home().exists());
}

#[tokio::test]
async fn what_is_not_safe_to_mend_stays_with_its_hint() {
    let world = World::with_trio().await;
    world.file(".codex-lab/config.toml", "theme = \"mauve\"\n");
    world.file(".codex/config.toml", "cli_auth_credentials_store = \"keyring\"\n");
    let before = everything(&world.home().join(".codex"));
    let ended = world.run(&["doctor", "--fix"]).await;
    assert_eq!(ended.status, 3, "{ended:?}");
    assert_eq!(fs::read_to_string(world.lab_home().join("config.toml")).unwrap(), "theme = \"mauve\"\n");
    assert!(everything(&world.home().join(".codex")) == before);
    for (topic, code) in [("settings", "invalid_input"), ("codex store", "codex_store_mode")] {
        let finding = finding(&world, topic).await;
        assert_eq!((&finding["severity"], &finding["code"]), (&"problem".into(), &code.into()));
    }
}

#[tokio::test]
async fn a_gateway_port_that_another_program_has_is_told() {
    let world = World::with_trio().await;
    world.file(".codex/config.toml", "");
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    drop(other);
    // The port is kept once it was served on.
    let mut serving = world.start(&["serve", "--port", &port.to_string()]);
    let mut said = BufReader::new(serving.stdout.take().unwrap()).lines();
    said.next_line().await.unwrap().unwrap();
    let ours = finding(&world, "gateway port").await;
    assert_eq!((&ours["severity"], &ours["message"]), (&"ok".into(), &format!("{port}; it is served").into()));
    serving.kill().await.unwrap();
    assert_eq!(finding(&world, "gateway port").await["message"], format!("{port}; nobody serves now"));
    let _other = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let taken = finding(&world, "gateway port").await;
    assert_eq!((&taken["severity"], &taken["code"]), (&"warning".into(), &"gateway_port_busy".into()));
}

#[tokio::test]
async fn a_client_that_goes_to_an_old_port_is_connected_again() {
    let world = World::with_trio().await;
    world.file(".codex/config.toml", "model = 'x'\n");
    world.good(&["connect", "codex"]).await;
    let port = own_port::next();
    let mut serving = world.start(&["serve", "--port", &port.to_string()]);
    BufReader::new(serving.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
    let pid = serving.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    serving.wait().await.unwrap();
    let config = world.codex_home().join("config.toml");
    let before = fs::read(&config).unwrap();
    assert_eq!(topics(&said(&world, &["doctor", "--fix", "--dry-run"]).await), ["client"]);
    assert!(fs::read(&config).unwrap() == before);
    assert_eq!(finding(&world, "client codex").await["severity"], "warning");
    let fixed = said(&world, &["doctor", "--fix"]).await;
    assert!(topics(&fixed) == ["client"] && fixed["mended"][0]["done"] == true, "{fixed}");
    assert!(fs::read_to_string(&config).unwrap().contains(&format!("127.0.0.1:{port}")));
    assert_eq!(finding(&world, "client codex").await["severity"], "ok");
}
