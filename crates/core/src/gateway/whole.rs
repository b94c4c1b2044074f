//! An answer in one piece, for clients that ask for one: the provider gives streams alone (codex-runtime.md 5.1), so its events are
//! put together.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::attempt::{Begun, Failed, SILENCE};
use super::classify;
use super::intake::BODY_LIMIT;
use super::rescue;
use super::serve::Served;
use super::sse::{Event, Events, Weight, weight};
use crate::model::trouble::{TransportTrouble, Trouble};

/// The event that brings a part of the answer in full: the last one brings none of them (codex-runtime.md 2.4).
const ITEM: &str = "response.output_item.done";
const JSON: HeaderValue = HeaderValue::from_static("application/json");

#[derive(Deserialize)]
struct Done {
    #[serde(default)]
    output_index: u64,
    item: Box<RawValue>,
}

#[derive(Deserialize)]
struct Ended {
    response: BTreeMap<String, Box<RawValue>>,
}

/// The parts of an answer so far.
#[derive(Debug, Default)]
struct Parts {
    items: BTreeMap<u64, Box<RawValue>>,
}

/// Reads an answer to its end. Nothing of it has gone out before, so that whatever goes wrong may go better elsewhere.
pub(super) async fn collect(begun: Begun, now: Timestamp) -> Result<Served, Failed> {
    let Begun { mut head, held, mut rest, events, .. } = begun;
    if events.is_none() {
        return Ok(Served::Begun(Begun { head, held, rest, events, ending: begun.ending, seen: begun.seen }));
    }
    let failed = |trouble| Failed { trouble, told: None };
    let (mut events, mut parts, mut size) = (Events::keeping(BODY_LIMIT), Parts::default(), 0_usize);
    let mut held = held.into_iter();
    loop {
        let piece = match held.next() {
            Some(piece) => piece,
            None => match tokio::time::timeout(SILENCE, rest.frame()).await {
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
                Ok(Some(Err(_)) | None) => return Err(failed(Trouble::Transport(TransportTrouble::Cut))),
                Err(_) => return Err(failed(Trouble::Transport(TransportTrouble::Timeout))),
            },
        };
        size = size.saturating_add(piece.len());
        if size > BODY_LIMIT {
            return Err(Failed { trouble: Trouble::RequestBad, told: Some(Box::new(rescue::too_much())) });
        }
        for event in events.take(&piece) {
            match weight(&event.kind) {
                Weight::End => {
                    let body = parts.end(&event).ok_or_else(|| failed(Trouble::Garbage))?;
                    head.headers.insert(CONTENT_TYPE, JSON);
                    return Ok(Served::Whole(Response::from_parts(head, body)));
                }
                Weight::Failure => {
                    let trouble = classify::event(&event.json, now).unwrap_or(Trouble::ServerError { retry_after: None });
                    let mut told = refused(&event);
                    told.extensions_mut().insert(event);
                    return Err(Failed { trouble, told: Some(Box::new(told)) });
                }
                Weight::Answer => parts.take(&event),
                Weight::Preamble => {}
            }
        }
    }
}

/// A refusal, in one piece too.
pub(super) fn refusal(told: Response<Bytes>) -> Response<Bytes> {
    let mut events = Events::keeping(BODY_LIMIT);
    let event = events.take(told.body()).into_iter().find(|event| weight(&event.kind) == Weight::Failure);
    event.filter(|_| told.status().is_success()).map_or(told, |event| refused(&event))
}

impl Parts {
    fn take(&mut self, event: &Event) {
        if event.kind == ITEM
            && let Ok(Done { output_index, item }) = serde_json::from_slice(&event.json)
        {
            self.items.insert(output_index, item);
        }
    }

    /// The response with its parts.
    fn end(self, event: &Event) -> Option<Bytes> {
        let Ended { mut response } = serde_json::from_slice(&event.json).ok()?;
        let has_some = response.get("output").is_some_and(|output| !matches!(output.get().trim(), "[]" | "null"));
        if !has_some {
            let items: Vec<_> = self.items.into_values().collect();
            response.insert("output".to_owned(), serde_json::value::to_raw_value(&items).ok()?);
        }
        serde_json::to_vec(&response).ok().map(Bytes::from)
    }
}

/// What an event says that ends an answer badly, as an answer of its own.
fn refused(event: &Event) -> Response<Bytes> {
    let told: Value = serde_json::from_slice(&event.json).unwrap_or_default();
    let error = [&told["response"]["error"], &told["error"]].into_iter().find(|error| error.is_object()).cloned().unwrap_or_default();
    let status = told["status"].as_u64().and_then(|status| u16::try_from(status).ok()).and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.filter(|status| status.is_client_error() || status.is_server_error());
    rescue::refused(status.unwrap_or(StatusCode::BAD_REQUEST), &error)
}
