//! Importing logins from files, folders and pasted text: the source stays as it is, and bad ones are told apart.

use codex_lab_core::api::table::{ImportOutcome, Request, SecretText};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::failure::Code;

use crate::world::World;

async fn refused(world: &World, path: &std::path::Path) -> Code {
    let failure = world.ask(Request::ImportPath { path: path.display().to_string() }).await.unwrap_err();
    assert!(!failure.hints.is_empty(), "{failure:?}");
    failure.code
}

#[tokio::test]
async fn a_folder_of_logins_is_taken_in_once() {
    let world = World::without_browser().await;
    for account in ["main", "work", "backup"] {
        world.own_file(&format!("old/{account}/auth.json"), &world.sandbox.auth_json(account).unwrap());
    }
    world.own_file("old/broken/auth.json", "{\"tokens\":");
    let folder = world.own_file("old/readme.txt", "not a login").parent().unwrap().display().to_string();
    let items = world.import(Request::ImportPath { path: folder.clone() }).await.unwrap();
    let count = |outcome| items.iter().filter(|item| item.outcome == outcome).count();
    assert_eq!((count(ImportOutcome::Added), count(ImportOutcome::Skipped)), (3, 1), "{items:?}");
    let again = world.import(Request::ImportPath { path: folder }).await.unwrap();
    assert_eq!(again.iter().filter(|item| item.outcome == ImportOutcome::Unchanged).count(), 3);
    assert_eq!(world.names().len(), 3);
}

#[tokio::test]
async fn pasted_text_is_taken_in_and_kept_byte_for_byte() {
    let world = World::without_browser().await;
    let text = world.sandbox.auth_json("main").unwrap().replacen('{', "{ \"future_field\": [1, 2.50],", 1);
    world.ask(Request::ImportText { text: SecretText(Secret::new(text.clone())) }).await.unwrap();
    assert_eq!(world.stored_text(&world.names()[0]), text);
}

#[tokio::test]
async fn files_that_are_no_login_are_refused_each_with_its_word() {
    let world = World::without_browser().await;
    let good = world.sandbox.auth_json("main").unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&good).unwrap();
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut changed = value.clone();
        change(&mut changed);
        changed.to_string()
    };
    let texts = [
        ("empty", String::new()),
        ("half", good[..good.len() / 2].to_owned()),
        ("mode", with(&|v| v["auth_mode"] = "magic".into())),
        ("no-jwt", with(&|v| v["tokens"]["id_token"] = "nonsense".into())),
        ("list", "[]".to_owned()),
    ];
    for (name, text) in &texts {
        let path = world.own_file(name, text);
        assert_eq!(refused(&world, &path).await, Code::BadLoginFile, "{name}");
        assert_eq!(&std::fs::read_to_string(path).unwrap(), text);
    }
    let big = world.own_file("big", "");
    std::fs::File::options().write(true).open(&big).unwrap().set_len(50 << 20).unwrap();
    assert_eq!(refused(&world, &big).await, Code::BadLoginFile);
    assert_eq!(refused(&world, &world.codex_home().join("nothing")).await, Code::NotFound);
    value["tokens"]["account_id"] = serde_json::Value::Null;
    world.own_file("no-account", &value.to_string());
    assert!(world.names().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn a_fifo_does_not_hang_an_import() {
    let world = World::without_browser().await;
    let fifo = world.codex_home().with_file_name("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_eq!(refused(&world, &fifo).await, Code::BadLoginFile);
}
