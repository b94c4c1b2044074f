//! `GET …/responses` with an upgrade: turns over a WebSocket (codex-runtime.md 2.1 to 2.3).

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::ws::{Message, WebSocket};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Beat};
use super::backend;
use super::endpoint::Endpoint;
use super::intake::Incoming;
use super::journal::RequestRecord;
use super::reply::{Reply, error};
use super::script::{Behaviour, Canned};
use super::turn::{self, Carrier, Told};
use super::world::{Caller, World};
use super::{front, stream};

/// Answers the handshake; the conversation goes on by itself.
pub(crate) fn open(world: &Arc<World>, mut incoming: Incoming) -> Reply {
    let caller = match backend::caller(world, &incoming, stream::needs(&incoming)) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    let Some(upgrade) = incoming.upgrade.take() else {
        return error(StatusCode::UPGRADE_REQUIRED, "upgrade_required", "A WebSocket handshake is expected here.");
    };
    let template = front::record(world, &incoming, Some(caller.account.clone()));
    let conversation = Conversation { world: world.clone(), caller, template, told: HashSet::new() };
    upgrade.max_message_size(64 << 20).on_upgrade(|socket| conversation.run(socket))
}

/// One socket: one caller, and the responses a later turn may build on.
struct Conversation {
    world: Arc<World>,
    caller: Caller,
    template: RequestRecord,
    told: HashSet<String>,
}

/// Does the socket stay open?
enum Next {
    Listen,
    Close,
}

impl Conversation {
    async fn run(mut self, mut socket: WebSocket) {
        let world = self.world.clone();
        let _place = world.open.take();
        while let Some(Ok(message)) = socket.recv().await {
            let Message::Text(text) = message else {
                continue;
            };
            let seq = self.log(&text);
            match self.turn(&text, seq, &mut socket).await {
                Ok(Next::Listen) => {}
                Ok(Next::Close) | Err(_) => return,
            }
        }
    }

    async fn turn(&mut self, text: &str, seq: u64, socket: &mut WebSocket) -> Result<Next, axum::Error> {
        let body: Value = serde_json::from_str(text).unwrap_or_default();
        if body["type"] != "response.create" {
            return Ok(Next::Listen);
        }
        if body["generate"] == json!(false) {
            let behaviour = self.world.books().scripts.take(Endpoint::Prewarm, Some(&self.caller.account));
            if let Some(Behaviour::Reply(canned)) = behaviour {
                return self.refuse(&canned, seq, socket).await;
            }
            let (response_id, beats) = turn::prewarm(&self.world, &body);
            self.told.insert(response_id);
            self.world.journal.answered(seq, 200);
            return self.tell(beats, None, socket).await;
        }
        let behaviour = self.world.books().scripts.take(Endpoint::Responses, Some(&self.caller.account));
        match behaviour {
            None => self.answer(&body, seq, None, socket).await,
            Some(Behaviour::Say(said)) => self.answer(&body, seq, Some(said), socket).await,
            Some(Behaviour::Reply(canned)) => self.refuse(&canned, seq, socket).await,
            Some(Behaviour::Close) => Ok(Next::Close),
            Some(Behaviour::LoseAnswer) => {
                let _ = turn::take(&self.world, &self.caller, &body, None, Carrier::Socket);
                Ok(Next::Close)
            }
            Some(Behaviour::Hold | Behaviour::HoldAnswer) => {
                self.world.holds.wait().await;
                self.answer(&body, seq, None, socket).await
            }
        }
    }

    async fn answer(&mut self, body: &Value, seq: u64, said: Option<Answer>, socket: &mut WebSocket) -> Result<Next, axum::Error> {
        if body["previous_response_id"].as_str().is_some_and(|id| !self.told.contains(id)) {
            return self.refuse(&previous_response_not_found(), seq, socket).await;
        }
        match turn::take(&self.world, &self.caller, body, said, Carrier::Socket) {
            Ok(Told { response_id, beats, quota_event, .. }) => {
                self.told.insert(response_id);
                self.world.journal.answered(seq, 200);
                self.tell(beats, Some(quota_event), socket).await
            }
            Err(refusal) => self.refuse(&refusal, seq, socket).await,
        }
    }

    /// Sends the events; the allowance goes out just before the last one.
    async fn tell(&self, mut beats: Vec<Beat>, quota_event: Option<Value>, socket: &mut WebSocket) -> Result<Next, axum::Error> {
        if let Some(event) = quota_event {
            beats.insert(beats.len().saturating_sub(1), Beat::Event(event));
        }
        for beat in beats {
            match beat {
                Beat::Event(event) => send(socket, &event).await?,
                Beat::Raw(text) => socket.send(Message::text(text)).await?,
                Beat::Hold => {
                    let is_released = tokio::select! {
                        () = self.world.holds.wait() => true,
                        () = gone(socket) => false,
                    };
                    if !is_released {
                        return Ok(Next::Close);
                    }
                }
                Beat::Cut => return Ok(Next::Close),
            }
        }
        Ok(Next::Listen)
    }

    /// A refusal on an open socket is a frame, and the socket stays open (codex-runtime.md 2.3).
    async fn refuse(&self, canned: &Canned, seq: u64, socket: &mut WebSocket) -> Result<Next, axum::Error> {
        self.world.journal.answered(seq, canned.status);
        let body: Value = serde_json::from_str(&canned.body).unwrap_or_default();
        let headers: Map<String, Value> = canned.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let error = if body["error"].is_object() { body["error"].clone() } else { body };
        send(socket, &json!({"type": "error", "status": canned.status, "error": error, "headers": headers})).await?;
        Ok(Next::Listen)
    }

    fn log(&self, text: &str) -> u64 {
        self.world.journal.add(RequestRecord {
            at_ms: self.world.clock.now().as_millisecond(),
            method: "FRAME".to_owned(),
            body: text.to_owned(),
            endpoint: Endpoint::Responses,
            ..self.template.clone()
        })
    }
}

/// Waits until the other end takes its leave.
async fn gone(socket: &mut WebSocket) {
    while !matches!(socket.recv().await, None | Some(Err(_) | Ok(Message::Close(_)))) {}
}

async fn send(socket: &mut WebSocket, event: &Value) -> Result<(), axum::Error> {
    socket.send(Message::text(event.to_string())).await
}

fn previous_response_not_found() -> Canned {
    let error = json!({"code": "previous_response_not_found", "message": "The response is not known on this connection."});
    Canned { status: 400, headers: Vec::new(), body: json!({"error": error}).to_string() }
}
