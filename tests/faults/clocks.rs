//! A clock that was wrong for a while: what was renewed meanwhile is neither taken for newer than what came later, nor put in its place.

use codex_lab_tests::effort::tally;
use serde_json::{Value, json};

use crate::asker::{Asker, DieAt};
use crate::place::{PROFILES, Place, Template};

/// How wrong it was, in seconds.
const WRONG: [i64; 4] = [8 * 24 * 3_600, 3_600, -3_600, -20 * 3_600];

/// The provider tells time in whole seconds: of two logins the later one is to be of a later second. Its clock goes by what it was
/// asked, and by this beside.
fn time_passes(template: &Template, beside: i64) {
    let asked: i64 = template.sandbox.requests().len().try_into().unwrap_or(i64::MAX);
    template.sandbox.set_clock_ahead(jiff::SignedDuration::from_secs(10 * asked + beside));
}

/// A home whose live login was renewed by a clock that was wrong, and is right again.
fn renewed_by_a_wrong_clock(template: &Template, wrong: i64) -> Place {
    let place = template.copy();
    place.good(&["login", "--import", place.file("fresh.json", &template.sandbox.auth_json("main").unwrap()).to_str().unwrap()]);
    place.good(&["use", "main"]);
    time_passes(template, 5);
    place.set_ahead(wrong);
    renew(&place, None);
    place.set_ahead(0);
    assert!(is_live(template, &place.login("main")));
    time_passes(template, 0);
    place
}

/// Has the live profile renewed, by a process that may die on the way.
fn renew(place: &Place, die_at: DieAt<'_>) {
    let id = place.json(&["show", "main"])["id"].clone();
    let mut asker = Asker::start(place, die_at, &[]);
    assert_eq!(asker.answer(), Some(json!("ready")));
    let answer = asker.order(&json!({ "do": { "method": "renew", "params": { "profile": id } } }));
    assert!(die_at.is_some() || answer.as_ref().is_some_and(|answer| answer.get("failure").is_none()), "{answer:?}");
    assert_eq!(asker.end(), die_at.is_some());
}

fn is_live(template: &Template, login: &Value) -> bool {
    template.sandbox.is_live(login["tokens"]["refresh_token"].as_str().unwrap())
}

/// Both places hold the login that can be renewed.
fn assert_whole(template: &Template, place: &Place, context: &str) {
    place.good(&["list"]);
    assert!(place.live().as_ref() == place.logins().get("main"), "{context}: one login in both places");
    assert!(is_live(template, &place.login("main")), "{context}: it can be renewed");
    assert_eq!(template.sandbox.counters().replays, 0, "{context}");
    place.assert_sound(&PROFILES, context);
}

#[test]
fn what_codex_renews_after_the_clock_was_wrong_is_taken_in() {
    let template = Template::new();
    for wrong in WRONG {
        let place = renewed_by_a_wrong_clock(&template, wrong);
        let codex = template.sandbox.auth_json("main").unwrap();
        place.set_live(&codex);
        place.good(&["list"]);
        assert!(place.live() == Some(codex.clone()), "{wrong} s: what Codex holds is not put back");
        assert!(place.logins().get("main") == Some(&codex), "{wrong} s: it is kept");
        assert_whole(&template, &place, &format!("{wrong} s"));
    }
    tally("clock was wrong: Codex renews", 4, 0).unwrap();
}

#[test]
fn a_renewal_after_the_clock_was_wrong_is_given_to_codex_wherever_it_is_cut_off() {
    let template = Template::new();
    for wrong in WRONG {
        for at in ["save.staged", "save.login_written", "refresh.saved"] {
            let place = renewed_by_a_wrong_clock(&template, wrong);
            renew(&place, Some((at, 0)));
            assert_whole(&template, &place, &format!("{wrong} s, killed at {at}"));
            renew(&place, None);
            assert_whole(&template, &place, &format!("{wrong} s, killed at {at}, and renewed again"));
        }
    }
    tally("clock was wrong: SIGKILL of the next renewal", 12, 0).unwrap();
}

#[test]
fn a_login_of_now_takes_the_place_of_one_that_was_written_in_the_future() {
    let template = Template::new();
    for wrong in WRONG {
        let place = renewed_by_a_wrong_clock(&template, wrong);
        let login = template.sandbox.auth_json("main").unwrap();
        place.good(&["login", "--import", place.file("again.json", &login).to_str().unwrap()]);
        assert!(place.logins().get("main") == Some(&login), "{wrong} s");
    }
    tally("clock was wrong: a new login comes in", 4, 0).unwrap();
}
