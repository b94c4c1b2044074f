//! Where nobody has anything left: what is waited out, what is waited for where the user wishes it, and what is refused.

use std::time::Duration;

use codex_lab_core::base::clock::{Clock, SystemClock};
use codex_lab_core::model::quota::Family;
use codex_lab_core::model::routing::RoutingSettings;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::wire::{Heard, PATIENCE, Wire, code, piece, post, said, streamed};
use crate::world::{Transport, World};

const HOUR: i64 = 3600;

/// Every account is out of quota, this often in all.
fn out_for(seconds: i64, times: u32, on: Endpoint) -> Script {
    Script::next(times, on, Behaviour::usage_limit("plus", SystemClock.now().as_second() + seconds))
}

async fn patient(transport: Transport) -> World {
    World::with(transport, RoutingSettings { wait_for_reset: true, ..RoutingSettings::default() }).await
}

/// Lets this much time go by at once.
async fn pass(seconds: i64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds.unsigned_abs())).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_rest_of_seconds_ends_no_turn() {
    let over = async |transport| {
        let world = World::over(transport).await;
        world.sandbox.script(Script::next(3, Endpoint::Responses, Behaviour::retry_after(429, 6)));
        let run = world.exec("say hi").await;
        assert_eq!(run.stdout, "hello from main\n", "{transport:?}: {run:?}");
        assert_eq!(world.served_by(), ["main", "work", "backup", "main"], "{transport:?}");
        world.stop().await;
    };
    // Both at once: they wait for the same clock.
    tokio::join!(over(Transport::Http), over(Transport::Socket));
}

#[tokio::test]
async fn after_the_reset_a_turn_goes_on_by_itself_where_that_is_wished() {
    for (transport, on) in
        [(Transport::Http, Endpoint::Responses), (Transport::Socket, Endpoint::Responses), (Transport::Socket, Endpoint::ResponsesSocket)]
    {
        let world = patient(transport).await;
        world.sandbox.script(out_for(HOUR, 3, on));
        let passes = async {
            world.nobody_left(1).await;
            pass(HOUR).await;
        };
        let (run, ()) = tokio::join!(world.exec("say hi"), passes);
        assert_eq!(run.stdout, "hello from main\n", "{transport:?}: {run:?}");
        world.stop().await;
    }
}

#[tokio::test]
async fn a_stream_tells_that_it_goes_on_until_the_answer_comes() {
    let world = patient(Transport::Http).await;
    world.sandbox.script(out_for(HOUR, 3, Endpoint::Responses));
    let mut response = post(&world, &streamed()).await;
    assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"text/event-stream".parse().unwrap()));
    let alive = "event: keepalive\ndata: {\"type\":\"keepalive\"}\n\n";
    assert_eq!(piece(&mut response).await.unwrap(), alive);
    for _ in 0..3 {
        pass(30).await;
        assert_eq!(piece(&mut response).await.unwrap(), alive);
    }
    // Somebody is back before it was to be expected: a later reading says so.
    let backup = crate::world::profile("backup");
    world.desk.with(|router| router.roster.quota_seen(&backup, &Family::main(), true, Timestamp::MAX, Timestamp::MIN));
    pass(20).await;
    let mut rest = String::new();
    while let Some(piece) = piece(&mut response).await {
        rest.push_str(&piece);
    }
    assert!(rest.contains("hello from backup") && rest.contains("response.completed"), "{rest}");
    world.stop().await;
}

#[tokio::test]
async fn what_fails_after_the_wait_is_an_event_of_the_stream() {
    let world = patient(Transport::Http).await;
    world.sandbox.script(out_for(HOUR, 3, Endpoint::Responses));
    // At the reset there is nothing for another day.
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", SystemClock.now().as_second() + 25 * HOUR)));
    let mut response = post(&world, &streamed()).await;
    piece(&mut response).await.unwrap();
    pass(HOUR).await;
    let mut rest = String::new();
    while let Some(piece) = piece(&mut response).await {
        rest.push_str(&piece);
    }
    let last: Value = serde_json::from_str(rest.trim().lines().last().unwrap().trim_start_matches("data: ")).unwrap();
    assert_eq!((&last["type"], &last["response"]["error"]["code"]), (&json!("response.failed"), &json!("usage_limit_reached")), "{rest}");
    assert_eq!(world.served_by().len(), 6);
    world.stop().await;
}

#[tokio::test]
async fn who_goes_away_waits_no_more() {
    let world = patient(Transport::Socket).await;
    world.sandbox.script(out_for(HOUR, 6, Endpoint::Responses));
    let mut response = post(&world, &streamed()).await;
    piece(&mut response).await.unwrap();
    drop(response);
    let mut wire = Wire::open(&world, "s").await;
    wire.ask(json!({})).await;
    world.nobody_left(2).await;
    drop(wire);
    // The gateway stops at once if nobody waits in it.
    world.stop().await;
}

#[tokio::test]
async fn a_websocket_tells_that_it_goes_on_too() {
    let world = patient(Transport::Socket).await;
    world.sandbox.script(out_for(HOUR, 3, Endpoint::Responses));
    let mut wire = Wire::open(&world, "s").await;
    wire.ask(json!({})).await;
    world.nobody_left(1).await;
    for _ in 0..3 {
        pass(30).await;
        assert_eq!(wire.hear().await, Heard::Event(json!({"type": "keepalive"})));
    }
    // The provider's connection is not kept open for nothing.
    world.sandbox.wait_open(0, PATIENCE).await.unwrap();
    pass(HOUR - 90).await;
    assert_eq!(said(&wire.turn().await), "hello from main");
    // A gateway that stops does not wait with those who wait.
    world.sandbox.script(out_for(HOUR, 3, Endpoint::Responses));
    wire.ask(json!({})).await;
    world.nobody_left(2).await;
    world.stop().await;
}

#[tokio::test]
async fn a_reset_that_is_far_or_not_wished_for_is_told_at_once() {
    for (world, seconds) in [(patient(Transport::Socket).await, 7 * HOUR), (World::over(Transport::Socket).await, HOUR)] {
        let reset = SystemClock.now().as_second() + seconds;
        world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", reset)));
        let mut wire = Wire::open(&world, "s").await;
        let refused = wire.full_turn(json!({})).await;
        assert_eq!(
            (code(&refused), &refused[0]["error"]["resets_at"], &refused[0]["status"]),
            ("usage_limit_reached", &json!(reset), &json!(429))
        );
        let refused = post(&world, &streamed()).await;
        assert_eq!(refused.status().as_u16(), 429);
        world.stop().await;
    }
}
