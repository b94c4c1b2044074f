//! The operating system's keyring as a port: Secret Service, Keychain, Credential Manager. Every call ends within its time-out.

#[cfg(all(unix, not(target_os = "macos")))]
mod free_desktop;
#[cfg(any(windows, target_os = "macos"))]
mod native;
mod system;
mod turns;

use std::fmt;

use thiserror::Error;

use super::secret::Secret;

pub use system::SystemKeyring;

/// Keeps a few small secrets for this user, under names. Calls block: make them from a blocking task.
pub trait Keyring: fmt::Debug + Send + Sync {
    /// The secret of an entry; `None` if the keyring is open and has none.
    fn get(&self, entry: &KeyringEntry) -> Result<Option<Secret>, KeyringError>;

    /// Keeps a secret under an entry, in place of what was there.
    fn set(&self, entry: &KeyringEntry, secret: &Secret) -> Result<(), KeyringError>;

    /// Removes an entry; it is no error if there is none.
    fn delete(&self, entry: &KeyringEntry) -> Result<(), KeyringError>;
}

/// Where in the keyring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyringEntry {
    /// The program it belongs to.
    pub service: String,
    /// The name within.
    pub account: String,
}

/// Why the keyring did not do it. None of these says that a secret is gone.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// There is no keyring on this desktop, or no session bus to reach it by. It may be there at the next try.
    #[error("there is no keyring")]
    Absent,
    /// It is locked, and nobody has unlocked it yet; a question for the password may stand on the screen.
    #[error("the keyring is locked")]
    Locked,
    /// The user or the system said no.
    #[error("the keyring refused")]
    Denied,
    /// No answer within the time-out.
    #[error("the keyring did not answer in time")]
    TimedOut,
    /// It answered with something that cannot be ours.
    #[error("the keyring's answer cannot be used")]
    Corrupt,
    /// Anything else.
    #[error("the keyring failed")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A machine without a keyring.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoKeyring;

impl Keyring for NoKeyring {
    fn get(&self, _: &KeyringEntry) -> Result<Option<Secret>, KeyringError> {
        Err(KeyringError::Absent)
    }

    fn set(&self, _: &KeyringEntry, _: &Secret) -> Result<(), KeyringError> {
        Err(KeyringError::Absent)
    }

    fn delete(&self, _: &KeyringEntry) -> Result<(), KeyringError> {
        Err(KeyringError::Absent)
    }
}
