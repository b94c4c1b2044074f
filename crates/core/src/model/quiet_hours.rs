//! Quiet hours: from when to when, by the user's clock, what can wait is not told.

use std::fmt;

use jiff::civil::Time;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

/// A span of each day, as "22:00-07:00"; over midnight if it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct QuietHours {
    from: Time,
    to: Time,
}

/// A text that is no span of a day.
#[derive(Debug, thiserror::Error)]
#[error("quiet hours are written as 22:00-07:00")]
pub struct NoQuietHours;

impl QuietHours {
    /// Reads "22:00-07:00". A span that ends when it begins is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (time(from)?, time(to)?);
        (from != to).then_some(Self { from, to })
    }

    /// Whether it is quiet now.
    pub fn holds(self, now: &Zoned) -> bool {
        let time = now.time();
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }

    /// When it is no longer quiet; now, if it is not quiet now. An end that a change of the clock leaves out comes at the next
    /// time there is.
    pub fn end(self, now: &Zoned) -> Timestamp {
        if !self.holds(now) {
            return now.timestamp();
        }
        let day = if now.time() < self.to { Ok(now.date()) } else { now.date().tomorrow() };
        let end = day.and_then(|day| day.to_datetime(self.to).to_zoned(now.time_zone().clone()));
        end.map_or_else(|_| now.timestamp(), |end| end.timestamp())
    }
}

/// "7:30" or "07:30".
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| (text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<i8>().ok()).flatten();
    (minute.len() == 2).then(|| Time::new(number(hour)?, number(minute)?, 0, 0).ok()).flatten()
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from.strftime("%H:%M"), self.to.strftime("%H:%M"))
    }
}

impl TryFrom<String> for QuietHours {
    type Error = NoQuietHours;
    fn try_from(text: String) -> Result<Self, NoQuietHours> {
        Self::parse(&text).ok_or(NoQuietHours)
    }
}

impl From<QuietHours> for String {
    fn from(hours: QuietHours) -> Self {
        hours.to_string()
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn berlin(text: &str) -> Zoned {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        text.parse::<jiff::civil::DateTime>().unwrap().to_zoned(zone).unwrap()
    }

    #[test]
    fn spans_are_read_and_written_in_one_form() {
        for (text, written) in [
            ("22:00-07:00", Some("22:00-07:00")),
            ("7:05 - 9:30", Some("07:05-09:30")),
            ("00:00-23:59", Some("00:00-23:59")),
            ("22:00-22:00", None),
            ("24:00-07:00", None),
            ("22:60-07:00", None),
            ("22-07", None),
            ("22:0-07:00", None),
            ("-1:00-07:00", None),
            ("+1:00-07:00", None),
            ("22:00", None),
            ("", None),
            ("22:00-07:00-08:00", None),
        ] {
            assert_eq!(QuietHours::parse(text).map(|hours| hours.to_string()).as_deref(), written, "{text}");
        }
    }

    #[test]
    fn it_is_quiet_from_then_to_then() {
        for (hours, now, end) in [
            ("22:00-07:00", "2026-11-21T21:59:59", None),
            ("22:00-07:00", "2026-11-21T22:00", Some("2026-11-22T07:00")),
            ("22:00-07:00", "2026-11-22T06:59", Some("2026-11-22T07:00")),
            ("22:00-07:00", "2026-11-22T07:00", None),
            ("09:00-17:00", "2026-11-22T12:00", Some("2026-11-22T17:00")),
            ("09:00-17:00", "2026-11-22T17:00", None),
            // The clock is put forward at 2:00, so that there is no 2:30.
            ("22:00-02:30", "2026-03-28T23:00", Some("2026-03-29T03:30")),
            // And back at 3:00: the first 2:30 counts.
            ("22:00-02:30", "2026-10-24T23:00", Some("2026-10-25T02:30")),
        ] {
            let (hours, now) = (QuietHours::parse(hours).unwrap(), berlin(now));
            assert_eq!(hours.holds(&now), end.is_some(), "{hours} {now}");
            assert_eq!(hours.end(&now), end.map_or(now.timestamp(), |end| berlin(end).timestamp()), "{hours} {now}");
        }
        let last = Timestamp::MAX.to_zoned(TimeZone::UTC);
        assert!(QuietHours::parse("22:00-21:00").unwrap().end(&last) >= last.timestamp(), "at the end of time");
    }
}
