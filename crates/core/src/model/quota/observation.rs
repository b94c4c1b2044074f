//! What one reading says of an account's quota, at a time, from a source.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::account::{Credits, LimitReached, SpendLimit, Told};
use super::family::Family;
use super::text::ShortText;
use super::window::{Minutes, Percent, QuotaSource};

/// No honest reading speaks of more families.
pub const FAMILIES_LIMIT: usize = 32;
/// No family has more windows.
pub const WINDOWS_LIMIT: usize = 8;
/// A reset later than this is none.
const FURTHEST_RESET: SignedDuration = SignedDuration::from_hours(400 * 24);

/// One reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When it was made.
    pub at: Timestamp,
    /// By what.
    pub source: QuotaSource,
    /// The windows it speaks of, by family; at most [`FAMILIES_LIMIT`].
    pub families: BTreeMap<Family, FamilyReading>,
    /// The plan.
    pub plan: Told<ShortText>,
    /// Credits.
    pub credits: Told<Credits>,
    /// The account's own spend limit.
    pub spend_limit: Told<SpendLimit>,
    /// How many times windows can be reset on request.
    pub reset_credits: Told<u32>,
    /// The limit that is reached.
    pub limit_reached: Told<LimitReached>,
}

/// What a reading says of one family.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FamilyReading {
    /// What users call it.
    pub name: Option<ShortText>,
    /// Its windows.
    pub windows: Vec<WindowReading>,
    /// Whether these are all the windows it has; else nothing is said of others.
    pub complete: bool,
    /// Whether requests are let through, where that is said.
    pub allowed: Option<bool>,
    /// Whether a limit is reached, where that is said.
    pub limit_reached: Option<bool>,
}

/// What a reading says of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowReading {
    /// Its length.
    pub minutes: Minutes,
    /// How much is used.
    pub used_percent: Percent,
    /// When it starts anew, if that was said.
    pub resets_at: Option<Timestamp>,
}

impl Observation {
    /// A reading that says nothing yet.
    pub fn new(at: Timestamp, source: QuotaSource) -> Self {
        Self {
            at,
            source,
            families: BTreeMap::new(),
            plan: Told::Unsaid,
            credits: Told::Unsaid,
            spend_limit: Told::Unsaid,
            reset_credits: Told::Unsaid,
            limit_reached: Told::Unsaid,
        }
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::new(self.at, self.source)
    }

    /// Adds what is said of a family, unless it is one too many.
    pub fn add(&mut self, family: Family, reading: FamilyReading) {
        if self.families.len() < FAMILIES_LIMIT || self.families.contains_key(&family) {
            self.families.insert(family, reading);
        }
    }
}

/// A reset named as a second since 1970; `None` for what is no time a window could end at.
pub fn reset_at(second: i64, read_at: Timestamp) -> Option<Timestamp> {
    let at = Timestamp::from_second(second).ok().filter(|_| second > 0)?;
    (at.duration_since(read_at) <= FURTHEST_RESET).then_some(at)
}

/// A reset named as a number of seconds from the reading on.
pub fn reset_after(seconds: i64, read_at: Timestamp) -> Option<Timestamp> {
    let after = SignedDuration::from_secs(seconds);
    (seconds >= 0 && after <= FURTHEST_RESET).then(|| read_at.checked_add(after).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_a_window_could_end_at_are_resets() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        for (second, kept) in [
            (1_795_000_000, true),
            (1_795_604_800, true),
            (1_000, true),
            (0, false),
            (-1, false),
            (1_795_000_000_000, false),
            (i64::MAX, false),
            (i64::MIN, false),
        ] {
            assert_eq!(reset_at(second, now).is_some(), kept, "{second}");
        }
        for (seconds, kept) in [(0, true), (604_800, true), (-1, false), (i64::MAX, false), (i64::MIN, false)] {
            assert_eq!(reset_after(seconds, now).is_some(), kept, "{seconds}");
        }
        assert_eq!(reset_after(60, Timestamp::MAX), None);
    }

    #[test]
    fn a_reading_of_endless_families_is_cut_off() {
        let mut seen = Observation::new(Timestamp::UNIX_EPOCH, QuotaSource::Header);
        assert!(seen.is_empty());
        for number in 0..1000 {
            seen.add(Family::parse(&format!("codex-{number}")).unwrap(), FamilyReading::default());
        }
        assert_eq!(seen.families.len(), FAMILIES_LIMIT);
        assert!(!seen.is_empty());
    }
}
