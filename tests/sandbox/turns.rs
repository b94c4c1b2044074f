//! Turns over HTTP: the stream, the allowance, and what the backend refuses.

use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Quota, Script, Step, Window};
use reqwest::Response;
use serde_json::{Value, json};

use crate::client::{Client, PATIENCE};

fn turn() -> Value {
    json!({"model": "gpt-6-luna", "stream": true, "store": false, "input": [{"type": "message", "role": "user", "content": []}]})
}

async fn send(client: &Client, token: &str, body: &Value) -> Response {
    let compressed = zstd::encode_all(body.to_string().as_bytes(), 0).unwrap();
    let request = client.http.post("https://chatgpt.com/backend-api/codex/responses").bearer_auth(token);
    request.header("content-encoding", "zstd").header("content-type", "application/json").body(compressed).send().await.unwrap()
}

fn events(stream: &str) -> Vec<Value> {
    stream.lines().filter_map(|line| line.strip_prefix("data: ")).map(|data| serde_json::from_str(data).unwrap()).collect()
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_turn_streams_an_answer_that_names_the_account() {
    let client = Client::start().await;
    let token = client.sandbox.mint("backup").unwrap().access_token;
    let response = send(&client, &token, &turn()).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-codex-secondary-used-percent"], "4");
    assert_eq!(response.headers()["x-codex-plan-type"], "plus");
    let events = events(&response.text().await.unwrap());
    assert_eq!(types(&events).first(), Some(&"response.created"));
    assert_eq!(types(&events).last(), Some(&"response.completed"));
    let done = events.iter().find(|event| event["type"] == "response.output_item.done").unwrap();
    assert_eq!(done["item"]["content"][0]["text"], "hello from backup");

    let record = client.sandbox.requests().pop().unwrap();
    assert_eq!(record.json()["model"], "gpt-6-luna", "the body is logged decompressed");
    assert_eq!(record.bearer(), Some(token.as_str()));
    assert_eq!(client.sandbox.counters_of("backup").turns, 1);
}

#[tokio::test]
async fn what_is_said_can_be_scripted_step_by_step() {
    let client = Client::start().await;
    let token = client.sandbox.mint("main").unwrap().access_token;
    let call = json!({"type": "function_call", "name": "shell", "arguments": "{}", "call_id": "call_1"});
    let said = Answer::text("one").then(Step::Item(call.clone())).then(Step::Event(json!({"type": "keepalive"})));
    client.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(said)));
    let told = events(&send(&client, &token, &turn()).await.text().await.unwrap());
    assert!(told.iter().any(|event| event["type"] == "response.output_item.done" && event["item"] == call));
    assert!(types(&told).contains(&"keepalive"));

    client.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(Answer::failed("server_is_overloaded"))));
    let failed = events(&send(&client, &token, &turn()).await.text().await.unwrap());
    assert_eq!(types(&failed), ["response.created", "response.failed"]);
    assert_eq!(failed[1]["response"]["error"]["code"], "server_is_overloaded");

    client.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(Answer::text("half").then(Step::Cut))));
    assert!(send(&client, &token, &turn()).await.text().await.is_err(), "the stream is cut");
}

#[tokio::test]
async fn a_turn_can_be_held_in_the_middle() {
    let client = Client::start().await;
    let token = client.sandbox.mint("main").unwrap().access_token;
    client.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(Answer::text("slow").then(Step::Hold))));
    let mut response = send(&client, &token, &turn()).await;
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: response.created"));
    client.sandbox.wait_held(1, PATIENCE).await.unwrap();
    client.sandbox.release();
    assert!(response.text().await.unwrap().contains("response.completed"));
}

#[tokio::test]
async fn turns_use_up_the_allowance_and_then_it_is_refused() {
    let client = Client::start().await;
    let quota = Quota { primary: Some(Window::fresh(300)), secondary: None, turn_cost: 60 };
    client.sandbox.edit_account("main", |account| account.quota = quota).unwrap();
    let token = client.sandbox.mint("main").unwrap().access_token;
    let used = |response: &Response| response.headers()["x-codex-primary-used-percent"].to_str().unwrap().to_owned();

    let before = client.backend("wham/usage", &token).await.1;
    assert_eq!(before["rate_limit"]["primary_window"]["used_percent"], 0);
    let first = send(&client, &token, &turn()).await;
    assert_eq!((first.status().as_u16(), used(&first).as_str()), (200, "60"));
    let anchored = client.sandbox.account("main").unwrap().quota.primary.unwrap().resets_at;
    assert!(anchored.is_some(), "the first turn starts the window");
    assert_eq!(send(&client, &token, &turn()).await.status(), 200);

    let refused = send(&client, &token, &turn()).await;
    assert_eq!((refused.status().as_u16(), used(&refused).as_str()), (429, "100"));
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["type"], "usage_limit_reached");
    assert_eq!(body["error"]["resets_at"].as_i64(), anchored);
    assert_eq!(client.sandbox.counters_of("main").turns, 2);
}

#[tokio::test]
async fn a_window_whose_reset_has_passed_is_fresh_again() {
    let client = Client::start().await;
    let spent = Window { minutes: 300, used_percent: 100, resets_at: Some(1) };
    client.sandbox.edit_account("main", |account| account.quota.primary = Some(spent)).unwrap();
    let token = client.sandbox.mint("main").unwrap().access_token;
    let usage = client.backend("wham/usage", &token).await.1;
    assert_eq!(usage["rate_limit"]["allowed"], true);
    assert_eq!(usage["rate_limit"]["primary_window"]["used_percent"], 0);
}

#[tokio::test]
async fn the_backend_refuses_what_the_real_one_refuses() {
    let client = Client::start().await;
    let token = client.sandbox.mint("main").unwrap().access_token;
    for (field, value, detail) in [
        ("stream", json!(false), "Stream must be set to true"),
        ("store", json!(true), "Store must be set to false"),
        ("input", json!("say hi"), "Input must be a list"),
        ("max_output_tokens", json!(5), "Unsupported parameter: max_output_tokens"),
        ("previous_response_id", json!("resp_1"), "Unsupported parameter: previous_response_id"),
    ] {
        let mut body = turn();
        body[field] = value;
        let response = send(&client, &token, &body).await;
        assert_eq!(response.status(), 400, "{field}");
        assert_eq!(response.json::<Value>().await.unwrap()["detail"], detail);
    }
}

#[tokio::test]
async fn encrypted_reasoning_stays_with_its_account() {
    let client = Client::start().await;
    let (main, work) = (client.sandbox.mint("main").unwrap(), client.sandbox.mint("work").unwrap());
    let thinking = Answer { steps: vec![Step::Reasoning, Step::Text("done".to_owned())] };
    client.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(thinking)));
    let told = events(&send(&client, &main.access_token, &turn()).await.text().await.unwrap());
    let thought = told.iter().find(|event| event["item"]["type"] == "reasoning" && event["type"] == "response.output_item.done");
    let mut next = turn();
    next["input"].as_array_mut().unwrap().push(thought.unwrap()["item"].clone());

    assert_eq!(send(&client, &main.access_token, &next).await.status(), 200);
    let refused = send(&client, &work.access_token, &next).await;
    assert_eq!(refused.status(), 400);
    assert_eq!(refused.json::<Value>().await.unwrap()["error"]["code"], "invalid_encrypted_content");
}

#[tokio::test]
async fn an_api_key_has_its_own_door() {
    let client = Client::start().await;
    let key = client.sandbox.account("work").unwrap().api_key;
    let url = "https://api.openai.com/v1/responses";
    let body = json!({"model": "gpt-6-luna", "stream": true, "input": "hi"});
    let response = client.http.post(url).bearer_auth(&key).json(&body).send().await.unwrap();
    assert!(response.text().await.unwrap().contains("hello from work"));
    let login = client.sandbox.mint("work").unwrap().access_token;
    assert_eq!(client.http.post(url).bearer_auth(login).json(&body).send().await.unwrap().status(), 401);
    assert_eq!(send(&client, &key, &turn()).await.status(), 401);
}
