//! Strategies: how profiles with nothing against them are ordered for new work. The same values give the same order.

use jiff::Timestamp;

use super::candidate::Candidate;
use crate::model::quota::Family;
use crate::model::routing::Strategy;
use crate::model::verdict::Rank;

/// What counts for a profile whose windows nobody knows: neither full nor empty.
const LEFT_UNLESS_KNOWN: u8 = 50;

/// Where a profile stands in the order; the smallest goes first, and no two are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Profiles of a class are equals to the strategies that draw lots.
    pub(super) class: (Rank, bool),
    first: u64,
    second: u64,
    /// The user's order decides between equals.
    position: u32,
}

/// What a profile has to do, as far as strategies ask for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// Requests on their way.
    pub(super) in_flight: u32,
    /// When it was last given one.
    pub(super) last_used: Option<Timestamp>,
    /// Which of all new sessions it was given last; 0 is none.
    pub(super) turn: u64,
}

/// The place of a profile under a strategy.
pub(super) fn key(
    strategy: Strategy,
    rank: Rank,
    candidate: &Candidate,
    work: Work,
    position: u32,
    family: &Family,
    now: Timestamp,
) -> Key {
    let windows = || candidate.windows(family).iter();
    let ahead = |at: Option<Timestamp>| at.filter(|at| *at > now).map_or(u64::MAX, milliseconds);
    let (first, second) = match strategy {
        Strategy::StickyBest => {
            let scarcest = windows().min_by_key(|window| window.left(now));
            let left = scarcest.map_or(LEFT_UNLESS_KNOWN, |window| window.left(now));
            (u64::from(100 - left), ahead(scarcest.and_then(|window| window.resets_at)))
        }
        Strategy::SoonestReset => {
            let longest = windows().max_by_key(|window| window.minutes).and_then(|window| window.resets_at);
            let soonest = windows().filter_map(|window| window.resets_at).filter(|at| *at > now).min();
            (ahead(longest), ahead(soonest))
        }
        Strategy::RoundRobin => (work.turn, 0),
        Strategy::LeastUsed => (u64::from(work.in_flight), work.last_used.map_or(0, milliseconds)),
        Strategy::Random | Strategy::Weighted | Strategy::Priority => (0, 0),
    };
    // No weight is no share of new sessions: only where nothing else is left.
    let is_weightless = strategy == Strategy::Weighted && candidate.details.weight == 0;
    let rank = if is_weightless { rank.max(Rank::LastResort) } else { rank };
    Key { class: (rank, is_weightless), first, second, position }
}

fn milliseconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or_default()
}

/// Numbers that look random and follow from the first one (splitmix64).
#[derive(Debug, Clone, Copy)]
pub(super) struct Lots(u64);

impl Lots {
    /// Beginning with this number.
    pub(super) fn from(number: u64) -> Self {
        Self(number)
    }

    /// A number below `limit`; 0 if that is 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let wide = u128::from(mixed ^ (mixed >> 31)) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or_default()
    }
}
