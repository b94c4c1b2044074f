//! The ledger of background requests in the state: who was asked, what for, for whom and when. The budget is counted here, so that it
//! holds for all our processes together.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::state::{State, StateError};
use crate::model::background::{BackgroundRequest, Purpose};
use crate::model::lifetime::later;
use crate::model::profile::ProfileId;

/// Within this, requests count.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Requests are shown for so long.
const KEPT_FOR: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// More are not kept in any case.
const KEPT: u32 = 100_000;
/// Characters of a host's name.
const HOST_LIMIT: usize = 255;
/// Clocks tick apart by this much.
const SKEW: Duration = Duration::from_secs(60);

/// What one profile has cost within the last 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Requests.
    pub count: u32,
    /// The first of them.
    pub first: Timestamp,
}

impl State {
    /// Notes a request that is about to go out, if fewer than `limit` were noted for its profile within 24 hours. `false`: it may not
    /// go out.
    pub fn claim_request(&self, request: &BackgroundRequest, limit: u32) -> Result<bool, StateError> {
        let (now, profile) = (request.at, request.profile.as_str());
        self.in_one(|connection| {
            heed_clock(connection, now)?;
            let used: u32 = connection
                .prepare_cached("select count(*) from background_requests where at > ?1 and profile = ?2")?
                .query_row(params![ago(now, DAY), profile], |row| row.get(0))?;
            if used >= limit {
                return Ok(false);
            }
            let host: String = request.host.chars().take(HOST_LIMIT).collect();
            connection
                .prepare_cached("insert into background_requests (at, profile, host, purpose) values (?1, ?2, ?3, ?4)")?
                .execute(params![now.as_millisecond(), profile, host, request.purpose.as_str()])?;
            Ok(true)
        })
    }

    /// What each profile has cost within the last 24 hours. Times from the future were noted before the clock was set back: nobody can
    /// tell how old they are, so that they count.
    pub fn request_costs(&self, now: Timestamp) -> Result<BTreeMap<ProfileId, Cost>, StateError> {
        self.with(|connection| {
            let select = "select profile, count(*), min(at) from background_requests where at > ?1 group by profile";
            let mut query = connection.prepare_cached(select)?;
            let mut rows = query.query([ago(now, DAY)])?;
            let mut costs = BTreeMap::new();
            while let Some(row) = rows.next()? {
                if let Some(profile) = ProfileId::parse(row.get_ref(0)?.as_str()?) {
                    costs.insert(profile, Cost { count: row.get(1)?, first: time(row.get(2)?) });
                }
            }
            Ok(costs)
        })
    }

    /// The last request, for whichever profile.
    pub fn last_request_at(&self) -> Result<Option<Timestamp>, StateError> {
        let last = "select max(at) from background_requests";
        self.with(|connection| connection.prepare_cached(last)?.query_row([], |row| Ok(row.get::<_, Option<i64>>(0)?.map(time))))
    }

    /// The last requests, the newest first.
    pub fn background_requests(&self, limit: u32) -> Result<Vec<BackgroundRequest>, StateError> {
        self.with(|connection| {
            let select = "select at, profile, host, purpose from background_requests order by at desc, id desc limit ?1";
            let mut query = connection.prepare_cached(select)?;
            let rows = query.query_map([limit], |row| {
                let profile = ProfileId::parse(row.get_ref(1)?.as_str()?);
                let purpose = Purpose::parse(row.get_ref(3)?.as_str()?);
                let (at, host) = (time(row.get(0)?), row.get(2)?);
                Ok(profile.zip(purpose).map(|(profile, purpose)| BackgroundRequest { at, profile, host, purpose }))
            })?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
        })
    }

    /// Drops what is older than two weeks, or too much. How many there were.
    pub fn thin_requests(&self, now: Timestamp) -> Result<usize, StateError> {
        self.in_one(|connection| {
            heed_clock(connection, now)?;
            let old = connection.execute("delete from background_requests where at < ?1", [ago(now, KEPT_FOR)])?;
            let surplus = "delete from background_requests where id <= (select max(id) from background_requests) - ?1";
            Ok(old + connection.execute(surplus, [KEPT])?)
        })
    }
}

/// What was noted before the clock was set back counts from now on, so that it neither counts for ever nor not at all.
fn heed_clock(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let future = later(now, SKEW).as_millisecond();
    connection.prepare_cached("update background_requests set at = ?1 where at > ?2")?.execute([now.as_millisecond(), future])?;
    Ok(())
}

fn ago(now: Timestamp, by: Duration) -> i64 {
    now.as_millisecond().saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::store::home::Home;

    const NOW: i64 = 1_000_000;
    const HOUR: i64 = 60 * 60;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn request(profile: u64, second: i64) -> BackgroundRequest {
        let profile = ProfileId::parse(&format!("{profile:016x}")).unwrap();
        BackgroundRequest { at: at(second), profile, host: "chatgpt.com".to_owned(), purpose: Purpose::Quota }
    }

    fn open() -> (tempfile::TempDir, State) {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&Home::open(&Environment::of(folder.path(), [])).unwrap()).unwrap();
        (folder, state)
    }

    #[test]
    fn no_profile_gets_more_than_its_budget_within_a_day() {
        let (_folder, state) = open();
        let claim = |profile, second| state.claim_request(&request(profile, second), 3).unwrap();
        for (profile, second, granted) in [
            (1, NOW, true),
            (1, NOW + HOUR, true),
            (1, NOW + 2 * HOUR, true),
            (1, NOW + 23 * HOUR, false),
            (2, NOW + 23 * HOUR, true),
            (1, NOW + 24 * HOUR, true),
            (1, NOW + 24 * HOUR + 1, false),
            (1, NOW + 25 * HOUR, true),
        ] {
            assert_eq!(claim(profile, second), granted, "{profile} {second}");
        }
        let costs = state.request_costs(at(NOW + 25 * HOUR)).unwrap();
        assert_eq!(costs[&request(1, 0).profile], Cost { count: 3, first: at(NOW + 2 * HOUR) });
        assert_eq!(state.last_request_at().unwrap(), Some(at(NOW + 25 * HOUR)));
        let shown = state.background_requests(2).unwrap();
        assert_eq!(shown, [request(1, NOW + 25 * HOUR), request(1, NOW + 24 * HOUR)]);
    }

    #[test]
    fn a_clock_set_back_frees_nothing_and_holds_nothing_for_ever() {
        let (_folder, state) = open();
        assert!(state.claim_request(&request(1, NOW + 1000 * HOUR), 2).unwrap());
        assert!(state.claim_request(&request(1, NOW), 2).unwrap());
        assert!(!state.claim_request(&request(1, NOW + HOUR), 2).unwrap());
        assert!(!state.claim_request(&request(1, NOW + 24 * HOUR - 1), 2).unwrap());
        assert!(state.claim_request(&request(1, NOW + 24 * HOUR), 2).unwrap());
    }

    #[test]
    fn two_weeks_are_kept() {
        let (_folder, state) = open();
        for day in 0..20 {
            state.claim_request(&request(1, NOW + day * 24 * HOUR), 9).unwrap();
        }
        assert_eq!(state.thin_requests(at(NOW + 19 * 24 * HOUR)).unwrap(), 5);
        assert_eq!(state.background_requests(99).unwrap().len(), 15);
        assert!(state.thin_requests(Timestamp::MIN).is_ok() && state.thin_requests(Timestamp::MAX).is_ok());
    }
}
