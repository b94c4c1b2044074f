//! What an answer over HTTP tells as it passes: of quota, and of how it went.

use std::sync::Arc;

use super::classify;
use super::forward::Forward;
use super::house::House;
use super::intake::{Ask, BODY_LIMIT};
use super::relay::{Ending, Hears};
use super::sse::{Event, Weight, weight};
use super::usage;
use crate::base::clock::Clock;
use crate::model::trouble::{TransportTrouble, Trouble};
use crate::quota::stream;
use crate::route::lease::Lease;

/// Tells the lease and the house what becomes of an answer.
#[derive(Debug)]
pub struct Heard {
    lease: Option<Lease>,
    ask: Arc<Ask>,
    house: Arc<dyn House>,
    clock: Arc<dyn Clock>,
    trouble: Option<Trouble>,
    /// Whether it is paid by use, and has not said yet how much that was.
    pays: bool,
    /// What has come of such an answer, where it is no stream.
    body: Vec<u8>,
}

impl Heard {
    /// Nothing yet.
    pub(super) fn new(forward: &Forward, ask: Arc<Ask>, lease: Lease) -> Self {
        let pays = lease.is_paid();
        Self {
            lease: Some(lease),
            pays,
            body: Vec::new(),
            ask,
            house: Arc::clone(&forward.house),
            clock: Arc::clone(&forward.clock),
            trouble: None,
        }
    }
}

impl Heard {
    fn count(&mut self, json: &[u8]) {
        if let (Some(lease), Some(used)) = (&self.lease, usage::reported(json)) {
            // Who says it twice is believed once.
            self.pays = false;
            self.house.spent(&lease.chosen().profile, used);
        }
    }

    fn count_body(&mut self) {
        if self.pays && !self.body.is_empty() {
            let body = std::mem::take(&mut self.body);
            self.count(&body);
        }
    }
}

impl Drop for Heard {
    /// An answer whose length was told may be dropped with its last piece.
    fn drop(&mut self) {
        self.count_body();
    }
}

impl Hears for Heard {
    fn event(&mut self, event: &Event) {
        if event.kind == stream::EVENT {
            if let (Some(lease), Ok(told)) = (&self.lease, serde_json::from_slice(&event.json)) {
                self.house.told(&lease.chosen().profile, &self.ask, &told);
            }
            return;
        }
        let weight = weight(&event.kind);
        if self.pays && matches!(weight, Weight::End | Weight::Failure) {
            self.count(&event.json);
        }
        if weight == Weight::Failure {
            let trouble = classify::event(&event.json, self.clock.now());
            self.trouble = trouble.or(self.trouble.take());
        }
    }

    fn piece(&mut self, piece: &[u8]) {
        if self.pays && self.body.len().saturating_add(piece.len()) > BODY_LIMIT {
            tracing::warn!("an answer is too large to look for what it has used");
            self.pays = false;
            self.body = Vec::new();
        }
        if self.pays {
            self.body.extend_from_slice(piece);
        }
    }

    fn ended(&mut self, ending: Ending) {
        self.count_body();
        let Some(lease) = self.lease.take() else { return };
        let trouble = match ending {
            Ending::Whole => return,
            Ending::Failed => self.trouble.take().unwrap_or(Trouble::ServerError { retry_after: None }),
            Ending::Cut => Trouble::Transport(TransportTrouble::Cut),
        };
        lease.fails(&trouble, self.clock.now());
        self.house.changed(&self.ask, None);
    }
}
