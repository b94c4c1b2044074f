//! All profiles as routing knows them, with their blocks, what they have to do, and their order for each family of models.
//!
//! What changes by itself (a reset passes, a rest is over) is kept in a calendar, so that a choice costs the same whatever has
//! happened before.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::candidate::{Candidate, Spent};
use super::eligibility::{Circumstances, eligible};
use super::folders::{Folders, Side, Walls};
use super::ranking::Ranking;
use super::strategy::{Key, Work, key};
use crate::model::block::{Block, BlockKind, BlockScope, BlockState};
use crate::model::model_name::ModelName;
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::quota::Family;
use crate::model::routing::{RoutingSettings, Strategy};

/// Families whose order is kept; the one asked for longest ago gives way.
const RANKINGS_LIMIT: usize = 8;
/// Models whose family is remembered.
const MODELS_LIMIT: usize = 256;
/// Blocks of one profile; the oldest gives way.
const BLOCKS_LIMIT: usize = 64;

/// The profiles, in the user's order.
#[derive(Debug, Default)]
pub struct Roster {
    pub(super) settings: RoutingSettings,
    pub(super) folders: Folders,
    entries: Vec<Entry>,
    places: HashMap<ProfileId, u32>,
    rankings: Vec<(Family, Ranking)>,
    calendar: BTreeSet<(Timestamp, u32)>,
    /// The latest moment that was looked at.
    seen: Option<Timestamp>,
    turns: u64,
    /// Families that models were found to belong to.
    families: HashMap<ModelName, Family>,
    /// Profiles whose blocks have changed since they were last saved.
    unsaved: HashSet<ProfileId>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) candidate: Candidate,
    pub(super) side: Side,
    pub(super) work: Work,
    /// Its place in the user's order.
    position: u32,
    due: Option<Timestamp>,
}

impl Roster {
    /// Takes the settings.
    pub fn set_settings(&mut self, settings: RoutingSettings) {
        let walls = Walls::of(&settings);
        self.folders = Folders::of(&settings);
        let named: HashMap<&ProfileId, u32> = settings.order.iter().zip(0..).collect();
        let after = u32::try_from(named.len()).unwrap_or(u32::MAX);
        for (entry, index) in self.entries.iter_mut().zip(0u32..) {
            entry.side = walls.side(&entry.candidate.id);
            entry.position = named.get(&entry.candidate.id).copied().unwrap_or_else(|| after.saturating_add(index));
        }
        self.settings = settings;
        self.rankings.clear();
    }

    /// Takes all profiles, in the user's order. Those that are known keep their blocks and their work; the blocks of the new ones
    /// are taken over.
    pub fn set_candidates(&mut self, candidates: Vec<Candidate>) {
        let mut known: HashMap<ProfileId, Entry> = self.entries.drain(..).map(|entry| (entry.candidate.id.clone(), entry)).collect();
        self.calendar.clear();
        self.places.clear();
        for mut candidate in candidates {
            let place = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            if self.places.insert(candidate.id.clone(), place).is_some() {
                continue;
            }
            let work = known.remove(&candidate.id).map(|entry| {
                candidate.blocks = entry.candidate.blocks;
                if entry.candidate.needs_sign_in && !candidate.needs_sign_in {
                    candidate.blocks.retain(|block| !block.kind.is_of_the_login());
                    self.unsaved.insert(candidate.id.clone());
                }
                entry.work
            });
            let surplus = candidate.blocks.len().saturating_sub(BLOCKS_LIMIT);
            candidate.blocks.drain(..surplus);
            self.entries.push(Entry { candidate, side: None, work: work.unwrap_or_default(), position: 0, due: None });
        }
        self.unsaved.extend(known.into_keys());
        self.seen = None;
        let settings = std::mem::take(&mut self.settings);
        self.set_settings(settings);
    }

    /// Changes what is known of one profile: its quota, its state. Its blocks stay as they are.
    pub fn update(&mut self, profile: &ProfileId, now: Timestamp, change: impl FnOnce(&mut Candidate)) {
        if let Some(place) = self.place(profile)
            && let Some(entry) = self.entry_mut(place)
        {
            let blocks = std::mem::take(&mut entry.candidate.blocks);
            change(&mut entry.candidate);
            entry.candidate.blocks = blocks;
            self.place_anew(place, now);
        }
    }

    /// All that is paid by use has cost this much by now.
    pub fn spent(&mut self, spent: Spent, now: Timestamp) {
        for place in (0..).take(self.entries.len()) {
            let Some(entry) = self.entry_mut(place).filter(|entry| entry.candidate.kind == ProfileKind::ApiKey) else { continue };
            if std::mem::replace(&mut entry.candidate.spent, spent) != spent {
                self.place_anew(place, now);
            }
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &RoutingSettings {
        &self.settings
    }

    /// How many requests a profile has on their way.
    pub fn in_flight(&self, profile: &ProfileId) -> u32 {
        self.find(profile).map_or(0, |entry| entry.work.in_flight)
    }

    /// The blocks of a profile.
    pub fn blocks(&self, profile: &ProfileId) -> &[Block] {
        self.find(profile).map_or(&[], |entry| &entry.candidate.blocks)
    }

    /// Profiles whose blocks have changed since this was last asked, with their blocks; none for a profile that is gone.
    pub fn take_unsaved(&mut self) -> Vec<(ProfileId, Vec<Block>)> {
        let unsaved = std::mem::take(&mut self.unsaved);
        unsaved.into_iter().map(|id| (self.blocks(&id).to_vec(), id)).map(|(blocks, id)| (id, blocks)).collect()
    }

    /// These could not be saved: they count as changed again.
    pub fn not_saved(&mut self, profiles: impl IntoIterator<Item = ProfileId>) {
        self.unsaved.extend(profiles);
    }

    /// A reading made after a block shows that something is left: the block is over. `left` says of a family whether all of its
    /// windows have something left.
    pub fn quota_seen(&mut self, profile: &ProfileId, family: &Family, left: bool, seen_at: Timestamp, now: Timestamp) {
        let is_disproved = |block: &Block| {
            let exhausted = block.kind == BlockKind::Exhausted && block.scope == BlockScope::Family(family.clone());
            left && exhausted && block.since < seen_at
        };
        self.lift(profile, now, is_disproved);
    }

    /// The user has signed in again: what was held against the old login is over.
    pub fn signed_in(&mut self, profile: &ProfileId, now: Timestamp) {
        self.lift(profile, now, |block| block.kind.is_of_the_login());
    }

    /// Notes a block, and the same for the siblings in the workspace where it is about that.
    pub(super) fn note(&mut self, place: u32, block: &Block) {
        let Some(entry) = self.entry(place) else { return };
        let mut met = vec![(place, false)];
        if let (BlockScope::Workspace, Some(workspace)) = (&block.scope, entry.candidate.workspace.clone()) {
            let siblings = self
                .entries
                .iter()
                .zip(0..)
                .filter(|(other, index)| *index != place && other.candidate.workspace.as_ref() == Some(&workspace));
            met.extend(siblings.map(|(_, index)| (index, true)));
        }
        for (place, shared) in met {
            let Some(entry) = self.entry_mut(place) else { continue };
            let blocks = &mut entry.candidate.blocks;
            let mut block = Block { shared, ..block.clone() };
            blocks.retain(|other| !other.is_forgotten(block.since));
            if let Some(index) = blocks.iter().position(|other| other.is_alike(&block)) {
                block = block.after(&blocks.remove(index));
            }
            if blocks.len() >= BLOCKS_LIMIT {
                blocks.remove(0);
            }
            let now = block.since;
            blocks.push(block);
            self.unsaved.insert(self.entries[index(place)].candidate.id.clone());
            self.place_anew(place, now);
        }
    }

    /// A request of this family and model was served: what was held against the profile for it, and is not in force any more, is over,
    /// and so it is for its siblings.
    pub(super) fn went_well(&mut self, place: u32, family: &Family, model: Option<&ModelName>, now: Timestamp) {
        let Some(entry) = self.entry(place) else { return };
        let disproved = |block: &Block| {
            let in_force = matches!(block.state(now), BlockState::Holds(_)) && block.kind.refuses();
            block.scope.covers(family, model) && !in_force
        };
        if !entry.candidate.blocks.iter().any(disproved) {
            return;
        }
        let id = entry.candidate.id.clone();
        let shared: Vec<Block> =
            entry.candidate.blocks.iter().filter(|block| disproved(block) && block.scope == BlockScope::Workspace).cloned().collect();
        let workspace = entry.candidate.workspace.clone();
        self.lift(&id, now, disproved);
        if let (Some(workspace), false) = (workspace, shared.is_empty()) {
            let siblings = self.entries.iter().filter(|other| other.candidate.workspace.as_ref() == Some(&workspace));
            for sibling in siblings.map(|other| other.candidate.id.clone()).collect::<Vec<_>>() {
                self.lift(&sibling, now, |block| shared.iter().any(|over| over.is_alike(block)));
            }
        }
    }

    fn lift(&mut self, profile: &ProfileId, now: Timestamp, over: impl Fn(&Block) -> bool) {
        let Some(place) = self.place(profile) else { return };
        let Some(entry) = self.entry_mut(place) else { return };
        let before = entry.candidate.blocks.len();
        entry.candidate.blocks.retain(|block| !over(block));
        if entry.candidate.blocks.len() != before {
            self.unsaved.insert(profile.clone());
            self.place_anew(place, now);
        }
    }

    /// Changes what a profile has to do.
    pub(super) fn work(&mut self, place: u32, now: Timestamp, change: impl FnOnce(&mut Work)) {
        let strategy = self.settings.strategy;
        if let Some(entry) = self.entry_mut(place) {
            change(&mut entry.work);
            if matches!(strategy, Strategy::RoundRobin | Strategy::LeastUsed) {
                self.place_anew(place, now);
            }
        }
    }

    /// The number of the next new session.
    pub(super) fn next_turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    /// Begins trials of the half-open blocks of a profile that cover a request. Whether there are any.
    pub(super) fn begin_trial(&mut self, place: u32, family: &Family, model: Option<&ModelName>, now: Timestamp) -> bool {
        let Some(entry) = self.entry_mut(place) else { return false };
        let mut any = false;
        for block in entry.candidate.half_open(now).filter(|block| block.scope.covers(family, model)) {
            block.on_trial = Some(now);
            any = true;
        }
        if any {
            self.place_anew(place, now);
        }
        any
    }

    /// Ends the trials that began at that moment without a word on how they went.
    pub(super) fn give_up_trial(&mut self, place: u32, began: Timestamp, now: Timestamp) {
        let Some(entry) = self.entry_mut(place) else { return };
        for block in entry.candidate.blocks.iter_mut().filter(|block| block.on_trial == Some(began)) {
            block.on_trial = None;
        }
        self.place_anew(place, now);
    }

    /// The provider has named another family for a model than was asked for: from now on it is asked for.
    pub(super) fn learn_family(&mut self, model: &ModelName, told: &Family, asked: &Family) {
        if told != asked && (self.families.len() < MODELS_LIMIT || self.families.contains_key(model)) {
            self.families.insert(model.clone(), told.clone());
        }
    }

    /// The family that a model was found to belong to.
    pub(super) fn family_of(&self, model: &ModelName) -> Option<&Family> {
        self.families.get(model)
    }

    /// Brings the order of a family up to this moment.
    pub(super) fn look(&mut self, family: &Family, now: Timestamp) {
        self.catch_up(now);
        if self.ranking(family).is_some() {
            return;
        }
        if self.rankings.len() >= RANKINGS_LIMIT {
            self.rankings.remove(0);
        }
        let keys = (0..).take(self.entries.len()).map(|place| self.key(place, family, now)).collect();
        self.rankings.push((family.clone(), Ranking::new(keys)));
    }

    /// The order of a family, as of the last look.
    pub(super) fn ranking(&self, family: &Family) -> Option<&Ranking> {
        self.rankings.iter().find(|(known, _)| known == family).map(|(_, ranking)| ranking)
    }

    pub(super) fn place(&self, profile: &ProfileId) -> Option<u32> {
        self.places.get(profile).copied()
    }

    pub(super) fn entry(&self, place: u32) -> Option<&Entry> {
        self.entries.get(index(place))
    }

    pub(super) fn find(&self, profile: &ProfileId) -> Option<&Entry> {
        self.entry(self.place(profile)?)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn entry_mut(&mut self, place: u32) -> Option<&mut Entry> {
        self.entries.get_mut(index(place))
    }

    /// Looks again at all profiles for which something has changed by itself.
    fn catch_up(&mut self, now: Timestamp) {
        // The first look, or a clock that was set back: nothing in the calendar can be relied on.
        if self.seen.is_none_or(|seen| now < seen) {
            self.rankings.clear();
            self.calendar.clear();
            for (entry, place) in self.entries.iter_mut().zip(0..) {
                entry.due = entry.candidate.changes_at(now);
                self.calendar.extend(entry.due.map(|due| (due, place)));
            }
        }
        self.seen = Some(now);
        while let Some((_, place)) = self.calendar.first().filter(|(due, _)| *due <= now).copied() {
            self.calendar.pop_first();
            self.place_anew(place, now);
        }
    }

    /// Puts a profile where it belongs now, in the calendar and in each order.
    fn place_anew(&mut self, place: u32, now: Timestamp) {
        let Some(entry) = self.entries.get_mut(index(place)) else { return };
        let before = entry.due.take();
        entry.due = entry.candidate.changes_at(now);
        let after = entry.due;
        self.calendar.extend(after.map(|due| (due, place)));
        if let Some(before) = before.filter(|before| Some(*before) != after) {
            self.calendar.remove(&(before, place));
        }
        let mut rankings = std::mem::take(&mut self.rankings);
        for (family, ranking) in &mut rankings {
            ranking.update(place, self.key(place, family, now));
        }
        self.rankings = rankings;
    }

    fn key(&self, place: u32, family: &Family, now: Timestamp) -> Option<Key> {
        let Entry { candidate, work, position, .. } = self.entry(place)?;
        let at = Circumstances { family, model: None, at_home: false, insisted: false, settings: &self.settings, now };
        // A trial is one request's: to the others the profile is refused when they ask, and is back as soon as it ends.
        let rank = eligible(candidate, &at)?;
        Some(key(self.settings.strategy, rank, candidate, *work, *position, family, now))
    }
}

fn index(place: u32) -> usize {
    place as usize
}
