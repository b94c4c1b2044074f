//! A disk that fails while tokens are renewed: what the provider has given is used from memory, and saved once it can be.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::asker::Asker;
use crate::fault::{self, Errno, Fault};
use crate::place::{PROFILES, Template, fingerprint};
use codex_lab_tests::effort::{all, tally};

const PATIENCE: Duration = Duration::from_secs(60);

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// No call failed: there are no more to try.
    NoFault,
    /// It was renewed, or refused before anything was spent.
    Whole,
    /// It was renewed and kept in memory for a while.
    KeptInMemory,
}

/// Lets the `nth` writing call fail while `profile` is renewed, until the space is back.
fn renew_on_a_failing_disk(template: &Template, profile: &str, nth: u32, lasts: bool, errno: Errno) -> Came {
    let place = template.copy();
    place.good(&["list"]);
    let login = template.sandbox.mint(profile).unwrap();
    place.good(&["login", "--import", place.file("fresh.json", &login.auth_json()).to_str().unwrap()]);
    if profile == "main" {
        place.good(&["use", "main"]);
    }
    place.end_in(profile, -60);
    let (trace, lifted) = (place.file("trace", ""), place.path("lifted"));
    let fault = Fault { lifted: Some(lifted.clone()), lasts, ..Fault::at(nth, errno) };
    let context = format!("{profile}, {fault:?}");
    let before = template.sandbox.counters();
    let mut asker = Asker::start(&place, None, &fault.env(&place.home(), &trace));
    let opened = asker.answer().unwrap();
    let answer = if opened == json!("ready") {
        asker.order(&json!({ "ask": { "profile": profile, "tasks": 1 } })).unwrap()
    } else {
        json!({ "tokens": [], "failures": [opened["failure"]] })
    };
    if fault::failed(&trace).is_empty() {
        return Came::NoFault;
    }
    let renewed = template.sandbox.counters().refreshes - before.refreshes;
    let tokens: Vec<&str> = answer["tokens"].as_array().unwrap().iter().map(|token| token.as_str().unwrap()).collect();
    let mut came = Came::Whole;
    if renewed == 0 {
        for failure in answer["failures"].as_array().unwrap() {
            assert!(is_told(failure, &fault, &trace), "{context}: {failure}");
        }
        assert!(tokens.is_empty(), "{context}: there is no token to give");
        assert!(template.sandbox.is_live(&login.refresh_token), "{context}");
    } else {
        assert_eq!((renewed, tokens.len()), (1, 1), "{context}: {answer}");
        let stored = fingerprint(&place.login(profile)["tokens"]["access_token"]);
        assert!(tokens.iter().all(|token| *token == tokens[0]), "{context}");
        let seen = asker.order(&json!("look")).unwrap();
        let is_unsaved = row(&seen, profile)["token"]["kind"] == "unsaved";
        if stored != tokens[0] {
            assert!(is_unsaved || seen.get("failure").is_some(), "{context}: nobody is told: {seen}");
        }
        if is_unsaved {
            came = Came::KeptInMemory;
            let problems = seen["snapshot"]["problems"].as_array().unwrap();
            let told = problems.iter().any(|problem| problem["message"].as_str().unwrap().contains("not saved yet"));
            assert!(told, "{context}: {problems:?}");
            let again = asker.order(&json!({ "ask": { "profile": profile, "tasks": 1 } })).unwrap();
            assert_eq!(again["tokens"][0], tokens[0], "{context}: the token in memory is used");
        }
    }

    fs::write(&lifted, "").unwrap();
    wait_until(&context, || {
        let seen = asker.order(&json!("look")).unwrap_or_default();
        opened != json!("ready") || row(&seen, profile)["token"]["kind"] == "fine"
    });
    asker.end();
    if let Some(token) = tokens.first() {
        assert_eq!(fingerprint(&place.login(profile)["tokens"]["access_token"]), *token, "{context}: saved once it can be");
    }
    let mut next = Asker::ready(&place);
    let token = next.order(&json!({ "ask": { "profile": profile, "tasks": 1 } })).unwrap();
    let stored = place.login(profile);
    assert_eq!(token["tokens"][0], fingerprint(&stored["tokens"]["access_token"]), "{context}: {token}");
    assert!(template.sandbox.is_live(stored["tokens"]["refresh_token"].as_str().unwrap()), "{context}");
    assert_eq!(template.sandbox.counters().replays, 0, "{context}");
    next.end();
    place.assert_sound(&PROFILES, &context);
    if profile == "main" {
        assert!(place.live().as_ref() == place.logins().get("main"), "{context}: Codex has it too");
    }
    came
}

fn row<'a>(seen: &'a Value, profile: &str) -> &'a Value {
    let rows = seen["snapshot"]["profiles"].as_array();
    rows.and_then(|rows| rows.iter().find(|row| row["name"] == profile)).unwrap_or(&Value::Null)
}

/// Whether a failure says what kind of fault it was, and what to do.
pub(crate) fn is_told(failure: &Value, fault: &Fault, trace: &Path) -> bool {
    let code = failure["code"].as_str().unwrap();
    // What has passed already cannot be looked at any more.
    let is_vague = !fault.lasts || fault::failed(trace).iter().all(|call| call.contains("state.sqlite"));
    (code == fault.errno.told().0 || is_vague && code.starts_with("storage")) && !failure["hints"].as_array().unwrap().is_empty()
}

/// Looks until it is so.
fn wait_until(context: &str, mut is_so: impl FnMut() -> bool) {
    #[expect(clippy::disallowed_methods, reason = "another process goes by the real clock")]
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{context}: it does not come");
        std::thread::yield_now();
    }
}

fn renew_everywhere(profile: &str) {
    let template = Template::new();
    let (mut tried, mut in_memory) = (0, 0);
    for pass in 0..if all() { 8 } else { 1 } {
        for nth in (1..).step_by(if all() { 1 } else { 3 }) {
            let turn = nth as usize + pass;
            match renew_on_a_failing_disk(&template, profile, nth, turn / 4 % 2 == 1, Errno::ALL[turn % 4]) {
                Came::NoFault => break,
                Came::Whole => {}
                Came::KeptInMemory => in_memory += 1,
            }
            tried += 1;
        }
    }
    assert!(tried > 10 && in_memory > 0, "{tried} tried, {in_memory} times kept in memory");
    tally("a disk that fails while a login is renewed", tried, 0).unwrap();
    println!("{profile}: {tried} faults, {in_memory} times the new tokens were kept in memory and saved later, none lost");
}

#[test]
fn a_profile_is_renewed() {
    renew_everywhere("work");
}

#[test]
fn the_live_login_is_renewed() {
    renew_everywhere("main");
}
