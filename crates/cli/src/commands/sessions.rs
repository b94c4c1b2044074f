//! Running Codex processes, and what happens to those on the old login.

use codex_lab_core::api::table::Request;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::snapshot::{Session, SessionChoice, SessionKind, Snapshot};
use serde_json::json;

use super::ask;
use crate::args::{Choice, Sessions};
use crate::output::Output;
use crate::table::table;

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
                if session.stale { "old login" } else { "" }.to_owned(),
                session.folder.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let text =
        if rows.is_empty() { "no Codex process is running".to_owned() } else { table(["PID", "KIND", "PROFILE", "", "FOLDER"], &rows) };
    output.result(&text, &json!({ "sessions": snapshot.sessions }));
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
