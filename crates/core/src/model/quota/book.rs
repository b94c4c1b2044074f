//! One profile's quota book: families, their windows by length, and how a reading is taken into it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::family::Family;
use super::observation::{FAMILIES_LIMIT, FamilyReading, Observation, WINDOWS_LIMIT};
use super::text::ShortText;
use super::window::{Minutes, QuotaWindow, is_from_the_future};

/// All that is known of one profile's quota.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quota {
    families: BTreeMap<Family, FamilyBook>,
    account: Account,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FamilyBook {
    pub(super) facts: FamilyFacts,
    pub(super) windows: BTreeMap<Minutes, QuotaWindow>,
}

/// What is known of a family beside its windows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FamilyFacts {
    /// What users call it.
    pub name: Option<ShortText>,
    /// When a source last named all the windows it has: nothing older adds one.
    pub complete_at: Option<Timestamp>,
}

/// What a reading has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// The windows it spoke of, or that are no more.
    pub windows: Vec<WindowChange>,
    /// Whether plan, credits, limits or names are others than before.
    pub account: bool,
}

/// One window before and after a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowChange {
    /// Of which family.
    pub family: Family,
    /// Its length.
    pub minutes: Minutes,
    /// As it was known; `None` if it was not.
    pub before: Option<QuotaWindow>,
    /// As it is known now; `None` if the plan has no such window.
    pub after: Option<QuotaWindow>,
}

impl Changed {
    /// Whether the reading left everything as it was, its age included.
    pub fn is_nothing(&self) -> bool {
        self.windows.is_empty() && !self.account
    }

    /// Whether something but the age of what is known is new.
    pub fn is_news(&self) -> bool {
        let said = |window: Option<QuotaWindow>| window.map(|window| (window.used_percent, window.resets_at));
        self.account || self.windows.iter().any(|change| said(change.before) != said(change.after))
    }

    /// Adds what changed after it: of each window the first `before` and the last `after` stay.
    pub fn merge(&mut self, later: Self) {
        self.account |= later.account;
        for change in later.windows {
            match self.windows.iter_mut().find(|known| known.minutes == change.minutes && known.family == change.family) {
                Some(known) => known.after = change.after,
                None => self.windows.push(change),
            }
        }
    }
}

impl Quota {
    /// The book as it was stored.
    pub fn restored(
        account: Account,
        facts: impl IntoIterator<Item = (Family, FamilyFacts)>,
        windows: impl IntoIterator<Item = (Family, QuotaWindow)>,
    ) -> Self {
        let mut families: BTreeMap<Family, FamilyBook> = BTreeMap::new();
        for (family, window) in windows {
            families.entry(family).or_default().windows.insert(window.minutes, window);
        }
        for (family, facts) in facts {
            families.entry(family).or_default().facts = facts;
        }
        Self { families, account }
    }

    /// Takes a reading. What it says replaces what was said earlier, never what was said later. What it is silent about stays,
    /// unless it names all the windows of a family.
    pub fn take(&mut self, seen: &Observation) -> Changed {
        let mut changed = Changed::default();
        for (family, reading) in &seen.families {
            self.make_room(family);
            self.families.entry(family.clone()).or_default().take(family, reading, seen, &mut changed);
        }
        let account = &mut self.account;
        let news = [
            account.plan.take(&seen.plan, seen.at),
            account.credits.take(&seen.credits, seen.at),
            account.spend_limit.take(&seen.spend_limit, seen.at),
            account.reset_credits.take(&seen.reset_credits, seen.at),
            account.limit_reached.take(&seen.limit_reached, seen.at),
        ];
        changed.account |= news.contains(&true);
        changed
    }

    /// Takes what another process of ours has seen later.
    pub fn take_later(&mut self, other: &Self) {
        for (family, theirs) in &other.families {
            self.make_room(family);
            let ours = self.families.entry(family.clone()).or_default();
            for (minutes, window) in &theirs.windows {
                if ours.windows.get(minutes).is_none_or(|known| known.observed_at < window.observed_at) {
                    ours.windows.insert(*minutes, *window);
                }
            }
            ours.facts.name = ours.facts.name.take().or_else(|| theirs.facts.name.clone());
            ours.facts.complete_at = ours.facts.complete_at.max(theirs.facts.complete_at);
            let complete_at = ours.facts.complete_at;
            ours.windows.retain(|minutes, window| {
                theirs.windows.contains_key(minutes) || complete_at.is_none_or(|complete_at| window.observed_at >= complete_at)
            });
        }
        self.account.take_later(&other.account);
    }

    /// Where the clock was set back, nobody can tell any more when the windows from the future were seen: they give way to
    /// whatever is seen next.
    pub fn notice_clock(&mut self, now: Timestamp) {
        for family in self.families.values_mut() {
            for window in family.windows.values_mut().filter(|window| is_from_the_future(window.observed_at, now)) {
                window.observed_at = Timestamp::UNIX_EPOCH;
            }
            family.facts.complete_at = family.facts.complete_at.filter(|at| !is_from_the_future(*at, now));
        }
        self.account.notice_clock(now);
    }

    /// A window, if the plan is known to have it.
    pub fn window(&self, family: &Family, minutes: Minutes) -> Option<&QuotaWindow> {
        self.families.get(family)?.windows.get(&minutes)
    }

    /// A family's windows, the shortest first.
    pub fn windows(&self, family: &Family) -> impl Iterator<Item = &QuotaWindow> {
        self.families.get(family).into_iter().flat_map(|family| family.windows.values())
    }

    /// All windows of all families.
    pub fn all_windows(&self) -> impl Iterator<Item = (&Family, &QuotaWindow)> {
        self.families.iter().flat_map(|(name, family)| family.windows.values().map(move |window| (name, window)))
    }

    /// What is known of each family beside its windows.
    pub fn families(&self) -> impl Iterator<Item = (&Family, &FamilyFacts)> {
        self.families.iter().map(|(name, family)| (name, &family.facts))
    }

    /// What is known of the account beside its windows.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A new family takes the place of the one nobody has spoken of for longest, where there are too many.
    fn make_room(&mut self, family: &Family) {
        if self.families.len() < FAMILIES_LIMIT || self.families.contains_key(family) {
            return;
        }
        let others = self.families.iter().filter(|(name, _)| !name.is_main());
        let oldest = others.min_by_key(|(_, book)| book.windows.values().map(|window| window.observed_at).max());
        if let Some(name) = oldest.map(|(name, _)| name.clone()) {
            self.families.remove(&name);
        }
    }
}

impl FamilyBook {
    fn take(&mut self, family: &Family, reading: &FamilyReading, seen: &Observation, changed: &mut Changed) {
        if let Some(name) = &reading.name
            && self.facts.name.as_ref() != Some(name)
        {
            self.facts.name = Some(name.clone());
            changed.account = true;
        }
        let mut change = |minutes, before, after| {
            changed.windows.push(WindowChange { family: family.clone(), minutes, before, after });
        };
        let told = merged(reading, seen);
        if reading.complete && self.facts.complete_at.is_none_or(|at| at <= seen.at) {
            self.facts.complete_at = Some(seen.at);
            self.windows.retain(|minutes, window| {
                let stays = told.contains_key(minutes) || window.observed_at > seen.at;
                if !stays {
                    change(*minutes, Some(*window), None);
                }
                stays
            });
        }
        for (minutes, window) in told {
            let before = self.windows.get(&minutes).copied();
            let outdated = match before {
                Some(known) => seen.at < known.observed_at,
                None => self.facts.complete_at.is_some_and(|at| seen.at < at) || self.windows.len() >= WINDOWS_LIMIT,
            };
            if !outdated {
                self.windows.insert(minutes, window);
                change(minutes, before, Some(window));
            }
        }
    }
}

/// The windows of a reading by length. Of two of the same length the fuller one counts, as the provider would count it.
fn merged(reading: &FamilyReading, seen: &Observation) -> BTreeMap<Minutes, QuotaWindow> {
    let mut windows: BTreeMap<Minutes, QuotaWindow> = BTreeMap::new();
    for told in &reading.windows {
        let window = QuotaWindow {
            minutes: told.minutes,
            used_percent: told.used_percent,
            resets_at: told.resets_at,
            observed_at: seen.at,
            source: seen.source,
        };
        if windows.get(&told.minutes).is_none_or(|other| other.used_percent < window.used_percent) {
            windows.insert(told.minutes, window);
        }
    }
    windows
}
