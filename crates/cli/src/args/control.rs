//! The words for the control interface.

use clap::Args as ClapArgs;

/// Whom to speak with.
#[derive(Debug, ClapArgs)]
pub(crate) struct AppServer {
    /// Serve every program of this user on a socket, until this is ended; the app and `codex-lab serve` do so by themselves
    #[arg(long)]
    pub(crate) listen: bool,
}
