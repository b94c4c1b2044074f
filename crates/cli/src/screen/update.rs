//! What follows from an event: a change of the state, and what is to be done. Reads no clock and does nothing itself.

use codex_lab_core::api::table::{Request, SecretText};
use codex_lab_core::base::secret::Secret;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::event::{Effect, Event};
use super::state::{Line, Note, Page, Prompt, Purpose, State};
use super::{list_keys, sign_in, sizes};

/// Takes an event in; what is to be done now, in this order.
pub(super) fn update(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Snapshot(snapshot) => {
            state.receive(snapshot);
            return sign_in::follow(state);
        }
        Event::Ordered(ordered, snapshot) => {
            state.orders = state.orders.saturating_sub(1);
            state.note = Some(ordered.map_or_else(Note::Failed, Note::Done));
            state.receive(snapshot);
            return sign_in::follow(state);
        }
        Event::Now(now) => state.now = now,
        Event::Resized(columns, rows) => state.size = (columns, rows),
        Event::Key(key) => return pressed(state, key),
        Event::Pasted(text) => {
            if let Some(Prompt::Line(_, line)) = &mut state.prompt {
                line.add(&text);
            }
        }
        Event::Changed(Ok(said)) => state.note = Some(Note::Done(said)),
        Event::Changed(Err(failure)) | Event::Decided(Err(failure)) => state.note = Some(Note::Failed(failure)),
        Event::Began(began, snapshot) => {
            // The one on the screen may still hold the sign-in that this one has replaced.
            state.receive(snapshot);
            return sign_in::began(state, began);
        }
        Event::Stepped(stepped) => return sign_in::stepped(state, stepped),
        Event::Decided(Ok(decisions)) => state.decisions = Some(decisions),
    }
    Vec::new()
}

fn pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if control && key.code == KeyCode::Char('c') {
        return vec![Effect::Quit];
    }
    // What was said was seen; what is being done is still being done.
    state.note.take_if(|note| !matches!(note, Note::Doing(_)));
    match state.prompt.take() {
        Some(Prompt::Line(purpose, line)) => typed(state, purpose, line, key.code, control),
        _ if control => Vec::new(),
        Some(Prompt::Remove(id)) => list_keys::answer_remove(state, id, key.code),
        None => match state.page {
            Page::List => list_keys::pressed(state, key),
            Page::SignIn => sign_in::pressed(state, key.code),
            Page::Limits | Page::Why | Page::Help => on_page(state, key.code),
        },
    }
}

/// Keys of pages that are read.
fn on_page(state: &mut State, key: KeyCode) -> Vec<Effect> {
    let (most, page) = sizes::scrolling(state);
    match key {
        KeyCode::Esc | KeyCode::Char('q') | KeyCode::Left | KeyCode::Backspace => {
            (state.page, state.scroll) = (Page::List, 0);
        }
        KeyCode::Char('?') => (state.page, state.scroll) = (if state.page == Page::Help { Page::List } else { Page::Help }, 0),
        KeyCode::Down | KeyCode::Char('j') => state.scroll = (state.scroll + 1).min(most),
        KeyCode::Up | KeyCode::Char('k') => state.scroll = state.scroll.min(most).saturating_sub(1),
        KeyCode::PageDown | KeyCode::Char(' ') => state.scroll = (state.scroll + page).min(most),
        KeyCode::PageUp => state.scroll = state.scroll.min(most).saturating_sub(page),
        KeyCode::Home | KeyCode::Char('g') => state.scroll = 0,
        KeyCode::End | KeyCode::Char('G') => state.scroll = most,
        KeyCode::Char('r') if state.page == Page::Limits => return list_keys::refresh(state),
        KeyCode::Char('r') if state.page == Page::Why => return vec![Effect::Decisions],
        _ => {}
    }
    Vec::new()
}

/// A key while a line is typed.
fn typed(state: &mut State, purpose: Purpose, mut line: Line, key: KeyCode, control: bool) -> Vec<Effect> {
    match key {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter if line.text().trim().is_empty() => return Vec::new(),
        KeyCode::Enter => return entered(state, purpose, &line),
        KeyCode::Backspace => line.shorten(),
        KeyCode::Char('u') if control => line.clear(),
        KeyCode::Char(letter) if !control => line.add(letter.encode_utf8(&mut [0; 4])),
        _ => {}
    }
    state.prompt = Some(Prompt::Line(purpose, line));
    Vec::new()
}

fn entered(state: &mut State, purpose: Purpose, line: &Line) -> Vec<Effect> {
    let text = line.text();
    match purpose {
        Purpose::Address => {
            vec![Effect::Step(Request::PasteCallback { url: SecretText(Secret::new(text.trim())) })]
        }
        Purpose::Passphrase => {
            state.note = Some(Note::Doing("Opening the vault…".to_owned()));
            let request = Request::UnlockVault { passphrase: Some(SecretText(Secret::new(text))) };
            vec![Effect::Change(request, "The vault is open until this screen ends.".to_owned())]
        }
        Purpose::Name(profile) => {
            let name = text.trim().to_owned();
            let said = format!("{} is now {name}.", state.name(&profile));
            vec![Effect::Change(Request::Rename { profile, name }, said)]
        }
    }
}
