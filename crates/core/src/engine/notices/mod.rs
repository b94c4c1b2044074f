//! Telling the user: what is new is taken from snapshots and events, told once by whichever process is the first, and comes back
//! as requests.

mod elsewhere;
mod feed;
mod hooks;
mod telling;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Engine, Shared, blocking};
use crate::failure::{Code, Failure};
use crate::model::profile::ProfileId;
use crate::model::snapshot::Settings;
use crate::notices::gate;
pub(super) use elsewhere::Elsewhere;

/// What this process knows of telling.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// The desktop shows no notifications.
    are_unseen: AtomicBool,
}

impl Engine {
    /// Says whether this desktop shows notifications; that it shows none is a problem to show in the window, once.
    pub async fn note_notifications(&self, are_seen: bool) {
        if self.shared.notices.are_unseen.swap(!are_seen, Ordering::Relaxed) == are_seen
            && let Err(failure) = self.publish().await
        {
            tracing::warn!(code = ?failure.code, %failure, "looking again failed");
        }
    }

    /// Tells nothing of a profile's quota, or of all for `None`, before the next reset.
    pub(super) async fn snooze(&self, profile: Option<ProfileId>) -> Result<(), Failure> {
        let (snapshot, now) = (self.snapshot(), self.shared.ports.clock.now());
        if profile.as_ref().is_some_and(|id| !snapshot.profiles.iter().any(|row| row.id == *id)) {
            return Err(Failure::new(Code::NotFound, "There is no such profile.").hint("`codex-lab list` shows the profiles."));
        }
        let until = gate::snooze_end(&snapshot, profile.as_ref(), now);
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(shared.state.snooze_news(profile.as_ref(), until, now)?)).await
    }
}

/// What keeps the user from being told.
pub(super) fn problems(shared: &Shared, settings: &Settings) -> Vec<Failure> {
    let mut problems = hooks::problems(shared, settings);
    if settings.notifications && shared.notices.are_unseen.load(Ordering::Relaxed) {
        problems.push(
            Failure::new(Code::NoNotifications, "This desktop shows no notifications, so you will not hear when an account runs out.")
                .hint("Install and start a notification server, such as dunst or mako.")
                .hint("Or switch notifications off: codex-lab settings notifications off"),
        );
    }
    problems
}
