//! Removing profiles: forgotten here with a way back, or signed out at the provider for good.

use codex_lab_core::api::table::Request;
use codex_lab_core::failure::Code;
use codex_lab_core::model::snapshot::LiveState;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};

use crate::many_accounts::trio;

#[tokio::test]
async fn forgetting_revokes_nothing_and_can_be_undone() {
    let (world, [main, ..]) = trio().await;
    let text = world.stored_text("main");
    let snapshot = world.ask(Request::Remove { profile: main.clone(), sign_out: false }).await.unwrap();
    assert_eq!(snapshot.removed.unwrap().name, "main");
    assert_eq!(world.names(), ["work", "backup"]);
    world.ask(Request::UndoRemove).await.unwrap();
    assert_eq!(world.names(), ["main", "work", "backup"]);
    assert_eq!(world.stored_text("main"), text);
    assert_eq!(world.sandbox.counters().revokes, 0);
    assert_eq!(world.ask(Request::UndoRemove).await.unwrap_err().code, Code::NotPossibleNow);
}

#[tokio::test]
async fn signing_out_revokes_and_cannot_be_undone() {
    let (world, [main, ..]) = trio().await;
    let snapshot = world.ask(Request::Remove { profile: main, sign_out: true }).await.unwrap();
    assert_eq!(world.sandbox.counters_of("main").revokes, 1);
    assert!(snapshot.removed.is_none());
}

#[tokio::test]
async fn a_sign_out_that_does_not_reach_the_provider_removes_nothing() {
    let (world, [main, ..]) = trio().await;
    world.sandbox.script(Script::always(Endpoint::Revoke, Behaviour::status(500)));
    let failure = world.ask(Request::Remove { profile: main, sign_out: true }).await.unwrap_err();
    assert_eq!(failure.code, Code::Provider);
    assert_eq!(world.names().len(), 3);
}

#[tokio::test]
async fn a_removed_live_profile_is_replaced_by_the_next_ready_one() {
    let (world, [main, work, backup]) = trio().await;
    world.ask(Request::SwitchTo { profile: Some(main.clone()) }).await.unwrap();
    world.ask(Request::SetPaused { profile: work.clone(), paused: true }).await.unwrap();
    let snapshot = world.ask(Request::Remove { profile: main, sign_out: false }).await.unwrap();
    assert_eq!(snapshot.live.profile, Some(backup.clone()));
    world.ask(Request::Remove { profile: backup, sign_out: false }).await.unwrap();
    let snapshot = world.ask(Request::Snapshot).await.unwrap();
    assert_eq!(snapshot.live.state, LiveState::None, "a paused profile is not taken");
}
