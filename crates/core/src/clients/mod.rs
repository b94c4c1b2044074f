//! Connecting other programs to the gateway: a few keys of their own configuration are set, everything else in the file stays as
//! it is to the byte, and what was done is noted so that it can be undone exactly.

pub mod codex;
pub mod config_file;
pub mod connection;
pub mod error;
mod jsonc;
pub mod notes;
pub mod opencode;
pub mod proxies;
mod splice;
pub mod syntax;
#[cfg(test)]
mod table_tests;
pub mod target;
mod toml;
