//! The words of time: how long a window is, how long until then, and when. English.

use jiff::{SignedDuration, Timestamp, Zoned};

/// "5-hour", "weekly", "30-day".
pub fn window(minutes: u32) -> String {
    match minutes {
        10_080 => "weekly".to_owned(),
        minutes if minutes % 1_440 == 0 => format!("{}-day", minutes / 1_440),
        minutes if minutes % 60 == 0 => format!("{}-hour", minutes / 60),
        minutes => format!("{minutes}-minute"),
    }
}

/// "5h", "week", "30d": for where there is little room.
pub fn window_short(minutes: u32) -> String {
    match minutes {
        10_080 => "week".to_owned(),
        1_440 => "day".to_owned(),
        minutes if minutes % 1_440 == 0 => format!("{}d", minutes / 1_440),
        minutes if minutes % 60 == 0 => format!("{}h", minutes / 60),
        minutes => format!("{minutes}m"),
    }
}

/// "40 s", "12 min", "3 h 5 min", "2 d 4 h": rounded up, so that nothing is promised too early.
pub fn span(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    let minutes = seconds.saturating_add(59) / 60;
    let hours = minutes.saturating_add(59) / 60;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 if minutes < 60 => format!("{minutes} min"),
        3_600..172_800 if minutes % 60 > 0 => format!("{} h {} min", minutes / 60, minutes % 60),
        60..172_800 => format!("{} h", minutes / 60),
        _ if hours % 24 > 0 => format!("{} d {} h", hours / 24, hours % 24),
        _ => format!("{} d", hours / 24),
    }
}

/// "40s", "12m", "3h 5m", "2d 4h": the same for where there is little room.
pub fn span_short(time: SignedDuration) -> String {
    [(" min", "m"), (" s", "s"), (" h", "h"), (" d", "d")].into_iter().fold(span(time), |text, (long, short)| text.replace(long, short))
}

/// "9:58", "1:00:00": for what runs out while somebody looks at it.
pub fn countdown(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    match seconds / 3_600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// A time of the near future: "14:00" today, "Thu 14:00" within a week, "3 Dec" later, with the year if it is another one.
pub fn moment(at: Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    let days = at.date().duration_since(now.date()).as_hours() / 24;
    let form = match days {
        0 => "%H:%M",
        1..=6 => "%a %H:%M",
        _ if at.year() == now.year() => "%-d %b",
        _ => "%-d %b %Y",
    };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_moment_says_as_much_as_is_needed() {
        let berlin = TimeZone::fixed(jiff::tz::offset(1));
        let now = "2026-11-21T22:30:00Z".parse::<Timestamp>().unwrap().to_zoned(berlin);
        for (at, expected) in [
            ("2026-11-21T22:59:00Z", "23:59"),
            ("2026-11-21T23:00:00Z", "Sun 00:00"),
            ("2026-11-26T13:00:00Z", "Thu 14:00"),
            ("2026-11-27T22:59:00Z", "Fri 23:59"),
            ("2026-11-28T13:00:00Z", "28 Nov"),
            ("2027-01-02T13:00:00Z", "2 Jan 2027"),
            ("2026-11-20T13:00:00Z", "20 Nov"),
        ] {
            assert_eq!(moment(at.parse().unwrap(), &now), expected, "{at}");
        }
        assert_eq!(moment(Timestamp::MAX, &now), "30 Dec 9999");
    }

    #[test]
    fn times_are_rounded_up() {
        for (seconds, expected) in [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (61, "2 min"),
            (3_599, "1 h"),
            (3_600, "1 h"),
            (7_260, "2 h 1 min"),
            (172_800, "2 d"),
            (172_801, "2 d 1 h"),
            (i64::MAX, "106751991167300 d 16 h"),
        ] {
            assert_eq!(span(SignedDuration::from_secs(seconds)), expected, "{seconds}");
        }
        let short = [0, 59, 60, 7_260, 172_801].map(|seconds| span_short(SignedDuration::from_secs(seconds)));
        assert_eq!(short, ["0s", "59s", "1m", "2h 1m", "2d 1h"]);
        let running = [-5, 9, 598, 3_600, 36_061].map(|seconds| countdown(SignedDuration::from_secs(seconds)));
        assert_eq!(running, ["0:00", "0:09", "9:58", "1:00:00", "10:01:01"]);
        assert_eq!([60, 1_440, 43_200, 90].map(window), ["1-hour", "1-day", "30-day", "90-minute"]);
        let short = [300, 10_080, 1_440, 43_200, 90].map(window_short);
        assert_eq!(short, ["5h", "week", "day", "30d", "90m"]);
    }
}
