//! Running Codex processes, what happens to those on the old login, and sessions that are tied to a profile.

use std::fmt::Write as _;

use codex_lab_core::api::table::Request;
use codex_lab_core::base::progress::{Far, Work};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::{AfterSwitch, Session, SessionChoice, SessionKind, Snapshot};
use serde_json::json;

use super::change;
use crate::args::{Choice, Sessions};
use crate::names;
use crate::output::{self, Output};
use crate::table::table;

const HEADING: [&str; 5] = ["PID", "KIND", "PROFILE", "LOGIN", "FOLDER"];

pub(super) async fn run(choose: Option<&Sessions>, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let (pid, choice) = match choose {
        None => {
            list(&engine.snapshot(), output);
            return Ok(());
        }
        Some(Sessions::Pin { session, profile, .. }) => {
            let profile = names::find(&engine.snapshot(), profile)?.id.clone();
            return pin(session, Some(profile), engine, output).await;
        }
        Some(Sessions::Unpin { session, .. }) => return pin(session, None, engine, output).await,
        Some(Sessions::Choose { pid, choice, .. }) => (pid, choice),
    };
    let wanted = match choice {
        Choice::Leave => SessionChoice::Leave,
        Choice::WhenIdle => SessionChoice::WhenIdle,
        Choice::Restart => SessionChoice::Restart,
    };
    let Some((mut after, _)) = change(engine, Request::ChooseForSession { pid: *pid, choice: wanted }, output).await? else {
        return Ok(());
    };
    if wanted == SessionChoice::WhenIdle {
        after = wait_until_switched(*pid, engine, output).await;
    }
    list(&after, output);
    Ok(())
}

async fn pin(session: &str, profile: Option<ProfileId>, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let request = Request::PinSession { session: session.to_owned(), profile };
    if let Some((after, _)) = change(engine, request, output).await? {
        list(&after, output);
    }
    Ok(())
}

/// This process carries the choice out, so it stays until that is done.
async fn wait_until_switched(pid: u32, engine: &Engine, output: &Output) -> Snapshot {
    output.note("Waiting until no turn is running. Ctrl-C stops waiting and leaves the process as it is.");
    let mut latest = engine.subscribe();
    let done = latest.wait_for(|snapshot| !snapshot.sessions.iter().any(|session| session.pid == pid && session.stale));
    let _waiting = output.waiting(Work::Idle, Far::Unknown);
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
    let mut text = if rows.is_empty() { "no Codex process is running".to_owned() } else { table(HEADING, &rows, output::width()) };
    let name = |id: &ProfileId| snapshot.profiles.iter().find(|row| row.id == *id).map_or("a removed profile", |row| row.name.as_str());
    for pin in &snapshot.pins {
        // Writing into a text cannot fail.
        let _ = write!(text, "\nsession {} is tied to {}", pin.session, name(&pin.profile));
    }
    output.result(&text, &json!({ "sessions": snapshot.sessions, "pins": snapshot.pins }));
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
