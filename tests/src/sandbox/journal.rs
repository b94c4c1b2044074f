//! Every request the sandbox saw, in order, and a way to wait for one that is still to come.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

use super::endpoint::Endpoint;

/// How many requests are kept; the oldest go first.
const KEPT: usize = 100_000;

/// How a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The plain HTTP port.
    Plain,
    /// The proxy, as an absolute `http://` URL.
    Proxy,
    /// TLS inside a CONNECT tunnel of the proxy.
    Tunnel,
}

/// One request, or one turn on a WebSocket.
#[derive(Clone, Debug, Serialize)]
pub struct RequestRecord {
    /// Counts from 1, in the order of arrival.
    pub seq: u64,
    /// Unix milliseconds of arrival.
    pub at_ms: i64,
    /// How it came in.
    pub via: Via,
    /// The host the client meant: `chatgpt.com`, `127.0.0.1`, …, without port.
    pub host: String,
    /// The HTTP method; `FRAME` for a message on a WebSocket.
    pub method: String,
    /// The path without query.
    pub path: String,
    /// The query without `?`.
    pub query: String,
    /// Header names (lower case) and values as they came; of the handshake for a frame. Not in JSON
    /// over HTTP: they carry tokens.
    #[serde(skip)]
    pub headers: Vec<(String, String)>,
    /// The body, decompressed. Not in JSON over HTTP, for the same reason.
    #[serde(skip)]
    pub body: String,
    /// What it was for.
    pub endpoint: Endpoint,
    /// The account its bearer, refresh token, code or API key belongs to.
    pub account: Option<String>,
    /// The status that was answered; `None` while the answer is out, or if none was given.
    pub status: Option<u16>,
}

impl RequestRecord {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The bearer token, if one was sent.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
    }

    /// The body as JSON; `Null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// Was this a request of `account` at `endpoint`?
    pub fn is(&self, endpoint: Endpoint, account: &str) -> bool {
        self.endpoint == endpoint && self.account.as_deref() == Some(account)
    }
}

/// The log.
pub(crate) struct Journal {
    entries: Mutex<Entries>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Entries {
    last: u64,
    kept: VecDeque<RequestRecord>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self { entries: Mutex::default(), changed: watch::Sender::new(0) }
    }

    /// Adds a record and gives it its number.
    pub(crate) fn add(&self, mut record: RequestRecord) -> u64 {
        let seq = {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries.last += 1;
            record.seq = entries.last;
            if entries.kept.len() == KEPT {
                entries.kept.pop_front();
            }
            entries.kept.push_back(record);
            entries.last
        };
        self.announce();
        seq
    }

    /// Notes what a request was answered with.
    pub(crate) fn answered(&self, seq: u64, status: u16) {
        {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(record) = entries.kept.iter_mut().rev().find(|record| record.seq == seq) {
                record.status = Some(status);
            }
        }
        self.announce();
    }

    /// All records with a number above `after`.
    pub(crate) fn since(&self, after: u64) -> Vec<RequestRecord> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.kept.iter().filter(|record| record.seq > after).cloned().collect()
    }

    /// The first record that fits, seen already or still to come.
    pub(crate) async fn first(&self, fits: impl Fn(&RequestRecord) -> bool) -> RequestRecord {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(record) = self.find(&fits) {
                return record;
            }
            if changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn find(&self, fits: impl Fn(&RequestRecord) -> bool) -> Option<RequestRecord> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.kept.iter().find(|record| fits(record)).cloned()
    }

    fn announce(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }
}
