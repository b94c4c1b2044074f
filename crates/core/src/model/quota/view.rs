//! Looks into a quota book: what is left now, and what of it is shown.

use std::cmp::Reverse;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::account::{Credits, LimitReached, SpendLimit};
use super::book::Quota;
use super::family::Family;
use super::text::ShortText;
use super::window::{Confidence, Minutes, Percent, QuotaSource, QuotaWindow};
use crate::base::sorting;

/// What is left of one window now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remaining {
    /// The window's length.
    pub minutes: Minutes,
    /// What is left; all of it where a reset has passed that nobody has verified.
    pub left_percent: Percent,
    /// When it starts anew, if known. May have passed.
    pub resets_at: Option<Timestamp>,
    /// How far the number can be trusted.
    pub confidence: Confidence,
    /// How old it is.
    pub age: Duration,
}

impl QuotaView {
    /// The windows of the main family, the shortest first; none where nothing is known.
    pub fn main_windows(&self) -> &[WindowView] {
        self.families.iter().find(|family| family.main).map_or(&[], |family| &family.windows)
    }

    /// The window of the main family with the least left; of equals the longest, which takes longest to come back.
    pub fn lowest(&self) -> Option<&WindowView> {
        self.main_windows().iter().min_by_key(|window| (window.left_percent, Reverse(window.minutes)))
    }
}

impl Quota {
    /// What is left of each window of a family, the shortest window first. Empty: nothing is known.
    pub fn remaining(&self, family: &Family, now: Timestamp) -> Vec<Remaining> {
        self.windows(family).map(|window| remaining(window, now)).collect()
    }

    /// The window of a family with the least left; of equals the one whose reset is further away.
    pub fn lowest(&self, family: &Family, now: Timestamp) -> Option<Remaining> {
        let windows = self.windows(family).map(|window| remaining(window, now));
        windows.min_by_key(|window| (window.left_percent, Reverse(window.resets_at.unwrap_or(Timestamp::MAX))))
    }

    /// When a family whose quota is used up has some again: the last reset of its empty windows. `None` if none is empty, or
    /// if the provider did not say when.
    pub fn back_at(&self, family: &Family, now: Timestamp) -> Option<Timestamp> {
        let empty = self.windows(family).filter(|window| window.left_percent(now) == Percent::NONE);
        empty.map(|window| window.resets_at).max().flatten()
    }

    /// When a family was last seen.
    pub fn observed_at(&self, family: &Family) -> Option<Timestamp> {
        self.windows(family).map(|window| window.observed_at).max()
    }

    /// What is shown of it. `low` and `critical` are the thresholds in force for the profile, in percent.
    pub fn view(&self, (low, critical): (u8, u8), now: Timestamp) -> QuotaView {
        let account = self.account();
        let mut families: Vec<FamilyView> = self
            .families()
            .map(|(family, facts)| FamilyView {
                main: family.is_main(),
                family: family.clone(),
                name: facts.name.clone(),
                windows: self.windows(family).map(|window| shown(window, (low, critical), now)).collect(),
            })
            .filter(|family| !family.windows.is_empty())
            .collect();
        sorting::by_key(&mut families, |family| !family.main);
        QuotaView {
            families,
            plan: account.plan.is.clone(),
            credits: account.credits.is.clone(),
            spend_limit: account.spend_limit.is.clone(),
            reset_credits: account.reset_credits.is,
            limit_reached: account.limit_reached.is.clone(),
        }
    }
}

/// A profile's quota as shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct QuotaView {
    /// The main family first. Empty: nothing is known.
    pub families: Vec<FamilyView>,
    /// The plan, as the provider names it.
    pub plan: Option<ShortText>,
    /// Credits, where the account has them.
    pub credits: Option<Credits>,
    /// The account's own spend limit.
    pub spend_limit: Option<SpendLimit>,
    /// How many times windows can be reset on request.
    pub reset_credits: Option<u32>,
    /// The limit that is reached, in the provider's word.
    pub limit_reached: Option<LimitReached>,
}

/// The windows of one family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FamilyView {
    /// Which.
    pub family: Family,
    /// What users call it.
    pub name: Option<ShortText>,
    /// Whether it is the family of all models that have no limit of their own.
    pub main: bool,
    /// The shortest first.
    pub windows: Vec<WindowView>,
}

/// One window as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct WindowView {
    /// Its length.
    pub minutes: Minutes,
    /// What is left, 0 to 100.
    pub left_percent: Percent,
    /// When it starts anew. May have passed.
    #[ts(type = "string | null")]
    pub resets_at: Option<Timestamp>,
    /// When it was seen; `None` if nobody can tell, because the clock was set back since.
    #[ts(type = "string | null")]
    pub observed_at: Option<Timestamp>,
    /// Who said so.
    pub source: QuotaSource,
    /// How far it can be trusted.
    pub confidence: Confidence,
    /// What is to be said of it.
    pub note: WindowNote,
}

/// What is to be said of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum WindowNote {
    /// Nothing.
    Fine,
    /// Less is left than the low threshold.
    Low,
    /// Less is left than the critical threshold.
    Critical,
    /// Its reset has passed, and nobody has looked since.
    ResetUnverified,
    /// Nothing is left.
    Empty,
}

fn remaining(window: &QuotaWindow, now: Timestamp) -> Remaining {
    Remaining {
        minutes: window.minutes,
        left_percent: window.left_percent(now),
        resets_at: window.resets_at,
        confidence: window.confidence(now),
        age: window.age(now),
    }
}

fn shown(window: &QuotaWindow, (low, critical): (u8, u8), now: Timestamp) -> WindowView {
    let left_percent = window.left_percent(now);
    WindowView {
        minutes: window.minutes,
        left_percent,
        resets_at: window.resets_at,
        observed_at: Some(window.observed_at).filter(|at| *at > Timestamp::UNIX_EPOCH),
        source: window.source,
        confidence: window.confidence(now),
        note: match left_percent {
            _ if window.has_reset(now) => WindowNote::ResetUnverified,
            Percent::NONE => WindowNote::Empty,
            left if left.rounded_up() < critical => WindowNote::Critical,
            left if left.rounded_up() < low => WindowNote::Low,
            _ => WindowNote::Fine,
        },
    }
}
