//! What was used when, put together for charts: from the history in the state and the books as they are now.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::api::table::Reply;
use crate::engine::{Engine, Shared, blocking};
use crate::failure::Failure;
use crate::model::profile::{Profile, ProfileId, ProfileKind};
use crate::model::quota::{Family, Forecast, HistoryPoint, Minutes, QuotaWindow, TogetherHistory, UsageHistory, WindowHistory};
use crate::quota::forecast;

/// The history goes back no further.
const HOURS_LIMIT: u32 = 2 * 365 * 24;
/// Points that are read of one window; they are thinned with age, so that two years have fewer.
const READ_LIMIT: u32 = 20_000;
/// Points that are told of one window: more than a chart has room for.
const TOLD_LIMIT: usize = 600;

/// One window, with what its forecast is made of.
struct Seen {
    window: QuotaWindow,
    points: Vec<HistoryPoint>,
    forecast: Option<Forecast>,
}

impl Engine {
    /// What was used of the main windows in the last hours, and how it goes on; of all profiles, or of one.
    pub(in crate::engine) async fn usage_history(&self, profile: Option<ProfileId>, hours: u32) -> Result<Reply, Failure> {
        self.save_quota().await?;
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let profiles = match profile {
                Some(id) => vec![shared.profiles.get(&id)?],
                None => shared.profiles.list()?,
            };
            let until = shared.ports.clock.now();
            let since = until.checked_sub(Duration::from_secs(u64::from(hours.clamp(1, HOURS_LIMIT)) * 3600)).unwrap_or(Timestamp::MIN);
            Ok(Reply::UsageHistory { history: Box::new(history(&shared, &profiles, since, until)?) })
        })
        .await
    }
}

fn history(shared: &Shared, profiles: &[Profile], since: Timestamp, until: Timestamp) -> Result<UsageHistory, Failure> {
    let mut all = Vec::new();
    for profile in profiles.iter().filter(|profile| profile.kind == ProfileKind::Chatgpt) {
        let book = shared.quotas.book(&profile.id);
        let windows: Vec<QuotaWindow> = book.windows(&Family::main()).copied().collect();
        for window in windows {
            all.push((profile, seen(shared, &profile.id, window, since, until)?));
        }
    }
    let together = together(&all, until);
    let windows = all.into_iter().map(|(profile, Seen { window, points, forecast })| WindowHistory {
        profile: profile.id.clone(),
        name: profile.name.to_string(),
        minutes: window.minutes,
        points: fewer(points, TOLD_LIMIT),
        forecast,
    });
    Ok(UsageHistory { since, until, windows: windows.collect(), together })
}

fn seen(shared: &Shared, profile: &ProfileId, window: QuotaWindow, since: Timestamp, until: Timestamp) -> Result<Seen, Failure> {
    let (family, minutes) = (Family::main(), window.minutes);
    // A forecast looks back as long as its window lasts at most.
    let length = Duration::from_secs(u64::from(minutes.get()) * 60);
    let from = until.checked_sub(length).unwrap_or(Timestamp::MIN).min(since);
    let read = shared.state.quota_history(profile, &family, minutes, from, READ_LIMIT)?;
    let mut points: Vec<HistoryPoint> = read
        .iter()
        .map(|point| HistoryPoint { at: point.at, used_percent: point.used_percent })
        .filter(|point| point.at <= until)
        .collect();
    // The state keeps milliseconds.
    let is_newer = |last: &HistoryPoint| last.at.as_millisecond() < window.observed_at.as_millisecond();
    if points.last().is_none_or(is_newer) && window.observed_at <= until {
        points.push(HistoryPoint { at: window.observed_at, used_percent: window.used_percent });
    }
    let forecast = forecast::of_window(&points, &window, until);
    // What held at the beginning was seen before it.
    let before = points.iter().rposition(|point| point.at < since).map(|place| points[place].used_percent);
    let before = match before {
        Some(used) => Some(used),
        None => shared.state.quota_before(profile, &family, minutes, since)?.map(|point| point.used_percent),
    };
    points.retain(|point| point.at >= since);
    if let Some(used_percent) = before
        && points.first().is_none_or(|first| first.at > since)
    {
        points.insert(0, HistoryPoint { at: since, used_percent });
    }
    Ok(Seen { window, points, forecast })
}

fn together(all: &[(&Profile, Seen)], now: Timestamp) -> Vec<TogetherHistory> {
    let mut lengths: Vec<Minutes> = all.iter().map(|(_, seen)| seen.window.minutes).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let of = |minutes: Minutes| -> Vec<&Seen> { all.iter().map(|(_, seen)| seen).filter(|seen| seen.window.minutes == minutes).collect() };
    let each = lengths.into_iter().map(|minutes| (minutes, of(minutes))).filter(|(_, windows)| windows.len() > 1);
    each.map(|(minutes, windows)| {
        let points: Vec<&[HistoryPoint]> = windows.iter().map(|seen| seen.points.as_slice()).collect();
        let pairs: Vec<(QuotaWindow, Option<Forecast>)> = windows.iter().map(|seen| (seen.window, seen.forecast)).collect();
        TogetherHistory {
            minutes,
            profiles: windows.len(),
            points: fewer(forecast::average(&points), TOLD_LIMIT),
            forecast: forecast::of_several(&pairs, now),
        }
    })
    .collect()
}

/// No more than so many points: of those that lie together the one with the most used, as when the history is thinned; the first
/// and the last stay.
fn fewer(points: Vec<HistoryPoint>, limit: usize) -> Vec<HistoryPoint> {
    if points.len() <= limit {
        return points;
    }
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else { return points };
    let inner = &points[1..points.len() - 1];
    let together = inner.len().div_ceil(limit.saturating_sub(2).max(1));
    let most = inner.chunks(together).filter_map(|chunk| chunk.iter().max_by_key(|point| (point.used_percent, point.at)).copied());
    [first].into_iter().chain(most).chain([last]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::quota::Percent;

    #[test]
    fn fewer_points_keep_the_ends_and_the_peaks() {
        let point = |second: i64| HistoryPoint {
            at: Timestamp::from_second(second).unwrap(),
            used_percent: if second == 500 { Percent::ALL } else { Percent::NONE },
        };
        let points: Vec<HistoryPoint> = (0..1000).map(point).collect();
        let told = fewer(points.clone(), 20);
        assert!(told.len() <= 20, "{}", told.len());
        assert_eq!((told[0], *told.last().unwrap()), (point(0), point(999)));
        assert!(told.contains(&point(500)));
        assert!(told.is_sorted_by_key(|point| point.at));
        assert_eq!(fewer(points.clone(), 1000), points);
        assert_eq!(fewer(Vec::new(), 20), []);
    }
}
