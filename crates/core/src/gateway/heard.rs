//! What an answer over HTTP tells as it passes: of quota, and of how it went.

use std::sync::Arc;

use super::classify;
use super::forward::Forward;
use super::house::House;
use super::intake::Ask;
use super::relay::{Ending, Hears};
use super::sse::{Event, Weight, weight};
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
}

impl Heard {
    /// Nothing yet.
    pub(super) fn new(forward: &Forward, ask: Arc<Ask>, lease: Lease) -> Self {
        Self { lease: Some(lease), ask, house: Arc::clone(&forward.house), clock: Arc::clone(&forward.clock), trouble: None }
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
        if weight(&event.kind) == Weight::Failure {
            let trouble = classify::event(&event.json, self.clock.now());
            self.trouble = trouble.or(self.trouble.take());
        }
    }

    fn ended(&mut self, ending: Ending) {
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
