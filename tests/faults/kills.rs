//! SIGKILL at every named place of a save, a refresh, a move of the vault, an import and a connection: nothing that was in hand is lost,
//! the index opens, no lock is held and nothing half written is left.

use std::fs;

use codex_lab_core::auth::import;
use codex_lab_core::codex::write_back;
use codex_lab_core::engine::{clients, tokens};
use codex_lab_core::store::profiles;
use codex_lab_tests::sandbox::SandboxAccount;
use serde_json::{Value, json};

use crate::asker::Asker;
use crate::place::{PROFILES, Place, Template, fingerprint};
use codex_lab_tests::effort::{all, rounds, tally};

/// A change, and the places it passes.
struct Story {
    places: &'static [&'static [&'static str]],
    /// What is done first, without a kill.
    before: fn(&Template, &Place),
    /// The change.
    order: fn(&Template, &Place) -> Value,
    /// What must hold after the next start.
    check: fn(&Template, &Place, &Killed<'_>),
}

/// Where it was killed.
struct Killed<'a> {
    at: &'a str,
    /// Whether it was at work on the order; it may pass the same places at its start.
    was_at_it: bool,
    order: &'a Value,
    context: String,
}

/// What comes between the kill and the next good start.
#[derive(Clone, Copy, Debug)]
enum Between {
    Nothing,
    /// The next starts are killed too, each at another place.
    SecondKill,
    /// A process that was there all the time is told to do the same.
    Bystander,
}

impl Story {
    /// Kills at every place, at the first and the later arrivals, `runs` times over all in the full run.
    fn kill_everywhere(&self, runs: u32) {
        let template = Template::new();
        template.sandbox.put_account(SandboxAccount::new("other"));
        let mut killed = 0;
        let wanted = rounds(0, runs);
        loop {
            let mut in_this_pass = 0;
            for (number, place) in self.places.iter().copied().flatten().enumerate() {
                let kinds = [Between::Nothing, Between::SecondKill, Between::Bystander];
                let kinds = if all() { &kinds[..] } else { &kinds[number % 3..][..1] };
                for between in kinds.iter().copied() {
                    for arrival in 0.. {
                        if !self.kill(&template, place, arrival, between) {
                            assert!(arrival > 0, "{place} is never reached");
                            break;
                        }
                        in_this_pass += 1;
                    }
                }
            }
            killed += in_this_pass;
            if killed >= wanted {
                break;
            }
        }
        tally("SIGKILL at every step of a change", killed, 0).unwrap();
        println!("killed {killed} times");
    }

    /// Kills once; `false` if it was over before.
    fn kill(&self, template: &Template, at: &str, arrival: u32, between: Between) -> bool {
        let place = template.copy();
        (self.before)(template, &place);
        let order = (self.order)(template, &place);
        let bystander = matches!(between, Between::Bystander).then(|| Asker::ready(&place));
        let mut asker = Asker::start(&place, Some((at, arrival)), &[]);
        // The start may pass the place as well.
        let opened = asker.answer();
        let was_at_it = opened.is_some();
        let answer = opened.and_then(|_ready| asker.order(&order));
        let context = format!("killed at {at}, arrival {arrival}, then {between:?}");
        if !asker.end() {
            assert!(answer.as_ref().is_some_and(|answer| answer.get("failure").is_none()), "{context}: {answer:?}");
            return false;
        }
        if let Between::SecondKill = between {
            for at in self.places.iter().copied().flatten() {
                let mut again = Asker::start(&place, Some((at, 0)), &[]);
                again.answer();
                again.end();
            }
        }
        if let Some(mut bystander) = bystander {
            let answer = bystander.order(&order).unwrap();
            assert!(answer.get("failure").is_none() && answer.get("failures").is_none_or(|none| *none == json!([])), "{context}: {answer}");
            bystander.end();
        }
        (self.check)(template, &place, &Killed { at, was_at_it, order: &order, context });
        true
    }
}

/// A login of `name` as it is pasted.
fn pasted(template: &Template, name: &str) -> Value {
    json!({ "do": { "method": "import_text", "params": { "text": template.sandbox.auth_json(name).unwrap() } } })
}

fn text_of(order: &Value) -> &str {
    order["do"]["params"]["text"].as_str().unwrap()
}

/// The login that came in is stored, if it was on the disk at all; it can be had again otherwise. All the others are as they were.
fn saved(place: &Place, name: &str, killed: &Killed<'_>) {
    let context = &killed.context;
    place.assert_sound(&PROFILES, context);
    if killed.was_at_it && killed.at != "save.begun" {
        assert!(place.logins().get(name).map(String::as_str) == Some(text_of(killed.order)), "{context}: it was on the disk");
    }
    let again = Asker::ready(place).order(killed.order).unwrap();
    assert!(again.get("failure").is_none(), "{context}: {again}");
    assert!(place.logins().get(name).map(String::as_str) == Some(text_of(killed.order)), "{context}");
    assert!(place.logins().get("main") == place.live().as_ref(), "{context}: what Codex renewed is kept");
    place.assert_sound(&PROFILES, context);
}

#[test]
fn a_new_account_is_saved() {
    Story {
        places: &[profiles::PLACES],
        before: |_, _| {},
        order: |template, _| pasted(template, "other"),
        check: |_, place, killed| saved(place, "other-plus", killed),
    }
    .kill_everywhere(100);
}

#[test]
fn a_newer_login_is_saved() {
    Story {
        places: &[profiles::PLACES],
        before: |_, _| {},
        order: |template, _| pasted(template, "work"),
        check: |_, place, killed| saved(place, "work", killed),
    }
    .kill_everywhere(100);
}

/// What a refresh passes, from the profile's lock to the saved login; then, if it is live, to Codex.
const REFRESH: &[&[&str]] = &[tokens::PLACES, &["save.staged", "save.login_written"]];
const LIVE_REFRESH: &[&[&str]] = &[tokens::PLACES, &["save.staged", "save.login_written"], write_back::PLACES];

fn ask(name: &str) -> Value {
    json!({ "ask": { "profile": name, "tasks": 2 } })
}

/// A login that has just ended, of a family of its own.
fn ended(template: &Template, place: &Place, name: &str) {
    let login = template.sandbox.auth_json(name).unwrap();
    place.good(&["login", "--import", place.file("fresh.json", &login).to_str().unwrap()]);
    if name == "main" {
        place.good(&["use", "main"]);
    }
    place.end_in(name, -60);
}

/// The login was renewed or still can be: no token was spent twice, and none is lost.
fn renewed(template: &Template, place: &Place, name: &str, killed: &Killed<'_>) {
    let context = &killed.context;
    place.assert_sound(&PROFILES, context);
    let mut asker = Asker::ready(place);
    let token = asker.order(killed.order).unwrap();
    let stored = place.login(name);
    assert_eq!(token["failures"], json!([]), "{context}");
    assert_eq!(token["tokens"][0], fingerprint(&stored["tokens"]["access_token"]), "{context}");
    assert!(template.sandbox.is_live(stored["tokens"]["refresh_token"].as_str().unwrap()), "{context}");
    assert_eq!(template.sandbox.counters().replays, 0, "{context}: a token was spent twice");
    asker.end();
    place.assert_sound(&PROFILES, context);
    if name == "main" {
        assert!(place.live().as_ref() == place.logins().get("main"), "{context}: Codex has the new tokens too");
    }
}

#[test]
fn a_profile_is_renewed() {
    Story {
        places: REFRESH,
        before: |template, place| ended(template, place, "work"),
        order: |_, _| ask("work"),
        check: |template, place, killed| renewed(template, place, "work", killed),
    }
    .kill_everywhere(250);
}

#[test]
fn the_live_login_is_renewed() {
    Story {
        places: LIVE_REFRESH,
        before: |template, place| ended(template, place, "main"),
        order: |_, _| ask("main"),
        check: |template, place, killed| renewed(template, place, "main", killed),
    }
    .kill_everywhere(250);
}

/// Another tool's store with an account we do not have, and a newer login of one we have.
fn foreign_store(template: &Template, place: &Place) {
    let store = place.codex_home().join("accounts");
    fs::create_dir(&store).unwrap();
    for name in ["other", "work"] {
        fs::write(store.join(format!("{name}.auth.json")), template.sandbox.auth_json(name).unwrap()).unwrap();
    }
}

#[test]
fn another_tools_store_is_imported() {
    Story {
        places: &[&import::PLACES, profiles::PLACES],
        before: foreign_store,
        order: |_, _| json!({ "do": { "method": "import_from", "params": { "from": "codex-auth" } } }),
        check: |_, place, killed| {
            let context = &killed.context;
            place.assert_sound(&PROFILES, context);
            let mut asker = Asker::ready(place);
            let again = asker.order(killed.order).unwrap();
            assert!(again.get("failure").is_none(), "{context}: {again}");
            asker.end();
            let source = |name: &str| fs::read_to_string(place.codex_home().join("accounts").join(format!("{name}.auth.json"))).unwrap();
            let logins = place.logins();
            assert!(logins["work"] == source("work") && logins["other-plus"] == source("other"), "{context}");
            assert_eq!(logins.len(), 4, "{context}: none twice");
            place.assert_sound(&["main", "work", "backup", "other-plus"], context);
        },
    }
    .kill_everywhere(200);
}

/// Somebody's own configuration of Codex.
const CONFIG: &str = "model = 'x' # mine\r\n\r\n[features]\r\napps = false";

fn config(place: &Place) -> String {
    fs::read_to_string(place.codex_home().join("config.toml")).unwrap()
}

fn client(method: &str) -> Value {
    json!({ "do": { "method": method, "params": { "client": "codex" } } })
}

/// Connecting works, and its undoing brings back what was there before any of it.
fn comes_back(place: &Place, killed: &Killed<'_>) {
    let context = &killed.context;
    place.assert_sound(&PROFILES, context);
    let mut asker = Asker::ready(place);
    for method in ["connect_client", "disconnect_client"] {
        let done = asker.order(&client(method)).unwrap();
        assert!(done.get("failure").is_none(), "{context}: {done}");
        assert_eq!(config(place).contains("openai_base_url"), method == "connect_client", "{context}");
    }
    asker.end();
    assert_eq!(config(place), CONFIG, "{context}");
    place.assert_sound(&PROFILES, context);
}

#[test]
fn codex_is_connected() {
    Story {
        places: &[clients::CONNECTING],
        before: |_, place| fs::write(place.codex_home().join("config.toml"), CONFIG).unwrap(),
        order: |_, _| client("connect_client"),
        check: |_, place, killed| comes_back(place, killed),
    }
    .kill_everywhere(50);
}

#[test]
fn codex_is_disconnected() {
    Story {
        places: &[clients::DISCONNECTING],
        before: |_, place| {
            fs::write(place.codex_home().join("config.toml"), CONFIG).unwrap();
            place.good(&["connect", "codex"]);
        },
        order: |_, _| client("disconnect_client"),
        check: |_, place, killed| comes_back(place, killed),
    }
    .kill_everywhere(50);
}
