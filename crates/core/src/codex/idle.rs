//! Whether a turn is running, by the ends of Codex's session logs.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Deserialize;

use super::home::CodexHome;
use crate::base::files::{self, FileError};

/// A log that was quiet for this long belongs to no running turn: its process was killed, or its model hangs.
const QUIET_SECONDS: i64 = 15 * 60;
/// Of a log's end, this much is read. A turn that wrote more since it began is running.
const END: u64 = 1 << 20;
/// The first line holds the instructions.
const FIRST_LINE: u64 = 512 << 10;

/// Whether no conversation of the home's daemon has a turn in flight.
pub fn is_idle(home: &CodexHome, now: Timestamp) -> Result<bool, FileError> {
    for log in recent_logs(home, now)? {
        // `codex exec` runs by itself: its turns do not concern the daemon.
        if files::first_line(&log, FIRST_LINE)?.is_some_and(|line| is_exec(&line)) {
            continue;
        }
        if files::last_lines(&log, END)?.is_some_and(|(text, whole)| turn_is_running(&text, whole)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the last turn in a log's end has not ended. `whole` says that the end is all there is.
pub fn turn_is_running(end: &str, whole: bool) -> bool {
    end.lines().rev().find_map(turn_event).unwrap_or(!whole)
}

/// A resumed conversation goes on in its old log, so every day's folder is looked into.
fn recent_logs(home: &CodexHome, now: Timestamp) -> Result<Vec<PathBuf>, FileError> {
    let mut folders = vec![home.sessions()];
    for _year_month_day in 0..3 {
        let mut below = Vec::new();
        for folder in folders {
            let names = files::names(&folder)?;
            below.extend(names.into_iter().filter(|name| name.bytes().all(|b| b.is_ascii_digit())).map(|name| folder.join(name)));
        }
        folders = below;
    }
    let mut logs = Vec::new();
    for folder in folders {
        for name in files::names(&folder)?.into_iter().filter(|name| name.starts_with("rollout-")) {
            let log = folder.join(name);
            if files::modified_second(&log).is_some_and(|second| now.as_second() - second < QUIET_SECONDS) {
                logs.push(log);
            }
        }
    }
    Ok(logs)
}

#[derive(Deserialize)]
struct Line {
    r#type: String,
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    r#type: Option<String>,
    source: Option<serde_json::Value>,
}

/// `Some(true)` for a turn's beginning, `Some(false)` for its end, `None` for any other line, and for one half written.
fn turn_event(line: &str) -> Option<bool> {
    if !line.contains("\"event_msg\"") {
        return None;
    }
    let line: Line = serde_json::from_str(line).ok()?;
    match (line.r#type.as_str(), line.payload.r#type.as_deref()) {
        ("event_msg", Some("task_started" | "turn_started")) => Some(true),
        ("event_msg", Some("task_complete" | "turn_complete" | "turn_aborted")) => Some(false),
        _ => None,
    }
}

fn is_exec(first_line: &str) -> bool {
    serde_json::from_str::<Line>(first_line).is_ok_and(|line| line.payload.source.is_some_and(|source| source == "exec"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as codex-cli 0.169.0 writes them, shortened.
    const META: &str =
        r#"{"timestamp":"t","ordinal":0,"type":"session_meta","payload":{"id":"x","originator":"codex-tui","source":"cli"}}"#;
    const STARTED: &str = r#"{"timestamp":"t","ordinal":1,"type":"event_msg","payload":{"type":"task_started","turn_id":"y"}}"#;
    const ITEM: &str = r#"{"timestamp":"t","ordinal":9,"type":"response_item","payload":{"type":"message","content":"task_complete"}}"#;
    const COUNT: &str = r#"{"timestamp":"t","ordinal":14,"type":"event_msg","payload":{"type":"token_count","info":null}}"#;
    const COMPLETE: &str = r#"{"timestamp":"t","ordinal":15,"type":"event_msg","payload":{"type":"task_complete","turn_id":"y"}}"#;
    const ABORTED: &str = r#"{"timestamp":"t","ordinal":15,"type":"event_msg","payload":{"type":"turn_aborted","reason":"interrupted"}}"#;

    #[test]
    fn the_last_turn_event_decides() {
        for (lines, running) in [
            (vec![META], false),
            (vec![META, STARTED], true),
            (vec![META, STARTED, ITEM, COUNT], true),
            (vec![META, STARTED, ITEM, COUNT, COMPLETE], false),
            (vec![META, STARTED, ABORTED], false),
            (vec![META, STARTED, COMPLETE, STARTED], true),
            (vec![META, STARTED, COMPLETE, &STARTED[..30]], false),
            (vec!["garbage", "\"event_msg\""], false),
        ] {
            assert_eq!(turn_is_running(&lines.join("\n"), true), running, "{lines:?}");
        }
        assert!(turn_is_running(ITEM, false), "a turn longer than what is read");
    }

    #[test]
    fn only_fresh_logs_of_conversations_count() {
        let folder = tempfile::tempdir().unwrap();
        let home = CodexHome::at(folder.path());
        let day = home.sessions().join("2026/11/21");
        let log = day.join("rollout-2026-11-21T04-55-24-x.jsonl");
        assert!(is_idle(&home, Timestamp::UNIX_EPOCH).unwrap(), "no sessions at all");
        std::fs::create_dir_all(&day).unwrap();
        std::fs::write(day.join("notes.txt"), STARTED).unwrap();
        std::fs::write(&log, format!("{META}\n{STARTED}\n")).unwrap();
        let written = Timestamp::from_second(files::modified_second(&log).unwrap()).unwrap();
        let later = |seconds| Timestamp::from_second(written.as_second() + seconds).unwrap();
        assert!(!is_idle(&home, written).unwrap());
        assert!(!is_idle(&home, later(QUIET_SECONDS - 1)).unwrap());
        assert!(is_idle(&home, later(QUIET_SECONDS)).unwrap());
        std::fs::write(&log, format!("{}\n{STARTED}\n", META.replace("\"cli\"", "\"exec\""))).unwrap();
        assert!(is_idle(&home, written).unwrap(), "an exec is not the daemon's");
    }
}
