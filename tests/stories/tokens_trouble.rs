//! Refreshes that fail: for good, for now, and where the answer cannot be saved.

use std::fs;
use std::time::Duration;

use codex_lab_core::api::table::Request;
use codex_lab_core::failure::Code;
use codex_lab_core::model::event::Event;
use codex_lab_core::model::news::News;
use codex_lab_core::model::snapshot::{ProfileState, TokenNote};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};

use crate::world::{PATIENCE, World};

fn refreshes_sent(world: &World) -> usize {
    world.sandbox.requests().iter().filter(|request| request.endpoint == Endpoint::Refresh).count()
}

#[tokio::test]
async fn a_refusal_for_good_is_asked_for_once_and_ends_with_a_new_sign_in() {
    for (status, code) in [(400, "refresh_token_reused"), (400, "invalid_grant"), (401, "whatever")] {
        let mut world = World::without_browser().await;
        let id = world.expired("main").await;
        let mut events = world.engine.events();
        world.sandbox.script(Script::always(Endpoint::Refresh, Behaviour::error(status, code)));
        for _ in 0..3 {
            assert_eq!(world.engine.access_token(&id).await.unwrap_err().code, Code::NeedsSignIn, "{code}");
        }
        assert_eq!(refreshes_sent(&world), 1, "{code}");
        assert_eq!(world.profile(&id).state, ProfileState::NeedsSignIn);
        assert!(matches!(events.recv().await.unwrap(), Event::News(News::SignInNeeded { profile }) if profile == id));
        // Remembered across a restart, for this token alone.
        world.restart().await.unwrap();
        assert_eq!(world.engine.access_token(&id).await.unwrap_err().code, Code::NeedsSignIn);
        assert_eq!(refreshes_sent(&world), 1);
        let path = world.own_file("new.json", &world.sandbox.auth_json("main").unwrap());
        world.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap();
        assert_eq!(world.profile(&id).state, ProfileState::Ready);
        assert!(world.is_good(&world.engine.access_token(&id).await.unwrap(), &id));
    }
}

#[tokio::test]
async fn after_a_refusal_what_codex_wrote_meanwhile_is_taken() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    world.ask(Request::SwitchTo { profile: Some(id.clone()) }).await.unwrap();
    world.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::error(400, "refresh_token_reused")));
    let asking = tokio::spawn({
        let (engine, id) = (world.engine.clone(), id.clone());
        async move { engine.access_token(&id).await }
    });
    world.sandbox.wait_for(|request| request.endpoint == Endpoint::Refresh, PATIENCE).await.unwrap();
    // Codex was quicker at the provider, and writes what it got only now.
    let codex = world.sandbox.auth_json("main").unwrap();
    world.write_live(&codex);
    let bearer = asking.await.unwrap().unwrap();
    assert!(world.is_good(&bearer, &id));
    assert!(world.stored(&id) == codex);
    assert_eq!(world.profile(&id).state, ProfileState::Ready);
}

#[tokio::test]
async fn trouble_that_passes_is_not_noticed() {
    for trouble in [Behaviour::status(503), Behaviour::html(403), Behaviour::garbage(), Behaviour::retry_after(429, 1), Behaviour::Close] {
        let world = World::without_browser().await;
        let id = world.expired("main").await;
        world.sandbox.script(Script::next(2, Endpoint::Refresh, trouble.clone()));
        assert!(world.is_good(&world.engine.access_token(&id).await.unwrap(), &id), "{trouble:?}");
        assert_eq!(world.sandbox.counters_of("main").refreshes, 1, "{trouble:?}");
        assert_eq!(world.profile(&id).token, TokenNote::Fine);
    }
}

#[tokio::test]
async fn trouble_that_stays_makes_the_login_rest_and_is_called_nothing_else() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    world.sandbox.script(Script::always(Endpoint::Refresh, Behaviour::status(500)));
    assert_eq!(world.engine.access_token(&id).await.unwrap_err().code, Code::Provider);
    assert_eq!(refreshes_sent(&world), 4, "once, and after each of three pauses");
    assert_eq!(world.engine.access_token(&id).await.unwrap_err().code, Code::Provider);
    assert_eq!(refreshes_sent(&world), 4, "it rests");
    world.ask(Request::Snapshot).await.unwrap();
    let row = world.profile(&id);
    assert!(matches!(row.token, TokenNote::Resting { .. }) && row.state == ProfileState::Ready, "{row:?}");
    // The user's own wish goes before the rest.
    world.sandbox.clear_scripts();
    world.ask(Request::Renew { profile: id.clone() }).await.unwrap();
    assert_eq!(world.profile(&id).token, TokenNote::Fine);
}

#[tokio::test]
async fn a_long_pause_asked_for_is_not_waited_out() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    world.sandbox.script(Script::always(Endpoint::Refresh, Behaviour::retry_after(429, 600)));
    assert_eq!(world.engine.access_token(&id).await.unwrap_err().code, Code::Provider);
    assert_eq!(refreshes_sent(&world), 1);
}

#[tokio::test]
async fn a_token_that_still_lasts_is_used_while_it_cannot_be_renewed() {
    let world = World::without_browser().await;
    world.sandbox.edit_account("main", |account| account.access_lifetime = 120).unwrap();
    let path = world.own_file("main.json", &world.sandbox.auth_json("main").unwrap());
    let id = world.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap()[0].profile.clone().unwrap();
    world.sandbox.script(Script::always(Endpoint::Refresh, Behaviour::status(500)));
    assert!(world.is_good(&world.engine.access_token(&id).await.unwrap(), &id));
    assert!(world.is_good(&world.engine.access_token(&id).await.unwrap(), &id));
    assert_eq!(refreshes_sent(&world), 4);
}

#[tokio::test]
async fn what_cannot_be_saved_is_used_from_memory_and_saved_later() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    let folder = world.lab_home().join("auth-profiles").join(world.profile(&id).name);
    let aside = world.lab_home().join("aside");
    world.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::HoldAnswer));
    let asking = tokio::spawn({
        let (engine, id) = (world.engine.clone(), id.clone());
        async move { engine.access_token(&id).await }
    });
    world.sandbox.wait_held(1, PATIENCE).await.unwrap();
    // A file where the folder was: whatever is written there fails, whoever writes.
    fs::rename(&folder, &aside).unwrap();
    fs::write(&folder, "").unwrap();
    world.sandbox.release();
    let first = asking.await.unwrap().unwrap();
    let row = world.profile(&id);
    assert_eq!(row.token, TokenNote::Unsaved);
    assert!(world.engine.snapshot().problems.iter().any(|problem| problem.message.contains("not saved yet")));
    assert_eq!(world.engine.access_token(&id).await.unwrap().token, first.token, "used from memory");
    assert!(world.ask(Request::SwitchTo { profile: Some(id.clone()) }).await.is_err(), "Codex never gets the spent token");

    fs::remove_file(&folder).unwrap();
    fs::rename(&aside, &folder).unwrap();
    tokio::time::timeout(Duration::from_secs(60), world.engine.until_saved(|_| ())).await.unwrap();
    assert!(world.is_good(&first, &id));
    world.ask(Request::Snapshot).await.unwrap();
    assert_eq!(world.profile(&id).token, TokenNote::Fine);
    assert_eq!(world.sandbox.counters_of("main").replays, 0);
}

#[tokio::test]
async fn what_codex_has_renewed_and_we_cannot_save_is_told_until_it_is_saved() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    world.ask(Request::SwitchTo { profile: Some(id.clone()) }).await.unwrap();
    let told = || world.engine.snapshot().problems.iter().any(|problem| problem.message.contains("could not be saved yet"));
    let folder = world.lab_home().join("auth-profiles").join(world.profile(&id).name);
    let aside = world.lab_home().join("aside");
    fs::rename(&folder, &aside).unwrap();
    fs::write(&folder, "").unwrap();
    let codex = world.sandbox.auth_json("main").unwrap();
    world.write_live(&codex);
    world.ask(Request::Snapshot).await.unwrap();
    assert!(told(), "{:?}", world.engine.snapshot().problems);
    assert!(world.live_text().unwrap() == codex);

    fs::remove_file(&folder).unwrap();
    fs::rename(&aside, &folder).unwrap();
    world.ask(Request::Snapshot).await.unwrap();
    assert!(world.stored(&id) == codex && !told());
}

#[tokio::test]
async fn a_login_lost_with_its_copies_is_taken_from_codex_where_it_is_live() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    world.ask(Request::SwitchTo { profile: Some(id.clone()) }).await.unwrap();
    let name = world.profile(&id).name;
    fs::write(world.lab_home().join("auth-profiles").join(name).join("auth.json"), "{").unwrap();
    fs::remove_dir_all(world.lab_home().join("backups/logins")).unwrap();
    world.ask(Request::Snapshot).await.unwrap();
    assert!(world.stored(&id) == world.live_text().unwrap());
    assert_eq!(world.profile(&id).state, ProfileState::Ready);
}
