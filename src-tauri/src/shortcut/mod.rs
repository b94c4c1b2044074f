//! A key of the whole desktop that opens the window, while the setting wants one. The desktop chooses the key; the snapshot says
//! which, or why there is none.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod asked_of;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod asked_of;
#[cfg(target_os = "linux")]
mod heard;
#[cfg(target_os = "linux")]
mod portal;

use codex_lab_core::engine::Engine;
use codex_lab_core::view::command::Command;
use tokio::sync::{mpsc, watch};

/// Looks after the shortcut.
#[derive(Debug)]
pub(crate) struct Shortcut {
    wanted: watch::Sender<bool>,
}

impl Shortcut {
    /// Asks for nothing yet. `clicks` gets what the key asks for. Ends when this is dropped.
    pub(crate) fn keep(engine: Engine, clicks: mpsc::UnboundedSender<Command>) -> Self {
        let (wanted, asked) = watch::channel(false);
        tokio::spawn(asked_of::keep(asked, engine, clicks));
        Self { wanted }
    }

    /// As the setting says.
    pub(crate) fn set(&self, wanted: bool) {
        self.wanted.send_if_modified(|before| std::mem::replace(before, wanted) != wanted);
    }
}
