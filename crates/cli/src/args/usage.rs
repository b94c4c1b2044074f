//! What of quota's past and future is asked for.

use clap::Args as ClapArgs;

/// The longest history, in hours.
const LONGEST: u32 = 2 * 365 * 24;

/// What to show.
#[derive(Debug, ClapArgs)]
pub(crate) struct Usage {
    /// Only of this profile
    pub(crate) name: Option<String>,
    /// List what was used when
    #[arg(long)]
    pub(crate) history: bool,
    /// How far to go back: hours or days, such as 24h or 30d
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = hours)]
    pub(crate) last: u32,
    /// List it as comma-separated values
    #[arg(long, requires = "history", conflicts_with = "json")]
    pub(crate) csv: bool,
}

pub(super) fn hours(text: &str) -> Result<u32, String> {
    let (number, each) = match (text.strip_suffix('h'), text.strip_suffix('d')) {
        (Some(number), _) => (number, 1),
        (_, Some(number)) => (number, 24),
        (None, None) => (text, 0),
    };
    let hours = number.parse::<u32>().ok().and_then(|number| number.checked_mul(each)).filter(|hours| (1..=LONGEST).contains(hours));
    hours.ok_or_else(|| "write hours or days, from 1h to 730d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_hours_or_days() {
        for (text, expected) in [
            ("1h", Some(1)),
            ("24h", Some(24)),
            ("30d", Some(720)),
            ("730d", Some(17_520)),
            ("731d", None),
            ("0d", None),
            ("7", None),
            ("d", None),
            ("-1d", None),
            ("99999999999d", None),
            ("4294967295d", None),
        ] {
            assert_eq!(hours(text).ok(), expected, "{text}");
        }
    }
}
