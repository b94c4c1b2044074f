//! Running Codex processes, and what happens to those on the old login.

use codex_lab_core::api::table::Request;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::snapshot::{AfterSwitch, Session, SessionChoice, SessionKind, Snapshot};
use serde_json::json;

use super::ask;
use crate::args::{Choice, Sessions};
use crate::output::{self, Output};
use crate::table::table;

const HEADING: [&str; 5] = ["PID", "KIND", "PROFILE", "LOGIN", "FOLDER"];

pub(super) async fn run(choose: Option<&Sessions>, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Some(Sessions::Choose { pid, choice }) = choose else {
        list(&engine.snapshot(), output);
        return Ok(());
    };
    let wanted = match choice {
        Choice::Leave => SessionChoice::Leave,
        Choice::WhenIdle => SessionChoice::WhenIdle,
        Choice::Restart => SessionChoice::Restart,
    };
    let (mut after, _) = ask(engine, Request::ChooseForSession { pid: *pid, choice: wanted }).await?;
    if wanted == SessionChoice::WhenIdle {
        after = wait_until_switched(*pid, engine, output).await;
    }
    list(&after, output);
    Ok(())
}

/// This process carries the choice out, so it stays until that is done.
async fn wait_until_switched(pid: u32, engine: &Engine, output: &Output) -> Snapshot {
    output.note("Waiting until no turn is running. Ctrl-C stops waiting and leaves the process as it is.");
    let mut latest = engine.subscribe();
    let done = latest.wait_for(|snapshot| !snapshot.sessions.iter().any(|session| session.pid == pid && session.stale));
    tokio::select! {
        () = engine.watch() => {}
        _ = done => {}
    }
    (*engine.snapshot()).clone()
}

fn list(snapshot: &Snapshot, output: &Output) {
    let rows: Vec<_> = snapshot
        .sessions
        .iter()
        .map(|session| {
            [
                session.pid.to_string(),
                kind(session).to_owned(),
                session.profile.clone().unwrap_or_else(|| "?".to_owned()),
                if session.stale { "old" } else { "live" }.to_owned(),
                session.folder.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let text = if rows.is_empty() { "no Codex process is running".to_owned() } else { table(HEADING, &rows, output::width()) };
    output.result(&text, &json!({ "sessions": snapshot.sessions }));
}

/// Says which processes still run on another login than the live one, and how to move them.
pub(super) fn tell_stale(snapshot: &Snapshot, output: &Output) {
    let stale: Vec<_> = snapshot.sessions.iter().filter(|session| session.stale).collect();
    let count = match stale.as_slice() {
        [] => return,
        [one] => format!("1 running Codex process ({}) still uses", one.pid),
        many => format!("{} running Codex processes still use", many.len()),
    };
    output.note(&format!("{count} the login before; `codex-lab sessions` lists them."));
    if let Some(movable) = stale.iter().find(|session| session.choices.contains(&SessionChoice::Restart)) {
        output.hint(&format!("Move open conversations over now: codex-lab sessions choose {} restart", movable.pid));
    } else {
        output.hint("Each keeps its login until it ends: end it and start it again to use the live one.");
    }
    if snapshot.settings.after_switch == AfterSwitch::WhenIdle {
        output.note("The tray app restarts the daemon when it is idle, if it runs; this command does not wait for that.");
    }
}

fn kind(session: &Session) -> &'static str {
    match session.kind {
        SessionKind::Interactive => "interactive",
        SessionKind::Standalone => "standalone",
        SessionKind::Exec => "exec",
        SessionKind::Daemon => "daemon",
        SessionKind::AppServer => "app server",
    }
}
