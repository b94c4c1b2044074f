//! Routing in the engine: one desk for all that this process serves, fed with what profiles, settings and quota books say, and
//! saved as it changes. Only the process that serves the gateway decides anything here.

mod callers;
mod feeding;
mod house;
mod launches;
mod pins;
mod saving;
mod telling;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::engine::Engine;
use crate::route::lease::Desk;

/// What this process knows of routing.
#[derive(Debug, Default)]
pub(super) struct Routing {
    /// Who serves.
    pub(super) desk: Desk,
    /// Whether the gateway has no WebSockets.
    pub(super) http_only: Arc<AtomicBool>,
    /// Whether the desk is in use: this process serves.
    serves: AtomicBool,
    saving: saving::Saving,
    callers: Mutex<callers::Callers>,
    launches: Mutex<launches::Launches>,
    pins: Mutex<pins::Pins>,
    told: Mutex<telling::Told>,
}

impl Engine {
    /// Whether this process serves, so that its desk knows what runs.
    pub(super) fn serves_routing(&self) -> bool {
        self.shared.routing.serves.load(Ordering::Acquire)
    }
}
