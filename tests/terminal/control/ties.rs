//! A session that is tied to a profile: it goes there, or is refused, and never to another one.

use std::time::Duration;

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use serde_json::json;

use super::server::{Server, try_turn, turn};
use crate::world::World;

/// Waits until the gateway has saved that a session came through it, which it does a moment later.
async fn known(world: &World, session: &str) {
    let saved = async { while world.run(&["sessions", "unpin", session]).await.status != 0 {} };
    tokio::time::timeout(Duration::from_secs(60), saved).await.expect("the session is known in time");
}

#[tokio::test]
async fn a_tied_session_is_refused_rather_than_moved() {
    let world = World::with_trio().await;
    let server = Server::with_gateway(&world).await;
    let session = "0192a7b3-tied";
    turn(&world, &server, session).await;
    known(&world, session).await;
    for profile in ["work", "backup", "main"] {
        // Another process has tied it: the next request goes there.
        let text = world.good(&["sessions", "pin", "0192a7b3", profile]).await.stdout;
        assert!(text.contains(&format!("session {session} is tied to {profile}")), "{text}");
        assert_eq!(turn(&world, &server, session).await, format!("hello from {profile}"));
    }
    let until = SystemClock.now().as_second() + 3 * 3600;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", until)).by("main"));
    for _ in 0..2 {
        let (status, body) = try_turn(&world, &server, session).await;
        assert!(status == 429 && !body.contains("hello"), "{status} {body}");
    }
    assert!(turn(&world, &server, "0192a7b3-free").await.starts_with("hello from "), "others are served");
    let why = world.good(&["why", "--session", session]).await.stdout;
    assert!(why.contains("tied"), "{why}");
    let listed = world.json(&["sessions"]).await;
    assert_eq!(listed["result"]["pins"][0]["session"], session);
    world.good(&["sessions", "unpin", session]).await;
    let body = turn(&world, &server, session).await;
    assert!(body.starts_with("hello from ") && body != "hello from main", "{body}");
    assert_eq!(turn(&world, &server, session).await, body, "it is at home there now");
    server.end().await;
}

#[tokio::test]
async fn only_sessions_that_are_known_are_tied() {
    let world = World::with_trio().await;
    let server = Server::with_gateway(&world).await;
    for session in ["alike-one", "alike-two"] {
        turn(&world, &server, session).await;
        known(&world, session).await;
    }
    let dry = world.json(&["sessions", "pin", "alike-one", "main", "--dry-run"]).await;
    assert_eq!(dry["result"]["would"], json!(["tie session alike-one to main"]));
    assert_eq!(world.json(&["sessions"]).await["result"]["pins"], json!([]), "it was a dry run");
    world.good(&["sessions", "pin", "alike-one", "main"]).await;
    let dry = world.json(&["sessions", "unpin", "alike-one", "--dry-run"]).await;
    assert_eq!(dry["result"]["would"], json!(["untie session alike-one"]));
    assert_eq!(world.json(&["sessions"]).await["result"]["pins"][0]["session"], "alike-one", "so was that");
    world.refused(&["sessions", "pin", "alike", "main"], "invalid_input", 3).await;
    world.refused(&["sessions", "pin", "other", "main"], "not_found", 4).await;
    world.refused(&["sessions", "pin", "ali", "main"], "not_found", 4).await;
    world.refused(&["sessions", "pin", "alike-one", "nobody"], "not_found", 4).await;
    // A tie to a profile that is gone has no effect.
    world.good(&["remove", "main"]).await;
    assert!(turn(&world, &server, "alike-one").await.starts_with("hello from "));
    server.end().await;
}
