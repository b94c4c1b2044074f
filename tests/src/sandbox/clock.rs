//! The sandbox's wall clock. It stands for servers elsewhere, so it does not ask the client's ports.

use jiff::Timestamp;

/// This moment.
#[expect(clippy::disallowed_methods, reason = "servers have a clock of their own")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// This moment in Unix seconds.
pub(crate) fn unix_now() -> i64 {
    now().as_second()
}

/// This moment in Unix milliseconds.
pub(crate) fn unix_ms() -> i64 {
    now().as_millisecond()
}
