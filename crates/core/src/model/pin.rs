//! A session that the user has tied to a profile: it goes there, or waits.

use jiff::Timestamp;
use serde::Serialize;

use super::profile::ProfileId;

/// A tied session, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct SessionPin {
    /// The session's key, as decisions have it.
    pub session: String,
    /// The profile it is tied to. While that profile is gone, the tie has no effect.
    pub profile: ProfileId,
    /// When it was tied.
    #[ts(type = "string")]
    pub pinned_at: Timestamp,
}
