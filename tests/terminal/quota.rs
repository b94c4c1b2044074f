//! What the terminal shows of quota: in lists, of one profile, of the live login.

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::engine::Engine;
use codex_lab_core::model::quota::{Family, FamilyReading, Minutes, Observation, Percent, QuotaSource, ShortText, Told, WindowReading};
use codex_lab_tests::offline;
use jiff::SignedDuration;

use crate::expected::check;
use crate::world::World;

impl World {
    /// Notes a reading in a profile's quota book, as an app of ours beside the terminal does: each window's minutes, the percent
    /// used, and in how many minutes it resets.
    pub(crate) async fn reading(&self, profile: &str, windows: &[(i64, f64, i64)], change: impl FnOnce(&mut Observation)) {
        let now = SystemClock.now();
        let mut seen = Observation::new(now - SignedDuration::from_mins(4), QuotaSource::Header);
        let window = |(minutes, used, resets_in): &(i64, f64, i64)| WindowReading {
            minutes: Minutes::of(*minutes).unwrap(),
            used_percent: Percent::of(*used).unwrap(),
            resets_at: Some(now + SignedDuration::from_mins(*resets_in)),
        };
        seen.add(Family::main(), FamilyReading { windows: windows.iter().map(window).collect(), ..FamilyReading::default() });
        change(&mut seen);
        let engine = Engine::open(offline::ports(Environment::of(self.home(), []))).await.unwrap();
        let id = engine.snapshot().profiles.iter().find(|row| row.name == profile).unwrap().id.clone();
        engine.observe(&id, &seen);
        engine.save_quota().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_left_is_listed_and_shown_with_its_age_and_source() {
    let world = World::with_trio().await;
    world.good(&["use", "main"]).await;
    world.reading("main", &[(300, 38.0, 80), (10_080, 82.0, 5 * 1440)], |_| {}).await;
    world.reading("work", &[(300, 100.0, 2 * 1440), (10_080, 97.0, 1440)], |seen| seen.credits = Told::Nothing).await;
    for (name, arguments) in [
        ("quota-list", &["list"][..]),
        ("quota-show", &["show", "main"]),
        ("quota-show-none", &["show", "backup"]),
        ("quota-status", &["status"]),
    ] {
        let ended = world.good(arguments).await;
        check(&world, name, &ended.stdout);
    }
    let shown = &world.json(&["show", "main"]).await["result"]["quota"]["families"][0]["windows"];
    assert_eq!((&shown[0]["minutes"], &shown[0]["left_percent"]), (&300.into(), &62.0.into()));
    assert_eq!((&shown[1]["note"], &shown[1]["source"]), (&"low".into(), &"header".into()));
    let status = world.json(&["status"]).await;
    assert_eq!(status["result"]["quota"]["families"][0]["windows"][1]["left_percent"], 18.0);
}

#[tokio::test]
async fn a_reset_that_has_passed_is_no_promise() {
    let world = World::with_trio().await;
    world.reading("main", &[(300, 100.0, -1), (10_080, 82.0, 1440)], |_| {}).await;
    let listed = world.good(&["list"]).await.stdout;
    assert!(listed.contains("5h reset, unverified · week 18 %"), "{listed}");
    assert_eq!(world.json(&["show", "main"]).await["result"]["quota"]["families"][0]["windows"][0]["note"], "reset_unverified");
}

#[tokio::test]
async fn names_from_the_provider_steer_no_terminal() {
    let world = World::with_trio().await;
    let hostile = |seen: &mut Observation| {
        let windows = vec![WindowReading { minutes: Minutes::WEEK, used_percent: Percent::whole(99), resets_at: None }];
        let name = ShortText::parse("x\u{202e}[31my");
        seen.add(Family::parse("codex_x").unwrap(), FamilyReading { name, windows, ..FamilyReading::default() });
    };
    world.reading("main", &[(300, 10.0, 80)], hostile).await;
    for verb in [&["list"][..], &["show", "main"], &["list", "--json"]] {
        let said = world.good(verb).await.stdout;
        assert!(!said.contains(|c: char| c != '\n' && c.is_control() || c == '\u{202e}') && said.contains("[31my"), "{said}");
    }
}
