//! What the terminal shows and sets of routing and of settings.

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::model::decision::{Chosen, Decision, Judged};
use codex_lab_core::model::model_name::ModelName;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::quota::Family;
use codex_lab_core::model::verdict::{Choice, Rank, Reason, Verdict};
use codex_lab_core::store::home::Home;
use codex_lab_core::store::state::State;
use jiff::SignedDuration;

use crate::expected::check;
use crate::world::World;

impl World {
    async fn said(&self, name: &str, arguments: &[&str]) {
        let ended = self.good(arguments).await;
        check(self, name, &format!("{}--- standard error\n{}", ended.stdout, ended.stderr));
    }
}

#[tokio::test]
async fn the_rules_are_shown_changed_and_taken_back() {
    let world = World::with_trio().await;
    world.reading("main", &[(300, 38.0, 2880), (10_080, 97.0, 1440)], |_| {}).await;
    world.reading("work", &[(300, 100.0, 2880)], |_| {}).await;
    world.said("route", &["route"]).await;
    std::fs::create_dir_all(world.home().join("repos/paid")).unwrap();
    for (name, arguments) in [
        ("route-strategy", &["route", "strategy", "priority"][..]),
        ("route-order", &["route", "order", "backup", "WORK"]),
        ("route-thresholds", &["route", "thresholds", "--low", "30", "--critical", "10"]),
        ("route-bind", &["route", "bind", "repos/paid", "work", "backup"]),
        ("route-wall", &["route", "wall", "office", "work"]),
        ("route-api-keys", &["route", "api-keys", "on"]),
        ("route-wait", &["route", "wait", "on"]),
        ("route-force", &["route", "force", "work", "--for", "8h", "--strict"]),
        ("route-set", &["route"]),
        ("route-explain", &["route", "explain", "--folder", "repos/paid", "--model", "gpt-6-sol"]),
        ("route-force-off", &["route", "force", "--off"]),
        ("route-unbind", &["route", "unbind", "repos/paid"]),
        ("route-wall-off", &["route", "wall", "office", "--off"]),
        ("route-order-clear", &["route", "order", "--clear"]),
    ] {
        world.said(name, arguments).await;
    }
    let routing = world.json(&["route"]).await["result"]["routing"].clone();
    assert_eq!((&routing["strategy"], &routing["low"], &routing["force"]), (&"priority".into(), &30.into(), &serde_json::Value::Null));
    let explained = world.json(&["route", "explain"]).await;
    assert_eq!(explained["result"]["decision"]["verdicts"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let world = World::with_trio().await;
    let said = world.refused(&["route", "thresholds", "--critical", "20"], "invalid_input", 3).await;
    assert!(said.contains("routing.critical (20 %)") && said.contains("routing.low (20 %)"), "{said}");
    world.refused(&["route", "force", "nobody"], "not_found", 4).await;
    world.refused(&["route", "unbind", "."], "not_found", 4).await;
    world.refused(&["route", "wall", "none", "--off"], "not_found", 4).await;
    world.good(&["route", "wall", "home", "main"]).await;
    let said = world.refused(&["route", "wall", "office", "main", "work"], "invalid_input", 3).await;
    assert!(said.contains("main cannot stand behind two walls: home and office"), "{said}");
    let said = world.refused(&["set", "main", "--critical", "20"], "invalid_input", 3).await;
    assert!(said.contains("routing.low"), "{said}");
    world.refused(&["settings", "theme", "pink"], "invalid_input", 3).await;
    world.refused(&["settings", "routing.low", "5"], "invalid_input", 3).await;
    world.refused(&["settings", "nothing"], "not_found", 4).await;
    assert_eq!(world.run(&["route", "strategy", "best"]).await.status, 2);
    assert_eq!(world.run(&["route", "force", "main", "--for", "99y"]).await.status, 2);
    assert_eq!(world.json(&["route"]).await["result"]["routing"]["low"], 20);
}

#[tokio::test]
async fn settings_are_listed_with_where_they_come_from() {
    let world = World::new().await;
    world.good(&["settings", "conservative", "on"]).await;
    world.good(&["settings", "routing.api_key_spend_cap_cents", "500"]).await;
    world.good(&["settings", "theme", "dark"]).await;
    world.said("settings", &["settings"]).await;
    world.said("settings-one", &["settings", "theme"]).await;
    let one = world.json(&["settings", "routing.low"]).await["result"]["settings"][0].clone();
    assert_eq!((&one["value"], &one["source"], &one["default"]), (&20.into(), &"default".into(), &20.into()));
    let config = || std::fs::read_to_string(world.lab_home().join("config.toml")).unwrap();
    assert!(config().contains("conservative = true"));
    world.good(&["settings", "conservative", "default"]).await;
    assert!(!config().contains("conservative"), "{}", config());
}

#[tokio::test]
async fn the_environment_goes_before_the_file() {
    let mut world = World::new().await;
    world.good(&["settings", "theme", "dark"]).await;
    world.set("CODEX_LAB_THEME", "light");
    world.said("settings-environment", &["settings", "theme"]).await;
    assert_eq!(world.json(&["settings", "theme"]).await["result"]["settings"][0]["source"], "environment");
    let said = world.refused(&["settings", "theme", "dark"], "not_possible_now", 6).await;
    assert!(said.contains("CODEX_LAB_THEME"), "{said}");
    world.set("CODEX_LAB_THEME", "pink");
    let said = world.refused(&["list"], "invalid_input", 3).await;
    assert!(said.contains("CODEX_LAB_THEME can be system, light, dark"), "{said}");
}

#[tokio::test]
async fn the_last_decisions_are_told_with_every_reason() {
    let world = World::with_trio().await;
    world.said("why-none", &["why"]).await;
    let listed = world.json(&["list"]).await;
    let id = |place: usize| ProfileId::parse(listed["result"]["profiles"][place]["id"].as_str().unwrap()).unwrap();
    let now = SystemClock.now();
    let exhausted = Reason::Exhausted { minutes: 300, resets_at: Some(now + SignedDuration::from_mins(80)) };
    let judged = |place, verdict| Judged { profile: id(place), verdict };
    let chosen = Decision {
        at: now,
        session: Some("0192a7b3-6c1d-7000-8000-000000000001".into()),
        family: Family::main(),
        model: ModelName::parse("gpt-6-sol"),
        chosen: Some(Chosen { profile: id(1), choice: Choice::Fallback }),
        tried: vec![id(0)],
        instead_of: None,
        verdicts: vec![
            judged(1, Verdict::Eligible { rank: Rank::Preferred }),
            judged(0, Verdict::Refused(vec![Reason::AlreadyTried, exhausted])),
            judged(2, Verdict::Refused(vec![Reason::Paused])),
        ],
        others: 4,
        times: 3,
    };
    let nobody = Decision {
        chosen: None,
        session: None,
        model: None,
        times: 1,
        others: 0,
        at: now - SignedDuration::from_secs(1),
        ..chosen.clone()
    };
    let home = Home::open(&Environment::of(world.home(), [])).unwrap();
    State::open(&home).unwrap().save_decisions(&[nobody, chosen]).unwrap();
    world.said("why", &["why"]).await;
    world.said("why-session", &["why", "--session", "0192a7b3", "--last", "1"]).await;
    let told = world.json(&["why", "--last", "1"]).await["result"].clone();
    assert_eq!(told["decisions"].as_array().unwrap().len(), 1);
    assert_eq!(told["names"][id(1).as_str()], "work");
}
