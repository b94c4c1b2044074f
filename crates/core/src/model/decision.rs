//! A routing decision as it is remembered: what was chosen, and what was found of every profile.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model_name::ModelName;
use super::profile::ProfileId;
use super::quota::Family;
use super::verdict::{Choice, Verdict};

/// Profiles whose verdicts one decision keeps.
pub const VERDICTS_LIMIT: usize = 32;

/// One decision, or several alike of one session in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Decision {
    /// When; the last time, if it was made several times.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// The session's key.
    pub session: Option<String>,
    /// The family of the model.
    pub family: Family,
    /// The model.
    pub model: Option<ModelName>,
    /// Who serves and why; `None` where nobody can.
    pub chosen: Option<Chosen>,
    /// The profiles that had been tried for the same request before.
    pub tried: Vec<ProfileId>,
    /// The one it stands in for: where the session was at home, or the first that was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub instead_of: Option<ProfileId>,
    /// What was found of each profile, the chosen one first; at most 32.
    pub verdicts: Vec<Judged>,
    /// Profiles beyond those.
    pub others: u32,
    /// How many times it was made.
    pub times: u32,
}

/// The profile that serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Chosen {
    /// Which.
    pub profile: ProfileId,
    /// Why.
    pub choice: Choice,
}

/// What was found of one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Judged {
    /// Which.
    pub profile: ProfileId,
    /// What.
    pub verdict: Verdict,
}
