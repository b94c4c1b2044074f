//! Entries look as Codex's own do: each side finds the other's.

use codex_lab_core::base::keyring::{KeyringEntry, KeyringError};
use codex_lab_core::base::secret::Secret;
use codex_lab_tests::gnome_keyring::KeyringBus;

use crate::on_bus;

/// What Codex 0.169 gives its entry and finds it by (codex-auth.md 4).
const ATTRIBUTES: [&str; 8] =
    ["service", "Codex Auth", "username", "cli|d411156b71e7aeca", "target", "default", "application", "rust-keyring"];

fn entry() -> KeyringEntry {
    KeyringEntry { service: "Codex Auth".to_owned(), account: "cli|d411156b71e7aeca".to_owned() }
}

async fn store(bus: &KeyringBus, attributes: &[&str], text: &str) {
    let stored = bus.secret_tool(&[&["store", "--label=cli@Codex Auth:default"], attributes].concat(), text).await.unwrap();
    assert!(stored.status.success(), "{}", String::from_utf8_lossy(&stored.stderr));
}

#[tokio::test]
async fn codex_s_entry_is_read_and_written_in_place() {
    let bus = KeyringBus::with_keyring().await.unwrap();
    let keyring = on_bus(bus.address());
    store(&bus, &ATTRIBUTES, r#"{"auth_mode":"chatgpt"}"#).await;
    assert_eq!(keyring.get(&entry()).await.unwrap(), Some(Secret::new(r#"{"auth_mode":"chatgpt"}"#)));

    keyring.set(&entry(), "{}").await.unwrap();
    let found = bus.secret_tool(&[&["lookup"], ATTRIBUTES.as_slice()].concat(), "").await.unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "{}");
}

#[tokio::test]
async fn what_we_write_carries_what_codex_looks_for() {
    let bus = KeyringBus::with_keyring().await.unwrap();
    on_bus(bus.address()).set(&entry(), "{}").await.unwrap();
    let found = bus.secret_tool(&[&["lookup"], ATTRIBUTES.as_slice()].concat(), "").await.unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "{}");
}

#[tokio::test]
async fn two_entries_of_one_name_are_not_chosen_between() {
    let bus = KeyringBus::with_keyring().await.unwrap();
    let keyring = on_bus(bus.address());
    store(&bus, &ATTRIBUTES, "one").await;
    store(&bus, &[ATTRIBUTES.as_slice(), &["more", "yes"]].concat(), "two").await;
    assert!(matches!(keyring.get(&entry()).await, Err(KeyringError::Corrupt)));
    assert!(matches!(keyring.set(&entry(), "three").await, Err(KeyringError::Corrupt)));
    assert!(matches!(keyring.delete(&entry()).await, Err(KeyringError::Corrupt)));
}
