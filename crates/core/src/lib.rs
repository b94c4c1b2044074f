//! Everything Codex Lab decides. Front ends (the tray, the window, the terminal) hold no rule of their own. Which room may name which
//! is in ARCHITECTURE.md, and in a table in `tests/tidy/layers.rs`.

pub mod api;
pub mod auth;
pub mod base;
pub mod chores;
pub mod clients;
pub mod codex;
pub mod control;
pub mod engine;
pub mod failure;
pub mod gateway;
pub mod model;
pub mod notices;
pub mod prime;
pub mod provider;
pub mod quota;
pub mod route;
pub mod store;
pub mod view;
