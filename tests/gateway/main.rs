//! The gateway between the real Codex CLI and the sandbox provider.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod bound;
mod bridge;
mod rows;
mod seats;
mod sockets;
mod streams;
mod turns;
mod waiting;
mod whole;
mod wire;
mod world;
