//! The words of forecasts. English.

use jiff::Zoned;

use super::times::moment;
use crate::model::quota::Forecast;

/// "1.4 % an hour"; less than a tenth is nothing.
pub fn pace(forecast: &Forecast) -> String {
    match forecast.percent_per_hour {
        pace if pace < 0.05 => "nothing used of late".to_owned(),
        pace if pace < 9.95 => format!("{pace:.1} % an hour"),
        pace => format!("{pace:.0} % an hour"),
    }
}

/// "runs out Thu 14:00", "lasts until its reset Fri 10:00", "does not run out".
pub fn end(forecast: &Forecast, now: &Zoned) -> String {
    match (forecast.runs_out_at, forecast.resets_at) {
        (Some(at), _) if at <= now.timestamp() => "used up".to_owned(),
        (Some(at), _) => format!("runs out {}", moment(at, now)),
        (None, Some(reset)) => format!("lasts until the reset {}", moment(reset, now)),
        (None, None) => "does not run out".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_forecast_says_how_fast_and_until_when() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = time("2026-11-21T12:00:00Z").to_zoned(TimeZone::UTC);
        let (thursday, friday) = (Some(time("2026-11-26T14:00:00Z")), Some(time("2026-11-27T10:00:00Z")));
        for (percent_per_hour, runs_out_at, resets_at, expected_pace, expected_end) in [
            (1.44, thursday, friday, "1.4 % an hour", "runs out Thu 14:00"),
            (0.5, None, friday, "0.5 % an hour", "lasts until the reset Fri 10:00"),
            (0.04, None, None, "nothing used of late", "does not run out"),
            (23.4, Some(time("2026-11-21T12:00:00Z")), friday, "23 % an hour", "used up"),
        ] {
            let forecast = Forecast { percent_per_hour, runs_out_at, resets_at };
            assert_eq!((pace(&forecast).as_str(), end(&forecast, &now).as_str()), (expected_pace, expected_end));
        }
    }
}
