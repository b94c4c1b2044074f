//! What was used when, and how long it lasts: from readings over hours, for one profile and for all together.

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::base::clock::Clock as _;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::quota::{Family, FamilyReading, Minutes, Observation, Percent, QuotaSource, UsageHistory, WindowReading};
use jiff::{SignedDuration, Timestamp};

use crate::many_accounts::trio;
use crate::world::World;

impl World {
    /// A reading of the week, in an answer.
    fn week_used(&self, id: &ProfileId, used: f64, resets_at: Timestamp) {
        let mut seen = Observation::new(self.clock.now(), QuotaSource::Header);
        let window = WindowReading { minutes: Minutes::WEEK, used_percent: Percent::of(used).unwrap(), resets_at: Some(resets_at) };
        seen.add(Family::main(), FamilyReading { windows: vec![window], ..FamilyReading::default() });
        self.engine.observe(id, &seen);
    }

    async fn history(&self, profile: Option<&ProfileId>, hours: u32) -> UsageHistory {
        match self.engine.handle(Request::UsageHistory { profile: profile.cloned(), hours }).await.unwrap() {
            Reply::UsageHistory { history } => *history,
            other => panic!("{other:?}"),
        }
    }
}

fn used(history: &UsageHistory, place: usize) -> Vec<f64> {
    history.windows[place].points.iter().map(|point| point.used_percent.get()).collect()
}

/// Whole minutes; the clock of these tests goes on a little between two readings.
fn minutes(at: Timestamp, now: Timestamp) -> i64 {
    (at.duration_since(now).as_secs() + 30) / 60
}

#[tokio::test]
async fn a_forecast_says_when_it_ends_and_a_restart_forgets_nothing() {
    let (mut world, [main, work, backup]) = trio().await;
    assert!(world.history(None, 24).await.windows.is_empty(), "nothing was seen yet");
    let began = world.clock.now();
    let reset = began + SignedDuration::from_hours(6 * 24);
    // Two percent an hour, and one on the other.
    for hour in 0..=30 {
        world.week_used(&main, f64::from(hour) * 2.0, reset);
        world.week_used(&work, f64::from(hour), reset);
        world.engine.save_quota().await.unwrap();
        if hour < 30 {
            world.clock.advance(60 * 60);
        }
    }
    let history = world.history(None, 10).await;
    let now = history.until;
    assert_eq!(history.windows.iter().map(|window| window.profile.clone()).collect::<Vec<_>>(), [main.clone(), work.clone()]);
    assert_eq!(history.since, now - SignedDuration::from_hours(10));
    assert_eq!((used(&history, 0).len(), used(&history, 0)[0], used(&history, 0)[10]), (11, 40.0, 60.0));
    let forecast = history.windows[0].forecast.unwrap();
    assert!((forecast.percent_per_hour - 2.0).abs() < 0.01, "{forecast:?}");
    assert_eq!(minutes(forecast.runs_out_at.unwrap(), now), 20 * 60);
    let [together] = history.together.as_slice() else { panic!("{:?}", history.together) };
    // 40 % and 70 % are left, and three go in an hour.
    assert_eq!((together.profiles, together.points.last().unwrap().used_percent), (2, Percent::of(45.0).unwrap()));
    assert_eq!(minutes(together.forecast.unwrap().runs_out_at.unwrap(), now), 110 * 60 / 3);

    world.restart().await.unwrap();
    let again = world.history(Some(&main), 10).await;
    assert_eq!((again.windows.len(), &again.windows[0].points[1..]), (1, &history.windows[0].points[1..]));
    assert!(again.together.is_empty(), "one is nothing together");
    assert!(world.history(Some(&backup), 10).await.windows.is_empty());

    // A week later nobody knows anything of late, and the reset has come.
    world.clock.advance(7 * 24 * 60 * 60);
    let later = world.history(None, 24).await;
    assert_eq!((later.windows[0].forecast, later.windows[0].points.len()), (None, 1), "what held when the day began");
}
