//! The login the user had before: left alone until they import it or switch (product rule P2).

use codex_lab_core::api::table::{ImportOutcome, Request};
use codex_lab_core::failure::Code;
use codex_lab_core::model::snapshot::LiveState;

use crate::world::World;

#[tokio::test]
async fn an_existing_login_is_shown_and_not_touched() {
    let mut world = World::without_browser().await;
    let text = world.sandbox.auth_json("main").unwrap();
    world.write_live(&text);
    world.restart().await.unwrap();
    let snapshot = world.ask(Request::Snapshot).await.unwrap();
    assert_eq!(snapshot.live.state, LiveState::Unknown);
    assert_eq!(snapshot.live.email, Some(world.sandbox.account("main").unwrap().email));
    assert!(snapshot.profiles.is_empty(), "nothing is imported unasked");
    assert_eq!(world.live_text().unwrap(), text);
    assert_eq!(std::fs::read_dir(world.codex_home()).unwrap().count(), 1, "nothing was written beside it");
}

#[tokio::test]
async fn it_becomes_a_profile_when_asked_and_stays_as_it_is() {
    let world = World::without_browser().await;
    let text = world.sandbox.auth_json("main").unwrap();
    world.write_live(&text);
    let items = world.import(Request::CaptureLive).await.unwrap();
    assert_eq!(items[0].outcome, ImportOutcome::Added);
    assert_eq!(world.stored_text(items[0].name.as_deref().unwrap()), text);
    assert_eq!(world.live_text().unwrap(), text);
    assert_eq!(world.engine.snapshot().live.state, LiveState::Profile);
    assert_eq!(world.import(Request::CaptureLive).await.unwrap()[0].outcome, ImportOutcome::Unchanged);
}

#[tokio::test]
async fn a_switch_keeps_it_as_a_profile_first() {
    let world = World::without_browser().await;
    let backup = world.sandbox.auth_json("backup").unwrap();
    let path = world.own_file("backup.json", &backup);
    let id = world.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap()[0].profile.clone();
    let text = world.sandbox.auth_json("main").unwrap();
    world.write_live(&text);
    let snapshot = world.ask(Request::SwitchTo { profile: id }).await.unwrap();
    assert_eq!(snapshot.profiles.len(), 2);
    assert_eq!(world.live_text().unwrap(), backup);
    let adopted = snapshot.profiles.iter().find(|profile| !profile.live).unwrap();
    assert_eq!(world.stored_text(&adopted.name), text);
    world.ask(Request::UndoSwitch).await.unwrap();
    assert_eq!(world.live_text().unwrap(), text);
}

#[tokio::test]
async fn without_a_login_there_is_nothing_to_keep() {
    let world = World::without_browser().await;
    assert_eq!(world.ask(Request::Snapshot).await.unwrap().live.state, LiveState::None);
    assert_eq!(world.ask(Request::CaptureLive).await.unwrap_err().code, Code::NotFound);
    assert!(!world.codex_home().exists(), "looking creates nothing");
}

#[tokio::test]
async fn a_login_kept_in_the_keyring_is_said_and_left_alone() {
    let world = World::without_browser().await;
    let path = world.own_file("backup.json", &world.sandbox.auth_json("backup").unwrap());
    let id = world.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap()[0].profile.clone();
    world.own_file(".codex/config.toml", "cli_auth_credentials_store = \"keyring\"\n");
    let snapshot = world.ask(Request::Snapshot).await.unwrap();
    assert_eq!(snapshot.live.state, LiveState::Elsewhere);
    assert_eq!(world.ask(Request::SwitchTo { profile: id }).await.unwrap_err().code, Code::CodexStoreMode);
    assert_eq!(world.live_text(), None);
}

#[tokio::test]
async fn a_live_file_that_is_no_login_is_set_aside_with_a_word() {
    let world = World::without_browser().await;
    let path = world.own_file("backup.json", &world.sandbox.auth_json("backup").unwrap());
    let id = world.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap()[0].profile.clone();
    world.write_live("{\"tokens\":");
    let snapshot = world.ask(Request::SwitchTo { profile: id }).await.unwrap();
    assert_eq!(snapshot.live.state, LiveState::Profile);
    let told = snapshot.problems.iter().find(|problem| problem.code == Code::BadLoginFile).unwrap();
    let place = told.hints[0].trim_start_matches("It is kept as it was in ").trim_end_matches('.');
    assert_eq!(std::fs::read_to_string(place).unwrap(), "{\"tokens\":");
}
