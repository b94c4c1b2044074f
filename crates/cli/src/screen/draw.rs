//! The screen as a picture of the state: from above a title, what asks for attention, the list or a page, and the foot.

use codex_lab_core::view::words;
use ratatui::Frame;
use ratatui::buffer::Buffer;

use super::canvas::{apart, put, wrapped};
use super::sizes::{self, LEAST, Sizes};
use super::state::{Page, State};
use super::{pages, rows};
use crate::paint::{Text, Tone};

/// Draws all of it.
pub(super) fn draw(state: &State, frame: &mut Frame<'_>) {
    if sizes::too_small(state) {
        return refuse(state, frame.buffer_mut());
    }
    let columns = sizes::columns(state);
    let sizes = sizes::sizes(state);
    let mut lines = vec![title(state, columns)];
    lines.extend(sizes.attention.clone());
    let above = lines.len();
    lines.extend(if state.page == Page::List { list(state, &sizes, columns) } else { page(state, &sizes, columns) });
    lines.resize(above + sizes.body, Text::default());
    if sizes.details > 0 {
        let mut told = vec![rule(state, columns)];
        told.extend(rows::details(state));
        told.resize(sizes.details, Text::default());
        lines.extend(told);
    }
    lines.extend(sizes.foot.iter().cloned());
    for (y, line) in (0..state.size.1).zip(&lines) {
        put(frame.buffer_mut(), (1, y), line, columns, state.colours);
    }
    if let Some((column, from_below)) = sizes.cursor {
        let row = usize::from(state.size.1).saturating_sub(from_below);
        frame.set_cursor_position((u16::try_from(column + 1).unwrap_or(0), u16::try_from(row).unwrap_or(0)));
    }
}

/// What there is to say where nothing has room.
fn refuse(state: &State, buffer: &mut Buffer) {
    let (columns, rows) = state.size;
    let text = format!("This terminal is {columns}x{rows}; the list needs {}x{}. Make it larger, or press q.", LEAST.0, LEAST.1);
    for (y, line) in (0..rows).zip(wrapped(&text, columns.into())) {
        put(buffer, (0, y), &line.into(), columns.into(), false);
    }
}

fn title(state: &State, columns: usize) -> Text {
    let snapshot = &state.snapshot;
    let left = Text::default().with(words::APP, Tone::Strong).with("  ", Tone::Plain).with(&words::live(snapshot, &state.now), Tone::Plain);
    let place = match snapshot.profiles.len() {
        0 => String::new(),
        count => format!("{}/{count}", state.place() + 1),
    };
    apart(&left, Text::default().with(&place, Tone::Quiet), columns)
}

fn list(state: &State, sizes: &Sizes, columns: usize) -> Vec<Text> {
    let count = state.snapshot.profiles.len();
    if count == 0 {
        return empty(state, columns);
    }
    let room = sizes.body.saturating_sub(1).max(1);
    let first = state.place().saturating_sub(room / 2).min(count.saturating_sub(room));
    rows::list(state, first, room)
}

fn empty(state: &State, columns: usize) -> Vec<Text> {
    let mut lines = vec!["No profiles yet.".to_owned(), String::new(), "a adds an account: your browser opens at once.".to_owned()];
    if state.can_keep_live() {
        lines.push("c keeps the login that Codex has as a profile.".to_owned());
    }
    lines.iter().flat_map(|line| wrapped(line, columns)).map(|line| Text::from(&line)).collect()
}

fn page(state: &State, sizes: &Sizes, columns: usize) -> Vec<Text> {
    let all = pages::lines(state, columns);
    let rows = sizes::page_rows(sizes);
    let first = state.scroll.min(all.len().saturating_sub(rows));
    let below = all.len().saturating_sub(first + rows);
    let more = if below > 0 { format!("{below} more below") } else { String::new() };
    let mut lines =
        vec![apart(&Text::default().with(&pages::title(state), Tone::Strong), Text::default().with(&more, Tone::Quiet), columns)];
    lines.push(Text::default());
    lines.extend(all.into_iter().skip(first).take(rows));
    lines
}

/// "── main ──────".
fn rule(state: &State, columns: usize) -> Text {
    let name = state.selected().map(|row| words::name(row, &state.snapshot)).unwrap_or_default();
    let mut text = Text::default().with("── ", Tone::Quiet).with(&name, Tone::Strong).with(" ", Tone::Plain);
    text.push(&"─".repeat(columns.saturating_sub(text.width())), Tone::Quiet);
    text
}
