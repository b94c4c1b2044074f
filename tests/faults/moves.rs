//! SIGKILL at every place of a move between the ways to keep logins: none is lost, and the vault opens afterwards.

use std::collections::BTreeMap;

use codex_lab_core::store::vault;
use codex_lab_tests::scripted_keyring::ScriptedKeyring;
use codex_lab_tests::secrets::MARK;
use serde_json::{Value, json};

use crate::asker::Asker;
use crate::place::{PROFILES, Place, Template, files};
use codex_lab_tests::effort::{all, rounds, tally};

const PASSPHRASE: &str = "three words and PLANTED";

pub(crate) fn move_to(mode: &str) -> Value {
    json!({ "do": { "method": "move_vault", "params": { "to": mode, "passphrase": (mode == "passphrase").then_some(PASSPHRASE) } } })
}

pub(crate) fn unlock() -> Value {
    json!({ "do": { "method": "unlock_vault", "params": { "passphrase": PASSPHRASE } } })
}

/// Orders an asker to do something that must succeed.
fn done(asker: &mut Asker, order: &Value, context: &str) {
    let answer = asker.order(order).unwrap();
    assert!(answer.get("failure").is_none(), "{context}: {answer}");
}

/// An asker whose vault is open, whichever mode it is in by now; and that mode.
fn open(place: &Place, context: &str) -> (Asker, String) {
    let mut asker = Asker::ready(place);
    let vault = asker.order(&json!("look")).unwrap()["snapshot"]["vault"].take();
    if vault["state"] == "locked" && vault["mode"] == "passphrase" {
        done(&mut asker, &unlock(), context);
    }
    let seen = asker.order(&json!("look")).unwrap();
    assert_eq!(seen["snapshot"]["vault"]["state"], "open", "{context}: {seen}");
    for row in seen["snapshot"]["profiles"].as_array().unwrap() {
        assert_eq!(row["state"], "ready", "{context}: {row}");
    }
    let mode = seen["snapshot"]["vault"]["mode"].as_str().unwrap().to_owned();
    (asker, mode)
}

/// Where a sealed vault keeps its logins there is nothing to read.
fn assert_sealed(place: &Place, context: &str) {
    for path in files(&place.lab_home()) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains(MARK), "{context}: {} can be read", path.display());
    }
}

/// A home whose logins are kept in this way, and the logins.
pub(crate) fn kept(template: &Template, keyring: &ScriptedKeyring, mode: &str) -> (Place, BTreeMap<String, String>) {
    let mut place = template.copy();
    place.set("DBUS_SESSION_BUS_ADDRESS", keyring.address());
    // What Codex has renewed is taken in before, so that the logins are what they stay.
    place.good(&["list"]);
    let before = place.logins();
    if mode != "file" {
        let mut asker = Asker::ready(&place);
        done(&mut asker, &move_to(mode), mode);
        asker.end();
        assert_sealed(&place, mode);
    }
    (place, before)
}

/// After whatever has happened: the vault opens in one of the two modes, which comes back; the move can be made; and every
/// login is what it was.
pub(crate) fn assert_whole(place: &Place, (from, to): (&str, &str), before: &BTreeMap<String, String>, context: &str) -> String {
    let (mut asker, mode) = open(place, context);
    assert!(mode == from || mode == to, "{context}: {mode}");
    done(&mut asker, &move_to(to), context);
    asker.end();
    if to != "file" {
        assert_sealed(place, context);
    }
    let (mut asker, _) = open(place, context);
    done(&mut asker, &move_to("file"), context);
    asker.end();
    assert!(place.logins() == *before, "{context}: every login is what it was, byte for byte");
    place.assert_sound(&PROFILES, context);
    mode
}

fn kill(template: &Template, keyring: &ScriptedKeyring, (from, to): (&str, &str), at: &str, arrival: u32) -> bool {
    let context = format!("from {from} to {to}, killed at {at}, arrival {arrival}");
    let (place, before) = kept(template, keyring, from);

    let mut asker = Asker::start(&place, Some((at, arrival)), &[]);
    assert_eq!(asker.answer(), Some(json!("ready")));
    if from == "passphrase" {
        done(&mut asker, &unlock(), &context);
    }
    let answer = asker.order(&move_to(to));
    let killed = asker.end();
    assert!(killed || answer.as_ref().is_some_and(|answer| answer.get("failure").is_none()), "{context}: {answer:?}");
    assert_whole(&place, (from, to), &before, &context);
    killed
}

#[test]
fn a_vault_is_moved() {
    let template = Template::new();
    let keyring = ScriptedKeyring::start().unwrap();
    let ways = [
        ("file", "passphrase"),
        ("passphrase", "file"),
        ("file", "keyring"),
        ("keyring", "file"),
        ("keyring", "passphrase"),
        ("passphrase", "keyring"),
    ];
    let mut killed = 0;
    loop {
        for (number, way) in ways.into_iter().enumerate() {
            // Two places are not on every way: a key goes into a keyring, or out of it.
            for (index, place) in vault::PLACES.iter().enumerate() {
                if !all() && index % ways.len() != number {
                    continue;
                }
                for arrival in 0..if all() { 3 } else { 1 } {
                    killed += u32::from(kill(&template, &keyring, way, place, arrival));
                }
            }
        }
        if killed >= rounds(5, 150) {
            break;
        }
    }
    tally("SIGKILL in a move of the vault", killed, 0).unwrap();
    println!("killed {killed} times");
}
