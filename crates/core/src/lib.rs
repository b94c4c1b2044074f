//! Everything Codex Lab decides. Front ends (the tray, the window, the terminal) hold no rule of their own.
//!
//! Direction of dependencies: `base ← model ← store, provider ← auth, codex, clients ← quota, prime, chores, route ← gateway ← engine ← api,
//! control`;
//! `notices` sees `model` alone, and `view` sees both.

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
