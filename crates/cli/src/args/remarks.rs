//! The words of `set`.

use clap::{Args as ClapArgs, ValueEnum};
use codex_lab_core::model::details::Colour;

use super::DryRun;

/// What to note about a profile; what is not named stays as it is.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Label, colour and note are shown with the profile. Weight, drain and thresholds act on what comes through the \
                        gateway; `codex-lab route` shows the rules for all profiles.")]
pub(crate) struct Set {
    /// The profile's name
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) remarks: Remarks,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}

/// The remarks, at least one of them.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = true)]
pub(crate) struct Remarks {
    /// A few words beside the name; "" takes them away
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
    /// The colour that marks its row
    #[arg(long, value_name = "COLOUR")]
    pub(crate) colour: Option<ColourName>,
    /// A note for yourself; "" takes it away
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Its share of new sessions, 0 to 100; 10 is usual
    #[arg(long, value_name = "NUMBER")]
    pub(crate) weight: Option<u8>,
    /// Whether it finishes what runs and takes nothing new
    #[arg(long)]
    pub(crate) drain: Option<Switch>,
    /// Whether no notification is shown of it alone
    #[arg(long)]
    pub(crate) mute: Option<Switch>,
    /// No new sessions below so many percent left, while others have more; `usual` for what holds for all
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) low: Option<Percent>,
    /// A last resort below so many percent left; under the low threshold
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) critical: Option<Percent>,
}

/// A threshold, or back to the usual one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Percent(pub(crate) Option<u8>);

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// Yes
    On,
    /// No
    Off,
}

/// A colour, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum ColourName {
    Blue,
    Orange,
    Green,
    Pink,
    Yellow,
    Grey,
    None,
}

impl ColourName {
    pub(crate) fn colour(self) -> Option<Colour> {
        match self {
            Self::Blue => Some(Colour::Blue),
            Self::Orange => Some(Colour::Orange),
            Self::Green => Some(Colour::Green),
            Self::Pink => Some(Colour::Pink),
            Self::Yellow => Some(Colour::Yellow),
            Self::Grey => Some(Colour::Grey),
            Self::None => None,
        }
    }
}

fn percent(text: &str) -> Result<Percent, String> {
    if text == "usual" {
        return Ok(Percent(None));
    }
    text.trim_end_matches('%')
        .trim()
        .parse()
        .map(|percent| Percent(Some(percent)))
        .map_err(|_| "say a number from 0 to 100, or usual".to_owned())
}
