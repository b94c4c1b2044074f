//! Changing profiles.

use codex_lab_core::api::table::Request;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snapshot::Snapshot;
use serde_json::json;

use super::change;
use crate::args::Remove;
use crate::names;
use crate::output::{self, Output};
use crate::prompt::{self, Input};

pub(super) async fn capture(engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Some((_, items)) = change(engine, Request::CaptureLive, output).await? else { return Ok(()) };
    super::login::tell_items(&items, output);
    Ok(())
}

pub(super) async fn rename(name: &str, new_name: &str, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let before = names::find(&engine.snapshot(), name)?.clone();
    let Some((after, _)) = change(engine, Request::Rename { profile: before.id.clone(), name: new_name.to_owned() }, output).await? else {
        return Ok(());
    };
    let renamed = after.profiles.iter().find(|row| row.id == before.id);
    output.result(&format!("{} is now {}", before.name, renamed.map_or(new_name, |row| &row.name)), &renamed);
    Ok(())
}

pub(super) async fn renew(name: &str, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let profile = names::find(&engine.snapshot(), name)?.clone();
    let Some((after, _)) = change(engine, Request::Renew { profile: profile.id.clone() }, output).await? else { return Ok(()) };
    output.result(&format!("{}'s login is renewed", profile.name), &after.profiles.iter().find(|row| row.id == profile.id));
    Ok(())
}

pub(super) async fn pause(name: &str, paused: bool, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let profile = names::find(&engine.snapshot(), name)?.clone();
    let Some((after, _)) = change(engine, Request::SetPaused { profile: profile.id.clone(), paused }, output).await? else { return Ok(()) };
    let how = if paused { "is paused" } else { "is in use again" };
    output.result(&format!("{} {how}", profile.name), &after.profiles.iter().find(|row| row.id == profile.id));
    Ok(())
}

pub(super) async fn reorder(name: &str, position: u32, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let before = engine.snapshot();
    let profile = names::find(&before, name)?.id.clone();
    let mut order: Vec<_> = before.profiles.iter().map(|row| row.id.clone()).filter(|id| *id != profile).collect();
    let place = usize::try_from(position - 1).unwrap_or(usize::MAX).min(order.len());
    order.insert(place, profile);
    let Some((after, _)) = change(engine, Request::Reorder { profiles: order }, output).await? else { return Ok(()) };
    output.result(&order_line(&after), &json!({ "profiles": after.profiles }));
    Ok(())
}

pub(super) async fn remove(remove: &Remove, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let before = engine.snapshot();
    let Some(name) = &remove.name else {
        let Some((after, _)) = change(engine, Request::UndoRemove, output).await? else { return Ok(()) };
        let back = after.profiles.iter().find(|row| before.profiles.iter().all(|old| old.id != row.id));
        output.result(&format!("{} is back", back.map_or("the profile", |row| &row.name)), &back);
        return Ok(());
    };
    let profile = names::find(&before, name)?;
    let name = &profile.name;
    if remove.sign_out && !remove.yes && !output.is_dry_run() {
        confirm_sign_out(name).await?;
    }
    let Some((after, _)) = change(engine, Request::Remove { profile: profile.id.clone(), sign_out: remove.sign_out }, output).await? else {
        return Ok(());
    };
    if remove.sign_out {
        output.result(&format!("{name} is removed and signed out at the provider"), &json!({ "removed": name, "signed_out": true }));
    } else {
        output.result(&format!("{name} is removed here; nothing was revoked"), &json!({ "removed": name, "signed_out": false }));
        output.hint("`codex-lab remove --undo` brings it back.");
    }
    if before.live.profile.is_some() && before.live.profile != after.live.profile {
        output.note(&format!("The live login is now: {}", super::list::live_line(&after)));
    }
    Ok(())
}

/// Signing out cannot be undone, so it is never done unasked.
async fn confirm_sign_out(name: &str) -> Result<(), Failure> {
    if !output::can_ask() {
        return Err(Failure::new(Code::InvalidInput, format!("Signing {name} out at the provider cannot be undone."))
            .hint("Say --yes if you are sure.")
            .hint("Leave out --sign-out to forget the profile here only."));
    }
    let sure = Input::new().agrees(&format!("Sign {name} out at the provider? This cannot be undone.")).await?;
    if sure { Ok(()) } else { Err(prompt::cancelled()) }
}

fn order_line(snapshot: &Snapshot) -> String {
    snapshot.profiles.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ")
}
