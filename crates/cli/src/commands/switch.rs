//! Switching the live login, and undoing it.

use codex_lab_core::api::table::Request;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::snapshot::Snapshot;
use serde_json::json;

use super::list::live_line;
use super::{change, sessions};
use crate::args::Use;
use crate::names;
use crate::output::Output;

pub(super) async fn switch(wanted: &Use, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let before = engine.snapshot();
    let profile = wanted.name.as_deref().map(|name| names::find(&before, name).map(|profile| profile.id.clone())).transpose()?;
    let already = before.live.profile == profile && profile.is_some();
    let Some((after, _)) = change(engine, Request::SwitchTo { profile }, output).await? else { return Ok(()) };
    tell(&after, if already { "already live" } else { "live" }, output);
    Ok(())
}

pub(super) async fn undo(engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Some((after, _)) = change(engine, Request::UndoSwitch, output).await? else { return Ok(()) };
    tell(&after, "live again", output);
    Ok(())
}

fn tell(after: &Snapshot, how: &str, output: &Output) {
    output.result(&format!("{how}: {}", live_line(after)), &json!({ "live": after.live, "undo": after.undo, "sessions": after.sessions }));
    sessions::tell_stale(after, output);
}
