//! Turns on a WebSocket: prewarm, turns that build on each other, refusals as frames.

use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Script, Step};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::client::{Client, PATIENCE};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(client: &Client, token: &str) -> Result<Self, Error> {
        let address = client.sandbox.reach().url.replace("http://", "ws://");
        let mut request = format!("{address}/backend-api/codex/responses").into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        connect_async(request).await.map(|(socket, _)| Self(socket))
    }

    async fn send(&mut self, extra: Value) {
        let mut frame = json!({"type": "response.create", "model": "gpt-6-luna", "store": false, "input": []});
        frame.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// Events up to the last one of a turn, a refusal, or the end of the socket.
    async fn told(&mut self) -> Vec<Value> {
        let mut events: Vec<Value> = Vec::new();
        while let Some(Ok(Message::Text(text))) = timeout(PATIENCE, self.0.next()).await.unwrap() {
            events.push(serde_json::from_str(&text).unwrap());
            if ["response.completed", "response.failed", "error"].iter().any(|last| events[events.len() - 1]["type"] == *last) {
                break;
            }
        }
        events
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_prewarm_costs_nothing_and_the_turn_builds_on_it() {
    let client = Client::start().await;
    let token = client.sandbox.mint("main").unwrap().access_token;
    let mut socket = Socket::open(&client, &token).await.unwrap();
    socket.send(json!({"generate": false})).await;
    let prewarmed = socket.told().await;
    assert_eq!(types(&prewarmed), ["response.created", "response.completed"]);
    assert_eq!(client.sandbox.counters().turns, 0);

    socket.send(json!({"previous_response_id": prewarmed[1]["response"]["id"]})).await;
    let turn = socket.told().await;
    assert!(turn.iter().any(|event| event["delta"] == "hello from main"));
    let limits = &turn[turn.len() - 2];
    assert_eq!(limits["type"], "codex.rate_limits");
    assert_eq!(limits["rate_limits"]["secondary"]["used_percent"], 61);

    socket.send(json!({"previous_response_id": turn[0]["response"]["id"]})).await;
    assert_eq!(socket.told().await.last().unwrap()["type"], "response.completed");
    assert_eq!(client.sandbox.counters_of("main").turns, 2);
    let frames = client.sandbox.requests().into_iter().filter(|record| record.method == "FRAME").count();
    assert_eq!(frames, 3);
}

#[tokio::test]
async fn a_response_of_another_socket_is_not_known() {
    let client = Client::start().await;
    let token = client.sandbox.mint("main").unwrap().access_token;
    let mut socket = Socket::open(&client, &token).await.unwrap();
    socket.send(json!({"previous_response_id": "resp_of_another_socket"})).await;
    let refused = socket.told().await.pop().unwrap();
    assert_eq!((&refused["status"], &refused["error"]["code"]), (&json!(400), &json!("previous_response_not_found")));
    socket.send(json!({})).await;
    assert_eq!(socket.told().await.last().unwrap()["type"], "response.completed", "the socket stays open");
}

#[tokio::test]
async fn scripts_for_turns_reach_into_an_open_socket() {
    let client = Client::start().await;
    let token = client.sandbox.mint("main").unwrap().access_token;
    let mut socket = Socket::open(&client, &token).await.unwrap();
    client
        .sandbox
        .script(Script::once(Endpoint::Responses, Behaviour::usage_limit("plus", 1_900_000_000).with_header("x-codex-plan-type", "plus")));
    socket.send(json!({})).await;
    let refused = socket.told().await.pop().unwrap();
    assert_eq!((&refused["status"], &refused["error"]["type"]), (&json!(429), &json!("usage_limit_reached")));
    assert_eq!(refused["headers"]["x-codex-plan-type"], "plus");

    let held = Answer::text("slow").then(Step::Hold);
    client.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(held)));
    socket.send(json!({})).await;
    client.sandbox.wait_held(1, PATIENCE).await.unwrap();
    client.sandbox.release();
    assert_eq!(socket.told().await.last().unwrap()["type"], "response.completed");

    client.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(Answer::text("half").then(Step::Cut))));
    socket.send(json!({})).await;
    let cut = socket.told().await;
    assert!(types(&cut).contains(&"response.output_text.delta") && !types(&cut).contains(&"response.completed"), "{cut:?}");
}

#[tokio::test]
async fn a_handshake_is_refused_like_any_request() {
    let client = Client::start().await;
    let status = |refused: Result<Socket, Error>| match refused {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the handshake went through"),
    };
    assert_eq!(status(Socket::open(&client, "made-up").await), 401);
    let token = client.sandbox.mint("main").unwrap().access_token;
    client.sandbox.script(Script::once(Endpoint::ResponsesSocket, Behaviour::status(426)));
    assert_eq!(status(Socket::open(&client, &token).await), 426);
    assert!(Socket::open(&client, &token).await.is_ok());
}
