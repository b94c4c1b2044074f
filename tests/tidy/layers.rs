//! Which room of the core may see which, and which rooms a front end may enter.

use regex::Regex;

use crate::tree::{none, product};

/// Each room and the rooms it may name, its own aside. `table` is `api/table`: the requests and replies, which are
/// plain values, so that the engine may answer them although `api` stands above it.
const MAY_SEE: [(&str, &[&str]); 18] = [
    ("base", &[]),
    ("model", &["base", "failure"]),
    ("failure", &["base", "model"]),
    ("provider", &["base", "model", "failure"]),
    ("store", &["base", "model", "failure"]),
    ("auth", &["base", "model", "failure", "provider", "store"]),
    ("codex", &["base", "model", "failure", "provider", "store"]),
    ("clients", &["base", "model", "failure", "provider"]),
    ("quota", &["base", "model", "failure", "provider", "store", "codex"]),
    ("prime", &["base", "model", "failure", "provider"]),
    ("chores", &["base", "model", "failure"]),
    ("route", &["base", "model", "failure"]),
    ("notices", &["base", "model", "failure"]),
    ("gateway", &["base", "model", "failure", "provider", "store", "auth", "codex", "quota", "route"]),
    ("view", &["base", "model", "failure", "notices"]),
    ("table", &["base", "model", "failure"]),
    (
        "engine",
        &[
            "base", "model", "failure", "provider", "store", "auth", "codex", "clients", "quota", "prime", "chores", "route", "notices",
            "gateway", "view", "table",
        ],
    ),
    ("control", &["base", "model", "failure", "engine", "table", "view"]),
];

/// What a front end draws, asks and shows; the rest decides, and is asked through the engine.
const OPEN_TO_FRONT_ENDS: [&str; 7] = ["api", "base", "control", "engine", "failure", "model", "view"];

#[test]
fn no_arrow_between_rooms_runs_the_other_way() {
    let named = Regex::new(r"\bcrate::(\{|\w+(?:::\w+)?)").unwrap();
    let mut findings = Vec::new();
    for source in product(&["crates/core/src"]) {
        let room = room_of(source.path.trim_start_matches("crates/core/src/"));
        if matches!(room, "lib.rs" | "api") {
            continue;
        }
        let Some((_, may_see)) = MAY_SEE.iter().find(|(name, _)| *name == room) else {
            findings.push(format!("{}: the room {room} has no place in this test's table", source.path));
            continue;
        };
        for (number, line) in source.code() {
            for seen in named.captures_iter(line).map(|found| found[1].to_owned()) {
                let target = if seen.starts_with("api::table") { "table" } else { seen.split("::").next().unwrap_or_default() };
                if target != room && !may_see.contains(&target) {
                    findings.push(format!("{}:{number}: {room} names {seen}", source.path));
                }
            }
        }
    }
    none("A room of the core names only rooms below it, one room per `use`:", &findings);
}

#[test]
fn rooms_name_each_other_from_the_top() {
    let up = Regex::new(r"\b(?:super::)+").unwrap();
    let mut findings = Vec::new();
    for source in product(&["crates/core/src"]) {
        let inside = source.path.trim_start_matches("crates/core/src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let depth = inside.split('/').count();
        for (number, line) in source.code() {
            if up.find_iter(line).any(|found| found.as_str().matches("super").count() >= depth) {
                findings.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none("`super` stays inside a room; other rooms are named by `crate::`, so that their arrows are seen:", &findings);
}

#[test]
fn front_ends_enter_by_the_front_door() {
    let named = Regex::new(r"\bcodex_lab_core::(\{|\w+)").unwrap();
    let mut findings = Vec::new();
    for source in product(&["crates/cli/src", "src-tauri/src"]) {
        for (number, line) in source.code() {
            for room in named.captures_iter(line).map(|found| found[1].to_owned()) {
                if !OPEN_TO_FRONT_ENDS.contains(&room.as_str()) {
                    findings.push(format!("{}:{number}: {room}", source.path));
                }
            }
        }
    }
    none("A front end holds no rule of its own: it asks the engine, and draws the model:", &findings);
}

fn room_of(path: &str) -> &str {
    if path == "api/table.rs" || path.starts_with("api/table/") {
        return "table";
    }
    path.split('/').next().unwrap_or_default()
}
