//! The words of `route`, `why` and `settings`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args as ClapArgs, Subcommand, ValueEnum};
use codex_lab_core::model::routing::Strategy;

use super::{DryRun, Switch};

/// What to change, or to look at.
#[derive(Debug, Subcommand)]
pub(crate) enum Route {
    /// Choose which profile a new session gets
    Strategy {
        /// How to choose
        strategy: StrategyName,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Set the order of profiles; those not named come after
    Order {
        /// Names, the first first
        #[arg(required_unless_present = "clear", conflicts_with = "clear", value_name = "NAME")]
        names: Vec<String>,
        /// Go by the list's own order
        #[arg(long)]
        clear: bool,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Set from when on profiles are spared, in percent left
    Thresholds(RouteThresholds),
    /// Send everything to one profile for a while
    Force(RouteForce),
    /// Let a folder, and all below it, be served by certain profiles alone
    Bind {
        /// The folder
        folder: PathBuf,
        /// Names; with one alone, it serves without a choice
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Let all profiles serve a folder again
    Unbind {
        /// The folder
        folder: PathBuf,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Put profiles behind a wall: they stand in for nobody outside, and nobody outside for them
    Wall {
        /// What the wall is called
        wall: String,
        /// Names of the profiles behind it
        #[arg(required_unless_present = "off", conflicts_with = "off", value_name = "NAME")]
        names: Vec<String>,
        /// Take the wall down
        #[arg(long)]
        off: bool,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Say whether API keys stand in where no subscription is left; that costs money
    ApiKeys {
        /// Whether they do
        allowed: Switch,
        /// What they may cost together in a calendar month (UTC), in US dollars; `none` for no cap. An estimate: only a limit set at
        /// OpenAI is exact
        #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
        cap: Option<Cap>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Say whether requests wait for the next reset where everything is used up
    Wait {
        /// Whether they do
        wait: Switch,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Show who would get the next session, and what speaks against the others
    Explain {
        /// The folder it would work in; this one unless another is named
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
        /// The model it would ask for
        #[arg(long, value_name = "NAME")]
        model: Option<String>,
    },
}

/// Thresholds, at least one of them.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("threshold").required(true).multiple(true))]
pub(crate) struct RouteThresholds {
    /// No new sessions below so many percent left, while others have more
    #[arg(long, value_name = "PERCENT", group = "threshold")]
    pub(crate) low: Option<u8>,
    /// A last resort below so many percent left; under the low threshold
    #[arg(long, value_name = "PERCENT", group = "threshold")]
    pub(crate) critical: Option<u8>,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}

/// What to force.
#[derive(Debug, ClapArgs)]
pub(crate) struct RouteForce {
    /// The profile
    #[arg(required_unless_present = "off", conflicts_with = "off")]
    pub(crate) name: Option<String>,
    /// For how long, such as 1h, 8h, 24h, 30m or 2d; without it, until it is taken back
    #[arg(long = "for", value_name = "TIME", value_parser = time, conflicts_with = "off")]
    pub(crate) span: Option<Duration>,
    /// Use nothing else, even where it is out of quota
    #[arg(long, conflicts_with = "off")]
    pub(crate) strict: bool,
    /// Take it back
    #[arg(long)]
    pub(crate) off: bool,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}

/// Which decisions to show.
#[derive(Debug, ClapArgs)]
pub(crate) struct Why {
    /// Only of this session, by its id or how that begins
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// How many of the last
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) last: u8,
}

/// What to show or change.
#[derive(Debug, ClapArgs)]
pub(crate) struct SettingsWords {
    /// The setting; without it, all are listed
    pub(crate) key: Option<String>,
    /// Its new value; `default` takes it back
    #[arg(requires = "key")]
    pub(crate) value: Option<String>,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}

/// A cap in US cents, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cap(pub(crate) Option<u32>);

/// A strategy by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StrategyName {
    /// The one with most left in its scarcest window
    StickyBest,
    /// The one whose longest window starts anew first
    SoonestReset,
    /// One after the other
    RoundRobin,
    /// The one with the fewest requests on their way
    LeastUsed,
    /// Any
    Random,
    /// Any, by weight
    Weighted,
    /// The first in order
    Priority,
}

impl StrategyName {
    pub(crate) fn strategy(self) -> Strategy {
        match self {
            Self::StickyBest => Strategy::StickyBest,
            Self::SoonestReset => Strategy::SoonestReset,
            Self::RoundRobin => Strategy::RoundRobin,
            Self::LeastUsed => Strategy::LeastUsed,
            Self::Random => Strategy::Random,
            Self::Weighted => Strategy::Weighted,
            Self::Priority => Strategy::Priority,
        }
    }
}

/// "1h", "30m", "2d": a minute to 30 days.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "say a time such as 1h, 8h, 24h, 30m or 2d, up to 30d".to_owned();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return Err(wrong()),
    };
    let number: u64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let minutes = number.checked_mul(minutes).filter(|minutes| (1..=30 * 24 * 60).contains(minutes)).ok_or_else(wrong)?;
    Ok(Duration::from_secs(minutes * 60))
}

/// "5", "5.50", "none".
fn dollars(text: &str) -> Result<Cap, String> {
    let wrong = || "say dollars such as 5 or 5.50, or none".to_owned();
    if text == "none" {
        return Ok(Cap(None));
    }
    let number = text.strip_prefix('$').unwrap_or(text);
    let (whole, part) = number.split_once('.').unwrap_or((number, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return Err(wrong());
    }
    // "5.5" is 5.50.
    let cents: u32 = format!("{part:0<2}").parse().map_err(|_| wrong())?;
    let whole: u32 = whole.parse().map_err(|_| wrong())?;
    whole.checked_mul(100).and_then(|whole| whole.checked_add(cents)).map(|cents| Cap(Some(cents))).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dollars_are_read() {
        for (text, minutes) in [
            ("1h", Some(60)),
            ("24h", Some(1440)),
            ("30m", Some(30)),
            ("30d", Some(43_200)),
            ("31d", None),
            ("0h", None),
            ("h", None),
            ("", None),
            ("1ü", None),
            ("-1h", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(time(text).ok().map(|span| span.as_secs() / 60), minutes, "{text}");
        }
        for (text, cents) in [
            ("5", Some(Some(500))),
            ("5.5", Some(Some(550))),
            ("$5.05", Some(Some(505))),
            ("0", Some(Some(0))),
            ("none", Some(None)),
            ("5.555", None),
            ("-5", None),
            (".5", None),
            ("99999999999", None),
        ] {
            assert_eq!(dollars(text).ok().map(|cap| cap.0), cents, "{text}");
        }
    }

    #[test]
    fn every_strategy_has_its_name() {
        let named: Vec<_> = StrategyName::value_variants().iter().map(|name| name.strategy()).collect();
        assert_eq!(named, Strategy::ALL);
        for name in StrategyName::value_variants() {
            let written = serde_json::to_value(name.strategy()).unwrap();
            assert_eq!(written.as_str(), name.to_possible_value().as_ref().map(clap::builder::PossibleValue::get_name));
        }
    }
}
