//! What is asked of the provider in the background: each request, and how many there may be.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::profile::ProfileId;

/// Requests that one profile may cost in the background within 24 hours, where nobody has said otherwise.
pub const USUAL_BUDGET: u16 = 120;
/// With fewer than this, a window cannot be started reliably.
pub const SMALLEST_BUDGET: u16 = 16;
/// More than this is no background.
pub const LARGEST_BUDGET: u16 = 1000;

/// What a request in the background was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Purpose {
    /// A login is renewed ahead of need.
    KeepAlive,
    /// What is left of the quota.
    Quota,
    /// Whether a week has started.
    PrimeLook,
    /// Which models the account has, for starting its week with the cheapest.
    Models,
    /// The request that starts a week.
    Prime,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::KeepAlive, Self::Quota, Self::PrimeLook, Self::Models, Self::Prime];

    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeepAlive => "keep_alive",
            Self::Quota => "quota",
            Self::PrimeLook => "prime_look",
            Self::Models => "models",
            Self::Prime => "prime",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// One request that went out in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct BackgroundRequest {
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// For which profile.
    pub profile: ProfileId,
    /// Who was asked.
    pub host: String,
    /// What for.
    pub purpose: Purpose,
}

/// What one profile has cost of its budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct BackgroundUse {
    /// Which profile.
    pub profile: ProfileId,
    /// Its name.
    pub name: String,
    /// Requests within the last 24 hours.
    pub used: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_are_stored_by_name() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.as_str());
        }
        assert_eq!(Purpose::parse("curiosity"), None);
    }
}
