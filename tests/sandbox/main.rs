//! The sandbox provider itself: every flow over real sockets, and the real Codex CLI on top.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod client;
mod codex;
mod control;
mod device;
mod network;
mod pages;
mod program;
mod scripts;
mod sockets;
mod tokens;
mod turns;
