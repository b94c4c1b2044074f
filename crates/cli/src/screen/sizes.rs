//! How the rows of the terminal are shared out.

use codex_lab_core::failure::Code;
use codex_lab_core::view::words;
use unicode_width::UnicodeWidthStr as _;

use super::canvas::wrapped;
use super::state::{Note, Page, Prompt, Purpose, State};
use super::{keys, pages};
use crate::paint::{Text, Tone};

/// The smallest terminal that shows anything of use.
pub(super) const LEAST: (u16, u16) = (36, 9);
/// From so many rows on there is air between the parts, and from so many on the selected profile is told more of.
const AIRY: usize = 16;
/// From so many rows on, keys may take two.
const TWO_LINES: usize = 11;
const DETAILED: usize = 20;
/// Rows of that, with its rule.
const DETAILS: usize = 5;
/// Lines that a note may take at the foot.
const LONGEST_NOTE: usize = 5;

/// The rows of each part, from above; the title is above them all.
pub(super) struct Sizes {
    /// What asks for attention; perhaps an empty row.
    pub(super) attention: Option<Text>,
    /// Rows of the list with its heading, or of a page with its title.
    pub(super) body: usize,
    /// Rows about the selected profile.
    pub(super) details: usize,
    /// What is said and asked, and the keys.
    pub(super) foot: Vec<Text>,
    /// The column the next letter goes to in the line that is typed, and how many rows that is from below.
    pub(super) cursor: Option<(usize, usize)>,
}

/// Whether the terminal is too small for anything.
pub(super) fn too_small(state: &State) -> bool {
    state.size.0 < LEAST.0 || state.size.1 < LEAST.1
}

/// The columns between the margins.
pub(super) fn columns(state: &State) -> usize {
    usize::from(state.size.0).saturating_sub(2)
}

/// How the rows are shared out now.
pub(super) fn sizes(state: &State) -> Sizes {
    let rows = usize::from(state.size.1);
    let keys = keys::foot(state, columns(state), if rows >= TWO_LINES { 2 } else { 1 });
    let (mut foot, cursor) = said(state);
    let cursor = cursor.map(|column| (column, keys.len() + 1));
    if rows >= AIRY && foot.is_empty() {
        foot.push(Text::default());
    }
    foot.extend(keys);
    let attention = attention(state).or_else(|| (rows >= AIRY).then(Text::default));
    let details = if rows >= DETAILED && state.page == Page::List && state.selected().is_some() { DETAILS } else { 0 };
    let body = rows.saturating_sub(1 + usize::from(attention.is_some()) + details + foot.len());
    Sizes { attention, body, details, foot, cursor }
}

/// Rows that the list has for profiles.
pub(super) fn list_rows(state: &State) -> usize {
    sizes(state).body.saturating_sub(1).max(1)
}

/// How far a page can be scrolled, and by how much at once.
pub(super) fn scrolling(state: &State) -> (usize, usize) {
    let rows = page_rows(&sizes(state));
    (pages::lines(state, columns(state)).len().saturating_sub(rows), rows)
}

/// Rows that a page has below its title.
pub(super) fn page_rows(sizes: &Sizes) -> usize {
    sizes.body.saturating_sub(2).max(1)
}

/// What is asked of the user, else what was done; and the column of the cursor.
fn said(state: &State) -> (Vec<Text>, Option<usize>) {
    let columns = columns(state);
    let lines = |text: &str, tone| wrapped(text, columns).iter().map(|line| Text::default().with(line, tone)).collect::<Vec<_>>();
    match (&state.prompt, &state.note) {
        (Some(Prompt::Remove(id)), _) => {
            let text = format!("Remove {}? To forget it here revokes nothing and can be undone. To sign out cannot.", state.name(id));
            (lines(&text, Tone::Warn), None)
        }
        (Some(Prompt::Line(purpose, line)), _) => {
            let (question, shown) = match purpose {
                Purpose::Name(id) => (format!("New name of {}: ", state.name(id)), line.text().to_owned()),
                Purpose::Address => ("Address: ".to_owned(), line.text().to_owned()),
                Purpose::Passphrase => ("Passphrase of the vault: ".to_owned(), "*".repeat(line.text().chars().count())),
            };
            // Of what is too long, the end is seen: there the letters go.
            let room = columns.saturating_sub(question.width() + 1);
            let shown = end_of(&shown, room);
            let column = question.width() + shown.width();
            (vec![Text::default().with(&question, Tone::Lead).with(&shown, Tone::Plain)], Some(column))
        }
        (None, Some(Note::Doing(text))) => (lines(text, Tone::Quiet), None),
        (None, Some(Note::Done(text))) => (lines(text, Tone::Plain), None),
        (None, Some(Note::Failed(failure))) => {
            let mut said = lines(&failure.message, Tone::Alarm);
            said.extend(failure.hints.iter().flat_map(|hint| lines(hint, Tone::Plain)));
            said.truncate(LONGEST_NOTE.min(usize::from(state.size.1) / 3));
            (said, None)
        }
        (None, None) => (Vec::new(), None),
    }
}

fn end_of(text: &str, columns: usize) -> String {
    let mut used = 0;
    let kept: Vec<char> = text
        .chars()
        .rev()
        .take_while(|c| {
            used += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
            used <= columns
        })
        .collect();
    kept.into_iter().rev().collect()
}

/// The one thing that the user should know first, in a line.
fn attention(state: &State) -> Option<Text> {
    let snapshot = &state.snapshot;
    if state.page != Page::List {
        return None;
    }
    let warn = |text: &str| Some(Text::default().with(text, Tone::Warn));
    if let Some(vault) = words::vault(snapshot.vault.state) {
        let what = vault.trim_end_matches('…');
        return warn(&if state.can_unlock() { format!("{what}: press v.") } else { format!("{what}: codex-lab vault status") });
    }
    if let Some(failure) = &snapshot.live.failure {
        return warn(&failure.message);
    }
    // A missing Codex is the doctor's to tell: here it would be said every time.
    let mut problems = snapshot.problems.iter().filter(|problem| problem.code != Code::CodexMissing);
    if let Some(problem) = problems.next() {
        let more = problems.count();
        return warn(&if more > 0 { format!("{} (and {more} more: codex-lab doctor)", problem.message) } else { problem.message.clone() });
    }
    let stale = snapshot.sessions.iter().filter(|session| session.stale).count();
    if stale > 0 {
        return warn(&format!("{}: codex-lab sessions", words::stale_sessions(stale)));
    }
    let force = snapshot.routing.forced(state.now.timestamp())?;
    let text = format!("{}. {}", words::forced(force, snapshot), words::auto_routing(Some(force), &state.now));
    Some(Text::default().with(&text, Tone::Quiet))
}
