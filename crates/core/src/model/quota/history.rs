//! What was used when, and how it goes on: what charts are drawn from.

use jiff::Timestamp;
use serde::Serialize;

use super::window::{Minutes, Percent};
use crate::model::profile::ProfileId;

/// The main windows of some profiles over a time.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct UsageHistory {
    /// From then on.
    #[ts(type = "string")]
    pub since: Timestamp,
    /// Until then: when it was asked for.
    #[ts(type = "string")]
    pub until: Timestamp,
    /// Each window, in the profiles' order, the shortest first.
    pub windows: Vec<WindowHistory>,
    /// The same of all these profiles together, for each length of window that several of them have.
    pub together: Vec<TogetherHistory>,
}

/// One window of one profile.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct WindowHistory {
    /// Whose.
    pub profile: ProfileId,
    /// Its name.
    pub name: String,
    /// The window's length.
    pub minutes: Minutes,
    /// Oldest first. Between two points nothing is known to have changed by more than half a percent.
    pub points: Vec<HistoryPoint>,
    /// How it goes on; `None` where too little was seen.
    pub forecast: Option<Forecast>,
}

/// Windows of one length, of several profiles.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct TogetherHistory {
    /// Their length.
    pub minutes: Minutes,
    /// How many there are.
    pub profiles: usize,
    /// The average over them, oldest first.
    pub points: Vec<HistoryPoint>,
    /// How it goes on, shares being of all of them.
    pub forecast: Option<Forecast>,
}

/// How much was used at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct HistoryPoint {
    /// When it was seen.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// How much.
    pub used_percent: Percent,
}

/// How it goes on at the pace of late.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Forecast {
    /// Percent that are used in an hour.
    pub percent_per_hour: f64,
    /// When nothing is left; `None` if it starts anew before.
    #[ts(type = "string | null")]
    pub runs_out_at: Option<Timestamp>,
    /// When it starts anew, if known; of several profiles the first.
    #[ts(type = "string | null")]
    pub resets_at: Option<Timestamp>,
}
