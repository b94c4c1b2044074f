//! Forecasts, as tables.

use super::*;
use crate::model::quota::QuotaSource;

const HOUR: i64 = 3600;
/// Whatever time it is.
const NOW: i64 = 1_000 * HOUR;

fn at(hour: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "a few hours")]
    Timestamp::from_second(NOW + (hour * 3600.0) as i64).unwrap()
}

fn now() -> Timestamp {
    at(0.0)
}

fn point(hour: f64, used: f64) -> HistoryPoint {
    HistoryPoint { at: at(hour), used_percent: Percent::of(used).unwrap() }
}

fn window(minutes: i64, used: f64, resets_in: Option<f64>) -> QuotaWindow {
    QuotaWindow {
        minutes: Minutes::of(minutes).unwrap(),
        used_percent: Percent::of(used).unwrap(),
        resets_at: resets_in.map(at),
        observed_at: now(),
        source: QuotaSource::Header,
    }
}

fn rounded(forecast: Option<Forecast>) -> Option<(f64, Option<f64>)> {
    let forecast = forecast?;
    let out = forecast.runs_out_at.map(|out| (hours(out.duration_since(now())) * 100.0).round() / 100.0);
    Some(((forecast.percent_per_hour * 100.0).round() / 100.0, out))
}

#[test]
fn one_window_goes_on_at_the_pace_of_late() {
    let week = 10_080;
    for (name, points, window, expected) in [
        // A day of a week counts: 24 % in 24 h.
        (
            "steady",
            vec![point(-40.0, 10.0), point(-24.0, 26.0), point(-12.0, 38.0)],
            window(week, 50.0, Some(60.0)),
            Some((1.0, Some(50.0))),
        ),
        ("before its reset nothing runs out", vec![point(-24.0, 26.0)], window(week, 50.0, Some(49.0)), Some((1.0, None))),
        ("no reset is known", vec![point(-24.0, 26.0)], window(week, 50.0, None), Some((1.0, Some(50.0)))),
        // Nothing changed between the last point and the beginning of the day.
        ("a point long ago", vec![point(-90.0, 26.0)], window(week, 50.0, Some(60.0)), Some((1.0, Some(50.0)))),
        ("nobody used anything", vec![point(-90.0, 50.0)], window(week, 50.0, Some(60.0)), Some((0.0, None))),
        // What was before a reset is another window.
        ("after a reset", vec![point(-20.0, 90.0), point(-10.0, 5.0)], window(week, 15.0, Some(130.0)), Some((1.0, Some(85.0)))),
        (
            "two sources differ a little",
            vec![point(-24.0, 26.9), point(-23.0, 26.0)],
            window(week, 50.0, Some(60.0)),
            Some((0.96, Some(51.95))),
        ),
        // A window that began ten hours ago.
        ("young, and no points", vec![], window(week, 10.0, Some(158.0)), Some((1.0, Some(90.0)))),
        ("young, with points", vec![point(-5.0, 5.0)], window(week, 10.0, Some(158.0)), Some((1.0, Some(90.0)))),
        ("too young", vec![], window(week, 1.0, Some(167.95)), None),
        ("nothing was seen", vec![], window(week, 50.0, Some(20.0)), None),
        ("one point just now", vec![point(-0.01, 50.0)], window(week, 50.0, Some(20.0)), None),
        ("used up", vec![point(-24.0, 76.0)], window(week, 100.0, Some(20.0)), Some((1.0, Some(0.0)))),
        ("it has been reset", vec![point(-24.0, 26.0)], window(week, 50.0, Some(-1.0)), None),
        ("five hours", vec![point(-1.0, 10.0), point(-0.5, 20.0)], window(300, 45.0, Some(3.0)), Some((49.0, Some(1.12)))),
        ("a point of the future", vec![point(-24.0, 26.0), point(5.0, 99.0)], window(week, 50.0, Some(60.0)), Some((1.0, Some(50.0)))),
    ] {
        assert_eq!(rounded(of_window(&points, &window, now())), expected, "{name}");
    }
}

#[test]
fn several_windows_run_out_together() {
    let forecast = |per_hour| Some(Forecast { percent_per_hour: per_hour, runs_out_at: None, resets_at: None });
    let of = |windows: &[(f64, Option<f64>, Option<f64>)]| {
        let windows: Vec<_> = windows.iter().map(|(used, reset, pace)| (window(10_080, *used, *reset), pace.and_then(forecast))).collect();
        rounded(of_several(&windows, now()))
    };
    // 100 % are left, 2 % go in an hour; the share is of both.
    assert_eq!(of(&[(50.0, None, Some(1.0)), (50.0, None, Some(1.0))]), Some((1.0, Some(50.0))));
    // The idle one counts with what it has left.
    assert_eq!(of(&[(50.0, None, Some(2.0)), (0.0, None, None)]), Some((1.0, Some(75.0))));
    // The first reset gives its 50 % back in time, then the second is too late.
    assert_eq!(of(&[(50.0, Some(10.0), Some(1.0)), (90.0, Some(100.0), Some(1.0))]), Some((1.0, Some(55.0))));
    // In time each time: nothing runs out.
    assert_eq!(of(&[(50.0, Some(10.0), Some(1.0)), (90.0, Some(40.0), Some(1.0))]), Some((1.0, None)));
    assert_eq!(of(&[(50.0, Some(10.0), Some(0.0))]), Some((0.0, None)));
    assert_eq!(of(&[(50.0, Some(10.0), None)]), None);
    assert_eq!(of(&[]), None);
    // One whose reset has passed has everything left.
    assert_eq!(of(&[(90.0, Some(-1.0), Some(0.0)), (90.0, None, Some(1.0))]), Some((0.5, Some(110.0))));
}

#[test]
fn an_average_is_of_all_that_are_known() {
    let [one, two] = [vec![point(-3.0, 10.0), point(-1.0, 30.0)], vec![point(-2.0, 20.0), point(-1.0, 40.0)]];
    assert_eq!(average(&[&one, &two]), [point(-3.0, 10.0), point(-2.0, 15.0), point(-1.0, 35.0)]);
    assert_eq!(average(&[&one]), one);
    assert!(average(&[]).is_empty());
}
