//! SIGKILL at every named place of a save, a refresh, a move of the vault and an import: nothing that was in hand is lost,
//! the index opens, no lock is held and nothing half written is left.

use codex_lab_core::store::profiles;
use codex_lab_tests::sandbox::SandboxAccount;
use serde_json::{Value, json};

use crate::asker::Asker;
use crate::place::{PROFILES, Place, Template};
use crate::rounds::rounds;

/// A change, and the places it passes.
struct Story {
    places: &'static [&'static str],
    /// What is done first, without a kill.
    before: fn(&Template, &Place),
    /// The change.
    order: fn(&Template, &Place) -> Value,
    /// What must hold after the next start.
    check: fn(&Template, &Place, &Killed<'_>),
}

/// Where it was killed.
struct Killed<'a> {
    order: &'a Value,
    context: String,
}

/// What comes between the kill and the next good start.
#[derive(Clone, Copy, Debug)]
enum Between {
    Nothing,
    /// The next start is killed too, at the first place it passes.
    SecondKill,
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
            for place in self.places {
                for between in [Between::Nothing, Between::SecondKill] {
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
    }

    /// Kills once; `false` if it was over before.
    fn kill(&self, template: &Template, at: &str, arrival: u32, between: Between) -> bool {
        let place = template.copy();
        (self.before)(template, &place);
        let order = (self.order)(template, &place);
        let mut asker = Asker::start(&place, Some((at, arrival)), &[]);
        // The start may pass the place as well.
        let answer = asker.answer().and_then(|_ready| asker.order(&order));
        let context = format!("killed at {at}, arrival {arrival}, then {between:?}");
        if !asker.end(&place) {
            assert!(answer.as_ref().is_some_and(|answer| answer.get("failure").is_none()), "{context}: {answer:?}");
            return false;
        }
        if let Between::SecondKill = between {
            for at in self.places {
                let mut again = Asker::start(&place, Some((at, 0)), &[]);
                again.answer();
                again.end(&place);
            }
        }
        (self.check)(template, &place, &Killed { order: &order, context });
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

/// The login that came in is stored now or can be had again; all the others are as they were.
fn saved(place: &Place, name: &str, killed: &Killed<'_>) {
    let context = &killed.context;
    place.assert_sound(&PROFILES, context);
    let again = Asker::ready(place).order(killed.order).unwrap();
    assert!(again.get("failure").is_none(), "{context}: {again}");
    assert_eq!(place.logins().get(name).map(String::as_str), Some(text_of(killed.order)), "{context}");
    assert_eq!(place.logins().get("main"), place.live().as_ref(), "{context}: what Codex renewed is kept");
    place.assert_sound(&PROFILES, context);
}

#[test]
fn a_new_account_is_saved() {
    Story {
        places: profiles::PLACES,
        before: |_, _| {},
        order: |template, _| pasted(template, "other"),
        check: |_, place, killed| saved(place, "other-plus", killed),
    }
    .kill_everywhere(100);
}

#[test]
fn a_newer_login_is_saved() {
    Story {
        places: profiles::PLACES,
        before: |_, _| {},
        order: |template, _| pasted(template, "work"),
        check: |_, place, killed| saved(place, "work", killed),
    }
    .kill_everywhere(100);
}
