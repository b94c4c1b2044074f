//! `POST …/responses`: a turn as server-sent events.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use http::{HeaderValue, Response, header};
use http_body_util::BodyExt as _;
use http_body_util::channel::{Channel, Sender};
use serde_json::Value;

use super::answer::{Answer, Beat};
use super::backend::{self, Needs};
use super::intake::Incoming;
use super::reply::{self, Reply};
use super::turn::{self, Carrier, Told};
use super::world::World;

/// Which proof the host of a request takes.
pub(crate) fn needs(incoming: &Incoming) -> Needs {
    if incoming.path.starts_with("/v1/") { Needs::ApiKey } else { Needs::Login }
}

/// Answers one turn over HTTP.
pub(crate) fn respond(world: &Arc<World>, incoming: &Incoming, said: Option<Answer>) -> Reply {
    let caller = match backend::caller(world, incoming, needs(incoming)) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    match turn::take(world, &caller, &incoming.json(), said, Carrier::Http) {
        Ok(told) => streamed(world, told),
        Err(refusal) => reply::canned(&refusal),
    }
}

fn streamed(world: &Arc<World>, told: Told) -> Reply {
    let (sender, body) = Channel::<Bytes, io::Error>::new(8);
    tokio::spawn(tell(world.clone(), told.beats, sender));
    let place = world.open.take();
    let mut reply = Response::new(Body::new(body.map_frame(move |frame| {
        let _place = &place;
        frame
    })));
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    reply::add_headers(&mut reply, &told.quota_headers);
    reply
}

async fn tell(world: Arc<World>, beats: Vec<Beat>, mut sender: Sender<Bytes, io::Error>) {
    for beat in beats {
        match beat {
            Beat::Event(event) => {
                if sender.send_data(sse(&event)).await.is_err() {
                    return;
                }
            }
            Beat::Raw(bytes) => {
                if sender.send_data(bytes.into()).await.is_err() {
                    return;
                }
            }
            Beat::Hold => world.holds.wait().await,
            Beat::Cut => return sender.abort(io::ErrorKind::ConnectionReset.into()),
        }
    }
}

fn sse(event: &Value) -> Bytes {
    let name = event["type"].as_str().unwrap_or("message");
    Bytes::from(format!("event: {name}\ndata: {event}\n\n"))
}
