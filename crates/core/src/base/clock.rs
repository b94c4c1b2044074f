//! The time of day as a port. Waiting is tokio's, which tests pause.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Tells the time of day.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now, by the machine's clock; it may jump in either direction.
    fn now(&self) -> Timestamp;

    /// Where the user lives, for times that are shown.
    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }
}

/// The machine's own clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::system()
    }
}
