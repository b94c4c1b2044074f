//! One window of allowance, and how far its number can be trusted.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::lifetime::later;

/// The length of a window; it says what a window is, whatever slot it came in (codex-runtime.md 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "u32", into = "u32")]
#[ts(as = "u32")]
pub struct Minutes(u32);

/// A length that no window has.
#[derive(Debug, thiserror::Error)]
#[error("a window lasts 1 minute to 10 years")]
pub struct NoMinutes;

impl Minutes {
    /// Five hours.
    pub const FIVE_HOURS: Self = Self(300);
    /// A week.
    pub const WEEK: Self = Self(10_080);
    const LONGEST: u32 = 10 * 366 * 24 * 60;

    /// Checks a length from outside: 1 minute to 10 years.
    pub fn of(minutes: i64) -> Option<Self> {
        u32::try_from(minutes).ok().filter(|minutes| (1..=Self::LONGEST).contains(minutes)).map(Self)
    }

    /// The same of seconds, begun minutes counted as whole.
    pub fn of_seconds(seconds: i64) -> Option<Self> {
        Self::of(seconds.checked_add(59)?.div_euclid(60))
    }

    /// As a number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Minutes {
    type Error = NoMinutes;
    fn try_from(minutes: u32) -> Result<Self, NoMinutes> {
        Self::of(minutes.into()).ok_or(NoMinutes)
    }
}

impl From<Minutes> for u32 {
    fn from(minutes: Minutes) -> Self {
        minutes.0
    }
}

/// A share of a window, 0 to 100 percent, to a hundredth of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "f64", into = "f64")]
#[ts(type = "number")]
pub struct Percent(u16);

/// A number that is no share.
#[derive(Debug, thiserror::Error)]
#[error("a share is a number of 0 or more")]
pub struct NoPercent;

impl Percent {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self(10_000);

    /// So many whole percent; over 100 counts as 100.
    pub const fn whole(percent: u8) -> Self {
        if percent > 100 { Self::ALL } else { Self(percent as u16 * 100) }
    }

    /// Checks a number from outside. What is over 100 counts as 100; what is below 0, or no number, is refused.
    pub fn of(percent: f64) -> Option<Self> {
        if !percent.is_finite() || percent < 0.0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10,000")]
        Some(Self((percent.min(100.0) * 100.0).round() as u16))
    }

    /// A share in hundredths of a percent, 0 to 10,000.
    pub fn of_hundredths(hundredths: i64) -> Option<Self> {
        u16::try_from(hundredths).ok().filter(|hundredths| *hundredths <= Self::ALL.0).map(Self)
    }

    /// In hundredths of a percent.
    pub fn hundredths(self) -> u16 {
        self.0
    }

    /// In percent.
    pub fn get(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// In whole percent, rounded up, so that 0 is nothing at all.
    pub fn rounded_up(self) -> u8 {
        u8::try_from(self.0.div_ceil(100)).unwrap_or(100)
    }

    /// What is missing from the whole.
    pub fn rest(self) -> Self {
        Self(Self::ALL.0.saturating_sub(self.0))
    }

    /// How far apart two shares are.
    pub fn distance(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }
}

impl TryFrom<f64> for Percent {
    type Error = NoPercent;
    fn try_from(percent: f64) -> Result<Self, NoPercent> {
        Self::of(percent).ok_or(NoPercent)
    }
}

impl From<Percent> for f64 {
    fn from(percent: Percent) -> Self {
        percent.get()
    }
}

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum QuotaSource {
    /// Response headers of live traffic.
    Header,
    /// An event in a live stream.
    Stream,
    /// The usage endpoint.
    Usage,
    /// A session log that Codex wrote.
    SessionLog,
}

impl QuotaSource {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Header, Self::Stream, Self::Usage, Self::SessionLog];

    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Stream => "stream",
            Self::Usage => "usage",
            Self::SessionLog => "session_log",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }

    /// Whether a number of this source was read in the very answer to traffic of ours.
    pub fn is_live_traffic(self) -> bool {
        matches!(self, Self::Header | Self::Stream)
    }
}

/// A span of allowance, as it was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaWindow {
    /// Its length.
    pub minutes: Minutes,
    /// How much of it was used.
    pub used_percent: Percent,
    /// When it starts anew, if the provider said so.
    pub resets_at: Option<Timestamp>,
    /// When it was seen so. [`Timestamp::UNIX_EPOCH`] where nobody can tell any more.
    pub observed_at: Timestamp,
    /// Who said so.
    pub source: QuotaSource,
}

impl QuotaWindow {
    /// Whether its reset has come since it was seen.
    pub fn has_reset(&self, now: Timestamp) -> bool {
        self.resets_at.is_some_and(|at| at <= now)
    }

    /// How much is left. After a reset that nobody has verified: everything.
    pub fn left_percent(&self, now: Timestamp) -> Percent {
        if self.has_reset(now) { Percent::ALL } else { self.used_percent.rest() }
    }

    /// How long ago it was seen; zero for what a clock that was set back makes come.
    pub fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.observed_at)).unwrap_or_default()
    }

    /// How far the number can be trusted.
    pub fn confidence(&self, now: Timestamp) -> Confidence {
        Confidence::of(self.source, now.duration_since(self.observed_at), self.has_reset(now))
    }
}

/// How far a number can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Its window has been reset since: what is left is a guess.
    Unverified,
    /// Seen long ago, or nobody can tell when.
    Low,
    /// Seen a while ago, or by somebody else.
    Medium,
    /// Seen just now, by us.
    High,
}

/// A number of ours is high for as long as one poll of the usage endpoint takes to come round, and medium for an hour.
const HIGH: Duration = Duration::from_secs(6 * 60);
const MEDIUM: Duration = Duration::from_secs(60 * 60);
/// Another program wrote it, and other sessions may have used quota since.
const LOG_MEDIUM: Duration = Duration::from_secs(15 * 60);
/// Clocks tick apart by this much.
pub(super) const SKEW: Duration = Duration::from_secs(60);

impl Confidence {
    /// The confidence in a number of this source and age. An age below zero says that the clock was set back since, so that
    /// the true age is not known.
    pub fn of(source: QuotaSource, age: SignedDuration, has_reset: bool) -> Self {
        if has_reset {
            return Self::Unverified;
        }
        let Ok(age) = Duration::try_from(age.saturating_add(SignedDuration::try_from(SKEW).unwrap_or_default())) else { return Self::Low };
        let age = age.saturating_sub(SKEW);
        match source {
            QuotaSource::SessionLog if age <= LOG_MEDIUM => Self::Medium,
            QuotaSource::SessionLog => Self::Low,
            _ if age <= HIGH => Self::High,
            _ if age <= MEDIUM => Self::Medium,
            _ => Self::Low,
        }
    }
}

/// Whether a time lies so far ahead that it was noted before the clock was set back.
pub(super) fn is_from_the_future(at: Timestamp, now: Timestamp) -> bool {
    at > later(now, SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn numbers_from_outside_are_checked() {
        for (number, hundredths) in [
            (0.0, Some(0)),
            (38.0, Some(3800)),
            (12.345, Some(1235)),
            (100.0, Some(10_000)),
            (250.0, Some(10_000)),
            (f64::MAX, Some(10_000)),
        ] {
            assert_eq!(Percent::of(number).map(Percent::hundredths), hundredths, "{number}");
        }
        assert_eq!([0, 20, 100, 255].map(|percent| Percent::whole(percent).hundredths()), [0, 2000, 10_000, 10_000]);
        for (percent, rounded) in [(0.0, 0), (0.01, 1), (1.0, 1), (61.5, 62), (99.01, 100), (100.0, 100)] {
            assert_eq!(Percent::of(percent).map(Percent::rounded_up), Some(rounded), "{percent}");
        }
        for number in [-0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Percent::of(number), None, "{number}");
        }
        for (minutes, fits) in [(300, true), (1, true), (0, false), (-5, false), (i64::MAX, false), (5_270_400, true), (5_270_401, false)] {
            assert_eq!(Minutes::of(minutes).is_some(), fits, "{minutes}");
        }
        assert_eq!(Minutes::of_seconds(18_000), Some(Minutes::FIVE_HOURS));
        assert_eq!(
            (Minutes::of_seconds(1).map(Minutes::get), Minutes::of_seconds(0), Minutes::of_seconds(i64::MAX)),
            (Some(1), None, None)
        );
    }

    #[test]
    fn confidence_falls_with_age_and_by_source() {
        use Confidence::{High, Low, Medium, Unverified};
        use QuotaSource::{Header, SessionLog, Stream, Usage};
        for (source, age, reset, confidence) in [
            (Header, 0, false, High),
            (Stream, 360, false, High),
            (Usage, 361, false, Medium),
            (Usage, 3600, false, Medium),
            (Header, 3601, false, Low),
            (SessionLog, 0, false, Medium),
            (SessionLog, 900, false, Medium),
            (SessionLog, 901, false, Low),
            (Header, 0, true, Unverified),
            (SessionLog, -9999, true, Unverified),
            // The clock was set back: a minute may be chance.
            (Header, -60, false, High),
            (Header, -61, false, Low),
            (Header, i64::MIN, false, Low),
            (Header, i64::MAX, false, Low),
        ] {
            assert_eq!(Confidence::of(source, SignedDuration::from_secs(age), reset), confidence, "{source:?} {age} {reset}");
        }
    }

    #[test]
    fn past_its_reset_a_window_is_full_and_unverified() {
        let window = |resets_at| QuotaWindow {
            minutes: Minutes::WEEK,
            used_percent: Percent::of(61.0).unwrap(),
            resets_at,
            observed_at: at(1000),
            source: QuotaSource::Header,
        };
        for (resets_at, now, left, confidence) in [
            (Some(at(2000)), 1060, 39.0, Confidence::High),
            (Some(at(2000)), 1999, 39.0, Confidence::Medium),
            (Some(at(2000)), 2000, 100.0, Confidence::Unverified),
            (None, 1000, 39.0, Confidence::High),
            (Some(Timestamp::MIN), 0, 100.0, Confidence::Unverified),
            (Some(Timestamp::MAX), 0, 39.0, Confidence::Low),
        ] {
            let window = window(resets_at);
            assert_eq!((window.left_percent(at(now)), window.confidence(at(now))), (Percent::of(left).unwrap(), confidence), "{now}");
        }
        assert_eq!(window(None).age(Timestamp::MIN), Duration::ZERO);
        assert_eq!(window(None).age(at(1060)), Duration::from_secs(60));
    }

    #[test]
    fn sources_are_stored_by_name() {
        for source in QuotaSource::ALL {
            assert_eq!(QuotaSource::parse(source.as_str()), Some(source));
        }
        assert_eq!(QuotaSource::parse("rumour"), None);
    }
}
