//! The terminal program with its key in a keyring that is absent, slow, silent, locked or lies: nobody waits longer than the
//! time-out, no profile is called signed out, and nothing is lost.

use std::time::{Duration, Instant};

use codex_lab_tests::scripted_keyring::{Manner, ScriptedKeyring};
use serde_json::{Value, json};

use crate::asker::Asker;
use crate::place::{PROFILES, Place, Template};

/// The product's own time-out is 10 s; starting, and a busy machine, take some.
const LONGEST: Duration = Duration::from_secs(25);

/// A home whose logins are sealed under a key in a scripted keyring.
fn sealed(template: &Template, keyring: &ScriptedKeyring) -> Place {
    let mut place = template.copy();
    place.set("DBUS_SESSION_BUS_ADDRESS", keyring.address());
    let mut asker = Asker::ready(&place);
    let moved = asker.order(&json!({ "do": { "method": "move_vault", "params": { "to": "keyring", "passphrase": null } } })).unwrap();
    assert!(moved.get("failure").is_none(), "{moved}");
    asker.end();
    place
}

/// What `codex-lab list` shows, in time.
fn rows(place: &Place, manner: &str) -> Vec<Value> {
    #[expect(clippy::disallowed_methods, reason = "the keyring goes by the real clock")]
    let started = Instant::now();
    let listed = place.json(&["list"]);
    assert!(started.elapsed() < LONGEST, "{manner}: held for {:?}", started.elapsed());
    listed["profiles"].as_array().unwrap().clone()
}

fn assert_locked_and_unharmed(place: &Place, manner: &str) {
    let rows = rows(place, manner);
    assert_eq!(rows.len(), PROFILES.len(), "{manner}");
    for row in &rows {
        assert_eq!(row["state"], "locked", "{manner}: {row}");
    }
    let refused = place.run(&["use", "work"], None);
    assert!(refused.status != 0 && refused.stderr.contains("\nhint: "), "{manner}: {refused:?}");
    assert!(!refused.stderr.contains("[needs_sign_in]"), "{manner}: {refused:?}");
}

#[test]
fn whatever_the_keyring_does_nobody_is_called_signed_out() {
    let template = Template::new();
    for manner in [
        Manner::Slow(Duration::from_secs(30)),
        Manner::Silent,
        Manner::Failing,
        Manner::Locked,
        Manner::Dismissed,
        Manner::FalselyUnlocked,
        Manner::OtherSecret,
        Manner::EmptySecret,
        Manner::Garbage,
        Manner::WrongItem,
        Manner::Twice,
        Manner::Amnesiac,
    ] {
        let keyring = ScriptedKeyring::start().unwrap();
        let place = sealed(&template, &keyring);
        keyring.behave(manner);
        assert_locked_and_unharmed(&place, &format!("{manner:?}"));
        keyring.behave(Manner::Honest);
        place.assert_sound(&PROFILES, &format!("after {manner:?}"));
    }
}

#[test]
fn a_desktop_without_a_keyring_is_no_sign_out() {
    let template = Template::new();
    let keyring = ScriptedKeyring::start().unwrap();
    let mut place = sealed(&template, &keyring);
    let absent = ScriptedKeyring::absent().unwrap();
    place.set("DBUS_SESSION_BUS_ADDRESS", absent.address());
    assert_locked_and_unharmed(&place, "absent");
    place.set("DBUS_SESSION_BUS_ADDRESS", keyring.address());
    place.assert_sound(&PROFILES, "back again");
}

#[test]
fn logins_are_not_sealed_under_a_key_that_was_not_kept() {
    let template = Template::new();
    for manner in [Manner::Forgetful, Manner::OtherSecret, Manner::EmptySecret, Manner::Garbage, Manner::Failing, Manner::Locked] {
        let keyring = ScriptedKeyring::start().unwrap();
        let mut place = template.copy();
        place.set("DBUS_SESSION_BUS_ADDRESS", keyring.address());
        place.good(&["list"]);
        let before = place.logins();
        keyring.behave(manner);
        let mut asker = Asker::ready(&place);
        let refused = asker.order(&json!({ "do": { "method": "move_vault", "params": { "to": "keyring", "passphrase": null } } })).unwrap();
        assert!(refused.get("failure").is_some(), "{manner:?}: {refused}");
        asker.end();
        assert!(place.logins() == before, "{manner:?}: every login is where it was");
        place.assert_sound(&PROFILES, &format!("{manner:?}"));
    }
}
