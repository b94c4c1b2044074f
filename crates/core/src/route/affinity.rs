//! Where sessions are at home: a session stays on its profile, and a new one begins where the last one with the same repository
//! and model was. Bounded by number and by age; the one unused for longest goes first.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::affinity::{BucketKey, Home, SessionKey};
use crate::model::profile::ProfileId;

/// Sessions, and as many buckets, at most.
pub const LIMIT: usize = 10_000;
/// A home that nobody has come back to for this long is given up.
pub const AGE_LIMIT: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// The time of the last use is kept that exactly.
const SAVED_EVERY: Duration = Duration::from_secs(10 * 60);
/// Homes by key.
#[derive(Debug)]
pub struct Homes<K> {
    by_key: HashMap<K, Kept>,
    /// Keys by the order of their last use; the tied ones are not among them, they stay.
    by_use: BTreeMap<u64, K>,
    next: u64,
    changed: HashSet<K>,
    limit: usize,
}

#[derive(Debug)]
struct Kept {
    home: Home,
    place: u64,
    saved: Timestamp,
}

/// Homes of sessions, and of repositories with models.
#[derive(Debug, Default)]
pub struct Affinity {
    /// By session.
    pub sessions: Homes<SessionKey>,
    /// By repository and model.
    pub buckets: Homes<BucketKey>,
}

impl<K: Clone + Eq + Hash> Default for Homes<K> {
    fn default() -> Self {
        Self::with_limit(LIMIT)
    }
}

impl<K: Clone + Eq + Hash> Homes<K> {
    /// None yet, and that many at most.
    pub fn with_limit(limit: usize) -> Self {
        Self { by_key: HashMap::new(), by_use: BTreeMap::new(), next: 0, changed: HashSet::new(), limit }
    }

    /// Takes over homes that were stored. What is known already goes first.
    pub fn restore(&mut self, stored: impl IntoIterator<Item = (K, Home)>, now: Timestamp) {
        let mut stored: Vec<_> = stored.into_iter().filter(|(key, _)| !self.by_key.contains_key(key)).collect();
        stored.sort_by_key(|(_, home)| home.used);
        for (key, home) in stored.into_iter().rev().take(self.limit).rev() {
            // The clock was ahead when this was written: it counts as used now.
            let used = home.used.min(now);
            self.put(key, Home { used, ..home }, now);
        }
        self.changed.clear();
    }

    /// Where it is at home, unless that is long ago.
    pub fn home(&self, key: &K, now: Timestamp) -> Option<&Home> {
        self.by_key.get(key).map(|kept| &kept.home).filter(|home| home.pinned || !is_old(home.used, now))
    }

    /// It was served there: from now on that is its home, unless it was tied to another one meanwhile.
    pub fn served(&mut self, key: &K, profile: &ProfileId, now: Timestamp) {
        let tied = self.by_key.get(key).filter(|kept| kept.home.pinned).map(|kept| kept.home.profile.clone());
        let pinned = tied.is_some();
        self.put(key.clone(), Home { profile: tied.unwrap_or_else(|| profile.clone()), used: now, pinned }, now);
    }

    /// Ties it to a profile.
    pub fn pin(&mut self, key: &K, profile: &ProfileId, now: Timestamp) {
        self.put(key.clone(), Home { profile: profile.clone(), used: now, pinned: true }, now);
    }

    /// Unties it; it stays at home there as long as that is healthy.
    pub fn unpin(&mut self, key: &K, now: Timestamp) {
        if let Some(home) = self.by_key.get(key).map(|kept| Home { pinned: false, ..kept.home.clone() }) {
            self.put(key.clone(), home, now);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// What has changed since this was last asked: keys with their homes, and keys that have none any more.
    pub fn take_changes(&mut self, now: Timestamp) -> Vec<(K, Option<Home>)> {
        let changed = std::mem::take(&mut self.changed);
        let home = |key: K| {
            let kept = self.by_key.get_mut(&key).map(|kept| {
                kept.saved = now;
                kept.home.clone()
            });
            (key, kept)
        };
        changed.into_iter().map(home).collect()
    }

    /// These could not be saved: they count as changed again.
    pub fn not_saved(&mut self, keys: impl IntoIterator<Item = K>) {
        self.changed.extend(keys);
    }

    fn put(&mut self, key: K, home: Home, now: Timestamp) {
        let place = self.next;
        self.next += 1;
        let before = self.by_key.get(&key);
        if let Some(before) = before {
            self.by_use.remove(&before.place);
        }
        let is_news = before.is_none_or(|before| {
            (&before.home.profile, before.home.pinned) != (&home.profile, home.pinned) || is_older(before.saved, now, SAVED_EVERY)
        });
        if is_news {
            self.changed.insert(key.clone());
        }
        let saved = before.map_or(home.used, |before| before.saved);
        if !home.pinned {
            self.by_use.insert(place, key.clone());
        }
        self.by_key.insert(key, Kept { home, place, saved });
        self.make_room();
    }

    fn make_room(&mut self) {
        while self.by_key.len() > self.limit {
            let Some((_, key)) = self.by_use.pop_first().or_else(|| self.longest_tied().map(|key| (0, key))) else { return };
            self.by_key.remove(&key);
            self.changed.insert(key);
        }
        // Nobody takes the changes away: what is stored too much is left out when it is read again.
        if self.changed.len() > self.limit.saturating_mul(2) {
            let homes = &self.by_key;
            self.changed.retain(|key| homes.contains_key(key));
        }
    }

    /// Where all are tied, the one tied for longest.
    fn longest_tied(&self) -> Option<K> {
        self.by_key.iter().min_by_key(|(_, kept)| kept.place).map(|(key, _)| key.clone())
    }
}

fn is_old(used: Timestamp, now: Timestamp) -> bool {
    is_older(used, now, AGE_LIMIT)
}

fn is_older(then: Timestamp, now: Timestamp, age: Duration) -> bool {
    Duration::try_from(now.duration_since(then)).is_ok_and(|past| past >= age)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    fn key(text: &str) -> SessionKey {
        SessionKey::of(text).unwrap()
    }

    #[test]
    fn the_session_unused_for_longest_goes_first() {
        let mut homes = Homes::with_limit(2);
        for (text, second) in [("a", 1), ("b", 2), ("a", 3), ("c", 4)] {
            homes.served(&key(text), &id(1), at(second));
        }
        let known = |homes: &Homes<SessionKey>, text| homes.home(&key(text), at(5)).is_some();
        assert_eq!(["a", "b", "c"].map(|text| known(&homes, text)), [true, false, true]);
        homes.pin(&key("a"), &id(2), at(5));
        homes.served(&key("d"), &id(1), at(6));
        homes.served(&key("e"), &id(1), at(7));
        assert!(known(&homes, "a") && known(&homes, "e") && homes.len() == 2, "what the user has tied stays");
        homes.pin(&key("e"), &id(1), at(8));
        homes.pin(&key("f"), &id(1), at(9));
        assert!(!known(&homes, "a") && known(&homes, "f") && homes.len() == 2, "and is bounded all the same");
    }

    #[test]
    fn an_old_home_is_none_but_a_tied_one_is() {
        let mut homes = Homes::default();
        homes.served(&key("a"), &id(1), at(0));
        homes.pin(&key("b"), &id(1), at(0));
        let long = at(90 * 24 * 3600);
        assert!(homes.home(&key("a"), at(90 * 24 * 3600 - 1)).is_some());
        assert!(homes.home(&key("a"), long).is_none() && homes.home(&key("b"), Timestamp::MAX).is_some());
        homes.served(&key("b"), &id(2), long);
        assert_eq!(homes.home(&key("b"), long).unwrap(), &Home { profile: id(1), used: long, pinned: true }, "what was on its way");
        homes.unpin(&key("b"), long);
        homes.served(&key("b"), &id(2), long);
        assert_eq!(homes.home(&key("b"), long).unwrap(), &Home { profile: id(2), used: long, pinned: false });
        assert!(homes.home(&key("a"), Timestamp::MIN).is_some(), "the clock was set back");
    }

    #[test]
    fn only_what_matters_is_written_and_comes_back() {
        let mut homes = Homes::default();
        homes.served(&key("a"), &id(1), at(0));
        assert_eq!(homes.take_changes(at(0)).len(), 1);
        homes.served(&key("a"), &id(1), at(599));
        assert!(homes.take_changes(at(599)).is_empty());
        homes.served(&key("a"), &id(2), at(599));
        assert_eq!(homes.take_changes(at(599)), [(key("a"), Some(Home { profile: id(2), used: at(599), pinned: false }))]);
        homes.served(&key("a"), &id(2), at(1199));
        let kept = homes.take_changes(at(1199));
        let mut again = Homes::with_limit(1);
        let future = Home { profile: id(3), used: Timestamp::MAX, pinned: false };
        again.restore(kept.into_iter().map(|(key, home)| (key, home.unwrap())).chain([(key("b"), future)]), at(2000));
        assert_eq!((again.len(), again.home(&key("b"), at(2000)).unwrap().used), (1, at(2000)));
        assert!(again.take_changes(at(2000)).is_empty());
    }

    #[test]
    fn changes_that_nobody_takes_are_bounded() {
        let mut homes = Homes::with_limit(10);
        for number in 0..1000 {
            homes.served(&key(&number.to_string()), &id(1), at(number));
        }
        assert!(homes.changed.len() <= 20 && homes.by_key.len() == 10 && homes.by_use.len() == 10);
    }
}
