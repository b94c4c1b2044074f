//! The words of `snooze`.

use clap::Args as ClapArgs;

use super::DryRun;

/// Of whom to hear nothing, and for how long: until the next reset of what is low, unless told otherwise.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Notifications alone keep still, and only about quota: that a login needs you is told all the same. To hear \
                        nothing of a profile for good: `codex-lab set NAME --mute on`.")]
pub(crate) struct Snooze {
    /// The profile's name
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) name: Option<String>,
    /// Of all profiles
    #[arg(long)]
    pub(crate) all: bool,
    /// For so many hours, 1 to 168
    #[arg(long = "for", value_name = "HOURS", conflicts_with = "off")]
    pub(crate) hours: Option<u16>,
    /// No longer; with --all, for no profile
    #[arg(long)]
    pub(crate) off: bool,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}
