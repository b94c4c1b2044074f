//! The whole way once, on real parts, against the clock.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod conversation;
mod whole_way;
