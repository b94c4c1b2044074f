//! What of the timeline is asked for, page by page.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::activity::{ActivityEntry, ActivityKind};
use super::profile::ProfileId;

/// Entries of one page, where nobody has said how many.
pub const USUAL_PAGE: u32 = 100;
/// More are not told at once.
pub const LARGEST_PAGE: u32 = 500;
/// Characters that can be searched for.
pub const SEARCH_LIMIT: usize = 100;

/// What of the timeline is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(export)]
pub struct ActivityFilter {
    /// These sorts; none stands for all but the everyday ones.
    pub kinds: Vec<ActivityKind>,
    /// Only what this profile has to do with.
    pub profile: Option<ProfileId>,
    /// Only entries with all of these words.
    pub search: Option<String>,
    /// From then on.
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
    /// Up to then.
    #[ts(type = "string | null")]
    pub until: Option<Timestamp>,
    /// After the page that gave this as its `next`.
    pub before: Option<String>,
    /// How many at most, 1 to 500; 100 unless said otherwise.
    pub limit: Option<u32>,
}

impl ActivityFilter {
    /// Whether entries of a sort are asked for.
    pub fn wants(&self, kind: ActivityKind) -> bool {
        if self.kinds.is_empty() { !kind.is_everyday() } else { self.kinds.contains(&kind) }
    }

    /// Entries of a page.
    pub fn page(&self) -> usize {
        usize::try_from(self.limit.unwrap_or(USUAL_PAGE).clamp(1, LARGEST_PAGE)).unwrap_or_default()
    }
}

/// A place in the timeline: what is older stands after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The entry's key.
    pub key: String,
}

impl Place {
    /// Reads a place as it was told.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, key) = text.split_once(' ')?;
        Some(Self { at: at.parse().ok()?, key: key.to_owned() })
    }

    /// Whether an entry stands after it.
    pub fn is_before(&self, entry: &ActivityEntry) -> bool {
        (entry.at.as_millisecond(), entry.key.as_str()) < (self.at, self.key.as_str())
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.at, self.key)
    }
}
