//! The system's keyring, against the real one of GNOME: what is kept, found and told when it is locked or not there.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod absent;
mod codex;
mod locked;
mod round_trip;

use std::sync::Arc;
use std::time::Duration;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::keyring::{Keyring, KeyringEntry, KeyringError, SystemKeyring};
use codex_lab_core::base::secret::Secret;

/// Longer than any of these tests may take, so that a call that needs its time-out is seen.
const PATIENCE: Duration = Duration::from_secs(30);

fn environment(variables: impl IntoIterator<Item = (&'static str, String)>) -> Environment {
    Environment::of("/nowhere", variables.into_iter().map(|(name, value)| (name, value.into())))
}

fn on_bus(address: &str) -> Asker {
    Asker(Arc::new(SystemKeyring::new(&environment([("DBUS_SESSION_BUS_ADDRESS", address.to_owned())]), PATIENCE)))
}

fn our_entry() -> KeyringEntry {
    KeyringEntry { service: "Codex Lab".to_owned(), account: "vault-key|0123456789abcdef".to_owned() }
}

/// Calls from blocking tasks, as the engine does.
#[derive(Clone)]
struct Asker(Arc<SystemKeyring>);

impl Asker {
    async fn get(&self, entry: &KeyringEntry) -> Result<Option<Secret>, KeyringError> {
        let (keyring, entry) = (self.0.clone(), entry.clone());
        tokio::task::spawn_blocking(move || keyring.get(&entry)).await.unwrap()
    }

    async fn set(&self, entry: &KeyringEntry, text: &str) -> Result<(), KeyringError> {
        let (keyring, entry, secret) = (self.0.clone(), entry.clone(), Secret::new(text));
        tokio::task::spawn_blocking(move || keyring.set(&entry, &secret)).await.unwrap()
    }

    async fn delete(&self, entry: &KeyringEntry) -> Result<(), KeyringError> {
        let (keyring, entry) = (self.0.clone(), entry.clone());
        tokio::task::spawn_blocking(move || keyring.delete(&entry)).await.unwrap()
    }
}
