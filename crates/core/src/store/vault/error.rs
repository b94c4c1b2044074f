//! Why the vault gives nothing. None of it says that a login is gone.

use std::sync::Arc;

use thiserror::Error;

use crate::base::files::FileError;
use crate::base::keyring::KeyringError;
use crate::base::locks::LockError;
use crate::model::snapshot::VaultState;

/// Why something was not read from the vault, or not written into it. What was there is still there.
#[derive(Debug, Clone, Error)]
pub enum VaultError {
    /// The keyring is locked: the user unlocks it.
    #[error("the keyring is locked")]
    KeyringLocked,
    /// The passphrase was not given yet in this process.
    #[error("the passphrase was not given")]
    PassphraseNeeded,
    /// The user has locked the vault.
    #[error("the vault was locked by its user")]
    LockedByUser,
    /// The keyring said no.
    #[error("the keyring refused")]
    Denied,
    /// The keyring did not answer in time, or failed.
    #[error("the keyring does not answer as it should")]
    Silent,
    /// There is no keyring.
    #[error("there is no keyring")]
    NoKeyring,
    /// The keyring is open and has no key of this home.
    #[error("the key is not in the keyring")]
    NoKey,
    /// What was found in the key's place is not the key that the home was sealed with.
    #[error("the key is another one")]
    OtherKey,
    /// `vault.json` is damaged, and so is its copy.
    #[error("the vault's own file is damaged")]
    BadHeader,
    /// A newer version sealed it.
    #[error("sealed by a newer version")]
    Newer,
    /// The file was sealed with the key of another home or machine.
    #[error("the file was sealed elsewhere")]
    Foreign,
    /// A sealed file was changed or cut.
    #[error("the sealed file is damaged")]
    Damaged,
    /// The passphrase is not the right one.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// Logins are kept as plain files: there is nothing to lock.
    #[error("there is nothing to lock")]
    NothingToLock,
    /// What was written does not read back as it was.
    #[error("what was written does not read back")]
    NotTaken,
    /// A file.
    #[error(transparent)]
    File(Arc<FileError>),
    /// A lock was not free.
    #[error(transparent)]
    Lock(Arc<LockError>),
}

impl VaultError {
    /// The state of a vault that answers like this; `None` if it speaks of one file, or of one request.
    pub fn state(&self) -> Option<VaultState> {
        match self {
            Self::KeyringLocked | Self::PassphraseNeeded | Self::LockedByUser => Some(VaultState::Locked),
            Self::Denied | Self::Silent => Some(VaultState::Denied),
            Self::NoKeyring | Self::NoKey => Some(VaultState::Missing),
            Self::OtherKey | Self::BadHeader | Self::Newer => Some(VaultState::Corrupt),
            Self::Foreign
            | Self::Damaged
            | Self::WrongPassphrase
            | Self::NothingToLock
            | Self::NotTaken
            | Self::File(_)
            | Self::Lock(_) => None,
        }
    }

    /// Whether the vault itself is not open: then nothing is known of what is in it.
    pub fn is_shut(&self) -> bool {
        self.state().is_some()
    }

    /// Whether a sealed file can never be opened here again.
    pub(in crate::store) fn is_damage(&self) -> bool {
        matches!(self, Self::Foreign | Self::Damaged)
    }
}

impl From<FileError> for VaultError {
    fn from(error: FileError) -> Self {
        Self::File(error.into())
    }
}

impl From<LockError> for VaultError {
    fn from(error: LockError) -> Self {
        Self::Lock(error.into())
    }
}

impl From<KeyringError> for VaultError {
    fn from(error: KeyringError) -> Self {
        tracing::warn!(%error, "the keyring did not do what it was asked");
        match error {
            KeyringError::Absent => Self::NoKeyring,
            KeyringError::Locked => Self::KeyringLocked,
            KeyringError::Denied => Self::Denied,
            KeyringError::Corrupt => Self::OtherKey,
            KeyringError::TimedOut | KeyringError::Other(_) => Self::Silent,
        }
    }
}
