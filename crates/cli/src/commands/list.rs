//! Looking: the profiles, and one profile.

use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::profile::ProfileKind;
use codex_lab_core::model::snapshot::{LiveState, ProfileRow, ProfileState, Snapshot};
use jiff::Zoned;
use serde_json::json;

use crate::names;
use crate::output::{self, Output};
use crate::paint::Text;
use crate::table::painted;

pub(super) fn list(engine: &Engine, output: &Output) {
    let snapshot = engine.snapshot();
    output.painted_result(&rows(&snapshot, &engine.local_time()), &json!({ "profiles": snapshot.profiles, "live": snapshot.live }));
    if snapshot.profiles.is_empty() {
        output.hint("There are no profiles yet. `codex-lab login` adds an account.");
    }
    if let Some(failure) = &snapshot.vault.failure {
        output.note(&format!("note: {}", failure.message));
        failure.hints.iter().for_each(|hint| output.hint(hint));
    }
}

pub(super) fn show(name: &str, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let snapshot = engine.snapshot();
    let profile = names::find(&snapshot, name)?;
    let mut lines = vec![
        format!("name     {}", profile.name),
        format!("state    {}", state(profile)),
        format!("live     {}", if profile.live { "yes" } else { "no" }),
        format!("sign-in  {}", kind(profile)),
    ];
    lines.extend(profile.email.as_ref().map(|email| format!("e-mail   {email}")));
    lines.extend(profile.plan.as_ref().map(|plan| format!("plan     {plan}")));
    lines.extend(super::remarks::lines(&profile.details));
    lines.push(format!("added    {}", profile.added_at.strftime("%Y-%m-%d %H:%M UTC")));
    lines.extend(profile.last_live_at.map(|at| format!("used     {}", at.strftime("%Y-%m-%d %H:%M UTC"))));
    let mut text = Text::from(lines.join("\n"));
    text.append(super::quota::all(profile, &engine.local_time()));
    output.painted_result(&text, profile);
    Ok(())
}

/// The live login in one line.
pub(super) fn live_line(snapshot: &Snapshot) -> String {
    let live = &snapshot.live;
    let who = || match (&live.email, &live.plan) {
        (Some(email), Some(plan)) => format!("{email}, {plan}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => "API key".to_owned(),
    };
    match live.state {
        LiveState::None => "no login".to_owned(),
        LiveState::Profile => {
            let name =
                snapshot.profiles.iter().find(|profile| Some(&profile.id) == live.profile.as_ref()).map_or("?", |profile| &profile.name);
            format!("{name} ({})", who())
        }
        LiveState::Unknown => format!("{} (no profile)", who()),
        LiveState::Unreadable | LiveState::Elsewhere => {
            live.failure.as_ref().map_or_else(|| "unknown".to_owned(), |failure| failure.message.clone())
        }
    }
}

fn rows(snapshot: &Snapshot, now: &Zoned) -> Text {
    if snapshot.profiles.is_empty() {
        return Text::default();
    }
    // A column that nobody has anything for takes no room.
    let labels = snapshot.profiles.iter().any(|profile| profile.details.label.is_some());
    let quota = snapshot.profiles.iter().any(|profile| !profile.quota.families.is_empty());
    let columns = [("", true), ("NAME", true), ("LABEL", labels), ("STATE", true), ("PLAN", true), ("LEFT", quota), ("E-MAIL", true)];
    let row = |profile: &ProfileRow| -> Vec<Text> {
        let cells = [
            if profile.live { "*" } else { "" }.into(),
            (&profile.name).into(),
            profile.details.label.clone().unwrap_or_default().into(),
            if profile.details.drain { format!("{}, drains", state(profile)) } else { state(profile).to_owned() }.into(),
            profile.plan.clone().unwrap_or_else(|| kind(profile).to_owned()).into(),
            super::quota::line(profile, now).unwrap_or_default(),
            profile.email.clone().unwrap_or_default().into(),
        ];
        cells.into_iter().zip(columns).filter_map(|(cell, (_, shown))| shown.then_some(cell)).collect()
    };
    let heading: Vec<&str> = columns.into_iter().filter_map(|(name, shown)| shown.then_some(name)).collect();
    painted(&heading, &snapshot.profiles.iter().map(row).collect::<Vec<_>>(), output::width())
}

fn state(profile: &ProfileRow) -> &'static str {
    match profile.state {
        ProfileState::Ready => "ready",
        ProfileState::Paused => "paused",
        ProfileState::NeedsSignIn => "needs sign-in",
        ProfileState::Unreadable => "login damaged",
        ProfileState::Locked => "locked",
    }
}

fn kind(profile: &ProfileRow) -> &'static str {
    match profile.kind {
        ProfileKind::Chatgpt => "ChatGPT",
        ProfileKind::ApiKey => "API key",
    }
}
