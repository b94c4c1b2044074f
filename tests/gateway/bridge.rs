//! What a client of a WebSocket hears, event by event.

use std::time::Duration;

use codex_lab_core::base::clock::{Clock, SystemClock};
use codex_lab_core::model::affinity::SessionKey;
use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Script, Step};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::wire::{Heard, PATIENCE, Wire, code, said};
use crate::world::{Transport, World, profile};

/// Seconds of a day.
const DAY: i64 = 24 * 3600;

fn tomorrow() -> i64 {
    SystemClock.now().as_second() + DAY
}

fn once(behaviour: Behaviour) -> Script {
    Script::once(Endpoint::Responses, behaviour)
}

fn says(steps: Vec<Step>) -> Behaviour {
    Behaviour::Say(Answer { steps })
}

fn text(text: &str) -> Step {
    Step::Text(text.to_owned())
}

async fn world() -> World {
    World::over(Transport::Socket).await
}

#[tokio::test]
async fn events_pass_as_they_come_and_none_before_the_answer() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    let odd = Step::Raw("no event".to_owned());
    world.sandbox.script(once(says(vec![odd, Step::Hold, text("one"), Step::Hold, text("two")])));
    wire.ask(json!({})).await;
    world.sandbox.wait_held(1, PATIENCE).await.unwrap();
    assert_eq!((wire.heard(), world.in_flight("main")), (None, 1));
    world.sandbox.release();
    assert!(matches!(wire.hear().await, Heard::Event(event) if event["type"] == "response.created"));
    assert_eq!(wire.hear().await, Heard::Other(Message::text("no event")), "in its order");
    // The first half is there before the provider says the second one.
    assert_eq!(said(&wire.until(|event| event["delta"] == "one").await), "one");
    world.sandbox.wait_held(1, PATIENCE).await.unwrap();
    world.sandbox.release();
    let rest = wire.turn().await;
    assert_eq!(said(&rest), "two");
    let limits = rest.iter().find(|event| event["type"] == "codex.rate_limits").unwrap();
    assert_eq!(world.heard(), [("main".to_owned(), limits["rate_limits"]["primary"]["used_percent"].to_string())]);
    assert_eq!(world.in_flight("main"), 0);
    wire.say(Message::Ping("still there".into())).await;
    assert_eq!(wire.hear().await, Heard::Other(Message::Pong("still there".into())));
    world.stop().await;
}

#[tokio::test]
async fn a_turn_that_is_whole_moves_without_a_new_connection() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", tomorrow())).by("main"));
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::error(503, "server_is_overloaded")).by("work"));
    assert_eq!(said(&wire.full_turn(json!({})).await), "hello from backup");
    assert_eq!(
        (world.upgrades(), world.fell_back()),
        (vec!["main".into(), "work".into(), "backup".into()], vec![("main".into(), "backup".into())])
    );
    // One that goes on from the last one stays, and so does the session.
    assert_eq!(said(&wire.full_turn(json!({"previous_response_id": null})).await), "hello from backup");
    assert_eq!(world.upgrades().len(), 3);
    world.stop().await;
}

#[tokio::test]
async fn a_turn_that_goes_on_moves_with_the_client() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    let first = wire.full_turn(json!({})).await;
    let last = &first.last().unwrap()["response"]["id"];
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", tomorrow())).by("main"));
    let moved = wire.full_turn(json!({"previous_response_id": last})).await;
    assert_eq!((moved.len(), code(&moved)), (1, "previous_response_not_found"), "nothing but the word to come again");
    assert_eq!(wire.hear().await, Heard::Closed(Some(CloseCode::Normal)));
    let mut wire = Wire::open(&world, "s").await;
    assert_eq!(said(&wire.full_turn(json!({})).await), "hello from work");
    assert_eq!(world.upgrades(), ["main", "work"]);
    world.stop().await;
}

#[tokio::test]
async fn a_turn_goes_where_the_user_ties_its_session() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    let first = wire.full_turn(json!({})).await;
    let (session, now) = (SessionKey::of("s").unwrap(), SystemClock.now());
    let tie = |account: &str| world.desk.with(|router| router.affinity.sessions.pin(&session, &profile(account), now));
    tie("backup");
    let moved = wire.full_turn(json!({"previous_response_id": first.last().unwrap()["response"]["id"]})).await;
    assert_eq!(code(&moved), "previous_response_not_found");
    let mut wire = Wire::open(&world, "s").await;
    assert_eq!(said(&wire.full_turn(json!({})).await), "hello from backup");
    tie("work");
    assert_eq!(said(&wire.full_turn(json!({})).await), "hello from work");
    assert_eq!((world.upgrades(), world.turns().len()), (vec!["main".into(), "backup".into(), "work".into()], 3));
    world.stop().await;
}

#[tokio::test]
async fn what_one_account_has_told_no_other_hears() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    let metadata = json!({"type": "response.metadata", "headers": {"x-codex-turn-state": "of main"}});
    let sealed = |account: &str| format!("sandbox-sealed.{}.thought", world.sandbox.account(account).unwrap().account_id);
    world.sandbox.script(once(says(vec![Step::Event(metadata), text("one")])));
    wire.full_turn(json!({})).await;
    let with_state = json!({
        "client_metadata": {"x-codex-turn-state": "of main", "turn_id": "t"},
        "input": [{"type": "reasoning", "summary": [], "encrypted_content": sealed("main")}, {"type": "message", "role": "user", "content": []}],
    });
    assert_eq!(said(&wire.full_turn(with_state.clone()).await), "hello from main");
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", tomorrow())).by("main"));
    assert_eq!(said(&wire.full_turn(with_state.clone()).await), "hello from work");
    assert_eq!(said(&wire.full_turn(with_state).await), "hello from work");
    let told: Vec<_> = world
        .turns()
        .iter()
        .skip(1)
        .map(|turn| (turn["client_metadata"]["x-codex-turn-state"] == "of main", turn["input"].as_array().unwrap().len()))
        .collect();
    // main, its refusal; work with what main has sealed, and without; then without from the start.
    assert_eq!(told, [(true, 2), (true, 2), (false, 2), (false, 1), (false, 1)]);
    world.stop().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_the_clients_to_ask_for_again() {
    let world = world().await;
    for (name, steps) in [("cut", vec![text("half"), Step::Cut]), ("too large", vec![text("half"), Step::Large(65 << 20)])] {
        let mut wire = Wire::open(&world, name).await;
        world.sandbox.script(once(says(steps)));
        wire.ask(json!({})).await;
        let (events, code) = wire.rest().await;
        assert_eq!((said(&events).as_str(), code), ("half", Some(CloseCode::Error)), "{name}");
    }
    assert_eq!((world.upgrades(), world.turns().len()), (vec!["main".into(), "work".into()], 2), "nothing is sent again");
    world.stop().await;
}

#[tokio::test]
async fn a_silent_provider_is_left_before_the_client_gives_up() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    let alive = json!({"type": "keepalive"});
    world.sandbox.script(once(says(vec![Step::Event(alive.clone()), Step::Hold])).by("main"));
    wire.ask(json!({})).await;
    assert_eq!(wire.hear().await, Heard::Event(alive));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(281)).await;
    tokio::time::resume();
    assert_eq!(said(&wire.turn().await), "hello from work");
    world.sandbox.wait_open(1, PATIENCE).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_connection() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    // What the gateway does not take may stay with the client.
    let _ = wire.try_to_say(Message::text("x".repeat((64 << 20) + 1))).await;
    let (events, code) = wire.rest().await;
    assert!(events.is_empty() && matches!(code, Some(CloseCode::Size) | None), "{code:?}");
    world.sandbox.wait_open(0, PATIENCE).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn who_goes_away_stops_the_other_side() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    world.sandbox.script(once(says(vec![text("one"), Step::Hold])));
    wire.ask(json!({})).await;
    wire.until(|event| event["delta"] == "one").await;
    assert_eq!(world.in_flight("main"), 1);
    drop(wire);
    world.sandbox.wait_open(0, PATIENCE).await.unwrap();
    let mut idle = Wire::open(&world, "other").await;
    idle.full_turn(json!({})).await;
    assert_eq!(world.in_flight("main"), 0);
    idle.say(Message::Close(None)).await;
    assert_eq!(idle.hear().await, Heard::Closed(None), "its leave is returned");
    world.sandbox.wait_open(0, PATIENCE).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_stop_ends_idle_connections_and_lets_turns_finish() {
    let world = world().await;
    let (mut idle, mut busy) = (Wire::open(&world, "idle").await, Wire::open(&world, "busy").await);
    idle.full_turn(json!({})).await;
    world.sandbox.script(once(says(vec![text("one"), Step::Hold, text("two")])));
    busy.ask(json!({})).await;
    busy.until(|event| event["delta"] == "one").await;
    world.sandbox.wait_held(1, PATIENCE).await.unwrap();
    world.tell_to_stop();
    assert_eq!(idle.hear().await, Heard::Closed(Some(CloseCode::Away)));
    world.sandbox.release();
    assert_eq!(said(&busy.turn().await), "two");
    assert_eq!(busy.hear().await, Heard::Closed(Some(CloseCode::Away)));
    world.stop().await;
}

#[tokio::test]
async fn a_second_turn_waits_for_the_first() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    world.sandbox.script(once(says(vec![text("one"), Step::Hold])));
    wire.ask(json!({})).await;
    wire.ask(json!({})).await;
    wire.until(|event| event["delta"] == "one").await;
    assert_eq!(world.turns().len(), 1);
    world.sandbox.wait_held(1, PATIENCE).await.unwrap();
    world.sandbox.release();
    wire.turn().await;
    assert_eq!(said(&wire.turn().await), "hello from main");
    world.stop().await;
}

#[tokio::test]
async fn what_was_asked_wrongly_is_the_clients() {
    let world = world().await;
    let mut wire = Wire::open(&world, "s").await;
    let refused = wire.full_turn(json!({"input": "no list"})).await;
    assert_eq!(refused.last().unwrap()["status"], 400);
    let unknown = wire.full_turn(json!({"previous_response_id": "resp_unknown"})).await;
    assert_eq!(code(&unknown), "previous_response_not_found");
    assert_eq!(said(&wire.full_turn(json!({})).await), "hello from main", "the connection is still good");
    assert_eq!(world.upgrades(), ["main"]);
    world.stop().await;
}

#[tokio::test]
async fn a_connection_that_nobody_opens_is_refused_as_codex_takes_it_best() {
    let reset = tomorrow();
    for (name, behaviour, status) in [
        ("out of quota", Behaviour::usage_limit("plus", reset), 429),
        ("signed out", Behaviour::error(401, "token_invalidated"), 400),
        ("no WebSockets there", Behaviour::status(404), 426),
        ("the edge blocks them", Behaviour::html(403), 426),
        ("the provider fails", Behaviour::status(500), 426),
        ("a request at fault", Behaviour::json(400, &json!({"detail": "no"})), 400),
    ] {
        let world = world().await;
        world.sandbox.script(Script::always(Endpoint::ResponsesSocket, behaviour));
        let (told, body) = Wire::try_open(&world, "s").await.err().unwrap();
        assert_eq!(told, status, "{name}: {body}");
        if status == 429 {
            assert_eq!((&body["error"]["type"], &body["error"]["resets_at"]), (&json!("usage_limit_reached"), &json!(reset)));
        }
        world.stop().await;
    }
}
