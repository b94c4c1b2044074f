//! Names, order and pauses of profiles.

use codex_lab_core::api::table::Request;
use codex_lab_core::failure::Code;
use codex_lab_core::model::event::Event;
use codex_lab_core::model::news::News;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::ProfileState;

use crate::world::World;

/// A world with the three accounts as profiles `main`, `work` and `backup`, imported.
pub(crate) async fn trio() -> (World, [ProfileId; 3]) {
    let world = World::without_browser().await;
    let mut ids = Vec::new();
    for account in ["main", "work", "backup"] {
        let path = world.own_file(&format!("{account}.json"), &world.sandbox.auth_json(account).unwrap());
        let item = world.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap().remove(0);
        let id = item.profile.unwrap();
        world.ask(Request::Rename { profile: id.clone(), name: account.into() }).await.unwrap();
        ids.push(id);
    }
    (world, ids.try_into().unwrap())
}

#[tokio::test]
async fn bad_names_are_refused_and_change_nothing() {
    let (world, [main, ..]) = trio().await;
    let long = "n".repeat(300);
    for (name, code) in [
        ("a/b", Code::InvalidInput),
        ("..", Code::InvalidInput),
        ("x\u{1b}[2J", Code::InvalidInput),
        ("NUL", Code::InvalidInput),
        (long.as_str(), Code::InvalidInput),
        ("", Code::InvalidInput),
        ("WORK", Code::AlreadyExists),
    ] {
        let failure = world.ask(Request::Rename { profile: main.clone(), name: name.into() }).await.unwrap_err();
        assert_eq!(failure.code, code, "{name:?}");
        assert!(!failure.hints.is_empty() && !failure.message.contains('\u{1b}'));
    }
    assert_eq!(world.names(), ["main", "work", "backup"]);
}

#[tokio::test]
async fn order_and_pause_last_through_a_restart() {
    let (mut world, [main, work, backup]) = trio().await;
    world.ask(Request::Reorder { profiles: vec![backup, main] }).await.unwrap();
    world.ask(Request::SetPaused { profile: work.clone(), paused: true }).await.unwrap();
    world.restart().await.unwrap();
    assert_eq!(world.names(), ["backup", "main", "work"]);
    assert_eq!(world.profile(&work).state, ProfileState::Paused);
}

#[tokio::test]
async fn a_damaged_stored_login_restores_itself_with_a_word() {
    let (world, [main, ..]) = trio().await;
    let mut events = world.engine.events();
    let before = world.stored_text("main");
    world.own_file(".codex-lab/auth-profiles/main/auth.json", "{");
    let snapshot = world.ask(Request::Snapshot).await.unwrap();
    assert_eq!(world.stored_text("main"), before);
    assert_eq!(world.profile(&main).state, ProfileState::Ready);
    let words: Vec<_> = snapshot.problems.iter().filter(|problem| problem.message.contains("has been restored")).collect();
    assert!(words.len() == 1 && words[0].message.contains("main"), "{:?}", snapshot.problems);
    assert!(events.try_recv().is_err(), "nobody has to sign in for it");
    world.ask(Request::SwitchTo { profile: Some(main) }).await.unwrap();
}

#[tokio::test]
async fn a_login_damaged_with_its_copy_shows_at_its_profile_alone() {
    let (world, [main, work, _]) = trio().await;
    let mut events = world.engine.events();
    world.own_file(".codex-lab/auth-profiles/main/auth.json", "{");
    world.own_file(&format!(".codex-lab/backups/logins/{}/current.copy", main.as_str()), "{");
    for _ in 0..2 {
        world.ask(Request::Snapshot).await.unwrap();
    }
    assert_eq!(events.try_recv().unwrap(), Event::News(News::SignInNeeded { profile: main.clone() }));
    assert!(events.try_recv().is_err(), "it is said once");
    assert_eq!(world.profile(&main).state, ProfileState::Unreadable);
    assert_eq!(world.profile(&work).state, ProfileState::Ready);
    assert_eq!(world.ask(Request::SwitchTo { profile: Some(main) }).await.unwrap_err().code, Code::BadLoginFile);
}

#[tokio::test]
async fn a_damaged_index_restores_itself_with_a_word() {
    let (mut world, _) = trio().await;
    let index = world.lab_home().join("auth-profiles.json");
    let text = std::fs::read_to_string(&index).unwrap();
    std::fs::write(&index, &text[..text.len() / 3]).unwrap();
    world.restart().await.unwrap();
    assert_eq!(world.names(), ["main", "work", "backup"]);
    assert!(world.engine.snapshot().problems.iter().any(|problem| problem.code == Code::Storage));
}

#[tokio::test]
async fn an_index_of_a_newer_version_is_left_alone() {
    let (mut world, _) = trio().await;
    let index = world.lab_home().join("auth-profiles.json");
    std::fs::write(&index, r#"{"schema": 99}"#).unwrap();
    assert_eq!(world.restart().await.unwrap_err().code, Code::NewerVersion);
    assert_eq!(std::fs::read_to_string(&index).unwrap(), r#"{"schema": 99}"#);
}
