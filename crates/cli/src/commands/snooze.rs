//! Hearing nothing of quota for a while.

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snooze::Snooze as How;
use codex_lab_core::view::times;
use serde_json::json;

use super::change_for_reply;
use crate::args::Snooze;
use crate::names;
use crate::output::Output;

pub(super) async fn run(wanted: &Snooze, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let row = wanted.name.as_deref().map(|name| names::find(&engine.snapshot(), name).cloned()).transpose()?;
    let profile = row.as_ref().map(|row| row.id.clone());
    let how = match wanted.hours {
        _ if wanted.off => How::Off,
        Some(hours) => How::Hours { hours },
        None => How::Reset,
    };
    let Some(reply) = change_for_reply(engine, Request::Snooze { profile: profile.clone(), how }, output).await? else { return Ok(()) };
    let Reply::Snoozed { until } = reply else {
        return Err(Failure::new(Code::Internal, "The answer is not one to this question.").hint("Please report this."));
    };
    let whose = row.as_ref().map_or_else(|| "all profiles'".to_owned(), |row| format!("{}'s", row.name));
    let text = match until {
        Some(until) => {
            let now = engine.local_time();
            let left = times::span(until.duration_since(now.timestamp()));
            format!("nothing is told of {whose} quota until {} ({left} left)", times::moment(until, &now))
        }
        None => format!("{whose} quota is told of again"),
    };
    output.result(&text, &json!({ "profile": profile, "until": until }));
    if !engine.snapshot().settings.notifications {
        output.hint("Notifications are off for all: `codex-lab settings notifications on` changes that.");
    }
    Ok(())
}
