//! Tokens that have to be renewed: once per rotation, saved before anyone has them, and told to Codex.

use codex_lab_core::api::table::Request;
use codex_lab_core::engine::tokens::Bearer;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};

use crate::world::{PATIENCE, World};

/// A login as a file that other programs wrote: with fields nobody here knows.
fn with_unknown_fields(text: &str) -> String {
    text.replacen('{', "{\n  \"from_the_future\": [1.50e+2],", 1)
}

fn refresh_token(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    value["tokens"]["refresh_token"].as_str().unwrap().to_owned()
}

impl World {
    /// A profile whose access token has ended; what is minted from now on lasts.
    pub(crate) async fn expired(&self, account: &str) -> ProfileId {
        self.sandbox.edit_account(account, |account| account.access_lifetime = -60).unwrap();
        let text = with_unknown_fields(&self.sandbox.auth_json(account).unwrap());
        self.sandbox.edit_account(account, |account| account.access_lifetime = 8 * 60 * 60).unwrap();
        let path = self.own_file(&format!("{account}.json"), &text);
        self.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap()[0].profile.clone().unwrap()
    }

    pub(crate) fn stored(&self, id: &ProfileId) -> String {
        self.stored_text(&self.profile(id).name)
    }

    pub(crate) fn is_good(&self, bearer: &Bearer, id: &ProfileId) -> bool {
        let value: serde_json::Value = serde_json::from_str(&self.stored(id)).unwrap();
        value["tokens"]["access_token"] == bearer.token.expose() && self.sandbox.is_live(&refresh_token(&self.stored(id)))
    }
}

#[tokio::test]
async fn many_who_ask_at_once_cost_one_refresh() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    let before = world.stored(&id);
    let asking: Vec<_> = (0..32).map(|_| (world.engine.clone(), id.clone())).collect();
    let asked = asking.into_iter().map(|(engine, id)| tokio::spawn(async move { engine.access_token(&id).await.unwrap() }));
    let mut tokens = Vec::new();
    for task in asked.collect::<Vec<_>>() {
        tokens.push(task.await.unwrap());
    }
    assert!(tokens.iter().all(|bearer| world.is_good(bearer, &id)));
    let counters = world.sandbox.counters_of("main");
    assert_eq!((counters.refreshes, counters.replays), (1, 0));
    assert!(refresh_token(&before) != refresh_token(&world.stored(&id)));
    assert!(world.stored(&id).contains("\"from_the_future\": [1.50e+2],"), "unknown fields stay byte for byte");
    assert_eq!(tokens[0].account_id, Some(world.sandbox.account("main").unwrap().account_id));
}

#[tokio::test]
async fn fresh_tokens_cost_nothing_and_changed_files_are_noticed() {
    let world = World::without_browser().await;
    let path = world.own_file("main.json", &world.sandbox.auth_json("main").unwrap());
    let id = world.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap()[0].profile.clone().unwrap();
    let first = world.engine.access_token(&id).await.unwrap();
    assert!(world.is_good(&first, &id));
    // Another process of ours has renewed it.
    let newer = world.own_file("newer.json", &world.sandbox.auth_json("main").unwrap());
    world.import(Request::ImportPath { path: newer.display().to_string() }).await.unwrap();
    let second = world.engine.access_token(&id).await.unwrap();
    assert!(world.is_good(&second, &id) && first.token != second.token);
    assert_eq!(world.sandbox.counters_of("main").refreshes, 0);
}

#[tokio::test]
async fn the_live_login_gets_what_was_renewed() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    world.ask(Request::SwitchTo { profile: Some(id.clone()) }).await.unwrap();
    assert!(world.live_text().unwrap() == world.stored(&id));
    let bearer = world.engine.access_token(&id).await.unwrap();
    assert!(world.is_good(&bearer, &id));
    assert!(world.live_text().unwrap() == world.stored(&id));
}

#[tokio::test]
async fn what_codex_has_renewed_is_taken_instead_of_spending_a_token() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    world.ask(Request::SwitchTo { profile: Some(id.clone()) }).await.unwrap();
    let codex = world.sandbox.auth_json("main").unwrap();
    world.write_live(&codex);
    let bearer = world.engine.access_token(&id).await.unwrap();
    assert!(world.is_good(&bearer, &id));
    assert!(world.stored(&id) == codex && world.live_text().unwrap() == codex);
    assert_eq!(world.sandbox.counters_of("main").refreshes, 0);
}

#[tokio::test]
async fn a_login_of_another_account_is_never_written_over() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    let other = world.sandbox.auth_json("backup").unwrap();
    world.write_live(&other);
    assert!(world.is_good(&world.engine.access_token(&id).await.unwrap(), &id));
    assert!(world.live_text().unwrap() == other);
}

#[tokio::test]
async fn a_refresh_goes_on_when_its_caller_goes_away() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    world.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::HoldAnswer));
    let asking = tokio::spawn({
        let (engine, id) = (world.engine.clone(), id.clone());
        async move { engine.access_token(&id).await }
    });
    world.sandbox.wait_held(1, PATIENCE).await.unwrap();
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    world.sandbox.release();
    assert!(world.is_good(&world.engine.access_token(&id).await.unwrap(), &id));
    let counters = world.sandbox.counters_of("main");
    assert_eq!((counters.refreshes, counters.replays), (1, 0));
}

#[tokio::test]
async fn a_switch_waits_for_the_refresh_of_its_target() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    world.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::HoldAnswer));
    let asking = tokio::spawn({
        let (engine, id) = (world.engine.clone(), id.clone());
        async move { engine.access_token(&id).await }
    });
    world.sandbox.wait_held(1, PATIENCE).await.unwrap();
    let switching = tokio::spawn({
        let (engine, id) = (world.engine.clone(), id.clone());
        async move { engine.handle(Request::SwitchTo { profile: Some(id) }).await }
    });
    world.sandbox.release();
    let bearer = asking.await.unwrap().unwrap();
    switching.await.unwrap().unwrap();
    assert!(world.is_good(&bearer, &id));
    assert!(refresh_token(&world.live_text().unwrap()) == refresh_token(&world.stored(&id)), "Codex never gets a spent token");
}

#[tokio::test]
async fn renewing_on_request_takes_new_tokens_once_and_is_no_use_for_a_key() {
    let world = World::without_browser().await;
    let path = world.own_file("main.json", &world.sandbox.auth_json("main").unwrap());
    let id = world.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap()[0].profile.clone().unwrap();
    let before = world.stored(&id);
    world.ask(Request::Renew { profile: id.clone() }).await.unwrap();
    assert!(world.stored(&id) != before);
    assert_eq!(world.sandbox.counters_of("main").refreshes, 1);
    let key = world.own_file("key.json", "{\"auth_mode\":\"apikey\",\"OPENAI_API_KEY\":\"sk-story\"}");
    let key = world.import(Request::ImportPath { path: key.display().to_string() }).await.unwrap()[0].profile.clone().unwrap();
    let refused: Failure = world.ask(Request::Renew { profile: key.clone() }).await.unwrap_err();
    assert!(refused.message.contains("API key"), "{refused}");
    assert_eq!(world.engine.access_token(&key).await.unwrap().token.expose(), "sk-story");
}
