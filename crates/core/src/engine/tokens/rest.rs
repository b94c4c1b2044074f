//! Logins whose refresh failed for now rest a while. This is no limit of the account, and is never called one.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;

use crate::engine::held;
use crate::model::lifetime::later;
use crate::model::profile::ProfileId;

/// After the first failure; doubled with each further one.
const FIRST: Duration = Duration::from_secs(30);
/// At most.
const LONGEST: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Default)]
pub(super) struct Rests(Mutex<HashMap<ProfileId, Rest>>);

#[derive(Debug, Clone, Copy)]
struct Rest {
    from: Timestamp,
    until: Timestamp,
    failures: u32,
}

impl Rests {
    /// Up to when a login rests. A clock that was set back since ends the rest.
    pub(super) fn until(&self, id: &ProfileId, now: Timestamp) -> Option<Timestamp> {
        let rest = *held(&self.0).get(id)?;
        (rest.from <= now && now < rest.until).then_some(rest.until)
    }

    /// One more failure. `asked` is the pause the provider asked for.
    pub(super) fn begin(&self, id: &ProfileId, now: Timestamp, asked: Option<Duration>) {
        let mut rests = held(&self.0);
        let failures = rests.get(id).map_or(0, |rest| rest.failures);
        rests.insert(id.clone(), Rest { from: now, until: later(now, length(failures, asked)), failures: failures.saturating_add(1) });
    }

    /// It worked, or the user wants a try now.
    pub(super) fn end(&self, id: &ProfileId) {
        held(&self.0).remove(id);
    }
}

fn length(failures: u32, asked: Option<Duration>) -> Duration {
    let grown = FIRST.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST);
    asked.map_or(grown, |asked| asked.max(grown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_to_a_quarter_of_an_hour_and_heed_what_the_provider_asks() {
        let seconds = |failures, asked: Option<u64>| length(failures, asked.map(Duration::from_secs)).as_secs();
        assert_eq!([0, 1, 2, 4, 5, 99].map(|failures| seconds(failures, None)), [30, 60, 120, 480, 900, 900]);
        assert_eq!((seconds(0, Some(7)), seconds(0, Some(3600))), (30, 3600));
    }

    #[test]
    fn a_rest_ends_by_time_by_success_and_by_a_clock_set_back() {
        let (rests, id) = (Rests::default(), ProfileId::parse("0123456789abcdef").unwrap());
        let at = |second| Timestamp::from_second(second).unwrap();
        rests.begin(&id, at(1000), None);
        assert_eq!(rests.until(&id, at(1000)), Some(at(1030)));
        assert_eq!((rests.until(&id, at(1030)), rests.until(&id, at(999))), (None, None));
        rests.begin(&id, at(2000), None);
        assert_eq!(rests.until(&id, at(2000)), Some(at(2060)));
        rests.end(&id);
        assert_eq!(rests.until(&id, at(2000)), None);
        rests.begin(&id, Timestamp::MAX, None);
        assert_eq!(rests.until(&id, at(3000)), None);
    }
}
