//! The vault's failures, in the user's words.

use super::VaultError;
use crate::base::locks::LockError;
use crate::failure::{Code, Failure};

/// For whoever can do nothing but wait for the user.
const TERMINAL: &str = "In a terminal, each command that needs logins asks for it; a script pipes it in and says --vault-passphrase-stdin.";

impl From<&VaultError> for Failure {
    fn from(error: &VaultError) -> Self {
        match error {
            VaultError::KeyringLocked => Self::new(Code::VaultLocked, "The logins are sealed, and the keyring with their key is locked.")
                .hint("Unlock the keyring; signing in to the desktop usually does. Then run: codex-lab vault unlock"),
            VaultError::PassphraseNeeded => Self::new(Code::VaultLocked, "The logins are sealed under your passphrase.")
                .hint(TERMINAL)
                .hint("The window of Codex Lab asks for it once."),
            VaultError::LockedByUser => Self::new(Code::VaultLocked, "You have locked the vault, so the logins in it cannot be used.")
                .hint("Unlock it in the window of Codex Lab. A command that starts now opens the vault anew."),
            VaultError::Denied => Self::new(Code::VaultDenied, "The keyring did not give the vault's key: its question was refused.")
                .hint("Try again and allow it: codex-lab vault unlock"),
            VaultError::Silent => Self::new(Code::VaultDenied, "The keyring does not answer, so the logins sealed with its key stay closed.")
                .hint("Try again in a minute: codex-lab vault unlock")
                .hint("If it hangs, sign out of the desktop and in again."),
            VaultError::NoKeyring => Self::new(Code::VaultMissing, "The key of the logins is in a keyring, and there is none on this desktop.")
                .hint("Start the keyring (GNOME's, KDE's or KeePassXC), then run: codex-lab vault unlock")
                .hint("Over a remote connection there may be none: use Codex Lab in the desktop session."),
            VaultError::NoKey => Self::new(Code::VaultMissing, "The keyring does not have the key that these logins were sealed with.")
                .hint("If this home comes from another machine or user, bring the logins over with `codex-lab export` and `codex-lab restore`.")
                .hint("If the keyring was reset, bring back its backup. Nothing was deleted."),
            VaultError::OtherKey => Self::new(Code::VaultCorrupt, "What the keyring holds is not the key that these logins were sealed with.")
                .hint("Bring back a backup of the keyring, or restore a file made by `codex-lab export`. Nothing was deleted."),
            VaultError::BadHeader => Self::new(Code::VaultCorrupt, "vault.json, which says how the logins are sealed, is damaged, and so is its copy.")
                .hint("Bring vault.json back from a backup of your disk, or restore a file made by `codex-lab export`. Nothing was deleted."),
            VaultError::Newer => Self::new(Code::NewerVersion, "The logins were sealed by a newer version of Codex Lab.")
                .hint("Update Codex Lab. Nothing was changed."),
            VaultError::Foreign => Self::new(Code::BadLoginFile, "This file was sealed with another key: on another machine, or before the key was changed.")
                .hint("Bring logins from one machine to another with `codex-lab export` and `codex-lab restore`."),
            VaultError::Damaged => Self::new(Code::BadLoginFile, "This sealed file is damaged; it cannot be opened.")
                .hint("`codex-lab backup list` shows the other copies."),
            VaultError::WrongPassphrase => Self::new(Code::WrongPassphrase, "This is not the vault's passphrase.")
                .hint("Try again; mind the keyboard's layout and Caps Lock."),
            VaultError::NothingToLock => Self::new(Code::NotPossibleNow, "There is nothing to lock: the logins are kept in plain files.")
                .hint("To have them sealed, run `codex-lab vault move keyring` or `codex-lab vault move passphrase`."),
            VaultError::NotTaken => Self::new(Code::Storage, "What was written does not read back as it was, so the old one was kept.")
                .hint("Check the disk, then try again."),
            VaultError::File(error) => (&**error).into(),
            VaultError::Lock(error) => match &**error {
                LockError::Busy { path, waited_for } => LockError::Busy { path: path.clone(), waited_for }.into(),
                LockError::File(error) => error.into(),
            },
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::from(&error)
    }
}
