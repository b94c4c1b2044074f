//! The vault: its modes and states, moves between the modes and kills in them, sealed files that were tampered with.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod files;
mod kills;
#[path = "../switch/logins.rs"]
mod logins;
mod moves;
mod requests;
mod rid;
mod states;
mod world;
