//! What happened, for notifications and for whoever waits. The snapshot says what is; an event says what has changed.

use jiff::Timestamp;
use serde::Serialize;

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
    /// A profile's login is gone for good.
    SignInNeeded {
        /// Which.
        profile: ProfileId,
        /// Its name.
        name: String,
    },
    /// A profile stands in for another that could not serve.
    FellBack {
        /// The name of the one that could not.
        from: String,
        /// The name of the one that does.
        to: String,
    },
    /// No profile has quota left.
    Exhausted {
        /// When the first of them has some again, if that is known.
        until: Option<Timestamp>,
    },
    /// A profile's week was started ahead of need, and runs.
    Primed {
        /// Which.
        profile: ProfileId,
        /// Its name.
        name: String,
        /// When the week ends.
        resets_at: Timestamp,
    },
    /// A Codex daemon now runs on the live login.
    DaemonRestarted,
}
