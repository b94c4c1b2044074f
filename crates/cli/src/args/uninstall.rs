//! The words of `uninstall`.

use clap::Args as ClapArgs;

/// How to be rid of it.
#[derive(Debug, ClapArgs)]
pub(crate) struct Uninstall {
    /// Delete the home too, with every login in it, and the vault's key in the keyring
    #[arg(long)]
    pub(crate) delete_home: bool,
    /// Do not ask
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    /// Only show what would be undone
    #[arg(long)]
    pub(crate) dry_run: bool,
}
