//! What the tests share: the sandbox provider and the real Codex CLI in hermetic homes.

pub mod codex_cli;
pub mod login_ports;
pub mod sandbox;
