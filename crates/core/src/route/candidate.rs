//! A profile as routing sees it: plain values, put together by whoever knows profiles, quota and blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::block::{Block, BlockState};
use crate::model::details::ProfileDetails;
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::quota::Family;

/// One profile that may serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub id: ProfileId,
    /// How it signs in.
    pub kind: ProfileKind,
    /// Its workspace at the provider: what it may share credits with.
    pub workspace: Option<Arc<str>>,
    /// The user keeps it out of use.
    pub paused: bool,
    /// Only a new sign-in helps.
    pub needs_sign_in: bool,
    /// Its login cannot be opened now.
    pub vault_locked: bool,
    /// Weight, drain and thresholds are obeyed.
    pub details: ProfileDetails,
    /// What is known to be left, by family.
    pub allowances: BTreeMap<Family, Vec<Allowance>>,
    /// Whether it goes on with credits where a window is used up.
    pub has_credits: bool,
    /// What it has cost, together with all others like it, where it is paid by use.
    pub spent: Spent,
    /// What is known of earlier trouble. Once a profile is known, [`Roster`](super::roster::Roster) keeps these itself.
    pub blocks: Vec<Block>,
}

/// One window of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Its length.
    pub minutes: u32,
    /// What is left, rounded up, so that 0 is nothing at all.
    pub left_percent: u8,
    /// When it starts anew.
    pub resets_at: Option<Timestamp>,
    /// Whether the provider said so, and nothing speaks against it since.
    pub verified: bool,
}

/// What all that is paid by use has cost in a calendar month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// In US cents, rounded up.
    pub cents: u32,
    /// When the next month begins.
    pub until: Option<Timestamp>,
}

impl Spent {
    /// In the month of this moment: nothing, where another has begun.
    pub fn cents(self, now: Timestamp) -> u32 {
        if self.until.is_some_and(|until| until <= now) { 0 } else { self.cents }
    }
}

impl Allowance {
    /// What is left at a moment: all of it after the reset.
    pub fn left(&self, now: Timestamp) -> u8 {
        if self.resets_at.is_some_and(|at| at <= now) { 100 } else { self.left_percent.min(100) }
    }
}

impl Candidate {
    /// A profile of which nothing is known that would speak against it.
    pub fn new(id: ProfileId, kind: ProfileKind) -> Self {
        Self {
            id,
            kind,
            workspace: None,
            paused: false,
            needs_sign_in: false,
            vault_locked: false,
            details: ProfileDetails::default(),
            allowances: BTreeMap::new(),
            has_credits: false,
            spent: Spent::default(),
            blocks: Vec::new(),
        }
    }

    /// The windows of a family; none where nothing is known.
    pub fn windows(&self, family: &Family) -> &[Allowance] {
        self.allowances.get(family).map_or(&[], Vec::as_slice)
    }

    /// When something about it changes next by itself.
    pub(super) fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        let resets = self.allowances.values().flatten().filter_map(|window| window.resets_at).filter(|at| *at > now);
        let month = self.spent.until.filter(|until| self.spent.cents > 0 && *until > now);
        resets.chain(self.blocks.iter().filter_map(|block| block.changes_at(now))).chain(month).min()
    }

    /// The blocks that one request may try now.
    pub(super) fn half_open(&mut self, now: Timestamp) -> impl Iterator<Item = &mut Block> {
        self.blocks.iter_mut().filter(move |block| block.state(now) == BlockState::HalfOpen)
    }
}
