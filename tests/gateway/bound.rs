//! Sessions with remote compaction: only one account can read what went before.

use codex_lab_core::base::clock::{Clock, SystemClock};
use codex_lab_core::model::affinity::SessionKey;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use serde_json::{Value, json};

use crate::wire::{Wire, code, piece, post, said};
use crate::world::{Transport, World, profile};

const DAY: i64 = 24 * 3600;

/// A session at home on main, and a turn of it whose history main has sealed.
async fn compacted(transport: Transport, session: &str) -> (World, Value) {
    let world = World::over(transport).await;
    let now = SystemClock.now();
    world.desk.with(|router| router.affinity.sessions.served(&SessionKey::of(session).unwrap(), &profile("main"), now));
    let sealed = format!("sandbox-sealed.{}.history", world.sandbox.account("main").unwrap().account_id);
    let turn = json!({"model": "gpt-6-luna", "stream": true, "input": [{"type": "compaction", "encrypted_content": sealed}]});
    (world, turn)
}

fn out_for(seconds: i64) -> Behaviour {
    Behaviour::usage_limit("plus", SystemClock.now().as_second() + seconds)
}

/// The answer over HTTP: its status, and all of it.
async fn posted(world: &World, turn: &Value) -> (u16, String) {
    let mut response = post(world, turn).await;
    let mut text = String::new();
    while let Some(piece) = piece(&mut response).await {
        text.push_str(&piece);
    }
    (response.status().as_u16(), text)
}

#[tokio::test]
async fn a_home_that_rests_for_seconds_is_waited_for() {
    // Asked too often: longer than is waited within an attempt.
    let hurried = || Script::once(Endpoint::Responses, Behaviour::retry_after(429, 6));
    let over_http = async {
        let (world, turn) = compacted(Transport::Http, "posted").await;
        world.sandbox.script(hurried());
        let (status, text) = posted(&world, &turn).await;
        assert!(status == 200 && text.contains("hello from main"), "{status} {text}");
        assert_eq!(world.served_by(), ["main", "main"]);
        world.stop().await;
    };
    let over_a_socket = async {
        let (world, turn) = compacted(Transport::Socket, "s").await;
        let mut wire = Wire::open(&world, "s").await;
        world.sandbox.script(hurried());
        assert_eq!(said(&wire.full_turn(turn).await), "hello from main");
        assert_eq!(world.served_by(), ["main", "main"]);
        world.stop().await;
    };
    // Both at once: they wait for the same clock.
    tokio::join!(over_http, over_a_socket);
}

#[tokio::test]
async fn a_home_that_is_out_is_named_where_nobody_else_can_read_the_session() {
    let (world, turn) = compacted(Transport::Http, "posted").await;
    let reset = SystemClock.now().as_second() + DAY;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", reset)).by("main"));
    let (status, text) = posted(&world, &turn).await;
    let refused: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &refused["error"]["type"], &refused["error"]["resets_at"]), (429, &json!("usage_limit_reached"), &json!(reset)));
    assert_eq!(world.served_by(), ["main", "work"]);
    world.stop().await;

    let (world, turn) = compacted(Transport::Socket, "s").await;
    let mut wire = Wire::open(&world, "s").await;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", reset)).by("main"));
    let refused = wire.full_turn(turn).await;
    assert_eq!((code(&refused), &refused[0]["error"]["resets_at"]), ("usage_limit_reached", &json!(reset)));
    assert_eq!(world.served_by(), ["main", "work"]);
    world.stop().await;
}

#[tokio::test]
async fn another_account_that_can_read_the_session_serves_it() {
    for transport in [Transport::Http, Transport::Socket] {
        let (world, mut turn) = compacted(transport, "posted").await;
        turn["input"][0]["encrypted_content"] = "readable by all of its owner's".into();
        world.sandbox.script(Script::always(Endpoint::Responses, out_for(DAY)).by("main"));
        if transport == Transport::Http {
            let (status, text) = posted(&world, &turn).await;
            assert!(status == 200 && text.contains("hello from work"), "{status} {text}");
        } else {
            assert_eq!(said(&Wire::open(&world, "posted").await.full_turn(turn).await), "hello from work");
        }
        assert_eq!(world.fell_back(), [("main".to_owned(), "work".to_owned())]);
        world.stop().await;
    }
}
