//! The sandbox's wall clock. It stands for servers elsewhere, so it does not ask the client's ports.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// This moment.
#[expect(clippy::disallowed_methods, reason = "servers have a clock of their own")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The clock of one sandbox: the machine's, or ahead of it, unless it was stopped.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    /// Milliseconds, while it goes.
    ahead: AtomicI64,
    /// Unix milliseconds; 0 while it goes.
    stopped_at: AtomicI64,
}

impl ServerClock {
    /// From now on it says this.
    pub(crate) fn stop_at(&self, at: Timestamp) {
        self.stopped_at.store(at.as_millisecond(), Ordering::SeqCst);
    }

    /// From now on it is so far ahead of the machine's.
    pub(crate) fn set_ahead(&self, by: SignedDuration) {
        self.ahead.store(i64::try_from(by.as_millis()).unwrap_or_default(), Ordering::SeqCst);
    }

    /// This moment.
    pub(crate) fn now(&self) -> Timestamp {
        match self.stopped_at.load(Ordering::SeqCst) {
            0 => now() + SignedDuration::from_millis(self.ahead.load(Ordering::SeqCst)),
            stopped => Timestamp::from_millisecond(stopped).unwrap_or_default(),
        }
    }

    /// This moment in Unix seconds.
    pub(crate) fn unix(&self) -> i64 {
        self.now().as_second()
    }
}
