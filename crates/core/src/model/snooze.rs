//! How long the user wants to hear nothing of quota.

use serde::{Deserialize, Serialize};

/// Longest snooze by hours: a week.
pub const LONGEST_HOURS: u16 = 7 * 24;

/// Until when nothing is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "until", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export)]
pub enum Snooze {
    /// Until the next reset of what is low; for an hour, if nobody knows one.
    #[default]
    Reset,
    /// For a while.
    Hours {
        /// 1 to 168.
        hours: u16,
    },
    /// Not at all: from now on it is told again.
    Off,
}
