//! The sandbox's wall clock. It stands for servers elsewhere, so it does not ask the client's ports.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// This moment.
#[expect(clippy::disallowed_methods, reason = "servers have a clock of their own")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The clock of one sandbox: the machine's, unless it was stopped.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    /// Unix milliseconds; 0 while it goes.
    stopped_at: AtomicI64,
}

impl ServerClock {
    /// From now on it says this.
    pub(crate) fn stop_at(&self, at: Timestamp) {
        self.stopped_at.store(at.as_millisecond(), Ordering::SeqCst);
    }

    /// This moment.
    pub(crate) fn now(&self) -> Timestamp {
        match self.stopped_at.load(Ordering::SeqCst) {
            0 => now(),
            stopped => Timestamp::from_millisecond(stopped).unwrap_or_default(),
        }
    }

    /// This moment in Unix seconds.
    pub(crate) fn unix(&self) -> i64 {
        self.now().as_second()
    }
}
