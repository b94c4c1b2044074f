//! Streams over HTTP, piece by piece.

use std::time::Duration;

use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Script, Step};

use crate::wire::{PATIENCE, piece, post, streamed};
use crate::world::{Transport, World};

/// Whoever has heard nothing for this long has not begun to count.
const UNHEARD: Duration = Duration::from_secs(2);

fn says(steps: Vec<Step>) -> Script {
    Script::once(Endpoint::Responses, Behaviour::Say(Answer { steps }))
}

async fn rest(response: &mut reqwest::Response) -> String {
    let mut rest = String::new();
    while let Some(piece) = piece(response).await {
        rest.push_str(&piece);
    }
    rest
}

#[tokio::test]
async fn a_slow_drip_passes_drop_by_drop() {
    let world = World::over(Transport::Http).await;
    let drops = ["data: {\"type\":", "\"response.output_", "text.delta\"}", "\n", "\n"];
    let drip = drops.iter().flat_map(|drop| [Step::Hold, Step::Raw((*drop).to_owned())]);
    world.sandbox.script(says([Step::Text("one".to_owned())].into_iter().chain(drip).collect()));
    let mut response = post(&world, &streamed()).await;
    let mut text = String::new();
    while !text.contains("output_item.done") || !text.ends_with("\n\n") {
        text.push_str(&piece(&mut response).await.unwrap());
    }
    for drop in drops {
        world.sandbox.wait_held(1, PATIENCE).await.unwrap();
        world.sandbox.release();
        assert_eq!(piece(&mut response).await.unwrap(), drop);
    }
    assert!(rest(&mut response).await.contains("response.completed"));
    world.stop().await;
}

#[tokio::test]
async fn a_silent_provider_is_left() {
    let world = World::over(Transport::Http).await;
    world.sandbox.script(says(vec![Step::Hold]));
    let mut asked = Box::pin(async { rest(&mut post(&world, &streamed()).await).await });
    tokio::select! {
        held = world.sandbox.wait_held(1, PATIENCE) => held.unwrap(),
        text = &mut asked => panic!("{text}"),
    }
    let text = loop {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(301)).await;
        tokio::time::resume();
        // The provider holds before the gateway has heard its answer's head, from which it counts: then the time has to pass again.
        if let Ok(text) = tokio::time::timeout(UNHEARD, &mut asked).await {
            break text;
        }
    };
    assert!(text.contains("hello from work"), "{text}");
    drop(asked);
    world.sandbox.wait_open(0, PATIENCE).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn who_goes_away_stops_the_provider() {
    let world = World::over(Transport::Http).await;
    world.sandbox.script(says(vec![Step::Text("one".to_owned()), Step::Hold]));
    let mut response = post(&world, &streamed()).await;
    while !piece(&mut response).await.unwrap().contains("output_item.done") {}
    assert_eq!(world.in_flight("main"), 1);
    drop(response);
    world.sandbox.wait_open(0, PATIENCE).await.unwrap();
    assert_eq!(world.in_flight("main"), 0);
    world.stop().await;
}

#[tokio::test]
async fn a_stop_lets_answers_finish() {
    let world = World::over(Transport::Http).await;
    world.sandbox.script(says(vec![Step::Text("one".to_owned()), Step::Hold, Step::Text("two".to_owned())]));
    let mut response = post(&world, &streamed()).await;
    while !piece(&mut response).await.unwrap().contains("output_item.done") {}
    world.tell_to_stop();
    world.sandbox.release();
    let rest = rest(&mut response).await;
    assert!(rest.contains("two") && rest.contains("response.completed"), "{rest}");
    world.stop().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_off_for_the_client() {
    let world = World::over(Transport::Http).await;
    world.sandbox.script(says(vec![Step::Text("half".to_owned()), Step::Hold, Step::Cut]));
    let mut response = post(&world, &streamed()).await;
    while !piece(&mut response).await.unwrap().contains("output_item.done") {}
    world.sandbox.wait_held(1, PATIENCE).await.unwrap();
    world.sandbox.release();
    let rest = response.text().await;
    assert!(rest.is_err(), "the client sees that it is not whole: {rest:?}");
    assert_eq!(world.served_by(), ["main"]);
    world.stop().await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_no_answer() {
    let world = World::over(Transport::Http).await;
    let huge = Behaviour::usage_limit("plus", 4_000_000_000).with_header("x-huge", &"x".repeat(1 << 20));
    world.sandbox.script(Script::always(Endpoint::Responses, huge).by("main"));
    let text = rest(&mut post(&world, &streamed()).await).await;
    assert!(text.contains("hello from work"), "{text}");
    world.stop().await;
}
