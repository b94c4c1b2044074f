//! The words of `doctor`.

use clap::Args as ClapArgs;

/// What to do about what is found.
#[derive(Debug, ClapArgs)]
pub(crate) struct Doctor {
    /// Mend first what is safe to mend by itself; each thing is named
    #[arg(long)]
    pub(crate) fix: bool,
    /// Only show what --fix would mend; touches nothing
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
}
