//! Weeks: what would be started, what was, and what all of the background costs.

use std::collections::BTreeMap;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::details::ProfileDetails;
use codex_lab_core::model::prime::PrimeRecord;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::view::prime as words;
use jiff::{Timestamp, Zoned};
use serde_json::json;

use super::{change, change_for_reply};
use crate::args::Prime;
use crate::names;
use crate::output::{self, Output};
use crate::table::table;

/// Requests that are listed for people; `--json` has more.
const REQUESTS_SHOWN: usize = 20;

type Names = BTreeMap<ProfileId, String>;

pub(super) async fn run(wanted: &Prime, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let only = wanted.name.as_deref().map(|name| names::find(&engine.snapshot(), name).cloned()).transpose()?;
    match &only {
        Some(profile) if wanted.on || wanted.off => {
            let details = ProfileDetails { prime: wanted.on, ..profile.details.clone() };
            let request = Request::SetDetails { profile: profile.id.clone(), details };
            let Some((after, _)) = change(engine, request, output).await? else { return Ok(()) };
            let how = if wanted.on { "weeks are started from now on" } else { "weeks are left alone" };
            output.result(&format!("{}'s {how}", profile.name), &after.profiles.iter().find(|row| row.id == profile.id));
            if wanted.on {
                output.hint("The app, or `codex-lab serve`, does it while it runs. `codex-lab prime` shows what it would do now.");
            }
            Ok(())
        }
        Some(profile) if wanted.now => now(&profile.id, &profile.name, engine, output).await,
        _ if wanted.history => history(only.as_ref().map(|row| &row.id), engine, output).await,
        _ => preview(only.as_ref().map(|row| &row.id), engine, output).await,
    }
}

/// What was asked in the background.
pub(super) async fn background(engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Reply::Background { budget, used, requests } = engine.handle(Request::Background).await? else { return Err(not_answered()) };
    let now = engine.local_time();
    let names: Names = used.iter().map(|used| (used.profile.clone(), used.name.clone())).collect();
    let costs: Vec<_> = used.iter().map(|used| [used.name.clone(), format!("{} of {budget}", used.used)]).collect();
    let mut text = table(["PROFILE", "LAST 24 HOURS"], &costs, output::width());
    if !requests.is_empty() {
        let shown = requests.iter().take(REQUESTS_SHOWN);
        let rows = shown.map(|request| {
            [moment(request.at, &now), name(&names, &request.profile), request.host.clone(), words::purpose(request.purpose).to_owned()]
        });
        text += "\n\n";
        text += &table(["WHEN", "PROFILE", "ASKED", "TO"], &rows.collect::<Vec<_>>(), output::width());
    }
    output.result(&text, &json!({ "budget": budget, "used": used, "requests": requests }));
    if engine.snapshot().settings.conservative {
        output.hint("Nothing is sent in the background now: `codex-lab settings conservative off` changes that.");
    }
    Ok(())
}

async fn now(id: &ProfileId, name: &str, engine: &Engine, output: &Output) -> Result<(), Failure> {
    if !output.is_dry_run() {
        output.note("looking whether the week has started; that takes two readings a minute apart");
    }
    let Some(reply) = change_for_reply(engine, Request::PrimeNow { profile: id.clone() }, output).await? else { return Ok(()) };
    let Reply::Primed { record } = reply else { return Err(not_answered()) };
    let model = record.model.as_deref().unwrap_or("no model");
    let outcome = words::outcome(&record, &engine.local_time());
    output.result(&format!("{name}: asked {model} ({}); {outcome}", words::cost(&record)), &record);
    Ok(())
}

async fn preview(only: Option<&ProfileId>, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Reply::Primes { mut previews, address, body, .. } = engine.handle(Request::Primes).await? else { return Err(not_answered()) };
    previews.retain(|preview| only.is_none_or(|only| preview.profile == *only));
    let now = engine.local_time();
    let on = |opted_in| if opted_in { "on" } else { "off" }.to_owned();
    let rows = previews.iter().map(|preview| [preview.name.clone(), on(preview.opted_in), words::preview(preview, &now)]);
    let mut text = table(["PROFILE", "PRIMING", "NOW"], &rows.collect::<Vec<_>>(), output::width());
    if only.is_some() {
        text = format!("{text}\n\nwould send to {address}\n{body}");
    }
    output.result(&text, &json!({ "previews": previews, "address": address, "body": body }));
    if previews.iter().all(|preview| !preview.opted_in) {
        output.hint("Nothing is ever sent unless you switch it on: `codex-lab prime NAME --on`.");
    }
    Ok(())
}

async fn history(only: Option<&ProfileId>, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Reply::Primes { mut records, names, .. } = engine.handle(Request::Primes).await? else { return Err(not_answered()) };
    records.retain(|record| only.is_none_or(|only| record.profile == *only));
    let now = engine.local_time();
    let row = |record: &PrimeRecord| {
        let (when, model) = (moment(record.sent_at.unwrap_or(record.reserved_at), &now), record.model.clone().unwrap_or_default());
        [when, name(&names, &record.profile), model, words::cost(record), record.attempts.to_string(), words::outcome(record, &now)]
    };
    let rows: Vec<_> = records.iter().map(row).collect();
    let mut text = "no week was started yet".to_owned();
    if !rows.is_empty() {
        text = table(["WHEN", "PROFILE", "MODEL", "COST", "TRIES", "OUTCOME"], &rows, output::width());
    }
    output.result(&text, &json!({ "records": records, "names": names }));
    Ok(())
}

fn name(names: &Names, id: &ProfileId) -> String {
    names.get(id).cloned().unwrap_or_else(|| "a removed profile".to_owned())
}

fn moment(at: Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    let form = if at.date() == now.date() { "%H:%M:%S" } else { "%-d %b %H:%M" };
    at.strftime(form).to_string()
}

fn not_answered() -> Failure {
    Failure::new(Code::Internal, "The answer is not one to this question.").hint("Please report this.")
}
