//! Ends its own process at a named place, as `kill -9` does.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use codex_lab_core::base::ports::Checkpoint;

/// A checkpoint that does not let the process go on.
#[derive(Debug, Default)]
pub struct Killer {
    place: Option<String>,
    /// The place is passed so many times before.
    left: AtomicU32,
}

impl Killer {
    /// Kills at the first arrival at `place`; never, if there is none.
    pub fn at(place: Option<String>) -> Self {
        Self { place, left: AtomicU32::new(0) }
    }

    /// Passes the place this often, and kills at the next arrival.
    #[must_use]
    pub fn after(self, times: u32) -> Self {
        Self { left: AtomicU32::new(times), ..self }
    }
}

impl Checkpoint for Killer {
    fn reached(&self, place: &'static str) {
        if self.place.as_deref() != Some(place) {
            return;
        }
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return;
        }
        let own = std::process::id().to_string();
        // The status never comes: the signal does.
        let _ = Command::new("kill").args(["-9", &own]).status();
    }
}
