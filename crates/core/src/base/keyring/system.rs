//! The keyring of the system this runs on, reached anew with each call: one that is started later is found.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(all(unix, not(target_os = "macos")))]
use super::free_desktop::Platform;
#[cfg(any(windows, target_os = "macos"))]
use super::native::Platform;
use super::turns::Turns;
use super::{Keyring, KeyringEntry, KeyringError};
use crate::base::environment::Environment;
use crate::base::secret::Secret;

/// Secret Service, Keychain, or Credential Manager. Nothing is opened before the first call.
pub struct SystemKeyring {
    platform: Arc<Platform>,
    patience: Duration,
    turns: Arc<Turns>,
}

impl SystemKeyring {
    /// A keyring each of whose calls ends within `patience`. The environment says where the session bus is.
    pub fn new(environment: &Environment, patience: Duration) -> Self {
        Self { platform: Arc::new(Platform::new(environment)), patience, turns: Arc::default() }
    }

    fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Platform, Duration) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, KeyringError> {
        let platform = self.platform.clone();
        self.turns.call(self.patience, move |time| work(&platform, time))
    }
}

impl Keyring for SystemKeyring {
    fn get(&self, entry: &KeyringEntry) -> Result<Option<Secret>, KeyringError> {
        let entry = entry.clone();
        self.call(move |platform, time| platform.get(&entry, time))
    }

    fn set(&self, entry: &KeyringEntry, secret: &Secret) -> Result<(), KeyringError> {
        let (entry, secret) = (entry.clone(), secret.clone());
        self.call(move |platform, time| platform.set(&entry, &secret, time))
    }

    fn delete(&self, entry: &KeyringEntry) -> Result<(), KeyringError> {
        let entry = entry.clone();
        self.call(move |platform, time| platform.delete(&entry, time))
    }
}

impl fmt::Debug for SystemKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemKeyring").field("patience", &self.patience).finish_non_exhaustive()
    }
}
