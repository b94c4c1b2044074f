//! One turn of `codex exec`, whatever the first profile's account says to it.

use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Quota, Script};

use crate::world::{Transport, World};

fn trouble(behaviour: Behaviour) -> Script {
    Script::always(Endpoint::Responses, behaviour).by("main")
}

#[tokio::test]
async fn a_turn_is_served_by_the_first_profile() {
    let world = World::over(Transport::Http).await;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::says("hello from main")).by("main"));
    let run = world.exec("say hi").await;
    assert!(run.status.success() && run.stdout.contains("hello from main"), "{run:?}");
    assert_eq!(world.served_by(), ["main"]);
    let turn = world.sandbox.requests().into_iter().find(|request| request.endpoint == Endpoint::Responses).unwrap();
    assert!(turn.headers.iter().all(|(_, value)| !value.contains(&world.key)), "the gateway's key stays here");
    world.stop().await;
}

#[tokio::test]
async fn another_profile_finishes_what_one_cannot() {
    let soon = 4_000_000_000;
    for (name, behaviour, tries) in [
        ("429", Behaviour::usage_limit("plus", soon), 1),
        ("429 in the stream", Behaviour::Say(Answer::failed("usage_limit_reached")), 1),
        ("402", Behaviour::json(402, &serde_json::json!({"detail": {"code": "deactivated_workspace"}})), 1),
        ("401 for good", Behaviour::error(401, "token_invalidated"), 1),
        ("401 expired, still so when renewed", Behaviour::error(401, "token_expired"), 2),
        ("500", Behaviour::status(500), 3),
        ("closed", Behaviour::Close, 3),
    ] {
        let world = World::over(Transport::Http).await;
        world.sandbox.script(trouble(behaviour));
        let run = world.exec("say hi").await;
        assert!(run.status.success(), "{name}: {run:?}");
        let served = world.served_by();
        let by_main = served.iter().filter(|account| *account == "main").count();
        assert_eq!((by_main, served.len()), (tries, tries + 1), "{name}: {served:?}");
        assert!(world.renewals() <= 1, "{name}");
        world.stop().await;
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_serves() {
    let world = World::over(Transport::Http).await;
    world.sandbox.script(Script::next(1, Endpoint::Responses, Behaviour::error(401, "token_expired")).by("main"));
    let run = world.exec("say hi").await;
    assert!(run.status.success(), "{run:?}");
    assert_eq!((world.served_by(), world.renewals()), (vec!["main".to_owned(), "main".to_owned()], 1));
    world.stop().await;
}

#[tokio::test]
async fn when_all_are_out_codex_says_until_when_and_stops() {
    let world = World::over(Transport::Http).await;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", 4_000_000_000)));
    let run = world.exec("say hi").await;
    assert!(!run.status.success(), "{run:?}");
    assert!(run.stderr.contains("usage limit"), "{run:?}");
    assert_eq!(world.served_by(), ["main", "work", "backup"], "each is asked once");
    world.stop().await;
}

#[tokio::test]
async fn a_request_at_fault_is_offered_to_nobody_else() {
    let world = World::over(Transport::Http).await;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::error(400, "context_length_exceeded")));
    let run = world.exec("say hi").await;
    assert!(!run.status.success(), "{run:?}");
    assert_eq!(world.served_by(), ["main"]);
    world.stop().await;
}

#[tokio::test]
async fn quota_is_heard_from_answers_and_from_refusals() {
    let world = World::over(Transport::Http).await;
    let refusal = Behaviour::usage_limit("plus", 4_000_000_000).with_header("x-codex-primary-used-percent", "100");
    world.sandbox.script(trouble(refusal));
    world.sandbox.edit_account("work", |account| account.quota = Quota::plus(40, 10)).unwrap();
    assert!(world.exec("say hi").await.status.success());
    let heard = |account: &str, used: &str| (account.to_owned(), used.to_owned());
    assert_eq!(world.heard(), [heard("main", "100"), heard("work", "40")]);
    world.stop().await;
}
