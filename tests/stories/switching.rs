//! Switching: the live login is replaced, nothing rotated is lost, and undo is the way back.

use codex_lab_core::api::table::Request;
use codex_lab_core::failure::Code;
use codex_lab_core::model::event::Event;
use codex_lab_core::model::snapshot::LiveState;
use serde_json::Value;

use crate::many_accounts::trio;

#[tokio::test]
async fn switching_there_and_back() {
    let (world, [main, _, backup]) = trio().await;
    let mut events = world.engine.events();
    for (profile, name) in [(&main, "main"), (&backup, "backup")] {
        let snapshot = world.ask(Request::SwitchTo { profile: Some(profile.clone()) }).await.unwrap();
        assert_eq!(snapshot.live.profile.as_ref(), Some(profile));
        assert_eq!(world.live_text().unwrap(), world.stored_text(name));
        let event = events.try_recv().unwrap();
        assert!(matches!(event, Event::Switched { to: Some(to), .. } if to == name));
    }
    let undo = world.engine.snapshot().undo.clone().unwrap();
    assert_eq!(undo.name.as_deref(), Some("main"));
    let snapshot = world.ask(Request::UndoSwitch).await.unwrap();
    assert_eq!(snapshot.live.profile, Some(main));
    assert!(world.sandbox.requests().is_empty(), "a switch needs no network");
}

#[tokio::test]
async fn what_codex_rotated_is_kept_before_the_switch() {
    let (world, [main, _, backup]) = trio().await;
    world.ask(Request::SwitchTo { profile: Some(main.clone()) }).await.unwrap();
    // As the CLI leaves it after a refresh: new tokens, a later date, fields we do not know.
    let mut rotated: Value = serde_json::from_str(&world.sandbox.auth_json("main").unwrap()).unwrap();
    rotated["last_refresh"] = "2036-01-01T00:00:00.000000001Z".into();
    rotated["from_the_future"] = 1.into();
    world.write_live(&rotated.to_string());
    world.ask(Request::SwitchTo { profile: Some(backup) }).await.unwrap();
    assert_eq!(world.stored_text("main"), rotated.to_string());
    world.ask(Request::SwitchTo { profile: Some(main) }).await.unwrap();
    assert_eq!(world.live_text().unwrap(), rotated.to_string());
}

#[tokio::test]
async fn signing_out_locally_revokes_nothing_and_comes_back() {
    let (world, [main, ..]) = trio().await;
    world.ask(Request::SwitchTo { profile: Some(main.clone()) }).await.unwrap();
    let snapshot = world.ask(Request::SwitchTo { profile: None }).await.unwrap();
    assert_eq!(snapshot.live.state, LiveState::None);
    assert_eq!(world.live_text(), None);
    let snapshot = world.ask(Request::UndoSwitch).await.unwrap();
    assert_eq!(snapshot.live.profile, Some(main));
    assert_eq!(world.sandbox.counters().revokes, 0);
}

#[tokio::test]
async fn a_forced_workspace_keeps_other_accounts_out() {
    let (world, [main, _, backup]) = trio().await;
    world.ask(Request::SwitchTo { profile: Some(main.clone()) }).await.unwrap();
    let workspace = world.sandbox.account("main").unwrap().account_id;
    world.own_file(".codex/config.toml", &format!("forced_chatgpt_workspace_id = \"{workspace}\"\n"));
    let failure = world.ask(Request::SwitchTo { profile: Some(backup) }).await.unwrap_err();
    assert_eq!(failure.code, Code::CodexForced);
    assert_eq!(world.engine.snapshot().live.profile, Some(main));
}

#[tokio::test]
async fn there_is_nothing_to_undo_at_first() {
    let (world, _) = trio().await;
    assert_eq!(world.ask(Request::UndoSwitch).await.unwrap_err().code, Code::NotPossibleNow);
}
