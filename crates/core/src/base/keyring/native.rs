//! Keychain on macOS and Credential Manager on Windows, through the stores of the crate `keyring`: Codex's entries are found
//! where it puts them.

use std::time::Duration;

use keyring_core::api::CredentialStoreApi as _;
use keyring_core::{Entry, Error};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;

use super::{KeyringEntry, KeyringError};
use crate::base::environment::Environment;
use crate::base::secret::Secret;

/// The system's own keyring. It cannot be told how long to wait.
pub(super) struct Platform;

impl Platform {
    pub(super) fn new(_: &Environment) -> Self {
        Self
    }

    pub(super) fn get(&self, entry: &KeyringEntry, _: Duration) -> Result<Option<Secret>, KeyringError> {
        match named(entry).and_then(|entry| entry.get_password()) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(reason(error)),
        }
    }

    pub(super) fn set(&self, entry: &KeyringEntry, secret: &Secret, _: Duration) -> Result<(), KeyringError> {
        named(entry).and_then(|entry| entry.set_password(secret.expose())).map_err(reason)
    }

    pub(super) fn delete(&self, entry: &KeyringEntry, _: Duration) -> Result<(), KeyringError> {
        match named(entry).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(reason(error)),
        }
    }
}

fn named(entry: &KeyringEntry) -> keyring_core::Result<Entry> {
    Store::new()?.build(&entry.service, &entry.account, None)
}

fn reason(error: Error) -> KeyringError {
    match error {
        // The session has no credentials of its own, as one over the network.
        #[cfg(windows)]
        Error::NoStorageAccess(_) => KeyringError::Absent,
        #[cfg(target_os = "macos")]
        Error::NoStorageAccess(source) | Error::PlatformFailure(source) => system_reason(source),
        // What was read stays out of the error: it may be a secret.
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) | Error::Ambiguous(_) => KeyringError::Corrupt,
        other => KeyringError::Other(Box::new(other)),
    }
}

/// By the numbers of Apple's `SecBase.h`.
#[cfg(target_os = "macos")]
fn system_reason(source: keyring_core::error::PlatformError) -> KeyringError {
    match source.downcast_ref::<security_framework::base::Error>().map(|error| error.code()) {
        // Not available; no such keychain; invalid keychain; no default keychain.
        Some(-25291 | -25294 | -25295 | -25307) => KeyringError::Absent,
        // It would have to ask, and may not.
        Some(-25308 | -25315) => KeyringError::Locked,
        // Dismissed by the user; wrong password; no permission to write; read only; not the owner.
        Some(-128 | -25293 | -61 | -25292 | -25244) => KeyringError::Denied,
        // What is there cannot be decoded.
        Some(-26275) => KeyringError::Corrupt,
        _ => KeyringError::Other(source),
    }
}
