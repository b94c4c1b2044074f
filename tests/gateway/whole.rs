//! Clients that want their answer in one piece, such as opencode's (codex-runtime.md 8).

use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Script, Step};
use serde_json::{Value, json};

use crate::wire::post;
use crate::world::{Transport, World};

async fn whole(world: &World) -> (u16, Value) {
    let body = json!({"model": "gpt-6-luna", "input": "hi", "max_output_tokens": 5, "store": true});
    let response = post(world, &body).await;
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    (status, response.json().await.unwrap())
}

#[tokio::test]
async fn an_answer_is_put_together_from_its_stream() {
    let world = World::over(Transport::Http).await;
    let call = json!({"type": "function_call", "name": "f", "call_id": "c", "arguments": "{}"});
    let answer = Answer { steps: vec![Step::Reasoning, Step::Text("hello".to_owned()), Step::Item(call), Step::Large(200 << 10)] };
    world.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(answer)));
    let (status, response) = whole(&world).await;
    let kinds: Vec<_> = response["output"].as_array().unwrap().iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!((status, kinds), (200, vec!["reasoning", "message", "function_call"]));
    assert_eq!((&response["object"], &response["status"]), (&json!("response"), &json!("completed")));
    assert_eq!(response["output"][1]["content"][0]["text"], "hello");
    assert_eq!(response["usage"]["total_tokens"], 17);
    assert_eq!(world.turns()[0]["stream"], true);
    world.stop().await;
}

#[tokio::test]
async fn whatever_goes_wrong_before_the_end_goes_better_elsewhere() {
    for (name, behaviour, tries) in [
        ("429", Behaviour::usage_limit("plus", 4_000_000_000), 1),
        ("failed", Behaviour::Say(Answer::failed("usage_limit_reached")), 1),
        ("failed half-way", Behaviour::Say(Answer::text("half").then(Step::Fail("usage_limit_reached".to_owned()))), 1),
        ("cut half-way", Behaviour::Say(Answer::text("half").then(Step::Cut)), 3),
    ] {
        let world = World::over(Transport::Http).await;
        world.sandbox.script(Script::always(Endpoint::Responses, behaviour).by("main"));
        let (status, response) = whole(&world).await;
        assert_eq!((status, &response["output"][0]["content"][0]["text"]), (200, &json!("hello from work")), "{name}");
        assert_eq!(world.served_by().len(), tries + 1, "{name}");
        world.stop().await;
    }
}

#[tokio::test]
async fn a_refusal_comes_in_one_piece_too() {
    let world = World::over(Transport::Http).await;
    world.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(Answer::failed("context_length_exceeded"))));
    let (status, body) = whole(&world).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("context_length_exceeded")));
    let half = Answer::text("half").then(Step::Fail("invalid_prompt".to_owned()));
    world.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(half)));
    let (status, body) = whole(&world).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("invalid_prompt")));
    assert_eq!(world.served_by(), ["main", "main"]);
    world.stop().await;
}
