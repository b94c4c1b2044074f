//! How many requests a profile may cost in the background within 24 hours, and what they are kept for.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::background::{LARGEST_BUDGET, Purpose, SMALLEST_BUDGET};
use crate::model::lifetime::later;

/// Within this the requests are counted.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Of the budget, this many are not for quota: keeping a login and starting a week must not fail for curiosity.
const KEPT_BACK: u16 = 8;

/// What one profile has cost within the last day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests.
    pub count: u32,
    /// The first of them.
    pub first: Option<Timestamp>,
}

/// The budget in force: what was set, within its bounds.
pub fn allowed(budget: u16) -> u16 {
    budget.clamp(SMALLEST_BUDGET, LARGEST_BUDGET)
}

/// Of the budget, how many there may be before one for a purpose goes out.
pub fn limit(budget: u16, purpose: Purpose) -> u32 {
    let all = allowed(budget);
    u32::from(if purpose == Purpose::Quota { all - KEPT_BACK } else { all })
}

/// When one more for a purpose may go out; `None`: now.
pub fn free_at(spent: Spent, budget: u16, purpose: Purpose) -> Option<Timestamp> {
    (spent.count >= limit(budget, purpose)).then(|| spent.first.map_or(Timestamp::MAX, |first| later(first, DAY)))
}

/// How far apart questions for quota are where nothing is going on, so that the budget lasts all day.
pub fn pace(budget: u16) -> Duration {
    DAY / limit(budget, Purpose::Quota)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quota_leaves_something_for_what_matters_more() {
        for (budget, quota, prime) in [(0, 8, 16), (16, 8, 16), (120, 112, 120), (1000, 992, 1000), (u16::MAX, 992, 1000)] {
            assert_eq!((limit(budget, Purpose::Quota), limit(budget, Purpose::Prime)), (quota, prime), "{budget}");
            assert!(pace(budget) * quota <= DAY);
        }
        let first = Timestamp::from_second(1000).unwrap();
        let spent = |count| Spent { count, first: Some(first) };
        assert_eq!(free_at(spent(7), 16, Purpose::Quota), None);
        assert_eq!(free_at(spent(8), 16, Purpose::Quota), Some(later(first, DAY)));
        assert_eq!(free_at(spent(15), 16, Purpose::Prime), None);
        assert_eq!(free_at(spent(16), 16, Purpose::KeepAlive), Some(later(first, DAY)));
        assert_eq!(free_at(Spent::default(), 16, Purpose::Quota), None);
    }
}
