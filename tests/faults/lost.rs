//! The losses that no program beside Codex can prevent, each as SECURITY.md lists it: the user is told, and nothing else is lost.

use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use serde_json::{Value, json};

use crate::asker::Asker;
use crate::codex::Stage;
use crate::place::PROFILES;

fn ask(profile: &str) -> Value {
    json!({ "ask": { "profile": profile, "tasks": 1 } })
}

/// The profile says that it needs a sign-in, and how; the others go on.
fn assert_told(stage: &Stage) {
    let place = &stage.place;
    place.end_in("main", -60);
    place.end_in("work", -60);
    let mut asker = Asker::ready(place);
    let refused = asker.order(&ask("main")).unwrap();
    let failure = &refused["failures"][0];
    assert_eq!(failure["code"], "needs_sign_in", "{refused}");
    assert_eq!(failure["hints"][0], "Sign in again: codex-lab login --again 'main'");
    let other = asker.order(&ask("work")).unwrap();
    assert_eq!(other["failures"], json!([]), "the others are unaffected");
    asker.end();
    let listed = place.json(&["list"]);
    for name in PROFILES {
        let row = listed["profiles"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
        assert_eq!(row["state"], if name == "main" { "needs_sign_in" } else { "ready" }, "{name} is still there");
    }
}

#[test]
fn codex_starts_into_our_refresh() {
    let stage = Stage::new();
    stage.fresh_login(-60);
    stage.template.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::HoldAnswer).by("main"));
    let mut asker = Asker::ready(&stage.place);
    asker.tell(&ask("main"));
    stage.wait_held();
    let turn = stage.turn();
    assert!(!turn.end(), "Codex hears that its token was used already");
    stage.template.sandbox.release();
    asker.answer().unwrap();
    asker.end();
    assert_eq!(stage.template.sandbox.counters_of("main").families_revoked, 1);
    assert_told(&stage);
}

#[test]
fn the_answer_never_arrives() {
    let stage = Stage::new();
    stage.fresh_login(-60);
    stage.template.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::LoseAnswer).by("main"));
    let mut asker = Asker::ready(&stage.place);
    let refused = asker.order(&ask("main")).unwrap();
    assert_eq!(refused["failures"][0]["code"], "needs_sign_in", "{refused}");
    asker.end();
    assert_told(&stage);
}

#[test]
fn codex_signs_out() {
    let stage = Stage::new();
    stage.fresh_login(3600);
    assert!(stage.codex(&["logout"]).end());
    assert_eq!(stage.template.sandbox.counters_of("main").revokes, 1);
    assert_told(&stage);
}
