//! Login files that are no login, as imports and as the live login: each has its word, and nothing is changed.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use serde_json::Value;

use crate::world::World;

/// Texts that are no usable login.
fn bad_texts(good: &str) -> Vec<(&'static str, String)> {
    let value: Value = serde_json::from_str(good).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = value.clone();
        change(&mut changed);
        changed.to_string()
    };
    vec![
        ("empty", String::new()),
        ("half", good[..good.len() / 2].to_owned()),
        ("mode", with(&|v| v["auth_mode"] = "magic".into())),
        ("no jwt", with(&|v| v["tokens"]["id_token"] = "nonsense".into())),
        ("no tokens", with(&|v| v["tokens"] = Value::Null)),
        (
            "nobody's",
            with(&|v| {
                v["tokens"]["account_id"] = Value::Null;
                // A token that is one, but names nobody.
                v["tokens"]["id_token"] = "e30.e30.sig".into();
            }),
        ),
    ]
}

#[tokio::test]
async fn bad_files_are_not_imported() {
    let world = World::new().await;
    for (name, text) in bad_texts(&world.sandbox.auth_json("main").unwrap()) {
        let file = world.file(name, &text);
        world.refused(&["login", "--import", file.to_str().unwrap()], "bad_login_file", 30).await;
        assert_eq!(fs::read_to_string(file).unwrap(), text, "the source stays as it is");
    }
    let big = world.file("big", "");
    fs::File::options().write(true).open(&big).unwrap().set_len(50 << 20).unwrap();
    world.refused(&["login", "--import", big.to_str().unwrap()], "bad_login_file", 30).await;
    world.refused(&["login", "--import", "nowhere.json"], "not_found", 4).await;
    assert_eq!(world.json(&["list"]).await["result"]["profiles"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn an_unusable_live_login_is_shown_and_kept_aside_by_a_switch() {
    let world = World::with_trio().await;
    for (name, text) in bad_texts(&world.sandbox.auth_json("main").unwrap()) {
        world.file(".codex/auth.json", &text);
        let status = world.json(&["status"]).await;
        let state = status["result"]["live"]["state"].as_str().unwrap();
        assert!(state == "unreadable" || state == "unknown", "{name}: {state}");
        world.refused(&["capture"], "bad_login_file", 30).await;
        world.good(&["use", "backup"]).await;
        if text.is_empty() {
            // There is nothing in it to keep.
            continue;
        }
        let aside = world.lab_home().join("backups/set-aside");
        let kept = fs::read_dir(aside).unwrap().any(|entry| fs::read_to_string(entry.unwrap().path()).is_ok_and(|kept| kept == text));
        assert!(kept, "{name} is kept");
    }
}

#[tokio::test]
async fn a_live_login_that_cannot_be_replaced_safely_is_left_alone() {
    let world = World::with_trio().await;
    let live = world.codex_home().join("auth.json");
    let text = world.sandbox.auth_json("main").unwrap();
    let elsewhere = world.file("elsewhere/auth.json", &text);
    type Make = fn(&Path, &Path);
    let makes: [(&str, Make); 4] = [
        ("a folder", |live, _| fs::create_dir(live).unwrap()),
        ("a link out of the home", |live, elsewhere| symlink(elsewhere, live).unwrap()),
        ("a hard link", |live, elsewhere| fs::hard_link(elsewhere, live).unwrap()),
        ("read-only", |live, elsewhere| {
            fs::copy(elsewhere, live).unwrap();
            fs::set_permissions(live, fs::Permissions::from_mode(0o400)).unwrap();
        }),
    ];
    fs::create_dir_all(world.codex_home()).unwrap();
    for (name, make) in makes {
        make(&live, &elsewhere);
        let ended = world.run(&["use", "backup"]).await;
        assert!([30, 44].contains(&ended.status), "{name}: {ended:?}");
        assert!(ended.stderr.contains("hint: "), "{name}: {ended:?}");
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), text, "{name}");
        if live.is_dir() { fs::remove_dir(&live).unwrap() } else { fs::remove_file(&live).unwrap() }
    }
    world.good(&["use", "backup"]).await;
}

#[tokio::test]
async fn another_store_mode_and_forced_keys_are_respected() {
    let world = World::with_trio().await;
    world.file(".codex/config.toml", "cli_auth_credentials_store = \"keyring\"\n");
    world.refused(&["use", "main"], "codex_store_mode", 41).await;
    world.file(".codex/config.toml", "forced_login_method = \"api\"\n");
    world.refused(&["use", "main"], "codex_forced", 42).await;
    world.file(".codex/config.toml", "forced_chatgpt_workspace_id = [\"another\"]\n");
    world.refused(&["use", "main"], "codex_forced", 42).await;
    world.file(".codex/config.toml", "= broken\n");
    world.refused(&["use", "main"], "codex_config", 43).await;
    assert!(!world.codex_home().join("auth.json").exists());
}
