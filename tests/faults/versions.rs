//! Two versions of the program on one home. The older one refuses what a newer one has written, and touches nothing. The newer one
//! takes over what the older one has written, while a process of the older one is still at work.
//!
//! The older version cannot be built here. As a program that meets a newer home, this one stands in for it: what the newer one leaves
//! is made up, as one more step of the tables. As a process that is still at work, its connection does: it has opened the state that
//! the version before left (tests/fixtures/homes), and goes on with the statements that it had.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_tests::effort::{all, tally};
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;

use crate::asker::Asker;
use crate::place::{PROFILES, Place, Template, files};

/// The state of the version before this one.
const BEFORE: &str = include_str!("../fixtures/homes/state-8.sql");
const NEWER_VERSION: i32 = 36;
const LOCKED: i32 = 37;

/// Everything that a user may try. `FILE` is the path of a new login.
const COMMANDS: [&[&str]; 22] = [
    &["list"],
    &["status"],
    &["show", "main"],
    &["use", "work"],
    &["use", "--none"],
    &["undo"],
    &["capture"],
    &["renew", "work"],
    &["rename", "work", "job"],
    &["remove", "work"],
    &["pause", "work"],
    &["login", "--import", "FILE"],
    &["prime", "work", "--on"],
    &["prime", "work", "--now"],
    &["serve"],
    &["run", "--", "/bin/true"],
    &["connect", "codex"],
    &["settings", "keep_alive", "off"],
    &["snooze", "work"],
    &["vault", "move", "file"],
    &["activity"],
    &["doctor"],
];

/// A file that is there to be locked, or in which SQLite keeps the locks of open connections: it holds nothing.
fn is_of_locks(path: &Path) -> bool {
    path.ends_with("state.sqlite-shm") || path.extension().is_some_and(|end| end == "lock")
}

fn tree(place: &Place) -> BTreeMap<PathBuf, Vec<u8>> {
    files(&place.home()).into_iter().filter(|path| !is_of_locks(path)).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn state(place: &Place) -> Connection {
    Connection::open(place.lab_home().join("state.sqlite")).unwrap()
}

/// What a newer version does to the state: a step that this one does not have.
fn take_over(state: &Connection) {
    let version: i64 = state.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
    let step = "alter table facts rename to known; create table from_the_future (name text primary key) strict;
        insert into from_the_future values ('a fact of a newer version');";
    state.execute_batch(&format!("begin immediate; {step} pragma user_version = {}; commit", version + 1)).unwrap();
}

/// Nothing works, each command says so, and nothing is changed. A normal test run tries every `some` of them.
fn assert_refused(template: &Template, place: &Place, some: usize, context: &str) {
    let file = place.file("incoming.json", &template.sandbox.auth_json("work").unwrap()).display().to_string();
    let asked = template.sandbox.requests().len();
    let before = tree(place);
    for command in COMMANDS.iter().step_by(if all() { 1 } else { some }) {
        let command: Vec<&str> = command.iter().map(|word| if *word == "FILE" { &file } else { *word }).collect();
        let ended = place.run(&command, None);
        let context = format!("{context}: {command:?}: {ended:?}");
        assert_eq!(ended.status, NEWER_VERSION, "{context}");
        if command == ["doctor"] {
            assert!(ended.stdout.contains("newer version") && ended.stdout.contains("Update Codex Lab."), "{context}");
        } else {
            assert!(ended.stderr.contains("[newer_version]") && ended.stderr.contains("hint: Update Codex Lab."), "{context}");
        }
        let after = tree(place);
        let changed: Vec<_> = after.iter().filter(|(path, bytes)| before.get(*path) != Some(*bytes)).map(|(path, _)| path).collect();
        assert!(changed.is_empty() && after.len() == before.len(), "{context}: {changed:?} changed");
    }
    assert_eq!(template.sandbox.requests().len(), asked, "{context}: nobody was asked anything");
}

#[test]
fn what_a_newer_version_has_written_is_refused_and_left_as_it_is() {
    let template = Template::new();
    let place = template.copy();
    place.good(&["list"]);
    take_over(&state(&place));
    assert_refused(&template, &place, 1, "a newer state");

    let place = template.copy();
    place.good(&["list"]);
    // It has the state open; that it is not newer itself does not matter to the others.
    let newer = Asker::ready(&place);
    take_over(&state(&place));
    assert_refused(&template, &place, 3, "a newer state that is in use");
    newer.end();

    let place = template.copy();
    place.good(&["list"]);
    fs::write(place.lab_home().join("auth-profiles.json"), "{\"schema\": 2, \"accounts\": {}}").unwrap();
    assert_refused(&template, &place, 2, "a newer index");
    tally("two versions: a newer home", 3, 0).unwrap();
}

#[test]
fn a_process_whose_home_a_newer_version_takes_over_writes_no_more() {
    let template = Template::new();
    let place = template.copy();
    place.good(&["list"]);
    let mut asker = Asker::ready(&place);
    place.end_in("work", -60);
    let index = place.lab_home().join("auth-profiles.json");
    fs::write(&index, "{\"schema\": 2, \"accounts\": {}}").unwrap();
    let before = tree(&place);
    let (id, asked) = (template.copy().json(&["show", "work"])["id"].clone(), template.sandbox.requests().len());
    for order in [
        json!({ "do": { "method": "switch_to", "params": { "profile": id } } }),
        json!({ "do": { "method": "rename", "params": { "profile": id, "name": "job" } } }),
        json!({ "do": { "method": "import_text", "params": { "text": template.sandbox.auth_json("work").unwrap() } } }),
        json!({ "do": { "method": "renew", "params": { "profile": id } } }),
    ] {
        let refused = asker.order(&order).unwrap();
        assert_eq!(refused["failure"]["code"], "newer_version", "{order}: {refused}");
    }
    let refused = asker.order(&json!({ "ask": { "profile": "work", "tasks": 2 } })).unwrap();
    assert!(refused["failures"].as_array().unwrap().iter().all(|failure| failure["code"] == "newer_version"), "{refused}");
    asker.end();
    assert_eq!(template.sandbox.requests().len(), asked, "no token was spent");
    let after = tree(&place);
    let changed: Vec<_> = after.iter().filter(|(path, bytes)| before.get(*path) != Some(*bytes)).map(|(path, _)| path).collect();
    assert!(changed.is_empty(), "{changed:?} changed");
    tally("two versions: taken over while it runs", 5, 0).unwrap();
}

/// All rows of all tables.
fn rows(state: &Connection) -> BTreeMap<String, Vec<Vec<Value>>> {
    let mut tables = state.prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let of = |table: &String| {
        let mut query = state.prepare(&format!("select * from {table}")).unwrap();
        let columns = query.column_count();
        let rows = query.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
        rows.map(Result::unwrap).collect()
    };
    tables.iter().map(|table| (table.clone(), of(table))).collect()
}

/// A home as the version before left it, and a process of that version that has it open.
fn home_of_before(template: &Template) -> (Place, Connection, Vec<String>) {
    let place = template.copy();
    place.good(&["list"]);
    let path = place.lab_home().join("state.sqlite");
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", path.display()));
    }
    let now = SystemClock.now().as_millisecond();
    let ids: Vec<String> = PROFILES.map(|name| template.copy().json(&["show", name])["id"].as_str().unwrap().to_owned()).into();
    let mut sql = BEFORE.replace("{now}", &now.to_string());
    for (name, id) in PROFILES.iter().zip(&ids) {
        sql = sql.replace(&format!("{{{name}}}"), id);
    }
    let old = Connection::open(path).unwrap();
    old.pragma_update(None, "journal_mode", "wal").unwrap();
    old.pragma_update(None, "synchronous", "normal").unwrap();
    old.execute_batch(&sql).unwrap();
    (place, old, ids)
}

const OLD_ACTIVITY: &str =
    "insert into activity (at, what, profile, name, why, about, code) values (?1, 'renewed', ?2, 'main', '', '', null)";

#[test]
fn a_home_of_the_version_before_is_taken_over_while_its_process_is_at_work() {
    let template = Template::new();
    let (place, old, ids) = home_of_before(&template);
    let before = rows(&old);
    assert!(before.values().all(|rows| !rows.is_empty()), "something is in each table");
    let mut write = old.prepare(OLD_ACTIVITY).unwrap();
    write.execute((1, &ids[0])).unwrap();

    // Sixteen of the newer version start at once, as after an update; the older one goes on in between.
    let mut askers: Vec<_> = (0..16).map(|_| Asker::start(&place, None, &[])).collect();
    for number in 2..10 {
        write.execute((number, &ids[0])).unwrap();
    }
    for asker in &mut askers {
        assert_eq!(asker.answer(), Some(json!("ready")));
    }
    write.execute((10, &ids[0])).unwrap();
    let seen = askers[0].order(&json!("look")).unwrap();
    assert!(PROFILES.iter().all(|name| seen["snapshot"]["profiles"].as_array().unwrap().iter().any(|row| row["name"] == *name)), "{seen}");
    for asker in askers {
        asker.end();
    }
    place.good(&["use", "work"]);
    place.good(&["use", "main"]);
    write.execute((11, &ids[0])).unwrap();

    let after = rows(&state(&place));
    for (table, rows) in &before {
        for row in rows {
            assert!(after[table].contains(row), "{table}: {row:?} is gone");
        }
    }
    let by_old = after["activity"].iter().filter(|row| matches!(row[1], Value::Integer(1..=11))).count();
    assert_eq!(by_old, 11, "what the older one writes afterwards is kept, too");
    assert_eq!(after["switches"].len(), before["switches"].len() + 2);
    assert!(after.contains_key("session_pins") && !before.contains_key("session_pins"));
    let shown = place.json(&["activity"]).to_string();
    assert!(shown.contains("renewed"), "{shown}");
    drop(write);
    drop(old);
    place.assert_sound(&PROFILES, "after the update");
    tally("two versions: an older home, in use", 1, 0).unwrap();
}

#[test]
fn an_older_process_in_the_middle_of_a_change_is_waited_for_and_not_run_over() {
    let template = Template::new();
    let (place, old, ids) = home_of_before(&template);
    let before = rows(&old);
    old.execute_batch("begin immediate").unwrap();
    old.execute(OLD_ACTIVITY, (7, &ids[0])).unwrap();
    let refused = place.run(&["list"], None);
    assert_eq!(refused.status, LOCKED, "{refused:?}");
    assert!(refused.stderr.contains("[locked]") && refused.stderr.contains("hint: "), "{refused:?}");
    assert_eq!(old.query_row("pragma user_version", [], |row| row.get::<_, i64>(0)).unwrap(), 8, "it is as it was");
    old.execute_batch("commit").unwrap();
    place.good(&["list"]);
    let after = rows(&old);
    assert!(before.iter().all(|(table, rows)| rows.iter().all(|row| after[table].contains(row))));
    assert!(after["activity"].iter().any(|row| row[1] == Value::Integer(7)));
    tally("two versions: the older one is writing", 1, 0).unwrap();
}
