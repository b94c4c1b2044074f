//! Announcing that another profile stands in: once, not for every request. Whether the user is told is for the ledger of what was
//! told; this keeps requests from going there.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::lifetime::later;
use crate::model::profile::ProfileId;

/// The same is not told again within this time, however many sessions it concerns.
const AGAIN_AFTER: Duration = Duration::from_secs(10 * 60);

/// What was told lately.
#[derive(Debug, Default)]
pub(super) struct Told {
    stands_in: BTreeMap<(ProfileId, ProfileId), Timestamp>,
    exhausted: Option<(Option<Timestamp>, Timestamp)>,
}

impl Told {
    /// Whether it is news that one profile stands in for another.
    pub(super) fn stands_in(&mut self, from: &ProfileId, to: &ProfileId, now: Timestamp) -> bool {
        self.stands_in.retain(|_, at| is_recent(*at, now));
        let is_news = !self.stands_in.contains_key(&(from.clone(), to.clone()));
        if is_news {
            self.exhausted = None;
            self.stands_in.insert((from.clone(), to.clone()), now);
        }
        is_news
    }

    /// Whether it is news that nobody has quota until then.
    pub(super) fn exhausted(&mut self, until: Option<Timestamp>, now: Timestamp) -> bool {
        let is_news =
            self.exhausted.is_none_or(|(known, at)| known != until && !is_recent(at, now) || until.is_some_and(|_| known.is_none()));
        if is_news {
            self.exhausted = Some((until, now));
        }
        is_news
    }

    /// A profile serves for itself again.
    pub(super) fn serves(&mut self, profile: &ProfileId) {
        self.exhausted = None;
        self.stands_in.retain(|(from, _), _| from != profile);
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now < later(at, AGAIN_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_same_is_told_once() {
        let id = |number: u8| ProfileId::parse(&format!("{number:016x}")).unwrap();
        let mut told = Told::default();
        assert!(told.stands_in(&id(1), &id(2), at(0)));
        assert!(!told.stands_in(&id(1), &id(2), at(599)));
        assert!(told.stands_in(&id(1), &id(3), at(599)), "another one");
        assert!(told.stands_in(&id(1), &id(2), at(600)), "long ago");
        told.serves(&id(1));
        assert!(told.stands_in(&id(1), &id(2), at(601)), "it was back meanwhile");
    }

    #[test]
    fn an_end_is_told_once_too() {
        let mut told = Told::default();
        assert!(told.exhausted(None, at(0)));
        assert!(!told.exhausted(None, at(9_999)));
        assert!(told.exhausted(Some(at(20_000)), at(1)), "now it is known until when");
        assert!(!told.exhausted(Some(at(20_001)), at(2)));
        told.serves(&ProfileId::parse("0000000000000001").unwrap());
        assert!(told.exhausted(Some(at(20_000)), at(3)));
    }
}
