//! The lines of the pages that are read: limits, why, help.

use std::collections::BTreeMap;

use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::view::words;

use super::canvas::{filled, wrapped};
use super::state::{Page, State};
use super::{keys, rows, sign_in_page};
use crate::commands::why;
use crate::paint::{Text, Tone};

/// Columns of a bar on the page of limits.
const BAR: usize = 20;
/// Columns of a key on the page of help.
const KEY: usize = 11;

/// What a page is about.
pub(super) fn title(state: &State) -> String {
    match state.page {
        Page::List => String::new(),
        Page::SignIn => sign_in_page::title(state),
        Page::Limits => format!("Limits of {}", state.selected().map(|row| words::name(row, &state.snapshot)).unwrap_or_default()),
        Page::Why => "Who served, and why".to_owned(),
        Page::Help => "Keys".to_owned(),
    }
}

/// All lines of a page, of at most so many columns each.
pub(super) fn lines(state: &State, columns: usize) -> Vec<Text> {
    match state.page {
        Page::List => Vec::new(),
        Page::SignIn => sign_in_page::lines(state, columns),
        Page::Limits => limits(state, columns),
        Page::Why => decisions(state, columns),
        Page::Help => help(columns),
    }
}

fn limits(state: &State, columns: usize) -> Vec<Text> {
    let Some(row) = state.selected() else { return plain("There is no profile.", columns) };
    let mut lines = Vec::new();
    for known in rows::known(state, row) {
        if let Some(gauge) = &known.gauge {
            let mut line = Text::default().with(&known.window, Tone::Strong).with("  ", Tone::Plain);
            line.append(rows::bar(gauge, BAR.min(columns / 2)).unwrap_or_default());
            lines.push(line.trimmed());
        }
        lines.extend(broken(&known.text, columns));
        lines.push(Text::default());
    }
    lines
}

fn decisions(state: &State, columns: usize) -> Vec<Text> {
    let Some((decisions, names)) = &state.decisions else { return plain("Looking…", columns) };
    if decisions.is_empty() {
        return plain("No decision is known. They are made for what comes through the gateway: `codex-lab run -- codex`.", columns);
    }
    let names: BTreeMap<ProfileId, String> = names.iter().map(|(id, name)| (id.clone(), shown(state, id, name))).collect();
    let mut lines = Vec::new();
    for decision in decisions {
        lines.extend(why::drawn(decision, &names, &state.now).lines().iter().flat_map(|line| broken(line, columns)));
        lines.push(Text::default());
    }
    lines
}

/// A profile's name as it is shown here, also of one that is there no more.
fn shown(state: &State, id: &ProfileId, name: &str) -> String {
    let is_there = state.snapshot.profiles.iter().any(|row| row.id == *id);
    if is_there || state.snapshot.settings.private_notifications { state.name(id) } else { words::plain(name) }
}

fn help(columns: usize) -> Vec<Text> {
    let mut lines = Vec::new();
    for (key, what) in keys::ALL {
        if key.is_empty() {
            if !lines.is_empty() {
                lines.push(Text::default());
            }
            lines.push(Text::default().with(what, Tone::Lead));
            continue;
        }
        for (place, part) in wrapped(what, columns.saturating_sub(KEY)).iter().enumerate() {
            let key = if place == 0 { *key } else { "" };
            let line = filled(&Text::default().with(key, Tone::Strong), KEY);
            lines.push(line.with(part, Tone::Plain));
        }
    }
    lines
}

/// A line with its tones if it fits; else broken between words, what follows set in.
fn broken(line: &Text, columns: usize) -> Vec<Text> {
    if line.width() <= columns {
        return vec![line.clone()];
    }
    let text = line.written(false);
    let inset = text.len() - text.trim_start().len();
    let wrapped = wrapped(&text, columns.saturating_sub(inset + 2));
    let set = |(place, part): (usize, &String)| Text::from(format!("{}{part}", " ".repeat(inset + if place > 0 { 2 } else { 0 })));
    wrapped.iter().enumerate().map(set).collect()
}

fn plain(text: &str, columns: usize) -> Vec<Text> {
    wrapped(text, columns).iter().map(Text::from).collect()
}
