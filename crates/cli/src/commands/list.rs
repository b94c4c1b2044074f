//! Looking: the profiles, one profile, the live login.

use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::profile::ProfileKind;
use codex_lab_core::model::snapshot::{LiveState, ProfileRow, ProfileState, Snapshot};
use serde_json::json;

use super::sessions;
use crate::names;
use crate::output::{self, Output};
use crate::table::table;

pub(super) fn list(engine: &Engine, output: &Output) {
    let snapshot = engine.snapshot();
    output.result(&rows(&snapshot), &json!({ "profiles": snapshot.profiles, "live": snapshot.live }));
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
    output.result(&lines.join("\n"), profile);
    Ok(())
}

pub(super) fn status(engine: &Engine, output: &Output) {
    let snapshot = engine.snapshot();
    output.result(&live_line(&snapshot), &json!({ "live": snapshot.live, "undo": snapshot.undo, "sessions": snapshot.sessions }));
    if let Some(failure) = &snapshot.live.failure {
        for hint in &failure.hints {
            output.hint(hint);
        }
    }
    if snapshot.live.state == LiveState::Unknown {
        output.hint("This login is no profile yet. `codex-lab capture` keeps it as one.");
    }
    sessions::tell_stale(&snapshot, output);
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

fn rows(snapshot: &Snapshot) -> String {
    if snapshot.profiles.is_empty() {
        return String::new();
    }
    let cells = |profile: &ProfileRow| {
        [
            if profile.live { "*" } else { "" }.to_owned(),
            profile.name.clone(),
            profile.details.label.clone().unwrap_or_default(),
            if profile.details.drain { format!("{}, drains", state(profile)) } else { state(profile).to_owned() },
            profile.plan.clone().unwrap_or_else(|| kind(profile).to_owned()),
            profile.email.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = snapshot.profiles.iter().map(cells).collect();
    if snapshot.profiles.iter().any(|profile| profile.details.label.is_some()) {
        return table(["", "NAME", "LABEL", "STATE", "PLAN", "E-MAIL"], &rows, output::width());
    }
    let rows: Vec<_> = rows.into_iter().map(|[live, name, _, state, plan, email]| [live, name, state, plan, email]).collect();
    table(["", "NAME", "STATE", "PLAN", "E-MAIL"], &rows, output::width())
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
