//! How fast quota is used, until when it lasts, and what was used when.

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::quota::{Forecast, HistoryPoint, Minutes, Percent, UsageHistory, WindowNote, WindowView};
use codex_lab_core::model::snapshot::Snapshot;
use codex_lab_core::view::{forecast, times};
use jiff::{Timestamp, Zoned};

use crate::args::Usage;
use crate::names;
use crate::output::{self, Output};
use crate::table::table;

/// The name of the line for all profiles.
const TOGETHER: &str = "all together";

pub(super) async fn run(wanted: &Usage, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let snapshot = engine.snapshot();
    let profile = match &wanted.name {
        Some(name) => Some(names::find(&snapshot, name)?.id.clone()),
        None => None,
    };
    let Reply::UsageHistory { history } = engine.handle(Request::UsageHistory { profile, hours: wanted.last }).await? else {
        return Err(Failure::new(Code::Internal, "The answer is not one to this question.").hint("Please report this."));
    };
    if wanted.csv {
        output::print(&csv(&history));
        return Ok(());
    }
    let now = engine.local_time();
    let text = if wanted.history { listed(&history, &now) } else { forecasts(&history, &snapshot, &now) };
    output.result(&text, &history);
    if history.windows.is_empty() {
        output.hint("Quota is known once a profile was used, or the app has asked for it.");
    }
    Ok(())
}

/// The first line of comma-separated values.
const HEADING: &str = "profile,window_minutes,at,used_percent";

/// A line for each window, and for all together.
fn forecasts(history: &UsageHistory, snapshot: &Snapshot, now: &Zoned) -> String {
    let left = |window: &&WindowView| match window.note {
        WindowNote::ResetUnverified => "reset, unverified".to_owned(),
        _ => format!("{} %", window.left_percent.rounded_up()),
    };
    let mut rows = Vec::new();
    for window in &history.windows {
        let row = snapshot.profiles.iter().find(|row| row.id == window.profile);
        let shown = row.and_then(|row| row.quota.main_windows().iter().find(|shown| shown.minutes == window.minutes));
        rows.push(row_of(&window.name, window.minutes, shown.as_ref().map(left).unwrap_or_default(), window.forecast.as_ref(), now));
    }
    for together in &history.together {
        let left = together.points.last().map(|point| format!("{} %", point.used_percent.rest().rounded_up()));
        rows.push(row_of(TOGETHER, together.minutes, left.unwrap_or_default(), together.forecast.as_ref(), now));
    }
    if rows.is_empty() { "no quota is known yet".to_owned() } else { table(["PROFILE", "WINDOW", "LEFT", "PACE", "FORECAST"], &rows, None) }
}

fn row_of(name: &str, minutes: Minutes, left: String, seen: Option<&Forecast>, now: &Zoned) -> [String; 5] {
    let (pace, end) = match seen {
        Some(seen) => (forecast::pace(seen), forecast::end(seen, now)),
        None => ("too little was seen".to_owned(), String::new()),
    };
    [name.to_owned(), times::window(minutes.get()), left, pace, end]
}

/// What was used when, a line for each point.
fn listed(history: &UsageHistory, now: &Zoned) -> String {
    let time = |at: Timestamp| at.to_zoned(now.time_zone().clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let mut rows = Vec::new();
    for window in &history.windows {
        for HistoryPoint { at, used_percent } in &window.points {
            rows.push([window.name.clone(), times::window(window.minutes.get()), time(*at), shown(*used_percent)]);
        }
    }
    if rows.is_empty() { "no history is known yet".to_owned() } else { table(["PROFILE", "WINDOW", "SEEN", "USED"], &rows, None) }
}

fn shown(percent: Percent) -> String {
    format!("{} %", percent.get())
}

/// RFC 4180, but for the ends of lines, which are those of text files here.
fn csv(history: &UsageHistory) -> String {
    let lines = history.windows.iter().flat_map(|window| {
        let name = window.name.replace('"', "\"\"");
        let minutes = window.minutes.get();
        window.points.iter().map(move |HistoryPoint { at, used_percent }| format!("\"{name}\",{minutes},{at},{}", used_percent.get()))
    });
    [HEADING.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}
