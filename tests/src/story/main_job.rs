//! The main job, step by step: sign in to three accounts, switch from the tray, the real Codex CLI follows.

use std::path::Path;

use super::stage::{PATIENCE, Stage, StoryError};
use super::tray::Line;
use crate::sandbox::Endpoint;

/// Hears each step as it happens.
pub type Listener<'a> = &'a mut (dyn FnMut(&str) + Send);

/// Tells it all. Pictures go into `pictures`.
pub async fn tell(stage: &Stage, pictures: &Path, say: Listener<'_>) -> Result<(), StoryError> {
    say("The app runs; its icon is in the tray.");
    for account in ["main", "work", "backup"] {
        sign_in(stage, account, say).await?;
    }
    show_menu(stage, pictures, say).await?;

    say("A click on `main` in the tray menu.");
    switch(stage, "main").await?;
    exec_answers_as(stage, "main", say).await?;

    say("A conversation is opened in the Codex CLI; its daemon starts.");
    let conversation = stage.converse().await?;
    conversation.say("who is there", PATIENCE).await?;
    conversation.wait_for("hello from main", PATIENCE).await?;
    say("  it is answered on `main`'s account.");

    say("A click on `backup` in the tray menu.");
    switch(stage, "backup").await?;
    exec_answers_as(stage, "backup", say).await?;

    say("The open conversation still runs on `main`; the tray menu says so and offers to restart its daemon. A click on that.");
    stage.tray.click("Restart Codex daemon", PATIENCE).await?;
    stage.tray.wait_until("no stale session", PATIENCE, |lines| !lines.is_empty() && !any(lines, "Restart Codex daemon")).await?;
    conversation.say("and now", PATIENCE).await?;
    let screen = conversation.wait_for("hello from backup", PATIENCE).await?;
    if !screen.contains("who is there") {
        return Err(StoryError::Wrong("the conversation was lost when its daemon was restarted".to_owned()));
    }
    say("  the same conversation goes on, on `backup`'s account.");
    drop(conversation);

    say("A click on `Undo last switch`.");
    stage.tray.click("Undo last switch (back to main)", PATIENCE).await?;
    stage.tray.wait_until("Codex uses main", PATIENCE, |lines| is_live(lines, "main")).await?;
    exec_answers_as(stage, "main", say).await?;

    let counters = stage.sandbox.counters();
    if counters.replays > 0 || counters.families_revoked > 0 || counters.revokes > 0 {
        return Err(StoryError::Wrong(format!("a login was spent twice or revoked: {counters:?}")));
    }
    say("No refresh token was spent twice, and none was revoked.");
    Ok(())
}

async fn sign_in(stage: &Stage, account: &str, say: Listener<'_>) -> Result<(), StoryError> {
    let visits = stage.browser.visits()?.len();
    stage.browser.pick(account)?;
    say("A click on `Add account…` in the tray menu.");
    stage.tray.click("Add account…", PATIENCE).await?;
    let signed_in = |lines: &[Line]| any(lines, account) && any(lines, "Add account…");
    stage.tray.wait_until(account, PATIENCE, signed_in).await?;
    match stage.browser.visits()?.get(visits..) {
        Some([visit]) => say(&format!("  the browser opened by itself; the user picked {account}; the page says: {visit}")),
        other => return Err(StoryError::Wrong(format!("the browser should have been opened once: {other:?}"))),
    }
    Ok(())
}

async fn show_menu(stage: &Stage, pictures: &Path, say: Listener<'_>) -> Result<(), StoryError> {
    let lines = stage.tray.lines().await?;
    say("The tray menu, read over D-Bus:");
    for line in &lines {
        say(&format!("  {} {}", if line.checked { "●" } else { " " }, line.label));
    }
    for account in ["main", "work", "backup"] {
        if !any(&lines, account) {
            return Err(StoryError::Wrong(format!("the tray menu does not list {account}")));
        }
    }
    stage.open_tray_menu().await?;
    stage.picture(&pictures.join("tray-menu.png")).await?;
    stage.close_tray_menu().await
}

async fn switch(stage: &Stage, account: &str) -> Result<(), StoryError> {
    stage.tray.click(&format!("{account} — "), PATIENCE).await?;
    stage.tray.wait_until(&format!("Codex uses {account}"), PATIENCE, |lines| is_live(lines, account)).await?;
    Ok(())
}

/// Runs `codex exec`, and looks at the provider's end whose token came.
async fn exec_answers_as(stage: &Stage, account: &str, say: Listener<'_>) -> Result<(), StoryError> {
    let before = stage.sandbox.requests().last().map_or(0, |record| record.seq);
    let run = stage.codex.exec(&stage.home, "say hi", PATIENCE).await?;
    let turns = stage.sandbox.requests_after(before).into_iter().filter(|record| record.endpoint == Endpoint::Responses);
    let callers: Vec<String> = turns.filter_map(|record| record.account).collect();
    if callers.is_empty() || callers.iter().any(|caller| caller != account) {
        return Err(StoryError::Wrong(format!("`codex exec` should have used {account}'s token; the provider saw {callers:?}")));
    }
    say(&format!("  `codex exec` prints {:?}; the token that reached the provider is {account}'s.", run.stdout.trim()));
    Ok(())
}

fn any(lines: &[Line], label: &str) -> bool {
    lines.iter().any(|line| line.label.starts_with(label))
}

fn is_live(lines: &[Line], account: &str) -> bool {
    any(lines, &format!("Codex uses {account}")) && lines.iter().any(|line| line.checked && line.label.starts_with(account))
}
