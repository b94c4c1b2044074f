//! What passes the gateway: frames of clients, streams of the provider, and its refusals.

use codex_lab_core::gateway::classify::{self, Asked};
use codex_lab_core::gateway::socket::frames::{self, Create};
use codex_lab_core::gateway::sse::Events;
use codex_lab_core::gateway::strip::{self, Marks, Stripped};
use codex_lab_core::gateway::usage;
use codex_lab_core::model::spending::{Prices, cents};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use crate::outside::status_and_body;

/// Names and models are no longer than this.
const NAME_LIMIT: usize = 512;

/// A frame of a client, or an event of the provider.
pub(crate) fn frame(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let create = Create::read(text);
    if let Some(create) = &create {
        let ask = create.ask(&codex_lab_core::gateway::intake::Ask::default());
        assert!([ask.session, ask.model].into_iter().flatten().all(|name| (1..=NAME_LIMIT).contains(&name.len())));
    }
    if let Some(without) = frames::without_state(text) {
        assert_eq!(frames::without_state(&without), None, "it is gone");
        if let (Some(mut create), Some(rest)) = (create, Create::read(&without)) {
            create.turn_state = None;
            assert_eq!(rest, create, "and nothing else is");
        }
    }
    if let Ok(event) = serde_json::from_str::<Value>(text) {
        frames::told_state(&event);
    }
    if let Stripped::Without(rest, marks) = strip::strip(bytes, None) {
        assert!(!marks.is_empty());
        assert!(matches!(strip::strip(&rest, None), Stripped::Nothing), "all of it was taken out");
        assert!(matches!(strip::strip(&rest, Some(&Marks::from_iter(marks))), Stripped::Nothing));
    }
}

/// A stream of events: what is found in it does not depend on how it is cut.
pub(crate) fn stream(bytes: &[u8]) {
    let whole = Events::default().take(bytes);
    let mut cut = Events::default();
    let pieces: Vec<_> = bytes.chunks(1 + bytes.len() % 7).flat_map(|piece| cut.take(piece)).collect();
    assert_eq!(whole, pieces);
    for event in whole {
        classify::event(&event.json, Timestamp::UNIX_EPOCH);
    }
}

/// What an answer says that it has used: more of it never costs less, and nothing runs over.
pub(crate) fn used(bytes: &[u8]) {
    let Some(used) = usage::reported(bytes) else { return };
    let cost = |price| Prices { input_cents: price, output_cents: price }.cost(used);
    assert!((1..=cost(500)).contains(&cost(1)) && cost(500) <= cost(u32::MAX));
    assert!(cents(cost(u32::MAX)) >= 1);
}

/// An answer that is not the wished-for one.
pub(crate) fn refusal(bytes: &[u8]) {
    let (status, body) = status_and_body(bytes);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    for asked in [Asked::Http, Asked::Upgrade] {
        if let Some(trouble) = classify::answer(asked, status, &HeaderMap::new(), body, Timestamp::UNIX_EPOCH) {
            trouble.remedy(None, Timestamp::UNIX_EPOCH);
        }
    }
}
