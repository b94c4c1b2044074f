//! A client that was started on purpose through the gateway: its pin, and what became of it.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::profile::ProfileId;

/// What the one who starts a client wants of routing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchWish {
    /// The profile it is started on; without one, routing chooses and the session stays.
    pub profile: Option<ProfileId>,
    /// Whether nothing else serves when that profile cannot.
    pub strict: bool,
    /// The folder it is started in, links resolved.
    pub folder: Option<PathBuf>,
}

/// What became of a launch so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchReport {
    /// The profiles that have served it, in the order of their first answer.
    pub served: Vec<ProfileId>,
    /// Whether its last request found nobody with quota.
    pub exhausted: bool,
    /// When the first profile comes back, if that is known.
    pub until: Option<Timestamp>,
}
