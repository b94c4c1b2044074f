//! How quota goes on at the pace of late, of one window and of several together. Nothing is promised: it is a straight line.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::base::sorting;
use crate::model::lifetime::later;
use crate::model::quota::{Forecast, HistoryPoint, Minutes, Percent, QuotaWindow};

/// The pace is that of the last seventh of a window: a day of a week, three quarters of an hour of five hours.
const PARTS: u32 = 7;
/// In less time nothing can be told.
const LEAST: Duration = Duration::from_secs(5 * 60);
/// A fall by more than this, in hundredths of a percent, is a reset. Readings of several sources differ by less.
const FALL: u16 = 100;

/// How one window goes on. `points` are those of this window, oldest first. `None` where it has been reset since it was seen, or
/// where too little was seen.
pub fn of_window(points: &[HistoryPoint], window: &QuotaWindow, now: Timestamp) -> Option<Forecast> {
    let pace = pace(points, window, now)?;
    let out = runs_out(window.used_percent.rest(), pace, now);
    let runs_out_at = out.filter(|out| window.resets_at.is_none_or(|reset| *out < reset));
    Some(Forecast { percent_per_hour: pace, runs_out_at, resets_at: window.resets_at })
}

/// How several windows of one length go on together: their paces add up, what is left adds up, and each reset gives back what was
/// used of that window by now. Shares are of all of them. `None` where none of them has a forecast.
pub fn of_several(windows: &[(QuotaWindow, Option<Forecast>)], now: Timestamp) -> Option<Forecast> {
    let paces: Vec<f64> = windows.iter().filter_map(|(_, forecast)| Some(forecast.as_ref()?.percent_per_hour)).collect();
    if paces.is_empty() {
        return None;
    }
    let pace: f64 = paces.iter().sum();
    let left = |window: &QuotaWindow| window.left_percent(now).get();
    let mut pool: f64 = windows.iter().map(|(window, _)| left(window)).sum();
    let mut resets: Vec<(Timestamp, f64)> =
        windows.iter().filter_map(|(window, _)| Some((window.resets_at.filter(|at| *at > now)?, 100.0 - left(window)))).collect();
    sorting::by_key(&mut resets, |(at, _)| *at);
    let first = resets.first().map(|(at, _)| *at);
    let mut since = now;
    let mut runs_out_at = None;
    for (at, back) in resets.into_iter().map(|(at, back)| (Some(at), back)).chain([(None, 0.0)]) {
        let used = at.map_or(f64::INFINITY, |at| pace * hours(at.duration_since(since)));
        if pace > 0.0 && used >= pool {
            // After the last reset nobody knows what follows; before it, this is when it ends.
            runs_out_at = at.or(first.is_none().then_some(since)).and_then(|_| add_hours(since, pool / pace));
            break;
        }
        pool += back - used;
        since = at.unwrap_or(since);
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
    let all = windows.len() as f64;
    Some(Forecast { percent_per_hour: pace / all, runs_out_at, resets_at: first })
}

/// The average of several windows of one length over time, a point wherever one of them has one. A window counts from its first
/// point on.
pub fn average(windows: &[&[HistoryPoint]]) -> Vec<HistoryPoint> {
    let mut all: Vec<(usize, HistoryPoint)> =
        windows.iter().enumerate().flat_map(|(which, points)| points.iter().map(move |point| (which, *point))).collect();
    sorting::by_key(&mut all, |(_, point)| point.at);
    let mut latest: Vec<Option<u16>> = vec![None; windows.len()];
    let (mut sum, mut known) = (0_i64, 0_i64);
    let mut average: Vec<HistoryPoint> = Vec::with_capacity(all.len());
    for (which, point) in all {
        let used = point.used_percent.hundredths();
        let before = latest[which].replace(used);
        known += i64::from(before.is_none());
        sum += i64::from(used) - before.map_or(0, i64::from);
        let Some(used_percent) = Percent::of_hundredths(sum / known) else { continue };
        match average.last_mut().filter(|last| last.at == point.at) {
            Some(last) => last.used_percent = used_percent,
            None => average.push(HistoryPoint { at: point.at, used_percent }),
        }
    }
    average
}

/// Percent in an hour.
fn pace(points: &[HistoryPoint], window: &QuotaWindow, now: Timestamp) -> Option<f64> {
    if window.has_reset(now) {
        return None;
    }
    let used = window.used_percent;
    let span = length(window.minutes) / PARTS;
    let since = now.checked_sub(span).ok()?;
    // Going back only as far as it went up: before that, it was another window.
    let mut after = used;
    let mut run = points.iter().rev().filter(|point| point.at <= now).take_while(|point| {
        let rose = point.used_percent.hundredths() <= after.hundredths().saturating_add(FALL);
        after = point.used_percent;
        rose
    });
    let mut from = None;
    let before = run.find(|point| {
        from = Some(**point);
        point.at <= since
    });
    // Of a point before the span it is known that nothing has changed up to there.
    let from = before.map(|point| HistoryPoint { at: since, ..*point }).or(from);
    let began = window.resets_at.and_then(|reset| reset.checked_sub(length(window.minutes)).ok());
    let from = match (from, began.filter(|began| *began >= since && *began <= now)) {
        // The window itself is younger than the span.
        (from, Some(at)) if from.is_none_or(|from| from.at >= at) => HistoryPoint { at, used_percent: Percent::NONE },
        (from, _) => from?,
    };
    let elapsed = now.duration_since(from.at);
    if elapsed < SignedDuration::try_from(LEAST).unwrap_or_default() {
        return None;
    }
    Some((used.get() - from.used_percent.get()).max(0.0) / hours(elapsed))
}

fn runs_out(left: Percent, pace: f64, now: Timestamp) -> Option<Timestamp> {
    if left == Percent::NONE { Some(now) } else { (pace > 0.0).then(|| add_hours(now, left.get() / pace))? }
}

fn add_hours(at: Timestamp, hours: f64) -> Option<Timestamp> {
    Duration::try_from_secs_f64(hours * 3600.0).ok().map(|time| later(at, time)).filter(|at| *at < Timestamp::MAX)
}

fn hours(time: SignedDuration) -> f64 {
    time.as_secs_f64() / 3600.0
}

fn length(minutes: Minutes) -> Duration {
    Duration::from_secs(u64::from(minutes.get()) * 60)
}

#[cfg(test)]
#[path = "forecast_tests.rs"]
mod tests;
