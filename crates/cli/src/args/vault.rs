//! The words of `vault`.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use codex_lab_core::model::snapshot::VaultMode;

use super::DryRun;

/// What to do with the vault.
#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// Show how logins are kept, and whether they can be read now
    Status,
    /// Keep all logins, and all copies of them, in another way
    Move(MoveVault),
    /// Open the vault: check the passphrase, or ask the keyring again
    Unlock {
        /// Read the passphrase from standard input instead of asking for it
        #[arg(long)]
        passphrase_stdin: bool,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Make every running Codex Lab forget the key
    Lock(DryRun),
}

/// Where to.
#[derive(Debug, ClapArgs)]
pub(crate) struct MoveVault {
    /// How to keep logins from now on; `passphrase` again changes the passphrase
    pub(crate) to: Mode,
    /// Read the new passphrase from standard input instead of asking for it
    #[arg(long)]
    pub(crate) passphrase_stdin: bool,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}

/// A way to keep logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// In files that only you can read, in Codex's own format
    File,
    /// Sealed; the key is in the system's keyring
    Keyring,
    /// Sealed; the key comes from your passphrase
    Passphrase,
}

impl From<Mode> for VaultMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::File => Self::File,
            Mode::Keyring => Self::Keyring,
            Mode::Passphrase => Self::Passphrase,
        }
    }
}
