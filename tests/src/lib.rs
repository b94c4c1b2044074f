//! What the tests share: the sandbox provider, the real Codex CLI in hermetic homes, what a run leaves and the search for secrets in it.

pub mod artefacts;
pub mod chance;
pub mod codex_cli;
#[cfg(target_os = "linux")]
pub mod core_dumps;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod effort;
pub mod foreign_stores;
#[cfg(target_os = "linux")]
pub mod gnome_keyring;
pub mod killer;
pub mod login_ports;
pub mod misbehaviour;
pub mod offline;
pub mod own_port;
pub mod pocket_keyring;
pub mod sandbox;
#[cfg(target_os = "linux")]
pub mod scripted_keyring;
pub mod secrets;
#[cfg(target_os = "linux")]
pub mod story;
pub mod tree;
