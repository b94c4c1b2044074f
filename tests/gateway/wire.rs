//! Clients that are not Codex: they say what a test wants said, and hear each event by itself.

use std::time::Duration;

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::world::World;

/// Long enough for a loaded machine, by a clock that tests move.
pub(crate) const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// A WebSocket to the gateway.
pub(crate) struct Wire(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What came last on it.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    Event(Value),
    Other(Message),
    /// With the code that was told.
    Closed(Option<CloseCode>),
}

impl Wire {
    /// For a session, which has one thread.
    pub(crate) async fn open(world: &World, session: &str) -> Self {
        Self::try_open(world, session).await.unwrap()
    }

    /// Or the status that refuses it, and the body.
    pub(crate) async fn try_open(world: &World, session: &str) -> Result<Self, (u16, Value)> {
        let mut request = format!("ws://127.0.0.1:{}/v1/responses", world.port).into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {}", world.key).parse().unwrap());
        headers.insert("session-id", session.parse().unwrap());
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default()))
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// Asks for a turn.
    pub(crate) async fn ask(&mut self, more: Value) {
        let mut frame = json!({"type": "response.create", "model": "gpt-6-luna", "store": false, "input": []});
        frame.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.say(Message::text(frame.to_string())).await;
    }

    pub(crate) async fn say(&mut self, message: Message) {
        self.try_to_say(message).await.unwrap();
    }

    pub(crate) async fn try_to_say(&mut self, message: Message) -> Result<(), Error> {
        self.0.send(message).await
    }

    /// Whatever comes next.
    pub(crate) async fn hear(&mut self) -> Heard {
        match tokio::time::timeout(PATIENCE, self.0.next()).await.unwrap() {
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(event) => Heard::Event(event),
                Err(_) => Heard::Other(Message::Text(text)),
            },
            Some(Ok(Message::Close(frame))) => Heard::Closed(frame.map(|frame| frame.code)),
            Some(Ok(other)) => Heard::Other(other),
            Some(Err(_)) | None => Heard::Closed(None),
        }
    }

    /// What has come already, if anything has.
    pub(crate) fn heard(&mut self) -> Option<Heard> {
        self.hear().now_or_never()
    }

    /// Events up to the one that fits.
    pub(crate) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            match self.hear().await {
                Heard::Event(event) => events.push(event),
                Heard::Other(_) => {}
                Heard::Closed(code) => panic!("closed with {code:?} after {events:?}"),
            }
            if events.last().is_some_and(&fits) {
                return events;
            }
        }
    }

    /// Events up to the last one of a turn.
    pub(crate) async fn turn(&mut self) -> Vec<Value> {
        self.until(|event| matches!(event["type"].as_str(), Some("response.completed" | "response.failed" | "error"))).await
    }

    /// Events up to the end of the connection, and with which code it ends.
    pub(crate) async fn rest(&mut self) -> (Vec<Value>, Option<CloseCode>) {
        let mut events = Vec::new();
        loop {
            match self.hear().await {
                Heard::Event(event) => events.push(event),
                Heard::Other(_) => {}
                Heard::Closed(code) => return (events, code),
            }
        }
    }

    /// Asks for a turn, and hears it to its end.
    pub(crate) async fn full_turn(&mut self, more: Value) -> Vec<Value> {
        self.ask(more).await;
        self.turn().await
    }
}

/// The text that the model said.
pub(crate) fn said(events: &[Value]) -> String {
    events.iter().filter(|event| event["type"] == "response.output_text.delta").filter_map(|event| event["delta"].as_str()).collect()
}

/// The code of the error that ends a turn.
pub(crate) fn code(events: &[Value]) -> &str {
    let error = &events.last().unwrap()["error"];
    error["code"].as_str().or(error["type"].as_str()).unwrap()
}

/// A turn over HTTP, of a client that is not Codex. The answer's head.
pub(crate) async fn post(world: &World, body: &Value) -> reqwest::Response {
    // Where it is installed already, it stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("http://127.0.0.1:{}/v1/responses", world.port)).bearer_auth(&world.key);
    request.header("session-id", "posted").json(body).send().await.unwrap()
}

/// A turn whose answer is a stream.
pub(crate) fn streamed() -> Value {
    json!({"model": "gpt-6-luna", "stream": true, "input": "hi"})
}

/// The next piece of a stream.
pub(crate) async fn piece(response: &mut reqwest::Response) -> Option<String> {
    let piece = tokio::time::timeout(PATIENCE, response.chunk()).await.unwrap();
    piece.ok().flatten().map(|piece| String::from_utf8(piece.to_vec()).unwrap())
}
