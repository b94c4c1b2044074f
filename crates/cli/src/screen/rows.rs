//! The rows of the list, and what is said of the selected profile below them.

use std::collections::BTreeSet;

use codex_lab_core::model::profile::ProfileKind;
use codex_lab_core::model::quota::{Minutes, WindowNote, WindowView};
use codex_lab_core::model::snapshot::{ProfileRow, ProfileState};
use codex_lab_core::view::gauge::{Gauge, gauge};
use codex_lab_core::view::{quota, times, words};

use super::canvas::{filled, to_the_right};
use super::state::State;
use crate::paint::{Text, Tone};

/// Columns of what stands before a name: whether it is selected, whether it is live.
const MARKS: usize = 4;
const GAP: usize = 2;
/// "~100 %", "23h 59m".
const PERCENT: usize = 6;
const COUNTDOWN: usize = 7;
/// "week".
const WINDOW: usize = 5;
/// The least and the most columns of a bar, of a name, of a state and of an e-mail.
const BAR: (usize, usize) = (6, 12);
const NAME: (usize, usize) = (10, 28);
const STATE: usize = 14;
const EMAIL: (usize, usize) = (16, 32);

/// How the columns of the terminal are used.
struct Columns {
    name: usize,
    /// 0: a state stands in the place of the quota.
    state: usize,
    /// One for each of these windows; none: the scarcest window of each profile.
    windows: Vec<Minutes>,
    bar: usize,
    email: usize,
}

impl Columns {
    fn of(state: &State) -> Self {
        let wide = super::sizes::columns(state);
        let rows = &state.snapshot.profiles;
        let known: BTreeSet<Minutes> = rows.iter().flat_map(|row| row.quota.main_windows().iter().map(|window| window.minutes)).collect();
        let mut windows: Vec<Minutes> = known.into_iter().collect();
        let (mut bar, cell) = (BAR.0, |bar: usize| GAP + bar + PERCENT + 1 + COUNTDOWN);
        let name_wanted = rows.iter().map(|row| Text::from(&words::name(row, &state.snapshot)).width()).max().unwrap_or_default();
        let name_wanted = name_wanted.clamp(NAME.0, NAME.1);
        let fixed = MARKS + GAP + STATE;
        if fixed + NAME.0 + windows.len() * cell(bar) > wide {
            windows.clear();
        }
        if windows.is_empty() && fixed + NAME.0 + WINDOW + cell(bar) > wide {
            let bar = wide.saturating_sub(MARKS + NAME.0 + WINDOW + cell(0)).min(BAR.1);
            let name = wide.saturating_sub(MARKS + WINDOW + cell(bar)).min(NAME.1);
            return Self { name, state: 0, windows, bar, email: 0 };
        }
        let cells = windows.len().max(1);
        let leads = if windows.is_empty() { WINDOW } else { 0 };
        let mut rest = wide.saturating_sub(fixed + leads + cells * cell(bar));
        let name = name_wanted.min(rest);
        rest -= name;
        let shows_email = !state.snapshot.settings.private_notifications && rest >= GAP + EMAIL.0;
        let email = if shows_email { (rest - GAP).min(EMAIL.1) } else { 0 };
        rest = rest.saturating_sub(if email > 0 { GAP + email } else { 0 });
        bar += (rest / cells).min(BAR.1 - BAR.0);
        Self { name, state: STATE, windows, bar, email }
    }

    fn cell(&self) -> usize {
        self.bar + PERCENT + 1 + COUNTDOWN
    }
}

/// The heading, and a row for each profile from `first` on, so many.
pub(super) fn list(state: &State, first: usize, count: usize) -> Vec<Text> {
    let columns = Columns::of(state);
    let mut lines = vec![heading(&columns)];
    let rows = state.snapshot.profiles.iter().enumerate().skip(first).take(count);
    lines.extend(rows.map(|(place, row)| line(state, &columns, row, place == state.place())));
    lines
}

fn heading(columns: &Columns) -> Text {
    let mut text = " ".repeat(MARKS);
    let mut add = |title: &str, wide: usize| {
        if wide > 0 {
            text.push_str(&filled(&title.into(), wide).written(false));
            text.push_str(&" ".repeat(GAP));
        }
    };
    add("NAME", columns.name);
    add("STATE, PLAN", columns.state);
    if columns.windows.is_empty() {
        add("LEFT", WINDOW + columns.cell());
    }
    columns.windows.iter().for_each(|minutes| add(&times::window(minutes.get()).to_uppercase(), columns.cell()));
    add("E-MAIL", columns.email);
    Text::default().with(text.trim_end(), Tone::Quiet)
}

fn line(state: &State, columns: &Columns, row: &ProfileRow, selected: bool) -> Text {
    let gap = " ".repeat(GAP);
    let lead = if selected { Tone::Strong } else { Tone::Plain };
    let mut text = Text::default().with(if selected { "> " } else { "  " }, Tone::Strong);
    text.push(if row.live { "* " } else { "  " }, Tone::Lead);
    text.append(filled(&Text::default().with(&words::name(row, &state.snapshot), lead), columns.name));
    text.push(&gap, Tone::Plain);
    if columns.state > 0 {
        text.append(filled(&short_state(state, row), columns.state));
        text.push(&gap, Tone::Plain);
    }
    let windows = row.quota.main_windows();
    if columns.windows.is_empty() {
        let lowest = row.quota.lowest().filter(|_| columns.state > 0 || is_usable(row));
        match lowest {
            Some(window) => {
                text.append(filled(&times::window_short(window.minutes.get()).into(), WINDOW));
                text.append(cell(state, window, columns));
            }
            None if columns.state == 0 => text.append(filled(&short_state(state, row), WINDOW + columns.cell())),
            None => text.append(filled(&unknown(row), WINDOW + columns.cell())),
        }
    }
    for (place, minutes) in columns.windows.iter().enumerate() {
        text.push(if place > 0 { &gap } else { "" }, Tone::Plain);
        text.append(match windows.iter().find(|window| window.minutes == *minutes) {
            Some(window) => cell(state, window, columns),
            None if place == 0 && windows.is_empty() => filled(&unknown(row), columns.cell()),
            None => filled(&Text::default(), columns.cell()),
        });
    }
    if columns.email > 0 {
        text.push(&gap, Tone::Plain);
        text.append(filled(&Text::default().with(&row.email.as_deref().map(words::plain).unwrap_or_default(), Tone::Quiet), columns.email));
    }
    text
}

/// Whether a profile's quota says more of it than its state.
fn is_usable(row: &ProfileRow) -> bool {
    row.state == ProfileState::Ready && !row.details.drain
}

fn short_state(state: &State, row: &ProfileRow) -> Text {
    let tone = match row.state {
        ProfileState::NeedsSignIn | ProfileState::Unreadable | ProfileState::Locked => Tone::Warn,
        ProfileState::Paused => Tone::Quiet,
        ProfileState::Ready => Tone::Plain,
    };
    Text::default().with(&words::profile_state(row, &state.now).unwrap_or_else(|| "ready".to_owned()), tone)
}

fn unknown(row: &ProfileRow) -> Text {
    let text = if row.kind == ProfileKind::ApiKey { "paid by use" } else { "not known yet" };
    Text::default().with(text, Tone::Quiet)
}

/// "██████░░░░  62 %  1h 20m".
fn cell(state: &State, window: &WindowView, columns: &Columns) -> Text {
    let gauge = gauge(window, &state.now);
    let Some(bar) = bar(&gauge, columns.bar) else {
        return filled(&Text::default().with(&gauge.text, Tone::Quiet), columns.cell());
    };
    let mut text = bar;
    text.append(to_the_right(&Text::default().with(&gauge.text, tone(gauge.note)), PERCENT));
    text.push(" ", Tone::Plain);
    text.append(to_the_right(&Text::default().with(gauge.resets_in.as_deref().unwrap_or_default(), Tone::Quiet), COUNTDOWN));
    text
}

/// What is left as a bar; `None` where nobody knows.
pub(super) fn bar(gauge: &Gauge, columns: usize) -> Option<Text> {
    let left = usize::from(gauge.left?);
    // Something is left where it is not nothing, and something is missing where it is not all.
    let full = match left {
        0 => 0,
        100.. => columns,
        left => (left * columns).div_ceil(100).clamp(1, columns.saturating_sub(1).max(1)),
    };
    let bar = Text::default().with(&"█".repeat(full), if gauge.note == WindowNote::Fine { Tone::Lead } else { tone(gauge.note) });
    Some(bar.with(&"░".repeat(columns.saturating_sub(full)), Tone::Quiet))
}

pub(super) fn tone(note: WindowNote) -> Tone {
    match note {
        WindowNote::Fine | WindowNote::ResetUnverified => Tone::Plain,
        WindowNote::Low => Tone::Warn,
        WindowNote::Critical | WindowNote::Empty => Tone::Alarm,
    }
}

/// What is said of the selected profile: who, what it is, and what is left of it in words.
pub(super) fn details(state: &State) -> Vec<Text> {
    let Some(row) = state.selected() else { return Vec::new() };
    let hidden = state.snapshot.settings.private_notifications;
    let plan = row.plan.as_deref().map(words::plain);
    let now = words::profile_state(row, &state.now).filter(|now| plan.as_ref() != Some(now));
    let label = row.details.label.as_deref().map(words::plain).filter(|_| !hidden);
    let email = row.email.as_deref().filter(|_| !hidden).map(words::plain);
    let live = row.live.then(|| "live".to_owned());
    let who: Vec<String> = [email, plan, live, now, label].into_iter().flatten().collect();
    let mut lines = vec![Text::from(&who.join(" · "))];
    let known = known(state, row);
    let wide = known.iter().map(|known| Text::from(&known.window).width() + GAP).filter(|wide| *wide > GAP).max().unwrap_or_default();
    lines.extend(known.into_iter().map(|known| {
        let mut line = filled(&Text::from(&known.window), if known.window.is_empty() { 0 } else { wide });
        line.append(known.text);
        line
    }));
    lines
}

/// A line of what is known of a profile's quota.
pub(super) struct Known {
    /// "5-hour"; empty for what is no window.
    pub(super) window: String,
    /// What is to be said.
    pub(super) text: Text,
    /// The window as a bar.
    pub(super) gauge: Option<Gauge>,
}

/// All that is known of a profile's quota: its windows, then what else is known of its account.
pub(super) fn known(state: &State, row: &ProfileRow) -> Vec<Known> {
    let windows = row.quota.families.iter().flat_map(|family| &family.windows);
    let known = quota::known(&row.quota, &state.now);
    let window = |(known, window): (&quota::Known, &WindowView)| Known {
        window: known.window.clone(),
        text: Text::default().with(&known.left.text, tone(known.left.note)).with(&format!("; {}", known.seen), Tone::Quiet),
        gauge: Some(gauge(window, &state.now)),
    };
    let other = |text: Text| Known { window: String::new(), text, gauge: None };
    let mut lines: Vec<Known> = known.iter().zip(windows).map(window).collect();
    if lines.is_empty() && row.kind == ProfileKind::Chatgpt {
        lines.push(other(Text::default().with("What is left is known once it was used; r asks now.", Tone::Quiet)));
    }
    lines.extend(quota::account(&row.quota, &state.now).iter().map(|line| other(Text::from(line))));
    lines
}
