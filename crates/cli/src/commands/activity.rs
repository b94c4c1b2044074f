//! Activity: what happened, and why.

use std::collections::BTreeMap;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::activity::{ActivityEntry, ActivityFilter};
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::view::activity as words;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde_json::json;

use crate::args::Activity;
use crate::names;
use crate::output::{self, Output};
use crate::paint::{Text, Tone};
use crate::table::painted;

/// The first line of comma-separated values.
const HEADING: &str = "at,kind,what,from,to,why,until,session,model,code";

type Names = BTreeMap<ProfileId, String>;

pub(super) async fn run(wanted: &Activity, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let snapshot = engine.snapshot();
    let now = engine.local_time();
    let filter = ActivityFilter {
        kinds: wanted.kind.clone(),
        profile: wanted.name.as_ref().map(|name| names::find(&snapshot, name).map(|row| row.id.clone())).transpose()?,
        search: wanted.search.clone(),
        since: wanted.last.map(|hours| now.timestamp().saturating_sub(SignedDuration::from_hours(hours.into())).unwrap_or(Timestamp::MIN)),
        limit: Some(wanted.limit),
        ..ActivityFilter::default()
    };
    let Reply::Activity { entries, names, next } = engine.handle(Request::Activity { filter }).await? else {
        return Err(Failure::new(Code::Internal, "The answer is not one to this question.").hint("Please report this."));
    };
    if wanted.csv {
        output::print(&csv(&entries, &names));
    } else {
        let text = if entries.is_empty() { Text::from("nothing has happened yet") } else { listed(&entries, &names, &now) };
        output.painted_result(&text, &json!({ "entries": entries, "names": names, "next": next }));
    }
    if next.is_some() {
        output.hint("There is more: say --limit 500, or search for less with --kind, --last or --search.");
    }
    Ok(())
}

/// A line for each entry, the newest first.
fn listed(entries: &[ActivityEntry], names: &Names, now: &Zoned) -> Text {
    let row = |entry: &ActivityEntry| {
        let tone = if entry.what.is_bad() { Tone::Warn } else { Tone::Plain };
        let times = if entry.times > 1 { format!(" ({} times)", entry.times) } else { String::new() };
        let what = Text::default().with(&words::what(entry, names), tone).with(&times, Tone::Plain);
        vec![Text::from(moment(entry.at, now)), what, Text::from(words::why(entry)), Text::from(words::until(entry, now))]
    };
    painted(&["WHEN", "WHAT", "WHY", "UNTIL"], &entries.iter().map(row).collect::<Vec<_>>(), None)
}

/// RFC 4180, but for the ends of lines, which are those of text files here.
fn csv(entries: &[ActivityEntry], names: &Names) -> String {
    let name =
        |id: &Option<ProfileId>| id.as_ref().map(|id| names.get(id).map_or_else(|| id.to_string(), Clone::clone)).unwrap_or_default();
    let line = |entry: &ActivityEntry| {
        let code = serde_json::to_value(entry.code).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
        let cells = [
            entry.at.to_string(),
            entry.kind.as_str().to_owned(),
            entry.what.as_str().to_owned(),
            name(&entry.from),
            name(&entry.to),
            words::why(entry),
            entry.until.map(|until| until.to_string()).unwrap_or_default(),
            entry.session.clone().unwrap_or_default(),
            entry.model.clone().unwrap_or_default(),
            code,
        ];
        cells.map(|cell| quoted(&cell)).join(",")
    };
    [HEADING.to_owned()].into_iter().chain(entries.iter().map(line)).collect::<Vec<_>>().join("\n")
}

/// A cell, in quotes where it would be taken for more than one.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// "14:05" today, "20 Nov 14:05" otherwise.
fn moment(at: Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    let form = if at.date() == now.date() { "%H:%M" } else { "%-d %b %H:%M" };
    at.strftime(form).to_string()
}
