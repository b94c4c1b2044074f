//! `uninstall`: everything that is written outside the home is written, and afterwards every byte is what it was before.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use codex_lab_core::base::autostart::{self, Listing};
use codex_lab_core::base::environment::Environment;
use codex_lab_tests::desktop::Bus;
use codex_lab_tests::{own_port, tree};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::world::World;

const TOML: &str = "# mine\r\nmodel = \"gpt-5.5\" # the best\r\n\r\n[mcp_servers.x]\r\n\tcommand = 'y'";
const JSONC: &str = "{\n\t// mine\n\t\"theme\": \"dark\", // better\n}\n";

/// Every file of the user's that is not below our home.
fn outside(world: &World) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = tree::files(world.home()).unwrap().into_iter().filter(|path| !path.starts_with(world.lab_home()));
    files.map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

/// A world with configurations of clients, and a live login that was switched to.
async fn used() -> World {
    let world = World::with_trio().await;
    world.file(".codex/config.toml", TOML);
    world.file(".config/opencode/opencode.jsonc", JSONC);
    world.file(".config/autostart/other.desktop", "[Desktop Entry]\n");
    world.good(&["use", "main"]).await;
    world
}

/// Does all that writes outside the home.
async fn write_outside(world: &World) {
    world.good(&["connect", "codex"]).await;
    world.good(&["connect", "opencode"]).await;
    let environment = Environment::of(world.home(), []);
    let app = world.home().join("codex-lab-desktop");
    autostart::put(&environment, Listing::Start, &app).unwrap();
    autostart::put(&environment, Listing::Name, &app).unwrap();
}

async fn steps(world: &World, arguments: &[&str]) -> Vec<(String, bool)> {
    let said = world.json(arguments).await["result"].clone();
    let row = |step: &Value| (step["what"].as_str().unwrap().to_owned(), step["done"].as_bool().unwrap());
    said["steps"].as_array().unwrap().iter().map(row).collect()
}

fn rows(whats: &[&str], done: bool) -> Vec<(String, bool)> {
    whats.iter().map(|what| ((*what).to_owned(), done)).collect()
}

#[tokio::test]
async fn every_byte_outside_the_home_is_what_it_was() {
    let world = used().await;
    let before = outside(&world);
    write_outside(&world).await;
    let written = outside(&world);
    assert_eq!(written.len(), before.len() + 2);
    assert!(written != before);
    let expected = ["client", "client", "entry", "entry"];
    assert_eq!(steps(&world, &["uninstall", "--dry-run"]).await, rows(&expected, false));
    assert!(outside(&world) == written, "a dry run changed something");
    let refused = world.refused(&["uninstall"], "invalid_input", 3).await;
    assert!(refused.contains("--yes") && outside(&world) == written, "{refused}");
    assert_eq!(steps(&world, &["uninstall", "--yes"]).await, rows(&expected, true));
    assert!(outside(&world) == before, "something was left");
    let again = world.good(&["uninstall", "--yes"]).await;
    assert_eq!(again.stdout, "nothing outside the home was changed\n");
    assert_eq!(world.json(&["list"]).await["result"]["profiles"].as_array().unwrap().len(), 3, "the home stays");
    assert!(world.json(&["status"]).await["result"]["live"]["profile"].is_string(), "the user stays signed in");
}

#[tokio::test]
async fn the_home_goes_on_request_and_codex_stays_signed_in() {
    let world = used().await;
    let before = outside(&world);
    write_outside(&world).await;
    let would = world.good(&["uninstall", "--delete-home", "--dry-run"]).await;
    assert!(would.stdout.ends_with("lost: main, work, backup\n") && world.lab_home().exists(), "{would:?}");
    let steps = steps(&world, &["uninstall", "--delete-home", "--yes"]).await;
    assert_eq!(steps, rows(&["client", "client", "entry", "entry", "home"], true));
    assert!(!world.lab_home().exists());
    assert!(outside(&world) == before, "something was left");
}

#[tokio::test]
async fn what_others_have_changed_since_is_said_and_stays() {
    let world = used().await;
    world.good(&["connect", "codex"]).await;
    let config = world.codex_home().join("config.toml");
    let ours = format!("http://127.0.0.1:{}", world.sandbox.gateway_port());
    let changed = fs::read_to_string(&config).unwrap().replace(&ours, "https://eu.example");
    fs::write(&config, &changed).unwrap();
    let ended = world.good(&["uninstall", "--yes"]).await;
    assert!(ended.stderr.contains("was changed since"), "{ended:?}");
    assert_eq!(fs::read_to_string(&config).unwrap(), changed);
}

#[tokio::test]
async fn a_serving_terminal_is_ended_kindly() {
    let world = used().await;
    let port = own_port::next();
    let mut serving = world.start(&["serve", "--port", &port.to_string()]);
    let mut said = BufReader::new(serving.stdout.take().unwrap()).lines();
    assert!(said.next_line().await.unwrap().unwrap().starts_with("serving on "));
    let (steps, ended) = tokio::join!(steps(&world, &["uninstall", "--yes"]), serving.wait());
    assert_eq!(steps, rows(&["program"], true));
    assert!(ended.unwrap().success(), "it was killed");
}

#[tokio::test]
async fn the_app_of_another_home_goes_on() {
    let mut world = used().await;
    let bus = Bus::start(world.home()).await.unwrap();
    world.set("DBUS_SESSION_BUS_ADDRESS", bus.address());
    // This test is what the app would be: it must not be asked to end.
    let app = zbus::connection::Builder::address(bus.address()).unwrap().name("dev.codexlab.tray").unwrap().build().await.unwrap();
    assert_eq!(steps(&world, &["uninstall", "--yes"]).await, []);
    let state = fs::File::open(world.lab_home().join("state.sqlite")).unwrap();
    assert_eq!(steps(&world, &["uninstall", "--dry-run"]).await, rows(&["program"], false), "whoever works with this home is its app");
    drop((app, state));
}

#[tokio::test]
async fn a_home_with_other_peoples_files_is_not_deleted() {
    let mut world = used().await;
    let mine = world.file(".codex-lab/thesis.txt", "mine");
    let refused = world.refused(&["uninstall", "--delete-home", "--yes"], "bad_home", 31).await;
    assert!(refused.contains("other files") && mine.exists() && world.lab_home().join("auth-profiles/main").exists(), "{refused}");
    fs::remove_file(&mine).unwrap();
    // The whole of the user's own home, by a link.
    let link = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(world.lab_home(), link.path().join("home")).unwrap();
    world.set("CODEX_LAB_HOME", world.lab_home());
    world.set("HOME", link.path().join("home"));
    world.refused(&["uninstall", "--delete-home", "--yes"], "bad_home", 31).await;
    assert!(world.lab_home().join("auth-profiles/main").exists());
}

#[tokio::test]
async fn one_configuration_that_cannot_be_read_does_not_keep_the_rest() {
    let world = used().await;
    write_outside(&world).await;
    let config = world.codex_home().join("config.toml");
    fs::write(&config, "model = [").unwrap();
    let ended = world.run(&["uninstall", "--delete-home", "--yes"]).await;
    assert!(ended.status != 0 && ended.stdout.contains("left  clients: "), "{ended:?}");
    assert!(!world.home().join(".config/autostart/dev.codexlab.tray.desktop").exists() && world.lab_home().exists());
}

#[tokio::test]
async fn a_control_interface_of_its_own_is_ended_too() {
    let world = used().await;
    let mut serving = world.start(&["app-server", "--listen"]);
    let mut said = BufReader::new(serving.stdout.take().unwrap()).lines();
    assert!(said.next_line().await.unwrap().unwrap().starts_with("listening on "));
    let (steps, ended) = tokio::join!(steps(&world, &["uninstall", "--yes"]), serving.wait());
    assert_eq!(steps, rows(&["program"], true));
    assert!(ended.unwrap().success(), "it was killed");
}
