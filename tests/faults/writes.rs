//! Every write of every change fails once, in each way a disk fails: the user is told, nothing is lost, and it works afterwards.

use std::fs;

use codex_lab_tests::sandbox::SandboxAccount;

use crate::fault::{Errno, Fault};
use crate::place::{PROFILES, Place, Template};
use codex_lab_tests::effort::{all, tally};

/// A change that `codex-lab` makes.
struct Deed {
    /// Arguments; `FILE` is the path of a login that comes in.
    arguments: &'static [&'static str],
    /// Whose login comes in.
    incoming: Option<&'static str>,
    /// What is done before, without faults.
    before: &'static [&'static [&'static str]],
    /// The profiles afterwards.
    profiles: &'static [&'static str],
    /// How it may end when it is done a second time.
    again: &'static [i32],
    /// Whether it is done.
    is_done: fn(&Place) -> bool,
}

const DONE: i32 = 0;
const NOT_FOUND: i32 = 4;
const NOT_POSSIBLE_NOW: i32 = 6;

impl Deed {
    const fn of(arguments: &'static [&'static str], is_done: fn(&Place) -> bool) -> Self {
        Self { arguments, incoming: None, before: &[], profiles: &PROFILES, again: &[DONE], is_done }
    }

    /// Lets each of its writes fail.
    fn fail_everywhere(&self) {
        let template = Template::new();
        template.sandbox.put_account(SandboxAccount::new("other"));
        let mut tried = 0;
        for pass in 0..if all() { 8 } else { 1 } {
            for nth in 1.. {
                // One pass has each write fail in one way or another; eight have it fail in all of them.
                let turn = nth as usize + pass;
                let errno = Errno::ALL[turn % 4];
                let fault = if (turn / 4).is_multiple_of(2) { Fault::at(nth, errno) } else { Fault::from(nth, errno) };
                if !self.fail(&template, &fault) {
                    break;
                }
                tried += 1;
            }
        }
        assert!(tried > 10, "{tried} faults are too few: the library is not at work");
        // The disk is full for the database alone, from each of its writes on.
        let mut full = 0;
        for nth in (1..).step_by(if all() { 1 } else { 5 }) {
            if !self.fail(&template, &Fault { part: Some("state.sqlite"), ..Fault::from(nth, Errno::NoSpace) }) {
                break;
            }
            full += 1;
        }
        tally("a disk that fails at every write of a change", tried + full, 0).unwrap();
        println!("{:?}: {tried} faults, {full} with a full database, none lost", self.arguments);
    }

    /// Lets one fail; `false` if there are no more.
    fn fail(&self, template: &Template, fault: &Fault) -> bool {
        let place = template.copy();
        for arguments in self.before {
            place.good(arguments);
        }
        let incoming = self.incoming.map(|name| (name, template.sandbox.auth_json(name).unwrap()));
        let file = incoming.as_ref().map(|(_, login)| place.file("incoming.json", login).display().to_string());
        let arguments: Vec<&str> =
            self.arguments.iter().map(|word| if *word == "FILE" { file.as_deref().unwrap() } else { word }).collect();
        let newest = newest(&place);

        let ended = place.run(&arguments, Some(fault));
        if ended.failed.is_empty() {
            assert_eq!(ended.status, DONE, "{ended:?}");
            return false;
        }
        let context = format!("{arguments:?}, {fault:?}, {:?}", ended.failed);
        if ended.status != DONE {
            ended.assert_told(fault.errno, &context);
        }
        let kept = every_login(&place);
        for (name, login) in &newest {
            let replaced = incoming.as_ref().filter(|(whose, _)| whose == name).map(|(_, login)| login);
            assert!(kept.contains(login) || replaced.is_some_and(|login| kept.contains(login)), "{context}: {name} is lost: {ended:?}");
        }
        if ended.status == DONE {
            let is_in = incoming.is_none_or(|(_, login)| kept.contains(&login));
            assert!(is_in && (self.is_done)(&place), "{context}: said to be done, and is not: {ended:?}");
        }

        place.json(&["list"]);
        let again = place.run(&arguments, None);
        assert!(self.again.contains(&again.status), "{context}: again: {again:?}");
        place.assert_sound(self.profiles, &context);
        true
    }
}

/// The newest login of each profile: the live one has been renewed by Codex.
fn newest(place: &Place) -> Vec<(String, String)> {
    let live = place.live();
    let newest = |(name, login)| if name == "main" { (name, live.clone().unwrap_or(login)) } else { (name, login) };
    place.logins().into_iter().map(newest).collect()
}

/// Every login that is a profile's, live, or a removed profile's.
fn every_login(place: &Place) -> Vec<String> {
    let mut logins: Vec<String> = place.logins().into_values().chain(place.live()).collect();
    let removed = fs::read_dir(place.lab_home().join("backups/removed")).into_iter().flatten();
    logins.extend(removed.filter_map(|entry| fs::read_to_string(entry.unwrap().path().join("auth.json")).ok()));
    logins
}

fn has(place: &Place, name: &str) -> bool {
    place.logins().contains_key(name)
}

#[test]
fn a_new_account_is_saved() {
    let profiles = &["main", "work", "backup", "other-plus"];
    let deed = Deed::of(&["login", "--import", "FILE"], |place| has(place, "other-plus"));
    Deed { incoming: Some("other"), profiles, ..deed }.fail_everywhere();
}

#[test]
fn a_newer_login_is_saved() {
    Deed { incoming: Some("work"), ..Deed::of(&["login", "--import", "FILE"], |_| true) }.fail_everywhere();
}

#[test]
fn a_switch() {
    Deed::of(&["use", "work"], |place| place.live().as_ref() == place.logins().get("work")).fail_everywhere();
}

#[test]
fn a_local_sign_out() {
    Deed::of(&["use", "--none"], |place| place.live().is_none()).fail_everywhere();
}

#[test]
fn a_capture_of_what_codex_renewed() {
    Deed::of(&["capture"], |place| place.live().as_ref() == place.logins().get("main")).fail_everywhere();
}

#[test]
fn a_rename() {
    let profiles = &["main", "job", "backup"];
    let deed = Deed::of(&["rename", "work", "job"], |place| has(place, "job") && !has(place, "work"));
    Deed { profiles, again: &[DONE, NOT_FOUND], ..deed }.fail_everywhere();
}

#[test]
fn a_removal() {
    let profiles = &["main", "backup"];
    Deed { profiles, again: &[DONE, NOT_FOUND], ..Deed::of(&["remove", "work"], |place| !has(place, "work")) }.fail_everywhere();
}

#[test]
fn a_removal_taken_back() {
    let before: &[&[&str]] = &[&["remove", "work"]];
    let deed = Deed::of(&["remove", "--undo"], |place| has(place, "work"));
    Deed { before, again: &[DONE, NOT_POSSIBLE_NOW], ..deed }.fail_everywhere();
}

#[test]
fn an_import_from_another_tool() {
    let profiles = &["main", "work", "backup", "other-plus"];
    // The store is the user's own file, outside our home.
    let deed = Deed::of(&["import", "FILE"], |place| has(place, "other-plus"));
    Deed { incoming: Some("other"), profiles, ..deed }.fail_everywhere();
}

fn connects(place: &Place) -> bool {
    fs::read_to_string(place.codex_home().join("config.toml")).is_ok_and(|config| config.contains("openai_base_url"))
}

#[test]
fn a_connection() {
    Deed::of(&["connect", "codex"], connects).fail_everywhere();
}

#[test]
fn a_connection_undone() {
    let before: &[&[&str]] = &[&["connect", "codex"]];
    Deed { before, ..Deed::of(&["disconnect", "codex"], |place| !place.codex_home().join("config.toml").exists()) }.fail_everywhere();
}
