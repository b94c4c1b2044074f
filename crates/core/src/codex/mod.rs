//! The stock Codex on this machine: its home, its live login, the switch of that login, and the processes that run on it.

pub mod config;
pub mod daemon;
mod failures;
pub mod home;
pub mod idle;
pub mod journal;
pub mod launch;
pub mod live;
pub mod outgoing;
pub mod recover;
pub mod sessions;
pub mod switch;
pub mod write_back;
