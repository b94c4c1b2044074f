//! What the user is told: once, by one process, when it is wanted.

use std::time::Duration;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::base::clock::Clock as _;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Code;
use codex_lab_core::model::details::ProfileDetails;
use codex_lab_core::model::event::Event;
use codex_lab_core::model::news::{Bulletin, News};
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::quiet_hours::QuietHours;
use codex_lab_core::model::quota::{Family, FamilyReading, Minutes, Observation, Percent, QuotaSource, WindowReading};
use codex_lab_core::model::snapshot::{ProfileState, Settings};
use codex_lab_core::model::snooze::Snooze;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::many_accounts::trio;
use crate::world::{PATIENCE, World};

/// Whoever shows notifications, in a process of its own.
struct Listener {
    told: mpsc::Receiver<Bulletin>,
    telling: JoinHandle<()>,
}

impl Listener {
    fn of(engine: &Engine) -> Self {
        let (sender, told) = mpsc::channel(64);
        let engine = engine.clone();
        Self { told, telling: tokio::spawn(async move { engine.tell(sender).await }) }
    }

    async fn next(&mut self) -> Bulletin {
        tokio::time::timeout(PATIENCE, self.told.recv()).await.unwrap().unwrap()
    }

    /// Nothing more comes of all that has happened up to now.
    async fn ends_without_a_word(mut self) {
        self.telling.abort();
        let left = self.told.recv().await;
        assert_eq!(left, None);
    }
}

impl World {
    /// A reading of the weekly window, which resets in so many hours, seen by everybody.
    pub(crate) async fn seen(&self, id: &ProfileId, used: f64, resets_in: i64) {
        let now = self.clock.now();
        let mut seen = Observation::new(now, QuotaSource::Header);
        let resets_at = Some(now + SignedDuration::from_hours(resets_in));
        let window = WindowReading { minutes: Minutes::WEEK, used_percent: Percent::of(used).unwrap(), resets_at };
        seen.add(Family::main(), FamilyReading { windows: vec![window], ..FamilyReading::default() });
        self.engine.observe(id, &seen);
        self.engine.save_quota().await.unwrap();
        self.ask(Request::Snapshot).await.unwrap();
    }

    /// Two readings of an unused week, an hour apart, which resets in so many hours, as the usage endpoint gives them.
    async fn weeks_seen(&self, id: &ProfileId, resets_in: [i64; 2]) {
        for hours in resets_in {
            self.clock.advance(3_600);
            let now = self.clock.now();
            let mut seen = Observation::new(now, QuotaSource::Usage);
            let resets_at = Some(now + SignedDuration::from_hours(hours));
            let window = WindowReading { minutes: Minutes::WEEK, used_percent: Percent::whole(0), resets_at };
            seen.add(Family::main(), FamilyReading { windows: vec![window], ..FamilyReading::default() });
            self.engine.observe(id, &seen);
            self.engine.handle(Request::Primes).await.unwrap();
        }
    }

    async fn snooze(&self, profile: Option<&ProfileId>, how: Snooze) -> Result<Option<Timestamp>, Code> {
        match self.engine.handle(Request::Snooze { profile: profile.cloned(), how }).await {
            Ok(Reply::Snoozed { until }) => Ok(until),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => Err(failure.code),
        }
    }

    async fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.engine.snapshot().settings.clone();
        change(&mut settings);
        self.ask(Request::SetSettings { settings }).await.unwrap();
    }
}

/// What a bulletin is about, in short.
fn topics(bulletin: &Bulletin) -> Vec<&'static str> {
    bulletin.news().iter().map(|news| news.key().topic.as_str()).collect()
}

fn about(bulletin: &Bulletin) -> &ProfileId {
    bulletin.news()[0].profile().unwrap()
}

#[tokio::test]
async fn what_was_told_is_not_told_again_after_a_restart() {
    let (mut world, [main, work, _]) = trio().await;
    let mut listener = Listener::of(&world.engine);
    world.seen(&main, 85.0, 50).await;
    assert!(matches!(listener.next().await, Bulletin::One(News::Low { profile, critical: false, .. }) if profile == main));
    world.seen(&main, 86.0, 50).await;
    world.seen(&work, 100.0, 50).await;
    assert!(matches!(listener.next().await, Bulletin::One(News::Exhausted { profile, .. }) if profile == work));
    listener.ends_without_a_word().await;

    world.restart().await.unwrap();
    let mut listener = Listener::of(&world.engine);
    world.seen(&main, 97.0, 50).await;
    assert!(matches!(listener.next().await, Bulletin::One(News::Low { profile, critical: true, .. }) if profile == main));
    // Its time has come while nobody looked.
    world.clock.advance(51 * 3_600);
    listener.ends_without_a_word().await;
    world.restart().await.unwrap();
    let mut listener = Listener::of(&world.engine);
    let resets = [listener.next().await, listener.next().await];
    assert_eq!(resets.iter().map(topics).collect::<Vec<_>>(), [["reset"], ["reset"]]);
    world.restart().await.unwrap();
    let mut listener = Listener::of(&world.engine);
    world.seen(&main, 100.0, 100).await;
    assert_eq!(topics(&listener.next().await), ["quota"], "the next window, and nothing of the one before");
}

#[tokio::test]
async fn of_two_processes_one_tells() {
    let (world, [main, work, backup]) = trio().await;
    world.seen(&main, 90.0, 50).await;
    world.seen(&work, 100.0, 50).await;
    let other = world.another_engine().await.unwrap();
    let (mut one, mut two) = (Listener::of(&world.engine), Listener::of(&other));
    let mut told = Vec::new();
    while told.len() < 2 {
        tokio::select! {
            bulletin = one.next() => told.extend(bulletin.news().to_vec()),
            bulletin = two.next() => told.extend(bulletin.news().to_vec()),
        }
    }
    // Both have looked by now, at the latest when they tell of what each of them alone is made to see.
    let alone = News::SignInNeeded { profile: backup.clone() };
    world.own_file(".codex-lab/auth-profiles/backup/auth.json", "{");
    world.own_file(&format!(".codex-lab/backups/logins/{}/current.copy", backup.as_str()), "{");
    for engine in [&world.engine, &other] {
        engine.handle(Request::Snapshot).await.unwrap();
    }
    let bulletin = tokio::select! {
        bulletin = one.next() => bulletin,
        bulletin = two.next() => bulletin,
    };
    assert_eq!(bulletin, Bulletin::One(alone));
    let profiles: Vec<_> = told.iter().filter_map(News::profile).collect();
    assert!(told.len() == 2 && profiles.contains(&&main) && profiles.contains(&&work), "{told:?}");
    one.ends_without_a_word().await;
    two.ends_without_a_word().await;
}

#[tokio::test]
async fn what_comes_together_is_told_together() {
    let (world, [main, work, backup]) = trio().await;
    for id in [&main, &work, &backup] {
        world.seen(id, 90.0, 50).await;
    }
    let mut listener = Listener::of(&world.engine);
    let Bulletin::Many { news, waited: false } = listener.next().await else { panic!() };
    assert_eq!(news.len(), 3);
    for id in [&main, &work, &backup] {
        world.seen(id, 100.0, 50).await;
    }
    let last = listener.next().await;
    assert!(topics(&last).contains(&"all_exhausted") || topics(&listener.next().await).contains(&"all_exhausted"), "{last:?}");
}

#[tokio::test]
async fn quiet_hours_let_through_what_stops_work_and_end_with_one_word() {
    let (mut world, [main, work, backup]) = trio().await;
    let now = world.clock.now().to_zoned(TimeZone::UTC);
    let hour = |hours: i64| (&now + SignedDuration::from_hours(hours)).strftime("%H:%M").to_string();
    let quiet = QuietHours::parse(&format!("{}-{}", hour(-1), hour(2)));
    world.set(|settings| settings.quiet_hours = quiet).await;
    let mut listener = Listener::of(&world.engine);
    world.seen(&main, 90.0, 50).await;
    world.seen(&work, 90.0, 1).await;
    world.seen(&backup, 90.0, 50).await;
    world.own_file(".codex-lab/auth-profiles/backup/auth.json", "{");
    world.own_file(&format!(".codex-lab/backups/logins/{}/current.copy", backup.as_str()), "{");
    world.ask(Request::Snapshot).await.unwrap();
    assert_eq!(world.profile(&backup).state, ProfileState::Unreadable);
    assert_eq!(topics(&listener.next().await), ["sign_in"]);
    listener.ends_without_a_word().await;

    world.clock.advance(3 * 3_600);
    world.restart().await.unwrap();
    let mut listener = Listener::of(&world.engine);
    let mut told = vec![listener.next().await];
    told.push(listener.next().await);
    let waited: Vec<_> = told.iter().filter(|bulletin| topics(bulletin).contains(&"quota")).collect();
    // What has passed meanwhile is told as its reset alone.
    assert!(waited.iter().all(|bulletin| bulletin.news().iter().all(|news| news.profile() != Some(&work))), "{told:?}");
    assert_eq!(waited.len(), 1, "{told:?}");
}

#[tokio::test]
async fn a_snooze_keeps_still_until_the_reset() {
    let (world, [main, work, backup]) = trio().await;
    let mut listener = Listener::of(&world.engine);
    world.seen(&main, 90.0, 5).await;
    assert_eq!(about(&listener.next().await), &main);
    world.snooze(Some(&main), Snooze::Reset).await.unwrap();
    world.seen(&main, 100.0, 5).await;
    world
        .ask(Request::SetDetails { profile: work.clone(), details: ProfileDetails { muted: true, ..ProfileDetails::default() } })
        .await
        .unwrap();
    world.seen(&work, 100.0, 5).await;
    world.seen(&backup, 90.0, 5).await;
    assert_eq!(about(&listener.next().await), &backup, "neither what is snoozed nor what is muted");
    world.clock.advance(5 * 3_600);
    world.seen(&main, 0.0, 100).await;
    let told = listener.next().await;
    assert!(matches!(&told, Bulletin::One(News::Reset { profile, .. }) if *profile == main), "{told:?}");
    let nobody = ProfileId::parse("0123456789abcdef");
    assert_eq!(world.snooze(nobody.as_ref(), Snooze::Reset).await, Err(Code::NotFound));
}

#[tokio::test]
async fn a_snooze_lasts_as_long_as_the_user_says() {
    let (world, [main, work, _]) = trio().await;
    let mut listener = Listener::of(&world.engine);
    let earliest = world.clock.now() + SignedDuration::from_hours(3);
    let until = world.snooze(Some(&main), Snooze::Hours { hours: 3 }).await.unwrap().unwrap();
    assert!(until >= earliest && until < earliest + SignedDuration::from_mins(5), "{until}");
    for hours in [0, 169] {
        assert_eq!(world.snooze(Some(&main), Snooze::Hours { hours }).await, Err(Code::InvalidInput), "{hours}");
    }
    world.seen(&main, 90.0, 50).await;
    world.seen(&work, 90.0, 50).await;
    assert_eq!(about(&listener.next().await), &work);
    assert_eq!(world.snooze(Some(&main), Snooze::Off).await, Ok(None));
    world.seen(&main, 91.0, 50).await;
    assert_eq!(about(&listener.next().await), &main, "what was low all the while");
}

#[tokio::test]
async fn what_one_process_has_to_tell_another_hears_at_once() {
    let (world, [main, ..]) = trio().await;
    // A week whose end moves along with the clock does not run; after it was started it stands.
    world.weeks_seen(&main, [168, 168]).await;
    let ask = || world.engine.handle(Request::PrimeNow { profile: main.clone() });
    let primed = ask().await.unwrap();
    assert!(matches!(primed, Reply::Primed { .. }), "{primed:?}");
    world.weeks_seen(&main, [168, 167]).await;
    let other = world.another_engine().await.unwrap();
    let mut events = other.events();
    let heard = async {
        // What became of the week is found, which is news; then there is nothing to start.
        assert!(ask().await.is_err());
        // Well before the other's next look at processes.
        tokio::time::timeout(Duration::from_secs(8), events.recv()).await.unwrap().unwrap()
    };
    let event = tokio::select! {
        biased;
        () = other.watch() => panic!("the watch ended"),
        event = heard => event,
    };
    assert!(matches!(&event, Event::News(News::Primed { profile, .. }) if *profile == main), "{event:?}");
}

#[tokio::test]
async fn a_desktop_without_notifications_is_a_problem_that_is_said_once() {
    let (world, _) = trio().await;
    let problems = || world.engine.snapshot().problems.iter().filter(|problem| problem.code == Code::NoNotifications).count();
    for (are_seen, expected) in [(true, 0), (false, 1), (false, 1), (true, 0), (false, 1)] {
        world.engine.note_notifications(are_seen).await;
        assert_eq!(problems(), expected);
    }
    world.set(|settings| settings.notifications = false).await;
    assert_eq!(problems(), 0, "nobody wants any");
}
