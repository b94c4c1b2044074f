//! The live login: once, or whenever it changes; in words, or as a line for a status bar.

use std::time::Duration;

use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::snapshot::{LiveState, ProfileRow, Snapshot};
use codex_lab_core::view::bar::bar;
use jiff::Zoned;
use serde_json::{Value, json};

use super::ending::{ended, unread};
use super::list::live_line;
use super::sessions;
use crate::args::{Format, Status};
use crate::bars;
use crate::output::{self, Output};
use crate::paint::{Text, Tone};

/// So often others are asked what they have noted, and the day is looked at: "resets Thu" is "resets 14:00" on that day.
const LOOK: Duration = Duration::from_secs(3);

pub(super) async fn run(wanted: &Status, engine: &Engine, output: &Output) -> Result<(), Failure> {
    if wanted.watch {
        return watch(wanted.format.as_ref(), engine, output).await;
    }
    let (snapshot, now) = (engine.snapshot(), engine.local_time());
    if let Some(format) = &wanted.format {
        output::print(&bars::line(&bar(&snapshot, &now), format, output.bar_colours()));
        return Ok(());
    }
    output.painted_result(&text(&snapshot, &now), &value(&snapshot));
    if let Some(failure) = &snapshot.live.failure {
        for hint in &failure.hints {
            output.hint(hint);
        }
    }
    if snapshot.live.state == LiveState::Unknown {
        output.hint("This login is no profile yet. `codex-lab capture` keeps it as one.");
    }
    sessions::tell_stale(&snapshot, output);
    Ok(())
}

/// Prints until nobody reads any more, or until it is told to end.
async fn watch(format: Option<&Format>, engine: &Engine, output: &Output) -> Result<(), Failure> {
    tokio::select! {
        () = say_changes(format, engine, output) => {}
        () = engine.watch() => {}
        () = unread() => {}
        () = ended() => {}
    }
    Ok(())
}

async fn say_changes(format: Option<&Format>, engine: &Engine, output: &Output) {
    let mut latest = engine.subscribe();
    let mut said = None;
    loop {
        let (snapshot, now) = (engine.snapshot(), engine.local_time());
        let line = match format {
            Some(format) => (Text::from(bars::line(&bar(&snapshot, &now), format, output.bar_colours())), Value::Null),
            None => (text(&snapshot, &now), value(&snapshot)),
        };
        if said.as_ref() != Some(&line) {
            if !output.goes_on(&line.0, &line.1) {
                return;
            }
            said = Some(line);
        }
        tokio::select! {
            _ = latest.changed() => {}
            () = tokio::time::sleep(LOOK) => {
                if let Err(failure) = engine.hear_quota().await {
                    tracing::warn!(code = ?failure.code, %failure, "what others know of quota cannot be read");
                }
            }
        }
    }
}

fn text(snapshot: &Snapshot, now: &Zoned) -> Text {
    let mut text = Text::from(live_line(snapshot));
    if let Some(line) = live(snapshot).and_then(|profile| super::quota::line(profile, now)) {
        text.push("\n", Tone::Plain);
        text.append(line);
    }
    text
}

fn value(snapshot: &Snapshot) -> Value {
    let quota = live(snapshot).map(|profile| &profile.quota);
    json!({ "live": snapshot.live, "quota": quota, "undo": snapshot.undo, "sessions": snapshot.sessions })
}

fn live(snapshot: &Snapshot) -> Option<&ProfileRow> {
    snapshot.profiles.iter().find(|profile| profile.live)
}
