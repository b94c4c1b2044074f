//! Every write of a move between the ways to keep logins fails once: no login is lost, the vault opens, and the move can be made then.

use codex_lab_tests::scripted_keyring::ScriptedKeyring;
use serde_json::json;

use crate::asker::Asker;
use crate::fault::{self, Errno, Fault};
use crate::moves::{assert_whole, kept, move_to, unlock};
use crate::place::Template;
use crate::unsaved::is_told;
use codex_lab_tests::effort::{all, tally};

/// Lets one write fail; `false` if there are no more.
fn fail(template: &Template, keyring: &ScriptedKeyring, (from, to): (&str, &str), fault: &Fault) -> bool {
    let (place, before) = kept(template, keyring, from);
    let context = format!("from {from} to {to}, {fault:?}");

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

    let mode = assert_whole(&place, (from, to), &before, &context);
    assert!(answer.get("failure").is_some() || mode == to, "{context}: said to be moved, and is not");
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
    tally("a disk that fails in a move of the vault", tried, 0).unwrap();
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
