//! What the terminal tells of what happened.

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::model::block::{Block, BlockEnd, BlockKind, BlockScope};
use codex_lab_core::model::decision::{Chosen, Decision, Judged};
use codex_lab_core::model::model_name::ModelName;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::quota::Family;
use codex_lab_core::model::verdict::{Choice, Rank, Reason, Verdict};
use codex_lab_core::store::home::Home;
use codex_lab_core::store::state::State;
use codex_lab_tests::codex_cli::{CodexCli, QUIET};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::expected::check;
use crate::world::World;

struct Night {
    state: State,
    ids: Vec<ProfileId>,
    now: Timestamp,
}

/// Main is out of quota, work stands in, and main rests.
async fn night(world: &World) -> Night {
    let listed = world.json(&["list"]).await;
    let profiles = listed["result"]["profiles"].as_array().unwrap();
    let ids: Vec<_> = profiles.iter().map(|profile| ProfileId::parse(profile["id"].as_str().unwrap()).unwrap()).collect();
    let state = State::open(&Home::open(&Environment::of(world.home(), [])).unwrap()).unwrap();
    let now = SystemClock.now();
    let until = now + SignedDuration::from_mins(80);
    let exhausted = Reason::Exhausted { minutes: 300, resets_at: Some(until) };
    let decision = Decision {
        at: now,
        session: Some("0192a7b3-6c1d-7000-8000-000000000001".into()),
        family: Family::main(),
        model: ModelName::parse("gpt-6-sol"),
        chosen: Some(Chosen { profile: ids[1].clone(), choice: Choice::Fallback }),
        tried: vec![ids[0].clone()],
        instead_of: Some(ids[0].clone()),
        verdicts: vec![
            Judged { profile: ids[1].clone(), verdict: Verdict::Eligible { rank: Rank::Preferred } },
            Judged { profile: ids[0].clone(), verdict: Verdict::Refused(vec![Reason::AlreadyTried, exhausted]) },
        ],
        others: 0,
        times: 1,
    };
    let sticky = Decision {
        chosen: Some(Chosen { profile: ids[0].clone(), choice: Choice::Sticky }),
        tried: vec![],
        instead_of: None,
        ..decision.clone()
    };
    state.save_decisions(&[sticky, decision]).unwrap();
    let block = Block::new(BlockKind::Exhausted, BlockScope::Profile, BlockEnd::At(until), "usage_limit_reached", now);
    state.note_blocks(&[(ids[0].clone(), vec![block])], now).unwrap();
    Night { state, ids, now }
}

fn whats(told: &Value) -> Vec<&str> {
    told["result"]["entries"].as_array().unwrap().iter().map(|entry| entry["what"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_happened_is_told_with_why_and_until() {
    let world = World::new().await;
    let none = world.good(&["activity"]).await;
    assert_eq!(none.stdout, "nothing has happened yet\n");
    let world = World::with_trio().await;
    world.good(&["use", "work"]).await;
    world.good(&["remove", "backup"]).await;
    world.good(&["remove", "--undo"]).await;
    let told = world.good(&["activity"]).await.stdout;
    check(&world, "activity", &told);
    let night = night(&world).await;
    let told = world.good(&["activity", "--last", "1h"]).await.stdout;
    let line = |begins: &str| told.lines().find(|line| line.contains(begins)).unwrap_or_else(|| panic!("{begins} is not in:\n{told}"));
    assert!(line("work stood in for main").contains("  its 5-hour limit is used up  until "), "{told}");
    assert!(line("main rests").contains("  its limit is used up  "), "{told}");
    assert!(!told.contains("was given a session"), "{told}");
    assert_eq!(night.ids.len(), 3);
}

#[tokio::test]
async fn kinds_names_words_and_times_narrow_it() {
    let world = World::with_trio().await;
    world.good(&["use", "work"]).await;
    let night = night(&world).await;
    for (asked, expected) in [
        (&["activity", "--kind", "switch"][..], &["switched"][..]),
        (&["activity", "--kind", "choice", "--kind", "fallback"], &["fell_back", "chosen"]),
        (&["activity", "main", "--kind", "block"], &["block_began"]),
        (&["activity", "backup", "--kind", "block"], &[]),
        (&["activity", "--search", "5-HOUR work"], &["fell_back"]),
        (&["activity", "--search", "no such thing"], &[]),
        (&["activity", "--kind", "fallback", "--last", "1h"], &["fell_back"]),
        (&["activity", "--limit", "1", "--kind", "block", "--kind", "switch"], &["block_began"]),
    ] {
        assert_eq!(whats(&world.json(asked).await), expected, "{asked:?}");
    }
    let one = world.json(&["activity", "--kind", "fallback"]).await["result"].clone();
    let entry = &one["entries"][0];
    assert_eq!((&entry["from"], &entry["to"]), (&night.ids[0].as_str().into(), &night.ids[1].as_str().into()));
    assert_eq!((&entry["model"], &one["names"][night.ids[0].as_str()]), (&"gpt-6-sol".into(), &"main".into()));
    let csv = world.good(&["activity", "--kind", "fallback", "--csv"]).await.stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "at,kind,what,from,to,why,until,session,model,code"));
    assert!(lines[1].contains(",fallback,fell_back,main,work,its 5-hour limit is used up,2"), "{csv}");
    assert!(lines[1].ends_with("Z,0192a7b3-6c1d-7000-8000-000000000001,gpt-6-sol,"), "{csv}");
    for wrong in [
        &["activity", "--csv", "--json"][..],
        &["activity", "--kind", "weather"],
        &["activity", "--last", "0h"],
        &["activity", "--limit", "501"],
    ] {
        assert_eq!(world.run(wrong).await.status, 2, "{wrong:?}");
    }
    world.refused(&["activity", "nobody"], "not_found", 4).await;
    night.state.thin_activity(night.now + SignedDuration::from_hours(24 * 91)).unwrap();
    assert_eq!(whats(&world.json(&["activity", "--kind", "block"]).await), [] as [&str; 0]);
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let world = World::with_trio().await;
    for _ in 0..3 {
        world.good(&["use", "work"]).await;
        world.good(&["use", "main"]).await;
    }
    let all = world.json(&["activity"]).await["result"].clone();
    let keys = |told: &Value| -> Vec<String> {
        told["entries"].as_array().unwrap().iter().map(|entry| entry["key"].as_str().unwrap().to_owned()).collect()
    };
    assert!(keys(&all).len() >= 9 && all["next"].is_null(), "{all}");
    let hinted = world.good(&["activity", "--limit", "2"]).await;
    assert_eq!(hinted.stdout.lines().count(), 3);
    assert!(hinted.stderr.contains("There is more"), "{}", hinted.stderr);
}

#[tokio::test]
async fn a_run_that_another_profile_finished_is_told() {
    let world = World::with_trio().await;
    world.file(".codex/config.toml", QUIET);
    let reset = SystemClock.now().as_second() + 3 * 3600;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", reset)).by("main"));
    let codex = CodexCli::locate().unwrap().binary().display().to_string();
    let exec = ["run", "--profile", "main", "--", codex.as_str(), "exec", "--skip-git-repo-check", "say hi"];
    assert_eq!(world.run(&exec).await.status, 0);
    world.good(&["renew", "work"]).await;
    let told = world.json(&["activity"]).await["result"].clone();
    let entries = told["entries"].as_array().unwrap();
    let of = |what: &str| entries.iter().find(|entry| entry["what"] == what).unwrap_or_else(|| panic!("no {what}: {told}"));
    let name = |entry: &Value, which: &str| told["names"][entry[which].as_str().unwrap()].as_str().unwrap().to_owned();
    let stood_in = of("fell_back");
    assert_eq!(name(stood_in, "from"), "main");
    assert_ne!(name(stood_in, "to"), "main");
    let until: Timestamp = stood_in["until"].as_str().unwrap().parse().unwrap();
    assert_eq!(until.as_second(), reset);
    assert_eq!(
        (stood_in["why"]["of"].as_str(), stood_in["why"]["reason"]["blocked"]["kind"].as_str()),
        (Some("reason"), Some("exhausted"))
    );
    let rests = of("block_began");
    assert_eq!((name(rests, "to").as_str(), &rests["until"]), ("main", &stood_in["until"]));
    assert_eq!(name(of("renewed"), "to"), "work");
    let places: Vec<_> =
        ["renewed", "fell_back", "imported"].map(|what| entries.iter().position(|entry| entry["what"] == what).unwrap()).into();
    assert!(places.is_sorted(), "the newest first: {places:?}");
}
