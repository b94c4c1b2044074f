//! A keyring that is not there is told at once, and looked for anew the next time.

use std::time::Duration;

use codex_lab_core::base::keyring::{Keyring as _, KeyringError, SystemKeyring};
use codex_lab_core::base::secret::Secret;
use codex_lab_tests::gnome_keyring::KeyringBus;
use tokio::time::Instant;

use crate::{PATIENCE, environment, on_bus, our_entry};

/// Far below the patience of a call.
const AT_ONCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_bus_without_a_keyring_is_told_and_one_that_comes_later_is_found() {
    let mut bus = KeyringBus::start().await.unwrap();
    let keyring = on_bus(bus.address());
    let started = Instant::now();
    assert!(matches!(keyring.get(&our_entry()).await, Err(KeyringError::Absent)));
    assert!(matches!(keyring.set(&our_entry(), "kept").await, Err(KeyringError::Absent)));
    assert!(matches!(keyring.delete(&our_entry()).await, Err(KeyringError::Absent)));
    assert!(started.elapsed() < AT_ONCE);

    bus.start_keyring().await.unwrap();
    keyring.set(&our_entry(), "kept").await.unwrap();
    assert_eq!(keyring.get(&our_entry()).await.unwrap(), Some(Secret::new("kept")));

    bus.stop_keyring().await.unwrap();
    assert!(matches!(keyring.get(&our_entry()).await, Err(KeyringError::Absent)), "and one that goes is missed");
}

#[test]
fn without_a_session_bus_there_is_no_keyring() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("bus").display().to_string();
    let runtime_folder = folder.path().display().to_string();
    for variables in [
        vec![],
        vec![("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={nowhere}"))],
        vec![("DBUS_SESSION_BUS_ADDRESS", "no address".to_owned())],
        vec![("XDG_RUNTIME_DIR", runtime_folder)],
    ] {
        let keyring = SystemKeyring::new(&environment(variables.clone()), PATIENCE);
        let answer = keyring.get(&our_entry());
        assert!(matches!(answer, Err(KeyringError::Absent)), "{variables:?}: {answer:?}");
    }
}

#[tokio::test]
async fn the_bus_in_the_runtime_folder_is_found() {
    let bus = KeyringBus::with_keyring().await.unwrap();
    let socket = bus.address().split([',', '=']).nth(1).unwrap();
    let folder = std::path::Path::new(socket).parent().unwrap().display().to_string();
    let keyring = SystemKeyring::new(&environment([("XDG_RUNTIME_DIR", folder)]), PATIENCE);
    let answer = tokio::task::spawn_blocking(move || keyring.get(&our_entry())).await.unwrap();
    assert_eq!(answer.unwrap(), None);
}

#[test]
fn a_bus_that_never_answers_is_left_after_the_time_out() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("bus");
    // Connections are taken into its queue, and nobody reads.
    let _mute = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let variables = environment([("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()))]);
    let keyring = SystemKeyring::new(&variables, Duration::from_millis(200));
    let started = Instant::now();
    for _ in 0..3 {
        let answer = keyring.get(&our_entry());
        assert!(matches!(answer, Err(KeyringError::TimedOut)), "{answer:?}");
    }
    assert!(started.elapsed() < AT_ONCE);
}
