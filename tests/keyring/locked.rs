//! A locked keyring is never taken for an empty one.

use std::time::Duration;

use codex_lab_core::base::keyring::{KeyringEntry, KeyringError};
use codex_lab_core::base::secret::Secret;
use codex_lab_tests::gnome_keyring::KeyringBus;
use tokio::time::Instant;

use crate::{on_bus, our_entry};

#[tokio::test]
async fn a_locked_keyring_says_so_and_holds_nobody() {
    let mut bus = KeyringBus::with_keyring().await.unwrap();
    let keyring = on_bus(bus.address());
    keyring.set(&our_entry(), "kept").await.unwrap();
    bus.lock().await.unwrap();

    let started = Instant::now();
    let unknown = KeyringEntry { account: "vault-key|fedcba9876543210".to_owned(), ..our_entry() };
    for entry in [our_entry(), unknown] {
        assert!(matches!(keyring.get(&entry).await, Err(KeyringError::Locked)));
        assert!(matches!(keyring.set(&entry, "other").await, Err(KeyringError::Locked)));
        assert!(matches!(keyring.delete(&entry).await, Err(KeyringError::Locked)));
    }
    assert!(started.elapsed() < Duration::from_secs(10));

    bus.stop_keyring().await.unwrap();
    bus.start_keyring().await.unwrap();
    assert_eq!(keyring.get(&our_entry()).await.unwrap(), Some(Secret::new("kept")), "nothing was lost");
}
