//! Quota: asked for seldom and without a price, read from traffic and from Codex's own logs, kept across restarts.

use std::time::Duration;

use codex_lab_core::api::table::Request;
use codex_lab_core::base::clock::Clock as _;
use codex_lab_core::engine::quota::Asked;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::quota::{
    Family, FamilyReading, Minutes, Observation, Percent, QuotaSource, QuotaView, WindowNote, WindowReading,
};
use codex_lab_core::model::snapshot::{ProfileState, Settings, Snapshot};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, RequestRecord, Script};

use crate::many_accounts::trio;
use crate::world::{PATIENCE, World};

impl World {
    /// Long after the last question.
    async fn ask_later(&self, id: &ProfileId) -> Asked {
        self.clock.advance(3 * 60 * 60);
        self.engine.poll_usage(id).await.unwrap()
    }

    fn questions(&self) -> Vec<RequestRecord> {
        self.sandbox.requests().into_iter().filter(|request| request.endpoint == Endpoint::Usage).collect()
    }

    /// Length and share left of each window of the main family.
    fn left(&self, id: &ProfileId) -> Vec<(u32, f64)> {
        let remaining = self.engine.quota(id).remaining(&Family::main(), self.clock.now());
        remaining.into_iter().map(|window| (window.minutes.get(), window.left_percent.get())).collect()
    }

    /// The same as it would be shown.
    fn shown(&self, id: &ProfileId) -> QuotaView {
        self.engine.quota(id).view((20, 5), self.clock.now())
    }

    fn traffic(&self, id: &ProfileId, used: f64) {
        let mut seen = Observation::new(self.clock.now(), QuotaSource::Header);
        let window = WindowReading { minutes: Minutes::FIVE_HOURS, used_percent: Percent::of(used).unwrap(), resets_at: None };
        seen.add(Family::main(), FamilyReading { windows: vec![window], ..FamilyReading::default() });
        self.engine.observe(id, &seen);
    }

    /// Writes a line with quota into a session log of the stock Codex, as codex-cli 0.169.0 does.
    fn codex_logs(&self, session: &str, account: &str, used: f64) {
        let log = self.codex_home().join(format!("sessions/2026/11/21/rollout-{session}.jsonl"));
        let (now, account) = (self.clock.now(), self.sandbox.account(account).unwrap());
        let mut text = std::fs::read_to_string(&log).unwrap_or_else(|_| {
            let meta = serde_json::json!({"session_id": session, "timestamp": now.to_string(), "model_provider": "openai", "account_scoped": true,
                "creator_user_id": account.user_id, "creator_account_id": account.account_id});
            format!("{}\n", serde_json::json!({"timestamp": now.to_string(), "type": "session_meta", "payload": meta}))
        });
        let limits = serde_json::json!({"limit_id": "codex", "primary": {"used_percent": used, "window_minutes": 300, "resets_at": null}});
        let payload = serde_json::json!({"type": "token_count", "info": null, "rate_limits": limits});
        text += &serde_json::json!({"timestamp": now.to_string(), "type": "event_msg", "payload": payload}).to_string();
        text.push('\n');
        std::fs::create_dir_all(log.parent().unwrap()).unwrap();
        std::fs::write(log, text).unwrap();
    }
}

#[tokio::test]
async fn the_usage_endpoint_fills_the_book_which_is_kept() {
    let (mut world, [main, work, _]) = trio().await;
    assert!(matches!(world.engine.poll_usage(&main).await.unwrap(), Asked::NotNow(Some(_))), "not in the first moment");
    assert!(world.left(&main).is_empty());
    let Asked::Told(changed) = world.ask_later(&main).await else { panic!() };
    assert_eq!(changed.windows.len(), 2);
    assert_eq!(world.left(&main), [(300, 62.0), (10_080, 39.0)]);
    let view = world.shown(&main);
    assert_eq!((view.plan.unwrap().as_str(), view.reset_credits, view.families[0].main), ("plus", Some(0), true));
    assert_eq!(view.families[0].windows[0].source, QuotaSource::Usage);
    let asked = world.questions();
    assert_eq!((asked.len(), asked[0].account.as_deref(), asked[0].status), (1, Some("main"), Some(200)));
    assert!(asked[0].headers.iter().all(|(name, _)| !name.contains("reserve")), "{:?}", asked[0].headers);
    assert!(matches!(world.engine.poll_usage(&work).await.unwrap(), Asked::NotNow(Some(_))), "spaced");
    world.engine.save_quota().await.unwrap();
    world.restart().await.unwrap();
    assert_eq!(world.left(&main), [(300, 62.0), (10_080, 39.0)]);
    assert!(matches!(world.engine.poll_usage(&main).await.unwrap(), Asked::NotNow(Some(_))), "a restart is no reason to ask");
    let asked: Vec<Endpoint> = world.sandbox.requests().iter().map(|request| request.endpoint).collect();
    assert_eq!(asked, [Endpoint::Usage], "neither reset credits nor tokens");
}

#[tokio::test]
async fn no_token_is_renewed_to_ask() {
    let world = World::without_browser().await;
    let id = world.expired("main").await;
    let before = world.stored(&id);
    assert!(matches!(world.ask_later(&id).await, Asked::NoToken));
    assert!(matches!(world.engine.poll_usage(&id).await.unwrap(), Asked::NotNow(None)), "not before it has one");
    assert!(world.sandbox.requests().is_empty() && world.stored(&id) == before);
    // Work needs a token; then there is one to ask with.
    world.clock.advance(-3 * 60 * 60);
    world.engine.access_token(&id).await.unwrap();
    assert!(matches!(world.ask_later(&id).await, Asked::Told(_)));
    assert_eq!(world.sandbox.counters_of("main").refreshes, 1);
    let key = world.own_file("key.json", "{\"auth_mode\":\"apikey\",\"OPENAI_API_KEY\":\"sk-story\"}");
    let key = world.import(Request::ImportPath { path: key.display().to_string() }).await.unwrap()[0].profile.clone().unwrap();
    assert!(matches!(world.ask_later(&key).await, Asked::NotNow(None)));
}

#[tokio::test]
async fn no_answer_changes_what_is_known_of_a_sign_in() {
    let world = World::without_browser().await;
    world.sandbox.edit_account("main", |account| account.access_lifetime = 30 * 24 * 60 * 60).unwrap();
    let path = world.own_file("main.json", &world.sandbox.auth_json("main").unwrap());
    let main = world.import(Request::ImportPath { path: path.display().to_string() }).await.unwrap()[0].profile.clone().unwrap();
    world.clock.advance(60);
    assert!(matches!(world.engine.poll_usage(&main).await.unwrap(), Asked::Told(_)));
    for behaviour in [
        Behaviour::html(403),
        Behaviour::oauth_error(403, "invalid_grant"),
        Behaviour::error(401, "token_invalidated"),
        Behaviour::status(500),
        Behaviour::html(200),
        Behaviour::garbage(),
        Behaviour::empty(),
        Behaviour::Close,
    ] {
        world.sandbox.script(Script::once(Endpoint::Usage, behaviour.clone()));
        let asked = world.ask_later(&main).await;
        assert!(matches!(asked, Asked::Nothing(_)), "{behaviour:?}: {asked:?}");
        let snapshot = world.ask(Request::Snapshot).await.unwrap();
        assert!(snapshot.profiles.iter().all(|profile| profile.state == ProfileState::Ready), "{behaviour:?}");
        assert_eq!(world.engine.quota(&main).windows(&Family::main()).count(), 2, "{behaviour:?}");
        assert!(matches!(world.engine.poll_usage(&main).await.unwrap(), Asked::NotNow(Some(_))), "{behaviour:?}");
    }
    assert_eq!(world.sandbox.counters_of("main").refreshes, 0);
}

#[tokio::test]
async fn the_pause_the_provider_asks_for_is_kept() {
    let (world, [main, ..]) = trio().await;
    world.sandbox.script(Script::once(Endpoint::Usage, Behaviour::retry_after(429, 4 * 60 * 60)));
    world.clock.advance(60);
    assert!(matches!(world.engine.poll_usage(&main).await.unwrap(), Asked::Nothing(_)));
    assert!(matches!(world.ask_later(&main).await, Asked::NotNow(Some(_))));
    assert!(matches!(world.ask_later(&main).await, Asked::Told(_)));
}

#[tokio::test]
async fn nobody_is_asked_in_conservative_mode_or_just_after_waking_up() {
    let (world, [main, ..]) = trio().await;
    world.clock.advance(60);
    let settings = |conservative| Request::SetSettings { settings: Settings { conservative, ..Settings::default() } };
    world.ask(settings(true)).await.unwrap();
    assert!(matches!(world.engine.poll_usage(&main).await.unwrap(), Asked::NotNow(None)));
    world.ask(settings(false)).await.unwrap();
    world.engine.begin_to_ask();
    assert!(matches!(world.engine.poll_usage(&main).await.unwrap(), Asked::NotNow(Some(_))), "the network needs a moment");
    world.clock.advance(60);
    assert!(matches!(world.engine.poll_usage(&main).await.unwrap(), Asked::Told(_)));
    world.ask(Request::SetPaused { profile: main.clone(), paused: true }).await.unwrap();
    assert!(matches!(world.ask_later(&main).await, Asked::NotNow(None)), "the user keeps it out of use");
}

#[tokio::test]
async fn live_traffic_fills_the_book_and_puts_a_question_off() {
    let (mut world, [main, ..]) = trio().await;
    world.clock.advance(60);
    world.traffic(&main, 91.5);
    assert_eq!(world.left(&main), [(300, 8.5)]);
    assert!(matches!(world.engine.poll_usage(&main).await.unwrap(), Asked::NotNow(Some(_))));
    assert!(world.questions().is_empty());
    for used in 92..=99 {
        world.traffic(&main, f64::from(used));
    }
    world.engine.save_quota().await.unwrap();
    world.restart().await.unwrap();
    assert_eq!(world.left(&main), [(300, 1.0)]);
}

#[tokio::test]
async fn readings_reach_the_snapshot_together() {
    let (world, [main, work, _]) = trio().await;
    let watching = tokio::spawn({
        let engine = world.engine.clone();
        async move { engine.watch().await }
    });
    let before = world.engine.snapshot().revision;
    for used in 0..=400 {
        world.traffic(&main, f64::from(used) / 8.0);
        world.traffic(&work, 10.0);
    }
    let mut latest = world.engine.subscribe();
    let left = |snapshot: &Snapshot| {
        let windows = snapshot.profiles.iter().map(|row| row.quota.main_windows().first().map(|window| window.left_percent.get()));
        windows.collect::<Vec<_>>()
    };
    let shown = latest.wait_for(|snapshot| left(snapshot) == [Some(50.0), Some(90.0), None]);
    let revision = tokio::time::timeout(PATIENCE, shown).await.unwrap().unwrap().revision;
    assert!(revision - before <= 4, "{} snapshots for 400 readings", revision - before);
    // A change of age alone is for the next look.
    world.traffic(&main, 50.0);
    world.traffic(&work, 11.0);
    let shown = latest.wait_for(|snapshot| left(snapshot)[1] == Some(89.0));
    tokio::time::timeout(PATIENCE, shown).await.unwrap().unwrap();
    watching.abort();
}

#[tokio::test]
async fn a_reset_shows_by_itself() {
    let (world, [main, ..]) = trio().await;
    let mut seen = Observation::new(world.clock.now(), QuotaSource::Header);
    let resets_at = Some(world.clock.now() + jiff::SignedDuration::from_secs(2));
    let window = WindowReading { minutes: Minutes::FIVE_HOURS, used_percent: Percent::ALL, resets_at };
    seen.add(Family::main(), FamilyReading { windows: vec![window], ..FamilyReading::default() });
    world.engine.observe(&main, &seen);
    let note = |snapshot: &Snapshot| snapshot.profiles[0].quota.main_windows()[0].note;
    assert_eq!(note(&world.ask(Request::Snapshot).await.unwrap()), WindowNote::Empty);
    let watching = tokio::spawn({
        let engine = world.engine.clone();
        async move { engine.watch().await }
    });
    let mut latest = world.engine.subscribe();
    let shown = latest.wait_for(|snapshot| note(snapshot) == WindowNote::ResetUnverified);
    // Well before the next look at files.
    tokio::time::timeout(Duration::from_secs(8), shown).await.unwrap().unwrap();
    watching.abort();
}

#[tokio::test]
async fn of_two_processes_one_asks() {
    let (world, [main, ..]) = trio().await;
    let other = world.another_engine().await.unwrap();
    world.clock.advance(60);
    let (one, two) = tokio::join!(world.engine.poll_usage(&main), other.poll_usage(&main));
    let told = [one.unwrap(), two.unwrap()].iter().filter(|asked| matches!(asked, Asked::Told(_))).count();
    assert_eq!((told, world.questions().len()), (1, 1));
}

#[tokio::test]
async fn what_is_due_is_asked_by_itself() {
    let (world, _) = trio().await;
    world.clock.advance(60);
    let tending = tokio::spawn({
        let engine = world.engine.clone();
        async move { engine.tend().await }
    });
    let answered = |request: &RequestRecord| request.endpoint == Endpoint::Usage && request.status == Some(200);
    world.sandbox.wait_for(answered, PATIENCE).await.unwrap();
    tending.abort();
}

#[tokio::test]
async fn session_logs_tell_of_the_profile_that_surely_wrote_them() {
    let (world, [main, work, _]) = trio().await;
    world.ask(Request::SwitchTo { profile: Some(main.clone()) }).await.unwrap();
    assert_eq!(world.engine.follow_session_logs().await.unwrap(), 0);
    world.clock.advance(1);
    world.codex_logs("a", "main", 40.0);
    assert_eq!(world.engine.follow_session_logs().await.unwrap(), 1);
    assert_eq!(world.left(&main), [(300, 60.0)]);
    assert_eq!(world.shown(&main).families[0].windows[0].source, QuotaSource::SessionLog);
    assert_eq!(world.engine.follow_session_logs().await.unwrap(), 0, "once");
    // A gateway of ours serves this session: whichever profile it chose has told us already.
    world.engine.note_served_session("served");
    world.codex_logs("served", "main", 77.0);
    // The user signed in to another account by hand.
    world.codex_logs("by-hand", "work", 88.0);
    assert_eq!(world.engine.follow_session_logs().await.unwrap(), 0);
    // The session goes on after a switch: with which login, nobody can tell.
    world.ask(Request::SwitchTo { profile: Some(work.clone()) }).await.unwrap();
    world.clock.advance(1);
    world.codex_logs("a", "main", 99.0);
    assert_eq!(world.engine.follow_session_logs().await.unwrap(), 0);
    world.codex_logs("b", "work", 20.0);
    assert_eq!(world.engine.follow_session_logs().await.unwrap(), 1);
    assert_eq!((world.left(&main), world.left(&work)), (vec![(300, 60.0)], vec![(300, 80.0)]));
}
