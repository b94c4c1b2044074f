//! The words of `prime`.

use clap::Args as ClapArgs;

/// What to do about weeks; without more, what would be done is shown.
#[derive(Debug, ClapArgs)]
#[command(after_help = "A week that nobody uses begins only with its first request. With --on, Codex Lab sends that request by itself, \
                        so that the week's reset comes sooner: one short question to the account's cheapest model, once for each week.")]
pub(crate) struct Prime {
    /// The profile's name; without it, all are shown
    pub(crate) name: Option<String>,
    /// Start this profile's weeks from now on
    #[arg(long, group = "what", requires = "name")]
    pub(crate) on: bool,
    /// Start them no more
    #[arg(long, group = "what", requires = "name")]
    pub(crate) off: bool,
    /// Start this profile's week now, if two readings a minute apart say that it has not started
    #[arg(long, group = "what", requires = "name")]
    pub(crate) now: bool,
    /// Only say what would change; without any other word, show what would be sent, to whom and when, as without this one
    #[arg(long, conflicts_with = "history")]
    pub(crate) dry_run: bool,
    /// Show what was sent, and what came of it
    #[arg(long, group = "what")]
    pub(crate) history: bool,
}
