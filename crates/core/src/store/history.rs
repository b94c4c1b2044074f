//! The history of quota in the state: read for charts, and thinned with age.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::quota::{QuotaPoint, point};
use super::state::{State, StateError};
use crate::model::profile::ProfileId;
use crate::model::quota::{Family, Minutes};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// From this age on, one point is kept for each of these spans.
const THINNED: [(Duration, Duration); 3] =
    [(HOUR, MINUTE), (Duration::from_secs(2 * DAY.as_secs()), HOUR), (Duration::from_secs(40 * DAY.as_secs()), DAY)];
/// From this age on, none.
const FORGOTTEN: Duration = Duration::from_secs(2 * 366 * DAY.as_secs());

pub(super) const HISTORY: &str = "select at, used, resets_at, source from quota_history
    where profile = ?1 and family = ?2 and minutes = ?3 and at >= ?4 order by at desc limit ?5";
const LAST_BEFORE: &str = "select at, used, resets_at, source from quota_history
    where profile = ?1 and family = ?2 and minutes = ?3 and at < ?4 order by at desc limit 1";
/// Of each span the point with the most used stays: a chart shows how far it went, and the next span what came after.
const THIN: &str = "delete from quota_history where (profile, family, minutes, at) in (
    select profile, family, minutes, at from (
        select profile, family, minutes, at,
            row_number() over (partition by at / ?3 order by used desc, at desc) as place
        from quota_history where at >= ?1 and at < ?2 and profile = ?4 and family = ?5 and minutes = ?6)
    where place > 1)";
const FORGET: &str = "delete from quota_history where at < ?1 and profile = ?2 and family = ?3 and minutes = ?4";
/// The window that follows another one in the table: found without going through its points.
const NEXT: &str = "select profile, family, minutes from quota_history where (profile, family, minutes) > (?1, ?2, ?3)
    order by profile, family, minutes limit 1";

/// What names a window in the table.
type Key = (String, String, i64);

impl State {
    /// The points of a window from `since` on, oldest first; of more than `limit` the newest.
    pub fn quota_history(
        &self,
        profile: &ProfileId,
        family: &Family,
        minutes: Minutes,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<QuotaPoint>, StateError> {
        self.with(|connection| {
            let mut query = connection.prepare_cached(HISTORY)?;
            let rows = query.query_map(params![profile.as_str(), family.as_str(), minutes.get(), since.as_millisecond(), limit], point)?;
            let mut points: Vec<QuotaPoint> = rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect();
            points.reverse();
            Ok(points)
        })
    }

    /// The last point of a window before a time: what held from then on.
    pub fn quota_before(
        &self,
        profile: &ProfileId,
        family: &Family,
        minutes: Minutes,
        before: Timestamp,
    ) -> Result<Option<QuotaPoint>, StateError> {
        self.with(|connection| {
            let mut query = connection.prepare_cached(LAST_BEFORE)?;
            let mut rows = query.query_map(params![profile.as_str(), family.as_str(), minutes.get(), before.as_millisecond()], point)?;
            Ok(rows.next().transpose()?.flatten())
        })
    }

    /// Thins the history: a point a minute after an hour, one an hour after two days, one a day after forty days, and none after
    /// two years. How many went.
    pub fn thin_quota_history(&self, now: Timestamp) -> Result<usize, StateError> {
        let (mut gone, mut key) = (0, Key::default());
        // One window at a time: ten million points take long, and nobody else can write meanwhile.
        while let Some(next) = self.with(|connection| next(connection, &key))? {
            gone += self.in_one(|connection| thin_window(connection, &next, now))?;
            key = next;
        }
        Ok(gone)
    }
}

fn next(connection: &Connection, (profile, family, minutes): &Key) -> rusqlite::Result<Option<Key>> {
    let mut query = connection.prepare_cached(NEXT)?;
    query.query_row(params![profile, family, minutes], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
}

fn thin_window(connection: &Connection, key: &Key, now: Timestamp) -> rusqlite::Result<usize> {
    let ago = |age: Duration| now.checked_sub(age).unwrap_or(Timestamp::MIN).as_millisecond();
    let (profile, family, minutes) = key;
    let mut gone = connection.prepare_cached(FORGET)?.execute(params![ago(FORGOTTEN), profile, family, minutes])?;
    let mut until = THINNED.iter().skip(1).map(|(age, _)| ago(*age)).chain([ago(FORGOTTEN)]);
    for (age, span) in THINNED {
        let from = until.next().unwrap_or(i64::MIN);
        gone += thin(connection, key, from, ago(age), span)?;
    }
    Ok(gone)
}

/// Begun spans wait: thinned twice, they would lose what came later.
fn thin(connection: &Connection, (profile, family, minutes): &Key, from: i64, until: i64, span: Duration) -> rusqlite::Result<usize> {
    let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    connection.prepare_cached(THIN)?.execute(params![from, until - until.rem_euclid(span), span, profile, family, minutes])
}
