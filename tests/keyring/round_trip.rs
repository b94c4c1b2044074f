//! What is kept is found again, replaced in place, and gone when deleted.

use codex_lab_core::base::keyring::KeyringEntry;
use codex_lab_core::base::secret::Secret;
use codex_lab_tests::gnome_keyring::KeyringBus;
use codex_lab_tests::secrets::MARK;

use crate::{on_bus, our_entry};

#[tokio::test]
async fn a_secret_is_kept_replaced_and_deleted() {
    let bus = KeyringBus::with_keyring().await.unwrap();
    let keyring = on_bus(bus.address());
    let entry = our_entry();
    assert_eq!(keyring.get(&entry).await.unwrap(), None, "nothing was kept yet");
    keyring.delete(&entry).await.unwrap();

    // As long as a login with its tokens, and not all of it ASCII.
    let long = format!("{MARK} Zürich {}", "a".repeat(12 << 10));
    keyring.set(&entry, "first").await.unwrap();
    keyring.set(&entry, &long).await.unwrap();
    assert_eq!(keyring.get(&entry).await.unwrap(), Some(Secret::new(long.clone())));
    assert_eq!(on_bus(bus.address()).get(&entry).await.unwrap(), Some(Secret::new(long)), "by another process too");
    let listed = bus.secret_tool(&["search", "--all", "service", "Codex Lab"], "").await.unwrap();
    assert_eq!(String::from_utf8_lossy(&listed.stdout).matches("label = ").count(), 1, "replaced in place");

    keyring.delete(&entry).await.unwrap();
    assert_eq!(keyring.get(&entry).await.unwrap(), None);
}

#[tokio::test]
async fn entries_are_kept_apart() {
    let bus = KeyringBus::with_keyring().await.unwrap();
    let keyring = on_bus(bus.address());
    let one = our_entry();
    let other = KeyringEntry { account: "vault-key|fedcba9876543210".to_owned(), ..one.clone() };
    keyring.set(&one, "one").await.unwrap();
    keyring.set(&other, "other").await.unwrap();
    keyring.delete(&one).await.unwrap();
    assert_eq!(keyring.get(&one).await.unwrap(), None);
    assert_eq!(keyring.get(&other).await.unwrap(), Some(Secret::new("other")));
}

#[tokio::test]
async fn it_outlives_the_keyrings_program() {
    let mut bus = KeyringBus::with_keyring().await.unwrap();
    let keyring = on_bus(bus.address());
    keyring.set(&our_entry(), "kept").await.unwrap();
    bus.stop_keyring().await.unwrap();
    bus.start_keyring().await.unwrap();
    assert_eq!(keyring.get(&our_entry()).await.unwrap(), Some(Secret::new("kept")));
}
