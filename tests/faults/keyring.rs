//! A keyring that is slow, silent, locked or lies: every call ends in time, and none says that a secret is not there that is.

use std::time::{Duration, Instant};

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::keyring::{Keyring as _, KeyringEntry, KeyringError, SystemKeyring};
use codex_lab_core::base::secret::Secret;
use codex_lab_tests::scripted_keyring::{Manner, ScriptedKeyring};

/// What a call is given here. The product gives more; the slow keyring takes longer than either.
const PATIENCE: Duration = Duration::from_secs(2);
const SLOW: Manner = Manner::Slow(Duration::from_secs(30));

struct Desk {
    scripted: ScriptedKeyring,
    keyring: SystemKeyring,
}

impl Desk {
    /// An honest keyring that holds `kept`.
    fn new() -> Self {
        let scripted = ScriptedKeyring::start().unwrap();
        let environment = Environment::of("/nowhere", [("DBUS_SESSION_BUS_ADDRESS", scripted.address().into())]);
        let desk = Self { scripted, keyring: SystemKeyring::new(&environment, PATIENCE) };
        desk.keyring.set(&entry(), &Secret::new("kept")).unwrap();
        assert_eq!(desk.keyring.get(&entry()).unwrap(), Some(Secret::new("kept")));
        desk
    }

    /// Makes a call that must end in time.
    fn within<T>(&self, manner: Manner, call: impl FnOnce(&SystemKeyring) -> Result<T, KeyringError>) -> Result<T, KeyringError> {
        self.scripted.behave(manner);
        #[expect(clippy::disallowed_methods, reason = "the keyring goes by the real clock")]
        let started = Instant::now();
        let result = call(&self.keyring);
        // A busy machine is granted as much again.
        assert!(started.elapsed() < PATIENCE * 2, "{manner:?} held its caller for {:?}", started.elapsed());
        result
    }

    fn get(&self, manner: Manner) -> Result<Option<Secret>, KeyringError> {
        self.within(manner, |keyring| keyring.get(&entry()))
    }
}

fn entry() -> KeyringEntry {
    KeyringEntry { service: "Codex Lab".to_owned(), account: "key".to_owned() }
}

/// Whether an error is the right one.
type Fits = fn(&KeyringError) -> bool;

/// Manners in which no call can succeed, and what is said of them.
fn refusing() -> [(Manner, Fits); 8] {
    [
        (SLOW, |error| matches!(error, KeyringError::TimedOut)),
        (Manner::Silent, |error| matches!(error, KeyringError::TimedOut)),
        (Manner::Failing, |error| !matches!(error, KeyringError::Absent)),
        (Manner::Locked, |error| matches!(error, KeyringError::Locked)),
        (Manner::Dismissed, |error| matches!(error, KeyringError::Locked | KeyringError::Denied)),
        (Manner::FalselyUnlocked, |error| matches!(error, KeyringError::Locked)),
        (Manner::WrongItem, |error| matches!(error, KeyringError::Corrupt)),
        (Manner::Twice, |error| matches!(error, KeyringError::Corrupt)),
    ]
}

#[test]
fn what_cannot_be_read_is_never_called_missing() {
    for (manner, fits) in refusing() {
        let desk = Desk::new();
        let answer = desk.get(manner);
        assert!(answer.as_ref().is_err_and(fits), "{manner:?}: {answer:?}");
        let calm = desk.get(Manner::Honest);
        // One call that hangs is left behind; until it is back, nobody else is let in.
        let is_back = matches!(calm, Ok(Some(secret)) if secret == Secret::new("kept"));
        assert!(is_back || matches!(manner, SLOW | Manner::Silent | Manner::Locked), "{manner:?}: and then it is as it was");
        assert_eq!(desk.scripted.items(), 1, "{manner:?}");
    }
}

#[test]
fn what_cannot_be_written_is_said_and_nothing_is_written_over() {
    for (manner, fits) in refusing() {
        let desk = Desk::new();
        let answer = desk.within(manner, |keyring| keyring.set(&entry(), &Secret::new("new")));
        assert!(answer.as_ref().is_err_and(fits), "{manner:?}: {answer:?}");
        let answer = Desk::new().within(manner, |keyring| keyring.delete(&entry()));
        assert!(answer.as_ref().is_err_and(fits), "{manner:?}: {answer:?}");
        assert_eq!(desk.scripted.items(), 1, "{manner:?}");
    }
}

#[test]
fn a_secret_counts_as_kept_only_when_it_is_seen() {
    for manner in [Manner::Forgetful, Manner::OtherSecret, Manner::EmptySecret, Manner::Garbage] {
        let desk = Desk::new();
        let answer = desk.within(manner, |keyring| keyring.set(&entry(), &Secret::new("new")));
        assert!(answer.is_err(), "{manner:?} in place of an old one: {answer:?}");
        desk.scripted.empty();
        let answer = desk.within(manner, |keyring| keyring.set(&entry(), &Secret::new("new")));
        assert!(answer.is_err(), "{manner:?} as the first one: {answer:?}");
    }
}

#[test]
fn a_secret_that_is_none_of_ours_is_no_missing_one() {
    let desk = Desk::new();
    assert!(matches!(desk.get(Manner::Garbage), Err(KeyringError::Corrupt | KeyringError::Other(_))));
    assert!(!matches!(desk.get(Manner::EmptySecret), Ok(None)));
    // Nobody can see this by the secret alone: what it is to open says so.
    assert!(matches!(desk.get(Manner::OtherSecret), Ok(Some(secret)) if secret != Secret::new("kept")));
    assert!(matches!(desk.get(Manner::Amnesiac), Ok(None)), "a keyring that is open and finds nothing is believed");
    assert!(matches!(desk.get(Manner::Honest), Ok(Some(secret)) if secret == Secret::new("kept")));
}
