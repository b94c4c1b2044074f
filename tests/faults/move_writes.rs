//! Every write of a move between the ways to keep logins fails once: no login is lost, the vault opens, and the move can be made then.

use codex_lab_tests::scripted_keyring::ScriptedKeyring;
use serde_json::json;

use crate::asker::Asker;
use crate::fault::{self, Errno, Fault};
use crate::moves::{assert_sealed, done, move_to, open, unlock};
use crate::place::{PROFILES, Template};
use crate::rounds::all;
use crate::unsaved::is_told;

/// Lets one write fail; `false` if there are no more.
fn fail(template: &Template, keyring: &ScriptedKeyring, (from, to): (&str, &str), fault: &Fault) -> bool {
    let mut place = template.copy();
    place.set("DBUS_SESSION_BUS_ADDRESS", keyring.address());
    // What Codex has renewed is taken in before, so that the logins are what they stay.
    place.good(&["list"]);
    let before = place.logins();
    let context = format!("from {from} to {to}, {fault:?}");
    if from != "file" {
        let mut asker = Asker::ready(&place);
        done(&mut asker, &move_to(from), &context);
        asker.end();
    }

    let trace = place.file("trace", "");
    let mut asker = Asker::start(&place, None, &fault.env(&place.home(), &trace));
    let opened = asker.answer().unwrap();
    let mut answer = opened.clone();
    if opened == json!("ready") {
        if from == "passphrase" {
            answer = asker.order(&unlock()).unwrap();
        }
        if answer.get("failure").is_none() {
            answer = asker.order(&move_to(to)).unwrap();
        }
    }
    asker.end();
    let failed = fault::failed(&trace);
    let context = format!("{context}, {failed:?}: {answer}");
    if let Some(failure) = answer.get("failure") {
        assert!(!failed.is_empty() && is_told(failure, fault, &trace), "{context}");
    }

    let (mut asker, mode) = open(&place, &context);
    assert!(mode == from || mode == to, "{context}: {mode}");
    assert!(answer.get("failure").is_some() || mode == to, "{context}: said to be moved, and is not");
    done(&mut asker, &move_to(to), &context);
    asker.end();
    if to != "file" {
        assert_sealed(&place, &context);
    }
    let (mut asker, _) = open(&place, &context);
    done(&mut asker, &move_to("file"), &context);
    asker.end();
    assert!(place.logins() == before, "{context}: every login is what it was, byte for byte");
    place.assert_sound(&PROFILES, &context);
    !failed.is_empty()
}

fn fail_everywhere(from: &str, to: &str) {
    let template = Template::new();
    let keyring = ScriptedKeyring::start().unwrap();
    let mut tried = 0;
    for pass in 0..if all() { 2 } else { 1 } {
        for nth in (1..).step_by(if all() { 1 } else { 13 }) {
            let turn = nth as usize + pass * 5;
            let errno = Errno::ALL[turn % 4];
            let fault = if (turn / 4).is_multiple_of(2) { Fault::at(nth, errno) } else { Fault::from(nth, errno) };
            if !fail(&template, &keyring, (from, to), &fault) {
                break;
            }
            tried += 1;
        }
    }
    assert!(tried > 3, "{tried} faults are too few: the library is not at work");
    println!("from {from} to {to}: {tried} faults, none lost");
}

#[test]
fn from_files_to_a_keyring() {
    fail_everywhere("file", "keyring");
}

#[test]
fn from_a_keyring_to_files() {
    fail_everywhere("keyring", "file");
}

#[test]
fn from_files_to_a_passphrase() {
    fail_everywhere("file", "passphrase");
}

#[test]
fn from_a_passphrase_to_files() {
    fail_everywhere("passphrase", "file");
}

#[test]
fn from_a_passphrase_to_a_keyring() {
    fail_everywhere("passphrase", "keyring");
}

#[test]
fn from_a_keyring_to_a_passphrase() {
    fail_everywhere("keyring", "passphrase");
}
