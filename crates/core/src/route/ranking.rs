//! Profiles in the order of a strategy, kept while they change one by one, so that choosing does not look at all of them.

use super::strategy::{Key, Lots};
use crate::model::routing::Strategy;

/// Lots drawn before all that may be drawn are counted: a light one seldom wins.
const DRAWS: u32 = 256;
/// Those of them whose profile is looked at.
const LOOKS: u32 = 32;
/// The heaviest weight there is.
const HEAVIEST: u8 = 100;

/// Places of profiles in the roster, ordered. Those that cannot serve are not among them.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    order: Vec<(Key, u32)>,
    keys: Vec<Option<Key>>,
}

impl Ranking {
    /// In order, given the key of each place.
    pub(super) fn new(keys: Vec<Option<Key>>) -> Self {
        let order = in_order(keys.iter().zip(0..).filter_map(|(key, place)| Some(((*key)?, place))));
        Self { order, keys }
    }

    /// Some of the places, in order.
    pub(super) fn some(&self, places: impl Iterator<Item = u32>) -> Vec<(Key, u32)> {
        in_order(places.filter_map(|place| Some((self.keys.get(usize::try_from(place).ok()?).copied()??, place))))
    }

    /// All places, in order.
    pub(super) fn all(&self) -> &[(Key, u32)] {
        &self.order
    }

    /// Moves one place to where its new key belongs.
    pub(super) fn update(&mut self, place: u32, key: Option<Key>) {
        let Some(known) = usize::try_from(place).ok().and_then(|index| self.keys.get_mut(index)) else { return };
        if *known == key {
            return;
        }
        if let Some(before) = std::mem::replace(known, key)
            && let Ok(index) = self.order.binary_search(&(before, place))
        {
            self.order.remove(index);
        }
        if let Some(key) = key
            && let Err(index) = self.order.binary_search(&(key, place))
        {
            self.order.insert(index, (key, place));
        }
    }
}

fn in_order(places: impl Iterator<Item = (Key, u32)>) -> Vec<(Key, u32)> {
    let mut order: Vec<_> = places.collect();
    order.sort_unstable();
    order
}

/// The first place that is accepted, in the order of the strategy. Strategies that draw lots draw among equals, class by class.
pub(super) fn choose(
    order: &[(Key, u32)],
    strategy: Strategy,
    mut lots: Lots,
    weight: impl Fn(u32) -> u8,
    mut accept: impl FnMut(u32) -> bool,
) -> Option<u32> {
    let weight = |place| match strategy {
        // Without any weight, all are alike.
        Strategy::Weighted => Some(weight(place)).filter(|weight| *weight > 0).unwrap_or(HEAVIEST),
        _ => HEAVIEST,
    };
    if !matches!(strategy, Strategy::Random | Strategy::Weighted) {
        return order.iter().map(|(_, place)| *place).find(|place| accept(*place));
    }
    let mut rest = order;
    while let Some((first, _)) = rest.first() {
        let end = rest.partition_point(|(key, _)| key.class == first.class);
        let (class, after) = rest.split_at(end);
        if let Some(place) = draw(class, &mut lots, weight, &mut accept) {
            return Some(place);
        }
        rest = after;
    }
    None
}

/// One of the accepted, each with the chance that its weight gives it.
fn draw(class: &[(Key, u32)], lots: &mut Lots, weight: impl Fn(u32) -> u8, accept: &mut impl FnMut(u32) -> bool) -> Option<u32> {
    let size = u64::try_from(class.len()).unwrap_or(u64::MAX);
    let mut looks = 0;
    for _ in 0..DRAWS {
        let place = usize::try_from(lots.below(size)).ok().and_then(|index| class.get(index)).map(|(_, place)| *place)?;
        if lots.below(HEAVIEST.into()) >= weight(place).into() {
            continue;
        }
        if accept(place) {
            return Some(place);
        }
        looks += 1;
        if looks >= LOOKS {
            break;
        }
    }
    // Few are left, or few weigh much: count them.
    let accepted: Vec<u32> = class.iter().map(|(_, place)| *place).filter(|place| accept(*place)).collect();
    let total: u64 = accepted.iter().map(|place| u64::from(weight(*place))).sum();
    let mut lot = lots.below(total);
    accepted.into_iter().find(|place| {
        let weight = u64::from(weight(*place));
        let hit = lot < weight;
        lot = lot.saturating_sub(weight);
        hit
    })
}
