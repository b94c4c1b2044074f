//! What the portal of the desktop says, read and judged: nothing of it is believed that is too long, of another shape, or about
//! somebody else's requests. Shapes: XDG Desktop Portal, `GlobalShortcuts` version 1, `Request`, `Session`.

use std::collections::HashMap;
use std::time::Duration;

use codex_lab_core::model::shortcut::Unbound;
use tokio::time::Instant;
use zbus::Message;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue};

/// Where the portal is.
pub(super) const PATH: &str = "/org/freedesktop/portal/desktop";
/// The one shortcut.
pub(super) const SHORTCUT: &str = "open";
/// No message about one shortcut is longer, in bytes.
const LONGEST: usize = 64 << 10;
/// A key that is held down opens the window once.
const HELD_DOWN: Duration = Duration::from_millis(400);

/// What our requests and our session are called. The portal makes their paths of our name on the bus and of the tokens.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) create_token: String,
    pub(super) bind_token: String,
    pub(super) session_token: String,
    pub(super) create: String,
    pub(super) bind: String,
    pub(super) session: String,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// A session is asked for.
    Creating,
    /// The key is asked for.
    Binding,
    /// The desktop has it.
    Bound,
}

/// What one message says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// There is a session.
    Created,
    /// The key is bound, and called so.
    Bound(String),
    /// The user or the portal said no.
    Refused,
    /// The key was pressed.
    Pressed,
    /// The session is at its end.
    Closed,
    /// It is meant for us and cannot be read.
    Nonsense,
    /// It is about something else.
    Else,
}

/// What is to be done about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask for the key.
    Bind,
    /// Say that it is bound, and called so.
    Show(String),
    /// Open the window.
    Open,
    /// Give up.
    Fail(Unbound),
    /// Nothing.
    Nothing,
}

impl Names {
    /// Those of a connection with this name on the bus. `random` makes the tokens those of nobody else.
    pub(super) fn of(connection: &str, random: &str) -> Self {
        let sender = connection.trim_start_matches(':').replace('.', "_");
        let [create_token, bind_token, session_token] = ["create", "bind", "session"].map(|what| format!("codexlab_{what}_{random}"));
        Self {
            create: format!("{PATH}/request/{sender}/{create_token}"),
            bind: format!("{PATH}/request/{sender}/{bind_token}"),
            session: format!("{PATH}/session/{sender}/{session_token}"),
            create_token,
            bind_token,
            session_token,
        }
    }

    /// Reads a signal of the portal.
    pub(super) fn read(&self, message: &Message) -> Heard {
        let header = message.header();
        let path = header.path().map(ObjectPath::as_str).unwrap_or_default();
        let interface = header.interface().map(zbus::names::InterfaceName::as_str).unwrap_or_default();
        let member = header.member().map(zbus::names::MemberName::as_str).unwrap_or_default();
        let read = match (interface, member) {
            ("org.freedesktop.portal.Request", "Response") if path == self.create => self.created(message),
            ("org.freedesktop.portal.Request", "Response") if path == self.bind => bound(message),
            ("org.freedesktop.portal.Session", "Closed") if path == self.session => Some(Heard::Closed),
            ("org.freedesktop.portal.GlobalShortcuts", "Activated") if path == PATH => self.pressed(message),
            ("org.freedesktop.portal.GlobalShortcuts", "ShortcutsChanged") if path == PATH => self.changed(message),
            _ => Some(Heard::Else),
        };
        read.unwrap_or(Heard::Nonsense)
    }

    fn created(&self, message: &Message) -> Option<Heard> {
        let (answer, mut results) = body::<(u32, Results)>(message)?;
        if answer != 0 {
            return Some(Heard::Refused);
        }
        // A text, where it should have been a path; some portals give the path.
        let session = results.remove("session_handle")?;
        let told = session.downcast_ref::<&str>().map(str::to_owned);
        let told = told.or_else(|_| session.downcast_ref::<ObjectPath<'_>>().map(|path| path.to_string())).ok()?;
        (told == self.session).then_some(Heard::Created)
    }

    fn pressed(&self, message: &Message) -> Option<Heard> {
        let (session, shortcut, _at, _options) = body::<(OwnedObjectPath, String, u64, Results)>(message)?;
        Some(if session.as_str() == self.session && shortcut == SHORTCUT { Heard::Pressed } else { Heard::Else })
    }

    fn changed(&self, message: &Message) -> Option<Heard> {
        let (session, shortcuts) = body::<(OwnedObjectPath, Shortcuts)>(message)?;
        Some(if session.as_str() == self.session { ours(shortcuts) } else { Heard::Else })
    }
}

type Results = HashMap<String, OwnedValue>;
type Shortcuts = Vec<(String, Results)>;

fn bound(message: &Message) -> Option<Heard> {
    let (answer, mut results) = body::<(u32, Results)>(message)?;
    if answer != 0 {
        return Some(Heard::Refused);
    }
    Shortcuts::try_from(results.remove("shortcuts")?).ok().map(ours)
}

/// Whether ours is among what is bound. Where the desktop does not say what its key is called, it has no name.
fn ours(shortcuts: Shortcuts) -> Heard {
    let ours = shortcuts.into_iter().find(|(id, _)| id == SHORTCUT);
    ours.map_or(Heard::Refused, |(_, facts)| {
        let trigger = facts.get("trigger_description").and_then(|value| value.downcast_ref::<&str>().ok());
        Heard::Bound(trigger.unwrap_or_default().to_owned())
    })
}

fn body<B>(message: &Message) -> Option<B>
where
    B: serde::de::DeserializeOwned + zbus::zvariant::Type,
{
    let body = message.body();
    if body.len() > LONGEST { None } else { body.deserialize().ok() }
}

/// What to do about what was heard.
pub(super) fn step(stage: Stage, heard: Heard) -> Step {
    match (stage, heard) {
        (Stage::Creating, Heard::Created) => Step::Bind,
        (Stage::Binding | Stage::Bound, Heard::Bound(trigger)) => Step::Show(trigger),
        (Stage::Bound, Heard::Pressed) => Step::Open,
        (Stage::Creating | Stage::Binding, Heard::Refused) => Step::Fail(Unbound::Declined),
        (Stage::Bound, Heard::Refused) | (_, Heard::Closed) => Step::Fail(Unbound::TakenBack),
        (Stage::Creating | Stage::Binding, Heard::Nonsense) => Step::Fail(Unbound::NoAnswer),
        _ => Step::Nothing,
    }
}

/// Whether a key that is pressed now was not pressed all the time since `last`.
pub(super) fn is_another_press(last: Option<Instant>, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) >= HELD_DOWN)
}

#[cfg(test)]
#[path = "heard_tests.rs"]
mod tests;
