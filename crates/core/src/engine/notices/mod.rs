//! Telling the user: what is new is taken from snapshots and events, told once by whichever process is the first, and comes back
//! as requests.

mod elsewhere;
mod feed;
mod hooks;
mod telling;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::{Engine, Shared, blocking};
use crate::api::table::Reply;
use crate::failure::{Code, Failure};
use crate::model::lifetime::later;
use crate::model::profile::ProfileId;
use crate::model::snapshot::Settings;
use crate::model::snooze::{LONGEST_HOURS, Snooze};
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

    /// Tells nothing of a profile's quota, or of all for `None`, for a while.
    pub(super) async fn snooze(&self, profile: Option<ProfileId>, how: Snooze) -> Result<Reply, Failure> {
        let (until, now) = (self.snoozed_until(profile.as_ref(), how)?, self.shared.ports.clock.now());
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            match until {
                Some(until) => shared.state.snooze_news(profile.as_ref(), until, now)?,
                None => shared.state.end_snooze(profile.as_ref())?,
            }
            Ok(Reply::Snoozed { until })
        })
        .await
    }

    /// Until when nothing is told then; `None`: it is told again.
    pub(super) fn snoozed_until(&self, profile: Option<&ProfileId>, how: Snooze) -> Result<Option<Timestamp>, Failure> {
        let (snapshot, now) = (self.snapshot(), self.shared.ports.clock.now());
        if profile.is_some_and(|id| !snapshot.profiles.iter().any(|row| row.id == *id)) {
            return Err(Failure::new(Code::NotFound, "There is no such profile.").hint("`codex-lab list` shows the profiles."));
        }
        Ok(match how {
            Snooze::Reset => Some(gate::snooze_end(&snapshot, profile, now)),
            Snooze::Hours { hours: hours @ 1..=LONGEST_HOURS } => Some(later(now, Duration::from_secs(u64::from(hours) * 60 * 60))),
            Snooze::Hours { .. } => {
                return Err(Failure::new(Code::InvalidInput, format!("A snooze lasts 1 to {LONGEST_HOURS} hours."))
                    .hint("To hear nothing of a profile for good, mute it."));
            }
            Snooze::Off => None,
        })
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
