//! The words of `backup`, `export` and `restore`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::DryRun;

/// What to do with the last known good copies.
#[derive(Debug, Subcommand)]
pub(crate) enum Backup {
    /// List the copies of the profiles' list, of logins, and of logins that were live
    List,
    /// Put a copy back in its place; what is there now becomes a copy first
    Restore(RestoreBackup),
}

/// Which copy to put back, and how sure the user is.
#[derive(Debug, ClapArgs)]
pub(crate) struct RestoreBackup {
    /// The copy, as listed
    pub(crate) id: String,
    /// Also if it is a login older than the one there now, which may cost that account's login
    #[arg(long)]
    pub(crate) force: bool,
    /// Only say what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask first
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Where to write an export.
#[derive(Debug, ClapArgs)]
pub(crate) struct Export {
    /// The file to write
    pub(crate) file: PathBuf,
    /// Replace a file that is there already
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) dry: DryRun,
    /// Read the passphrase from standard input instead of asking for it
    #[arg(long)]
    pub(crate) passphrase_stdin: bool,
}

/// An export to take profiles in from.
#[derive(Debug, ClapArgs)]
pub(crate) struct Restore {
    /// A file that `codex-lab export` has written
    pub(crate) file: PathBuf,
    /// Only say what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Read the passphrase from standard input instead of asking for it
    #[arg(long)]
    pub(crate) passphrase_stdin: bool,
}
