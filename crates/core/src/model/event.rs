//! What happened, for notifications and for whoever waits. The snapshot says what is; an event says what has changed.

use serde::Serialize;

use super::news::News;
use super::profile::ProfileId;
use crate::failure::Failure;

/// Something happened that the user may want to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Another login is live.
    Switched {
        /// The name of the profile before; `None` was no login.
        from: Option<String>,
        /// The profile now; `None` is no login.
        to: Option<String>,
        /// How many Codex processes still run on the old login.
        stale_sessions: usize,
    },
    /// A sign-in made or renewed a profile.
    SignedIn {
        /// Which.
        profile: ProfileId,
        /// Its name.
        name: String,
        /// Whether it is new.
        created: bool,
    },
    /// A sign-in ended without a profile, other than by the user's own cancelling.
    SignInFailed {
        /// Why.
        failure: Failure,
    },
    /// Something worth telling once.
    News(News),
    /// A Codex daemon now runs on the live login.
    DaemonRestarted,
}
