//! The keys of the list.

use std::sync::Arc;

use codex_lab_core::api::table::Request;
use codex_lab_core::model::profile::{ProfileId, ProfileKind};
use codex_lab_core::model::snapshot::{ProfileRow, ProfileState, SignInMethod};
use codex_lab_core::view::words;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::event::Effect;
use super::state::{Line, Note, Page, Prompt, Purpose, State};
use super::{sign_in, sizes};

pub(super) fn pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    let place = state.place();
    match key.code {
        KeyCode::Char('q') => return vec![Effect::Quit],
        KeyCode::Char('J') => return move_to(state, place.saturating_add(1)),
        KeyCode::Char('K') => return move_to(state, place.saturating_sub(1)),
        KeyCode::Down if shift => return move_to(state, place.saturating_add(1)),
        KeyCode::Up if shift => return move_to(state, place.saturating_sub(1)),
        KeyCode::Down | KeyCode::Char('j') => state.select_place(place.saturating_add(1)),
        KeyCode::Up | KeyCode::Char('k') => state.select_place(place.saturating_sub(1)),
        KeyCode::PageDown => state.select_place(place.saturating_add(sizes::list_rows(state))),
        KeyCode::PageUp => state.select_place(place.saturating_sub(sizes::list_rows(state))),
        KeyCode::Home | KeyCode::Char('g') => state.select_place(0),
        KeyCode::End | KeyCode::Char('G') => state.select_place(usize::MAX),
        KeyCode::Char('a') => return sign_in::begin(state, SignInMethod::Browser, None),
        KeyCode::Char('u') => return undo(state),
        KeyCode::Char('c') if state.can_keep_live() => {
            return change(state, "Keeping the live login…", Request::CaptureLive, "The live login is kept as a profile.".to_owned());
        }
        KeyCode::Char('v') if state.can_unlock() => state.prompt = Some(Prompt::Line(Purpose::Passphrase, Line::default())),
        KeyCode::Char('w') => {
            (state.page, state.scroll) = (Page::Why, 0);
            return vec![Effect::Decisions];
        }
        KeyCode::Char('?') => (state.page, state.scroll) = (Page::Help, 0),
        other => return about_selected(state, other),
    }
    Vec::new()
}

/// Keys that are about the selected profile.
fn about_selected(state: &mut State, key: KeyCode) -> Vec<Effect> {
    let Some(row) = state.selected().cloned() else { return Vec::new() };
    match key {
        KeyCode::Enter => return switch(state, row),
        KeyCode::Char('p') => return pause(state, row),
        KeyCode::Char('s') if row.kind == ProfileKind::ApiKey => {
            state.note = Some(Note::Done("An API key does not sign in: `codex-lab login --api-key` takes a new one.".to_owned()));
        }
        KeyCode::Char('s') => return sign_in::begin(state, SignInMethod::Browser, Some(row.id)),
        KeyCode::Char('x') | KeyCode::Delete => state.prompt = Some(Prompt::Remove(row.id)),
        KeyCode::Char('e') => {
            // Where names are hidden, the old one is not shown for being changed.
            let shown = if state.snapshot.settings.private_notifications { "" } else { &row.name };
            state.prompt = Some(Prompt::Line(Purpose::Name(row.id), Line::new(shown)));
        }
        KeyCode::Char('l') | KeyCode::Right => (state.page, state.scroll) = (Page::Limits, 0),
        KeyCode::Char('r') => return refresh(state),
        _ => {}
    }
    Vec::new()
}

/// The answer to whether a profile is to be removed.
pub(super) fn answer_remove(state: &mut State, profile: ProfileId, key: KeyCode) -> Vec<Effect> {
    let name = state.name(&profile);
    match key {
        KeyCode::Char('y') => {
            let said = format!("{name} is removed here; nothing was revoked. u brings it back.");
            change(state, &format!("Removing {name}…"), Request::Remove { profile, sign_out: false }, said)
        }
        KeyCode::Char('o') => {
            let said = format!("{name} is removed and signed out at the provider.");
            change(state, &format!("Signing {name} out…"), Request::Remove { profile, sign_out: true }, said)
        }
        _ => {
            state.note = Some(Note::Done(format!("{name} stays.")));
            Vec::new()
        }
    }
}

/// What `u` would undo: whichever was later, the last removal or the last switch.
pub(super) fn undoable(state: &State) -> Option<Undoable> {
    let snapshot = &state.snapshot;
    let removed = snapshot.removed.as_ref().map(|removed| (removed.removed_at, Undoable::Removal));
    let switched = snapshot.undo.as_ref().map(|undo| (undo.switched_at, Undoable::Switch));
    // A removal that needed a switch is undone first.
    removed.into_iter().chain(switched).max_by_key(|(at, what)| (*at, *what == Undoable::Removal)).map(|(_, what)| what)
}

/// What can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undoable {
    /// The profile that was removed last comes back.
    Removal,
    /// The login before the last switch comes back.
    Switch,
}

/// Asks what is left of the selected profile's quota.
pub(super) fn refresh(state: &mut State) -> Vec<Effect> {
    let Some(row) = state.selected() else { return Vec::new() };
    let (profile, name) = (row.id.clone(), words::name(row, &state.snapshot));
    state.note = Some(Note::Doing(format!("Asking what is left of {name}…")));
    vec![Effect::Refresh { profile, name }]
}

fn switch(state: &mut State, row: ProfileRow) -> Vec<Effect> {
    let name = words::name(&row, &state.snapshot);
    if row.live {
        state.note = Some(Note::Done(format!("{name} is live already.")));
        return Vec::new();
    }
    change(
        state,
        &format!("Switching to {name}…"),
        Request::SwitchTo { profile: Some(row.id) },
        format!("{name} is live. u switches back."),
    )
}

fn pause(state: &mut State, row: ProfileRow) -> Vec<Effect> {
    let paused = row.state != ProfileState::Paused;
    let name = words::name(&row, &state.snapshot);
    let said = if paused { format!("{name} is paused.") } else { format!("{name} is in use again.") };
    vec![Effect::Change(Request::SetPaused { profile: row.id, paused }, said)]
}

fn undo(state: &mut State) -> Vec<Effect> {
    match undoable(state) {
        Some(Undoable::Removal) => change(state, "Bringing it back…", Request::UndoRemove, "The profile is back.".to_owned()),
        Some(Undoable::Switch) => change(state, "Switching back…", Request::UndoSwitch, "The login before is live again.".to_owned()),
        None => {
            state.note = Some(Note::Done("There is nothing to undo.".to_owned()));
            Vec::new()
        }
    }
}

/// Moves the selected profile, on the screen at once: the next key is about the order that is seen.
fn move_to(state: &mut State, place: usize) -> Vec<Effect> {
    let from = state.place();
    if place == from || place >= state.snapshot.profiles.len() {
        return Vec::new();
    }
    let snapshot = Arc::make_mut(&mut state.snapshot);
    let row = snapshot.profiles.remove(from);
    snapshot.profiles.insert(place, row);
    let profiles = snapshot.profiles.iter().map(|row| row.id.clone()).collect();
    state.select_place(place);
    state.orders += 1;
    vec![Effect::Change(Request::Reorder { profiles }, "The order is changed.".to_owned())]
}

fn change(state: &mut State, doing: &str, request: Request, said: String) -> Vec<Effect> {
    state.note = Some(Note::Doing(doing.to_owned()));
    vec![Effect::Change(request, said)]
}
