//! What the screen is told, and what it wants done.

use std::collections::BTreeMap;
use std::sync::Arc;

use codex_lab_core::api::table::Request;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::decision::Decision;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::Snapshot;
use crossterm::event::KeyEvent;
use jiff::Zoned;

/// Decisions of routing, and the names of the profiles in them.
pub(super) type Decisions = (Vec<Decision>, BTreeMap<ProfileId, String>);

/// What the screen is told.
#[derive(Debug)]
pub(super) enum Event {
    /// There is a newer snapshot.
    Snapshot(Arc<Snapshot>),
    /// What time it is where the user lives.
    Now(Zoned),
    /// A key was pressed.
    Key(KeyEvent),
    /// A text was pasted.
    Pasted(String),
    /// The terminal has so many columns and rows now.
    Resized(u16, u16),
    /// A change is done, with what is to be said of it; or it failed.
    Changed(Result<String, Failure>),
    /// Profiles were put into another order, or were not; and what is known since then.
    Ordered(Result<String, Failure>, Arc<Snapshot>),
    /// A sign-in has begun, or it cannot; and what is known since then.
    Began(Result<(), Failure>, Arc<Snapshot>),
    /// Another step of a sign-in is taken; or it failed.
    Stepped(Result<(), Failure>),
    /// The decisions that were asked for.
    Decided(Result<Decisions, Failure>),
}

/// What the screen wants done. Each but `Quit` is done beside the screen, which goes on meanwhile.
#[derive(Debug)]
pub(super) enum Effect {
    /// Changes something, after the changes before it; then the text is said. Answered by [`Event::Changed`], or
    /// [`Event::Ordered`] if it changes the order.
    Change(Request, String),
    /// A step of a sign-in, after the steps before it. Answered by [`Event::Began`] or [`Event::Stepped`].
    Step(Request),
    /// Asks what is left of a profile's quota, if it may be asked now. Answered by [`Event::Changed`].
    Refresh {
        /// Which.
        profile: ProfileId,
        /// What it is called on the screen.
        name: String,
    },
    /// Asks for the last decisions. Answered by [`Event::Decided`].
    Decisions,
    /// Puts a text into the terminal's clipboard.
    Copy(String),
    /// Ends the screen.
    Quit,
}
