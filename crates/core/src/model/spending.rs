//! What API keys cost, as an estimate: the tokens that their answers report, at prices that the user sets. Pure.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::profile::ProfileId;

/// Money is added up in millionths of a US dollar: most answers cost less than a cent.
const MICROS_IN_CENT: u64 = 10_000;
/// Cents for a million tokens, times the tokens, divided by this, is millionths of a dollar.
const TOKENS_IN_MILLION_BY_MICROS_IN_CENT: u64 = 1_000_000 / MICROS_IN_CENT;

/// The tokens that an answer reports. What the provider had in its cache counts as read like the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens that were read.
    pub input: u64,
    /// Tokens that were written.
    pub output: u64,
}

/// What a million tokens cost, in US cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// That are read.
    pub input_cents: u32,
    /// That are written.
    pub output_cents: u32,
}

impl Prices {
    /// What an answer costs, in millionths of a dollar, rounded up.
    pub fn cost(self, usage: Usage) -> u64 {
        let input = usage.input.saturating_mul(self.input_cents.into());
        let output = usage.output.saturating_mul(self.output_cents.into());
        input.saturating_add(output).div_ceil(TOKENS_IN_MILLION_BY_MICROS_IN_CENT)
    }
}

/// Millionths of a dollar as cents, rounded up, so that 0 is nothing at all.
pub fn cents(micros: u64) -> u32 {
    u32::try_from(micros.div_ceil(MICROS_IN_CENT)).unwrap_or(u32::MAX)
}

/// A calendar month in UTC. It is written as its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    /// The one that a moment is in.
    pub fn of(moment: Timestamp) -> Self {
        Self(TimeZone::UTC.to_datetime(moment).date().first_of_month())
    }

    /// Reads one as it is written.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Date>().ok().map(|date| Self(date.first_of_month()))
    }

    /// When the next one begins; `None` at the end of time.
    pub fn ends(self) -> Option<Timestamp> {
        self.0.last_of_month().tomorrow().ok()?.to_zoned(TimeZone::UTC).ok().map(|begin| begin.timestamp())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What each profile has cost in each month, in millionths of a US dollar. There are few: a list does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums(Vec<Sum>);

/// What one profile has cost in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// When.
    pub month: Month,
    /// Which.
    pub profile: ProfileId,
    /// Millionths of a US dollar.
    pub micros: u64,
}

impl Sums {
    /// Adds to a sum, or begins it, and gives it back.
    pub fn add(&mut self, more: Sum) -> u64 {
        let same = |sum: &&mut Sum| sum.month == more.month && sum.profile == more.profile;
        if let Some(sum) = self.0.iter_mut().find(same) {
            sum.micros = sum.micros.saturating_add(more.micros);
            return sum.micros;
        }
        let micros = more.micros;
        self.0.push(more);
        micros
    }

    /// Adds all of them.
    pub fn add_all(&mut self, more: &Self) {
        for sum in more.all() {
            self.add(sum.clone());
        }
    }

    /// Takes off what these are; what is nothing then is gone.
    pub fn take_off(&mut self, less: &Self) {
        self.0.retain_mut(|sum| {
            let same = |less: &&Sum| less.month == sum.month && less.profile == sum.profile;
            sum.micros = sum.micros.saturating_sub(less.0.iter().find(same).map_or(0, |less| less.micros));
            sum.micros > 0
        });
    }

    /// All of them, in no order.
    pub fn all(&self) -> &[Sum] {
        &self.0
    }
}

impl FromIterator<(Month, ProfileId, u64)> for Sums {
    fn from_iter<I: IntoIterator<Item = (Month, ProfileId, u64)>>(sums: I) -> Self {
        let mut all = Self::default();
        for (month, profile, micros) in sums {
            all.add(Sum { month, profile, micros });
        }
        all
    }
}

/// What API keys have cost in this calendar month (UTC), as an estimate from the tokens that went through the gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Spending {
    /// All of them together, in US cents, rounded up: the cap is about this. Those that were removed since are in it.
    pub cents: u32,
    /// Each one, in US cents, rounded up; those that have cost nothing are not in it.
    pub profiles: BTreeMap<ProfileId, u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICES: Prices = Prices { input_cents: 500, output_cents: 3_000 };

    #[test]
    fn tokens_have_their_price_and_nothing_runs_over() {
        for (input, output, micros, in_cents) in [
            (0, 0, 0, 0),
            (1, 0, 5, 1),
            (0, 1, 30, 1),
            (12, 5, 210, 1),
            (1_999, 0, 9_995, 1),
            (2_000, 0, 10_000, 1),
            (2_001, 0, 10_005, 2),
            (1_000_000, 1_000_000, 35_000_000, 3_500),
            (u64::MAX, 0, u64::MAX / 100 + 1, u32::MAX),
            (u64::MAX, u64::MAX, u64::MAX / 100 + 1, u32::MAX),
        ] {
            let cost = PRICES.cost(Usage { input, output });
            assert_eq!((cost, cents(cost)), (micros, in_cents), "{input} {output}");
        }
        assert_eq!(Prices { input_cents: 1, output_cents: 1 }.cost(Usage { input: 1, output: 0 }), 1, "rounded up");
        assert_eq!(cents(u64::MAX), u32::MAX);
    }

    #[test]
    fn a_month_is_one_of_utc_and_ends_where_the_next_begins() {
        for (moment, month, ends) in [
            ("2026-11-01T00:00:00Z", "2026-11-01", "2026-12-01T00:00:00Z"),
            ("2026-11-30T23:59:59.999Z", "2026-11-01", "2026-12-01T00:00:00Z"),
            ("2026-12-31T23:30:00-01:00", "2027-01-01", "2027-02-01T00:00:00Z"),
            ("2028-02-29T12:00:00Z", "2028-02-01", "2028-03-01T00:00:00Z"),
        ] {
            let found = Month::of(moment.parse().unwrap());
            assert_eq!((found.to_string().as_str(), found.ends().unwrap()), (month, ends.parse().unwrap()), "{moment}");
            assert_eq!(Month::parse(month), Some(found));
        }
        assert_eq!(Month::parse("november"), None);
        assert!(Month::of(Timestamp::MAX).ends().is_none() && Month::of(Timestamp::MIN) < Month::of(Timestamp::UNIX_EPOCH));
    }
}
