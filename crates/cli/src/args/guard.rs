//! The words of `guard`.

use std::time::Duration;

use clap::Args as ClapArgs;
use codex_lab_core::model::quota::Minutes;

use super::routing::time;
use super::usage::hours;

/// How much has to be left, and of what.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Ends with 0 where that much is left, with 80 where less is left, and with 81 where nobody knows: no reading, an old one, \
                        a reset that nobody has looked at since, a profile that cannot be used. Nobody is asked: the app, `codex-lab serve` \
                        and `codex-lab run` note what they see."
)]
pub(crate) struct Guard {
    /// At least so many percent, 0 to 100
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min_remaining: u8,
    /// Of this window: `5h`, `weekly`, or hours or days such as 30d; without it, of each
    #[arg(long, value_name = "WINDOW", value_parser = window)]
    pub(crate) window: Option<Minutes>,
    /// Of this profile; without it, of the live one
    #[arg(long, value_name = "NAME", conflicts_with = "any")]
    pub(crate) profile: Option<String>,
    /// Of any profile that can be used: one is enough
    #[arg(long)]
    pub(crate) any: bool,
    /// A reading older than this says nothing: 30m, 6h, 2d
    #[arg(long, value_name = "TIME", default_value = "6h", value_parser = time)]
    pub(crate) max_age: Duration,
    /// Count a window as full when its reset has passed, though nobody has looked since
    #[arg(long)]
    pub(crate) trust_resets: bool,
}

/// "weekly", "5h", "30d".
fn window(text: &str) -> Result<Minutes, String> {
    let minutes = match text {
        "weekly" | "week" => Some(Minutes::WEEK),
        text => hours(text).ok().and_then(|hours| Minutes::of(i64::from(hours) * 60)),
    };
    minutes.ok_or_else(|| "say 5h, weekly, or hours or days such as 24h or 30d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_names_and_lengths() {
        for (text, minutes) in [
            ("weekly", Some(10_080)),
            ("week", Some(10_080)),
            ("7d", Some(10_080)),
            ("5h", Some(300)),
            ("30d", Some(43_200)),
            ("5", None),
            ("", None),
            ("monthly", None),
            ("0h", None),
        ] {
            assert_eq!(window(text).ok().map(Minutes::get), minutes, "{text}");
        }
    }
}
