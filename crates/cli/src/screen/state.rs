//! What the screen knows: the last snapshot, and where the user is in it.

use std::fmt;
use std::sync::Arc;

use codex_lab_core::base::sorting;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::{LiveState, ProfileRow, SignInPhase, Snapshot, VaultMode, VaultState};
use codex_lab_core::view::words;
use jiff::{SignedDuration, Zoned};

use super::event::Decisions;

/// Letters that can be typed into one line; an address to paste has about 2,000.
const LONGEST_LINE: usize = 8_192;

/// All that is drawn.
#[derive(Debug)]
pub(super) struct State {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) now: Zoned,
    /// Columns and rows.
    pub(super) size: (u16, u16),
    /// Whether there may be colours.
    pub(super) colours: bool,
    pub(super) page: Page,
    /// What is asked of the user at the foot; keys go there first.
    pub(super) prompt: Option<Prompt>,
    /// What was done last, or what is being done.
    pub(super) note: Option<Note>,
    /// Lines of a page that are above its first one shown.
    pub(super) scroll: usize,
    /// Sign-ins that were asked for and have not begun: what the snapshot has of one is of another.
    pub(super) begins: usize,
    /// Changes of the order that were asked for and are not done: snapshots that come meanwhile may hold an older one.
    pub(super) orders: usize,
    /// The sign-in whose end was told.
    pub(super) told: Option<String>,
    /// Once they are there.
    pub(super) decisions: Option<Decisions>,
    /// The profile that keys are about, and its place, for when it goes.
    selected: Option<(ProfileId, usize)>,
}

/// What fills the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// All profiles.
    List,
    /// The sign-in that is going on.
    SignIn,
    /// All that is known of the selected profile's quota.
    Limits,
    /// The last decisions.
    Why,
    /// All keys.
    Help,
}

/// What is asked of the user.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// Whether to remove this profile.
    Remove(ProfileId),
    /// A line of text.
    Line(Purpose, Line),
}

/// What a line of text is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A new name of this profile.
    Name(ProfileId),
    /// The address a browser elsewhere has ended at.
    Address,
    /// The vault's passphrase.
    Passphrase,
}

/// A line of text that is being typed. Never printed by mistake: it may be a secret.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Line(String);

/// What is said at the foot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// It is being done.
    Doing(String),
    /// It is done.
    Done(String),
    /// It failed.
    Failed(Failure),
}

impl State {
    pub(super) fn new(snapshot: Arc<Snapshot>, now: Zoned, size: (u16, u16), colours: bool) -> Self {
        let live = snapshot.profiles.iter().position(|row| row.live).unwrap_or(0);
        let mut state = Self {
            snapshot,
            now,
            size,
            colours,
            page: Page::List,
            prompt: None,
            note: None,
            scroll: 0,
            begins: 0,
            orders: 0,
            told: None,
            decisions: None,
            selected: None,
        };
        state.select_place(live);
        state
    }

    /// The profile that keys are about; `None` if there is none at all.
    pub(super) fn selected(&self) -> Option<&ProfileRow> {
        self.snapshot.profiles.get(self.place())
    }

    /// Its place in the list, from 0.
    pub(super) fn place(&self) -> usize {
        let Some((id, place)) = &self.selected else { return 0 };
        let rows = &self.snapshot.profiles;
        rows.iter().position(|row| row.id == *id).unwrap_or_else(|| (*place).min(rows.len().saturating_sub(1)))
    }

    /// Selects the profile at this place, or the last one.
    pub(super) fn select_place(&mut self, place: usize) {
        let place = place.min(self.snapshot.profiles.len().saturating_sub(1));
        self.selected = self.snapshot.profiles.get(place).map(|row| (row.id.clone(), place));
    }

    /// Selects this profile, if it is there.
    pub(super) fn select(&mut self, id: &ProfileId) {
        if let Some(place) = self.snapshot.profiles.iter().position(|row| row.id == *id) {
            self.select_place(place);
        }
    }

    /// Takes over a snapshot that is not older, in the order that is on the screen as long as that is not the engine's.
    pub(super) fn receive(&mut self, mut snapshot: Arc<Snapshot>) {
        if snapshot.revision < self.snapshot.revision {
            return;
        }
        if self.orders > 0 {
            let shown: Vec<_> = self.snapshot.profiles.iter().map(|row| row.id.clone()).collect();
            let place = |row: &ProfileRow| shown.iter().position(|id| *id == row.id).unwrap_or(shown.len());
            sorting::by_key(&mut Arc::make_mut(&mut snapshot).profiles, place);
        }
        self.snapshot = snapshot;
        self.select_place(self.place());
    }

    /// What a profile is called here.
    pub(super) fn name(&self, id: &ProfileId) -> String {
        let row = self.snapshot.profiles.iter().find(|row| row.id == *id);
        row.map_or_else(|| "another profile".to_owned(), |row| words::name(row, &self.snapshot))
    }

    /// Whether Codex has a login that is no profile and can become one.
    pub(super) fn can_keep_live(&self) -> bool {
        self.snapshot.live.state == LiveState::Unknown
    }

    /// Whether a passphrase would open the vault.
    pub(super) fn can_unlock(&self) -> bool {
        self.snapshot.vault.mode == VaultMode::Passphrase && self.snapshot.vault.state == VaultState::Locked
    }

    /// The phase of the sign-in on the screen.
    pub(super) fn phase(&self) -> SignInPhase {
        let phase = self.snapshot.sign_in.as_ref().map(|sign_in| sign_in.phase);
        phase.filter(|_| self.begins == 0).unwrap_or(SignInPhase::Starting)
    }

    /// Whether something on the screen counts seconds down.
    pub(super) fn counts_seconds(&self) -> bool {
        let soon = SignedDuration::ZERO..=SignedDuration::from_secs(61);
        let mut windows = self.snapshot.profiles.iter().flat_map(|row| row.quota.families.iter().flat_map(|family| &family.windows));
        self.page == Page::SignIn
            || windows.any(|window| window.resets_at.is_some_and(|at| soon.contains(&at.duration_since(self.now.timestamp()))))
    }
}

impl Line {
    pub(super) fn new(text: &str) -> Self {
        let mut line = Self::default();
        line.add(text);
        line
    }

    /// Adds what was typed or pasted, as far as it is part of a line.
    pub(super) fn add(&mut self, text: &str) {
        let room = LONGEST_LINE.saturating_sub(self.0.len());
        let mut taken = 0;
        self.0.extend(text.chars().filter(|c| !c.is_control()).take_while(|c| {
            taken += c.len_utf8();
            taken <= room
        }));
    }

    /// Takes the last letter away.
    pub(super) fn shorten(&mut self) {
        self.0.pop();
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}
