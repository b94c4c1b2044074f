//! Turns of the real CLI over WebSockets, whatever the first profile's account says to them.

use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Script, Step};
use serde_json::json;

use crate::world::{Transport, World};

const FAR: i64 = 4_000_000_000;

#[tokio::test]
async fn a_turn_is_served_over_a_websocket() {
    let world = World::over(Transport::Socket).await;
    let run = world.exec("say hi").await;
    assert_eq!(run.stdout, "hello from main\n", "{run:?}");
    assert_eq!((world.served_by(), world.upgrades()), (vec!["main".to_owned()], vec!["main".to_owned()]));
    let requests = world.sandbox.requests();
    let upgrade = requests.iter().find(|request| request.endpoint == Endpoint::ResponsesSocket).unwrap();
    assert!(upgrade.headers.iter().all(|(_, value)| !value.contains(&world.key)), "the gateway's key stays here");
    assert!(upgrade.header("originator") == Some("codex_exec") && upgrade.header("sec-websocket-extensions").is_none());
    assert!(requests.iter().all(|request| request.method != "POST"));
    world.stop().await;
}

#[tokio::test]
async fn another_profile_finishes_what_one_cannot() {
    let usage_limit = || Behaviour::usage_limit("plus", FAR);
    let half = |code: &str| {
        let item = json!({"id": "rs_1", "type": "reasoning", "summary": []});
        Behaviour::Say(Answer { steps: vec![Step::Item(item), Step::Fail(code.to_owned())] })
    };
    let (turn, upgrade) = (Endpoint::Responses, Endpoint::ResponsesSocket);
    // Where, what, and how often the first profile is asked for the turn.
    for (name, on, behaviour, tries) in [
        ("429 at the upgrade", upgrade, usage_limit(), 0),
        ("403 at the upgrade", upgrade, Behaviour::status(403), 0),
        ("401 for good at the upgrade", upgrade, Behaviour::error(401, "token_invalidated"), 0),
        ("500 at the upgrade", upgrade, Behaviour::status(500), 0),
        ("closed at the upgrade", upgrade, Behaviour::Close, 0),
        ("429", turn, usage_limit(), 1),
        ("failed in the stream", turn, Behaviour::Say(Answer::failed("usage_limit_reached")), 1),
        ("failed half-way", turn, half("usage_limit_reached"), 1),
        ("402", turn, Behaviour::json(402, &json!({"detail": {"code": "deactivated_workspace"}})), 1),
        ("401 for good", turn, Behaviour::error(401, "token_invalidated"), 1),
        ("401 expired, still so when renewed", turn, Behaviour::error(401, "token_expired"), 2),
        ("500", turn, Behaviour::status(500), 3),
        ("closed", turn, Behaviour::Close, 3),
    ] {
        let world = World::over(Transport::Socket).await;
        world.sandbox.script(Script::always(on, behaviour).by("main"));
        let run = world.exec("say hi").await;
        assert_eq!(run.stdout, "hello from work\n", "{name}: {run:?}");
        let served = world.served_by();
        let by_main = served.iter().filter(|account| *account == "main").count();
        assert_eq!((by_main, served.len()), (tries, tries + 1), "{name}: {served:?}");
        assert!(world.renewals() <= 1, "{name}");
        assert_eq!(world.fell_back(), [("main".to_owned(), "work".to_owned())], "{name}");
        world.stop().await;
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_serves() {
    for on in [Endpoint::Responses, Endpoint::ResponsesSocket] {
        let world = World::over(Transport::Socket).await;
        world.sandbox.script(Script::next(1, on, Behaviour::error(401, "token_expired")).by("main"));
        let run = world.exec("say hi").await;
        assert_eq!(run.stdout, "hello from main\n", "{run:?}");
        assert_eq!(world.renewals(), 1);
        assert!(world.fell_back().is_empty());
        world.stop().await;
    }
}

#[tokio::test]
async fn a_prewarm_moves_nobody_and_fails_without_harm() {
    let world = World::over(Transport::Socket).await;
    world.sandbox.script(Script::always(Endpoint::Prewarm, Behaviour::usage_limit("plus", FAR)).by("main"));
    let run = world.exec("say hi").await;
    assert_eq!(run.stdout, "hello from work\n", "{run:?}");
    assert_eq!((world.upgrades(), world.served_by()), (vec!["main".into(), "work".into()], vec!["work".to_owned()]));
    assert_eq!(world.fell_back(), [("main".to_owned(), "work".to_owned())], "told once, with the turn");
    world.stop().await;
}

#[tokio::test]
async fn when_all_are_out_codex_says_until_when_and_stops() {
    for on in [Endpoint::Responses, Endpoint::ResponsesSocket] {
        let world = World::over(Transport::Socket).await;
        world.sandbox.script(Script::always(on, Behaviour::usage_limit("plus", FAR)));
        let run = world.exec("say hi").await;
        assert!(!run.status.success() && run.stderr.contains("usage limit"), "{run:?}");
        assert_eq!(world.upgrades(), ["main", "work", "backup"], "each is asked once");
        world.stop().await;
    }
}

#[tokio::test]
async fn a_request_at_fault_is_offered_to_nobody_else() {
    for behaviour in [Behaviour::error(400, "context_length_exceeded"), Behaviour::Say(Answer::failed("invalid_prompt"))] {
        let world = World::over(Transport::Socket).await;
        world.sandbox.script(Script::always(Endpoint::Responses, behaviour));
        let run = world.exec("say hi").await;
        assert!(!run.status.success(), "{run:?}");
        assert_eq!((world.served_by(), world.upgrades()), (vec!["main".to_owned()], vec!["main".to_owned()]));
        world.stop().await;
    }
}

#[tokio::test]
async fn where_there_are_no_websockets_codex_goes_on_over_http_at_once() {
    for refusal in [Behaviour::status(404), Behaviour::status(502), Behaviour::html(403)] {
        let world = World::over(Transport::Socket).await;
        world.sandbox.script(Script::always(Endpoint::ResponsesSocket, refusal));
        let run = world.exec("say hi").await;
        assert!(run.status.success() && run.stdout.starts_with("hello from"), "{run:?}");
        assert!(!run.stderr.contains("Reconnecting"), "{run:?}");
        world.stop().await;
    }
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_asked_for_again_by_codex_and_comes_whole() {
    let world = World::over(Transport::Socket).await;
    let half = Answer { steps: vec![Step::Text("half of".to_owned()), Step::Cut] };
    world.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(half)));
    world.sandbox.script(Script::once(Endpoint::Responses, Behaviour::says("the whole")));
    let run = world.exec("say hi").await;
    assert!(run.status.success() && run.stdout.contains("the whole"), "{run:?}");
    assert_eq!(world.turns().len(), 2);
    world.stop().await;
}
