//! Importing from the stores of other tools: the table, the import, the second import, and sources that stay as they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use codex_lab_tests::foreign_stores as stores;
use regex::Regex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::expected::check;
use crate::world::{Ended, World};

/// Every file and folder below a place, with its time and the hash of its content.
type Tree = BTreeMap<PathBuf, (SystemTime, Option<String>)>;

async fn with_all_tools() -> World {
    let world = World::new().await;
    stores::lay_out(world.home()).unwrap();
    world
}

fn tree(folder: &Path, left_out: &[&str]) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if left_out.iter().any(|name| path.ends_with(name)) {
                continue;
            }
            let content = kind.is_file().then(|| format!("{:x}", Sha256::digest(fs::read(&path).unwrap())));
            tree.insert(path.clone(), (entry.metadata().unwrap().modified().unwrap(), content));
            if kind.is_dir() {
                folders.push(path);
            }
        }
    }
    tree
}

/// Our home, but for what every start writes.
fn ours(world: &World) -> BTreeMap<PathBuf, Option<String>> {
    contents(tree(&world.lab_home(), &["logs", "locks", "state.sqlite", "state.sqlite-shm", "state.sqlite-wal", "looks.json"]))
}

/// Everything that is not ours.
fn sources(world: &World) -> Tree {
    tree(world.home(), &[".codex-lab"])
}

fn contents(tree: Tree) -> BTreeMap<PathBuf, Option<String>> {
    tree.into_iter().map(|(path, (_, content))| (path, content)).collect()
}

/// What was said, with columns that do not depend on how long the home's path is.
fn said(ended: &Ended) -> String {
    let narrow = Regex::new("  +").unwrap().replace_all(&ended.stdout, "  ").into_owned();
    format!("{narrow}--- standard error\n{}", ended.stderr)
}

async fn names(world: &World) -> Vec<String> {
    let list = world.json(&["list"]).await;
    list["result"]["profiles"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_dry_run_shows_everything_and_changes_nothing() {
    let world = with_all_tools().await;
    world.good(&["list"]).await;
    let (before, home) = (sources(&world), ours(&world));
    let shown = world.good(&["import", "--dry-run"]).await;
    check(&world, "import-dry-run", &said(&shown));
    let as_json = world.good(&["import", "--from", "opencode", "--dry-run", "--json"]).await;
    check(&world, "import-dry-run-json", &as_json.stdout);
    assert_eq!(sources(&world), before, "the sources");
    assert_eq!(ours(&world), home, "our home");
}

#[tokio::test]
async fn a_second_import_changes_nothing() {
    let world = with_all_tools().await;
    let before = sources(&world);
    let first = world.good(&["import", "--yes"]).await;
    check(&world, "import-all", &said(&first));
    assert_eq!(sources(&world), before, "the sources");

    let home = ours(&world);
    let second = world.json(&["import", "--yes"]).await;
    let outcomes: Vec<_> = second["result"]["items"].as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap()).collect();
    assert!(outcomes.iter().all(|outcome| matches!(*outcome, "unchanged" | "skipped")), "{outcomes:?}");
    assert_eq!(ours(&world), home);
    assert_eq!(sources(&world), before);
}

#[tokio::test]
async fn each_profile_says_who_else_holds_its_login() {
    let world = with_all_tools().await;
    world.good(&["import", "--from", "opencode"]).await;
    let row = |list: &Value, email: &str| {
        let rows = list["result"]["profiles"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["email"] == email).unwrap()
    };
    let ada = row(&world.json(&["list"]).await, "ada@example.com");
    let owners = ada["also_in"].to_string();
    assert!(owners.contains("OpenCode") && owners.contains("Every Code"), "{owners}");

    // What the user captured first is known to be shared once a look finds its second owner.
    let world = World::new().await;
    world.file(".codex/auth.json", &stores::store("codex/auth.json").unwrap());
    world.good(&["capture"]).await;
    assert_eq!(row(&world.json(&["list"]).await, "ada@example.com")["also_in"].as_array().unwrap().len(), 0);
    world.file(".local/share/opencode/auth.json", &stores::store("opencode/auth.json").unwrap());
    let again = world.json(&["import", "--from", "opencode"]).await;
    assert_eq!(again["result"]["items"][0]["outcome"], "unchanged");
    assert!(again["result"]["items"][0]["advice"].as_str().unwrap().contains("codex-lab login --again"));
    assert_eq!(row(&world.json(&["list"]).await, "ada@example.com")["also_in"].as_array().unwrap().len(), 1);

    // Once no tool holds it, it is ours alone.
    fs::remove_file(world.home().join(".local/share/opencode/auth.json")).unwrap();
    world.good(&["import", "--yes"]).await;
    assert_eq!(row(&world.json(&["list"]).await, "ada@example.com")["also_in"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn nothing_is_imported_from_everywhere_unasked() {
    let world = with_all_tools().await;
    world.refused(&["import"], "invalid_input", 3).await;
    assert!(names(&world).await.is_empty());
    let empty = World::new().await;
    assert!(empty.good(&["import"]).await.stdout.contains("Nothing to import"));
    empty.refused(&["import", "--from", "cc-switch"], "not_found", 4).await;
}

#[tokio::test]
async fn single_logins_can_be_chosen() {
    let world = with_all_tools().await;
    let plan = world.json(&["import", "--from", "every-code", "--dry-run"]).await;
    let key = plan["result"]["items"][1]["key"].as_str().unwrap();
    let done = world.json(&["import", "--from", "every-code", "--only", key]).await;
    let items = done["result"]["items"].as_array().unwrap();
    assert_eq!((items.len(), items[0]["workspace"].as_str()), (1, Some("ws-team")));
    assert_eq!(names(&world).await.len(), 1);
    world.refused(&["import", "--from", "every-code", "--only", "every-code:gone"], "not_found", 4).await;
}

#[tokio::test]
async fn the_fork_of_the_same_name_is_read_where_it_lies() {
    let world = World::new().await;
    let folder = world.home().join("fork");
    stores::lay_out_fork(&folder).unwrap();
    let place = folder.to_str().unwrap();
    let done = world.json(&["import", "--from", "codex-lab-fork", place]).await;
    assert_eq!(done["result"]["items"][0]["email"], "lin@example.com");
    world.refused(&["import", "--from", "codex-lab-fork"], "not_found", 4).await;
}

#[tokio::test]
async fn the_fork_of_the_same_name_keeps_its_home() {
    let mut world = World::new().await;
    stores::lay_out_fork(&world.lab_home()).unwrap();
    let before = tree(&world.lab_home(), &[]);
    world.refused(&["list"], "bad_home", 31).await;
    world.set("CODEX_LAB_HOME", world.home().join("ours"));
    let done = world.json(&["import", "--from", "codex-lab-fork"]).await;
    assert_eq!(done["result"]["items"][0]["workspace"], "ws-lab");
    assert_eq!(tree(&world.lab_home(), &[]), before);
}

#[tokio::test]
async fn an_encrypted_store_wants_its_passphrase() {
    let mut world = World::new().await;
    world.file(".config/opencode-multi-auth/accounts.json", &stores::store("opencode-multi-auth-codex/encrypted.json").unwrap());
    let import = ["import", "--from", "opencode-multi-auth-codex"];
    world.refused(&import, "wrong_passphrase", 54).await;
    let with = [&import[..], &["--passphrase"]].concat();
    assert_eq!(world.run_with(&with, "another\n").await.status, 54);
    assert!(names(&world).await.is_empty());
    let done = world.run_with(&with, "PLANTED passphrase\n").await;
    assert_eq!(done.status, 0, "{done:?}");
    assert_eq!(names(&world).await.len(), 1);
    world.set("CODEX_SOFT_STORE_PASSPHRASE", "PLANTED passphrase");
    let again = world.json(&import).await;
    assert_eq!(again["result"]["items"][0]["outcome"], "unchanged", "the tool's own variable opens it, too");
}

#[tokio::test]
async fn left_overs_are_deleted_on_request_alone() {
    let world = with_all_tools().await;
    let plan = world.json(&["import", "--dry-run"]).await;
    let files = plan["result"]["leftovers"].as_array().unwrap().clone();
    let path = |name: &str| files.iter().map(|file| file["path"].as_str().unwrap()).find(|path| path.ends_with(name)).map(str::to_owned);
    let (backup, store) = (path("accounts.json.bak").unwrap(), path("opencode-multi-auth/accounts.json").unwrap());
    assert!(path(".codex/auth.json").is_none(), "the live login is no left-over");

    world.refused(&["import", "--delete-leftover", &backup], "invalid_input", 3).await;
    world.refused(&["import", "--delete-leftover", &store, "--yes"], "not_possible_now", 6).await;
    for other in [world.codex_home().join("auth.json"), world.file("mine.json", "{}"), world.home().to_path_buf()] {
        world.refused(&["import", "--delete-leftover", other.to_str().unwrap(), "--yes"], "not_found", 4).await;
        assert!(other.exists());
    }
    assert!(Path::new(&backup).exists());
    world.good(&["import", "--delete-leftover", &backup, "--yes"]).await;
    assert!(!Path::new(&backup).exists());
    world.refused(&["import", "--delete-leftover", &backup, "--yes"], "not_found", 4).await;
}

#[tokio::test]
async fn a_login_that_could_not_be_saved_is_told_and_ends_with_its_code() {
    let world = World::new().await;
    let first = world.file("main.json", &world.sandbox.auth_json("main").unwrap());
    let profile = world.json(&["login", "--import", first.to_str().unwrap()]).await["result"]["items"][0]["name"].clone();
    let folder = world.home().join("logins");
    fs::create_dir(&folder).unwrap();
    for account in ["main", "work"] {
        fs::write(folder.join(format!("{account}.json")), world.sandbox.auth_json(account).unwrap()).unwrap();
    }
    // A file where the profile's folder was: nothing can be saved there.
    let place = world.lab_home().join("auth-profiles").join(profile.as_str().unwrap());
    fs::rename(&place, world.home().join("aside")).unwrap();
    fs::write(&place, "").unwrap();
    let arguments = ["login", "--import", folder.to_str().unwrap()];
    let ended = world.run(&arguments).await;
    assert_eq!(ended.status, 35, "{ended:?}");
    assert!(ended.stdout.contains("not saved") && ended.stdout.contains("added"), "{ended:?}");
    assert!(ended.stderr.contains("1 of 2 logins could not be saved."), "{ended:?}");

    let again: Value = serde_json::from_str(&world.run(&[&arguments[..], &["--json"]].concat()).await.stdout).unwrap();
    assert_eq!((&again["ok"], &again["failure"]["code"]), (&false.into(), &"storage".into()), "{again}");
    let outcomes: Vec<_> = again["result"]["items"].as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["failed", "unchanged"]);
}
