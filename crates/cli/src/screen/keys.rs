//! Which keys do what, as it is said at the foot and on the page of help.

use codex_lab_core::model::profile::ProfileKind;
use codex_lab_core::model::snapshot::{ProfileState, SignInMethod, SignInPhase};

use super::list_keys::{Undoable, undoable};
use super::state::{Page, Prompt, Purpose, State};
use crate::paint::{Text, Tone};

/// A key and what it does.
type Key = (&'static str, &'static str);

/// What is always at the end of the foot.
const LIST_END: [Key; 2] = [("?", "help"), ("q", "quit")];

/// All keys, for the page of help; without a key: what comes below.
pub(super) const ALL: &[Key] = &[
    ("", "The profiles"),
    ("a", "add an account: your browser opens at once"),
    ("Enter", "make the selected profile the live login of Codex"),
    ("u", "undo the last switch, or the last removal"),
    ("p", "pause the selected profile, or take it back into use"),
    ("s", "sign it in again"),
    ("x", "remove it; asks first"),
    ("e", "rename it"),
    ("J K", "move it down or up in the list"),
    ("r", "ask now what is left of it, if it was not asked lately"),
    ("c", "keep the live login as a profile, where it is none"),
    ("v", "open the vault with its passphrase, where it is locked"),
    ("", "Looking"),
    ("l", "limits: all that is known of its quota"),
    ("w", "why: who served the last requests, and what spoke against the others"),
    ("↑ ↓  j k", "select, or scroll; also PgUp, PgDn, Home, End"),
    ("Esc", "back; calls a sign-in off"),
    ("q  Ctrl-C", "quit; a sign-in that waits is called off"),
    ("", "While signing in"),
    ("o", "open the page again"),
    ("d", "use a device code, or the browser again"),
    ("p", "paste the address that a browser elsewhere ended at"),
    ("c", "copy the link"),
    ("", "What stands in the list"),
    ("*", "the live login: what Codex uses now"),
    ("62 %", "what is left, and until when; ~ where that was seen long ago"),
];

/// The keys that can be pressed now, the most useful first.
fn now(state: &State) -> (Vec<Key>, &'static [Key]) {
    match &state.prompt {
        Some(Prompt::Remove(_)) => {
            return (vec![("y", "forget it here"), ("o", "also sign out at the provider"), ("any other key", "keeps it")], &[]);
        }
        Some(Prompt::Line(purpose, _)) => {
            let what = match purpose {
                Purpose::Name(_) => "rename",
                Purpose::Address => "sign in",
                Purpose::Passphrase => "open the vault",
            };
            return (vec![("Enter", what), ("Ctrl-U", "clear"), ("Esc", "cancel")], &[]);
        }
        None => {}
    }
    match state.page {
        Page::List => (list(state), &LIST_END),
        Page::SignIn => (sign_in(state), &[]),
        Page::Limits => (vec![("Esc", "back"), ("↑↓", "scroll"), ("r", "ask now")], &[]),
        Page::Why => (vec![("Esc", "back"), ("↑↓", "scroll"), ("r", "look again")], &[]),
        Page::Help => (vec![("Esc", "back"), ("↑↓", "scroll")], &[]),
    }
}

fn list(state: &State) -> Vec<Key> {
    let mut keys = vec![("a", "add")];
    if state.can_unlock() {
        keys.insert(0, ("v", "unlock"));
    }
    if state.can_keep_live() {
        keys.push(("c", "keep the live login"));
    }
    let undo = match undoable(state) {
        Some(Undoable::Removal) => Some(("u", "undo removal")),
        Some(Undoable::Switch) => Some(("u", "undo switch")),
        None => None,
    };
    let Some(row) = state.selected() else {
        keys.extend(undo);
        return keys;
    };
    if !row.live {
        keys.push(("Enter", "switch"));
    }
    keys.push(if row.state == ProfileState::Paused { ("p", "resume") } else { ("p", "pause") });
    if row.kind == ProfileKind::Chatgpt {
        keys.push(("s", "sign in"));
    }
    keys.push(("x", "remove"));
    keys.extend(undo);
    keys.extend([("l", "limits"), ("w", "why"), ("r", "refresh"), ("e", "rename"), ("J K", "move")]);
    keys
}

fn sign_in(state: &State) -> Vec<Key> {
    let method = state.snapshot.sign_in.as_ref().map_or(SignInMethod::Browser, |sign_in| sign_in.method);
    let other = match method {
        SignInMethod::Browser => ("d", "device code"),
        SignInMethod::DeviceCode => ("d", "browser"),
    };
    match state.phase() {
        SignInPhase::Waiting if method == SignInMethod::Browser => {
            vec![("Esc", "cancel"), other, ("p", "paste the address"), ("o", "open again"), ("c", "copy the link")]
        }
        SignInPhase::Waiting => vec![("Esc", "cancel"), other, ("o", "open here"), ("c", "copy the link")],
        SignInPhase::Starting | SignInPhase::Finishing => vec![("Esc", "cancel")],
        SignInPhase::OtherAccount => vec![("y", "add it as a new profile"), ("n", "drop it")],
        SignInPhase::Failed => vec![("Enter", "try again"), other, ("Esc", "back")],
        SignInPhase::Done => vec![("Esc", "back")],
    }
}

/// The keys in at most so many lines of so many columns. What has no room is left out from behind, but for the end.
pub(super) fn foot(state: &State, columns: usize, most: usize) -> Vec<Text> {
    let (mut keys, end) = now(state);
    loop {
        let lines = lines(keys.iter().chain(end), columns);
        if lines.len() <= most || keys.is_empty() {
            return lines;
        }
        keys.pop();
    }
}

fn lines<'a>(keys: impl Iterator<Item = &'a Key>, columns: usize) -> Vec<Text> {
    let mut lines = vec![Text::default()];
    for (key, what) in keys {
        let text = Text::default().with(key, Tone::Strong).with(&format!(" {what}"), Tone::Quiet);
        let Some(line) = lines.last_mut() else { continue };
        if !line.is_empty() && line.width() + 2 + text.width() > columns {
            lines.push(text);
            continue;
        }
        line.push(if line.is_empty() { "" } else { "  " }, Tone::Plain);
        line.append(text);
    }
    lines
}
