//! The tray's menu as a value that can be compared.

use std::fmt;
use std::mem::discriminant;

use jiff::Zoned;

use super::command::{self, Command, restart_target};
use super::words;
use crate::model::prime::{PrimeByHand, PrimePreview};
use crate::model::snapshot::{LiveState, ProfileRow, ProfileState, SignInPhase, Snapshot};

/// Profiles that stand in the menu itself; the others go into a submenu.
const ROOM: usize = 12;

/// The whole menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// From top to bottom.
    pub entries: Vec<Entry>,
}

/// One line of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Something to read or click.
    Item(Item),
    /// A menu within the menu.
    Submenu {
        /// What it says.
        label: String,
        /// What is in it.
        entries: Vec<Entry>,
    },
    /// A line between groups.
    Separator,
}

/// Something to read or click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// [`Command::id`], or `info:…` for what is only read. Two items may ask for the same.
    pub id: String,
    /// What it says.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// What stands before it.
    pub mark: Mark,
}

/// What stands before a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    None,
    /// One of several: whether it is this one.
    Choice(bool),
    /// Something by itself: whether it is on.
    Check(bool),
}

impl Mark {
    fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Choice(true) => "(x) ",
            Self::Choice(false) => "( ) ",
            Self::Check(true) => "[x] ",
            Self::Check(false) => "[ ] ",
        }
    }
}

/// One line of text for each line: `(x)` and `( )` choose, `[x]` and `[ ]` switch, `-` goes before what cannot be clicked.
impl fmt::Display for Menu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_lines(&self.entries, 0, f)
    }
}

fn write_lines(entries: &[Entry], depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let indent = "  ".repeat(depth);
    for entry in entries {
        match entry {
            Entry::Separator => writeln!(f, "{indent}---")?,
            Entry::Submenu { label, entries } => {
                writeln!(f, "{indent}{label} >")?;
                write_lines(entries, depth + 1, f)?;
            }
            Entry::Item(item) => {
                let off = if item.enabled { "" } else { "- " };
                writeln!(f, "{indent}{off}{}{}", item.mark.text(), item.label)?;
            }
        }
    }
    Ok(())
}

impl Menu {
    /// Whether the other menu has the same lines, so that only labels and marks need to change.
    pub fn has_lines_of(&self, other: &Self) -> bool {
        same_lines(&self.entries, &other.entries)
    }
}

fn same_lines(left: &[Entry], right: &[Entry]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|pair| match pair {
            (Entry::Item(left), Entry::Item(right)) => left.id == right.id && discriminant(&left.mark) == discriminant(&right.mark),
            (Entry::Submenu { label: left, entries: inner }, Entry::Submenu { label: right, entries: other }) => {
                left == right && same_lines(inner, other)
            }
            (Entry::Separator, Entry::Separator) => true,
            _ => false,
        })
}

/// The menu for a snapshot; `primes` is what would be done about weeks, `now` is where the user lives.
pub fn menu(snapshot: &Snapshot, primes: &[PrimePreview], now: &Zoned) -> Menu {
    let groups =
        [top(snapshot, now), logins(snapshot, now), routing(snapshot, now), accounts(snapshot, primes), sessions(snapshot), program()];
    let mut entries = Vec::new();
    for group in groups.into_iter().filter(|group| !group.is_empty()) {
        if !entries.is_empty() {
            entries.push(Entry::Separator);
        }
        entries.extend(group);
    }
    Menu { entries }
}

fn top(snapshot: &Snapshot, now: &Zoned) -> Vec<Entry> {
    let mut entries = vec![note("info:live", words::live(snapshot, now))];
    entries.extend(words::live_quota(snapshot, now).into_iter().map(|left| note("info:quota", left)));
    if let Some(shut) = words::vault(snapshot.vault.state) {
        entries.push(button(Command::OpenWindow.id(), shut.to_owned(), true));
    }
    if !snapshot.problems.is_empty() {
        entries.push(button(Command::OpenWindow.id(), words::problems(snapshot.problems.len()), true));
    }
    entries
}

fn logins(snapshot: &Snapshot, now: &Zoned) -> Vec<Entry> {
    let mut entries = within_reach(snapshot.profiles.iter().map(|row| profile(row, snapshot, now)).collect());
    entries.push(Entry::Item(Item {
        id: Command::SignOut.id(),
        label: words::NO_LOGIN.to_owned(),
        enabled: matches!(snapshot.live.state, LiveState::None | LiveState::Profile | LiveState::Unknown),
        mark: Mark::Choice(snapshot.live.state == LiveState::None),
    }));
    entries
}

/// Those for which there is room, and the others in a submenu.
fn within_reach(mut profiles: Vec<Entry>) -> Vec<Entry> {
    let far = profiles.split_off(profiles.len().min(ROOM));
    if !far.is_empty() {
        profiles.push(Entry::Submenu { label: words::MORE_PROFILES.to_owned(), entries: far });
    }
    profiles
}

fn profile(row: &ProfileRow, snapshot: &Snapshot, now: &Zoned) -> Entry {
    let command = match row.state {
        ProfileState::NeedsSignIn => Command::SignInAgain(row.id.clone()),
        _ => Command::SwitchTo(row.id.clone()),
    };
    Entry::Item(Item {
        id: command.id(),
        label: words::profile(row, snapshot, now),
        enabled: row.live || !matches!(row.state, ProfileState::Paused | ProfileState::Unreadable | ProfileState::Locked),
        mark: Mark::Choice(row.live),
    })
}

/// Who may serve what comes through the gateway.
fn routing(snapshot: &Snapshot, now: &Zoned) -> Vec<Entry> {
    if snapshot.profiles.is_empty() {
        return Vec::new();
    }
    let force = snapshot.routing.forced(now.timestamp());
    let can_be_changed = force.is_some() || command::routing(snapshot, false).is_some();
    let label = words::auto_routing(force, now);
    let mut entries = vec![check(&Command::AutoRouting(force.is_some()), label, can_be_changed, force.is_none())];
    entries.extend(force.map(|force| note("info:forced", words::forced(force, snapshot))));
    let pauses = snapshot.profiles.iter().map(|row| {
        let paused = row.state == ProfileState::Paused;
        check(&Command::SetPaused(row.id.clone(), !paused), words::title(row, snapshot), true, paused)
    });
    entries.push(Entry::Submenu { label: words::PAUSE.to_owned(), entries: within_reach(pauses.collect()) });
    entries
}

fn accounts(snapshot: &Snapshot, primes: &[PrimePreview]) -> Vec<Entry> {
    let signing_in = snapshot.sign_in.as_ref().is_some_and(|sign_in| !matches!(sign_in.phase, SignInPhase::Done | SignInPhase::Failed));
    let add = if signing_in {
        button(Command::ShowSignIn.id(), words::SHOW_SIGN_IN.to_owned(), true)
    } else {
        button(Command::AddAccount.id(), words::ADD_ACCOUNT.to_owned(), true)
    };
    let mut entries = vec![add, button(Command::Undo.id(), words::undo(snapshot), snapshot.undo.is_some())];
    entries.extend(weeks(snapshot, primes));
    entries
}

/// Whose week is known not to have started: where nobody can tell yet, nothing is promised.
fn weeks(snapshot: &Snapshot, primes: &[PrimePreview]) -> Option<Entry> {
    let starts = |row: &&ProfileRow| primes.iter().any(|prime| prime.profile == row.id && prime.by_hand == PrimeByHand::Starts);
    let rows = snapshot.profiles.iter().filter(|row| row.state == ProfileState::Ready).filter(starts);
    let entries: Vec<Entry> = rows.map(|row| button(Command::PrimeNow(row.id.clone()).id(), words::title(row, snapshot), true)).collect();
    (!entries.is_empty()).then(|| Entry::Submenu { label: words::PRIME_NOW.to_owned(), entries: within_reach(entries) })
}

fn sessions(snapshot: &Snapshot) -> Vec<Entry> {
    let stale = snapshot.sessions.iter().filter(|session| session.stale).count();
    if stale == 0 {
        return Vec::new();
    }
    let mut entries = vec![note("info:sessions", words::stale_sessions(stale))];
    if restart_target(snapshot).is_some() {
        entries.push(button(Command::RestartDaemon.id(), words::RESTART_DAEMON.to_owned(), true));
    }
    entries
}

fn program() -> Vec<Entry> {
    vec![button(Command::OpenWindow.id(), words::OPEN.to_owned(), true), button(Command::Quit.id(), words::QUIT.to_owned(), true)]
}

fn note(id: &str, label: String) -> Entry {
    button(id.to_owned(), label, false)
}

fn button(id: String, label: String, enabled: bool) -> Entry {
    Entry::Item(Item { id, label, enabled, mark: Mark::None })
}

fn check(command: &Command, label: String, enabled: bool, set: bool) -> Entry {
    Entry::Item(Item { id: command.id(), label, enabled, mark: Mark::Check(set) })
}

#[cfg(test)]
#[path = "menu_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "menu_states.rs"]
mod states;
