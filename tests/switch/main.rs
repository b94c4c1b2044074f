//! The switch of the live login: refusals, bad files, kills at every place, Codex's locks, two processes at once.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod kills;
mod locks;
mod logins;
mod moves;
mod put_back;
mod refusals;
mod world;
