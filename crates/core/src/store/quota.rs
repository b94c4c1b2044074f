//! Quota in the state: what is known now, when the usage endpoint was asked, and points of history as they come.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::state::{State, StateError};
use crate::model::lifetime::later;
use crate::model::profile::ProfileId;
use crate::model::quota::{Account, Changed, Family, FamilyFacts, Minutes, Percent, Quota, QuotaSource, QuotaWindow, WindowChange};

/// A change of use that is worth a point in the history, in hundredths of a percent.
const WORTH_A_POINT: u16 = 50;
/// A reset that moved by less is the same one, told with other rounding.
const SAME_RESET_MS: u64 = 60_000;
/// After this long a point is made all the same, so that a chart tells still water from no water.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// A time this far ahead was noted before the clock was set back.
const SKEW: Duration = Duration::from_secs(60);

/// One point of a window's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaPoint {
    /// When it was seen.
    pub at: Timestamp,
    /// How much was used.
    pub used_percent: Percent,
    /// When it would start anew, if that was said.
    pub resets_at: Option<Timestamp>,
    /// Who said so.
    pub source: QuotaSource,
}

/// The last question to the usage endpoint about a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// When.
    pub at: Timestamp,
    /// Questions in a row that told nothing.
    pub failures: u32,
    /// Up to when the provider wants to be left alone.
    pub pause_until: Option<Timestamp>,
}

impl State {
    /// What is known of every profile's quota. Reads no history.
    pub fn quota(&self) -> Result<BTreeMap<ProfileId, Quota>, StateError> {
        self.with(|connection| {
            let mut found: BTreeMap<ProfileId, Stored> = BTreeMap::new();
            let mut windows = connection.prepare_cached(CURRENT)?;
            let mut rows = windows.query([])?;
            while let Some(row) = rows.next()? {
                // A row that makes no sense was written by nobody we know: it is not shown.
                if let (Some(profile), Some(window)) = (profile(row)?, window(row)?) {
                    found.entry(profile).or_default().windows.push(window);
                }
            }
            let mut accounts = connection.prepare_cached("select profile, account, families from quota_accounts")?;
            let mut rows = accounts.query([])?;
            while let Some(row) = rows.next()? {
                let Some(profile) = profile(row)? else { continue };
                let (account, families): (String, String) = (row.get(1)?, row.get(2)?);
                let stored = found.entry(profile).or_default();
                stored.account = serde_json::from_str(&account).unwrap_or_default();
                stored.families = serde_json::from_str(&families).unwrap_or_default();
            }
            Ok(found
                .into_iter()
                .map(|(profile, stored)| (profile, Quota::restored(stored.account, stored.families, stored.windows)))
                .collect())
        })
    }

    /// Keeps what a reading has changed in a profile's book, and makes points of history of it. What another process has noted
    /// later stays.
    pub fn save_quota(&self, profile: &ProfileId, book: &Quota, changed: &Changed, now: Timestamp) -> Result<(), StateError> {
        self.in_one(|connection| {
            for change in &changed.windows {
                save_window(connection, profile, change, now)?;
                if let Some(window) = &change.after {
                    add_point(connection, profile, &change.family, window)?;
                }
            }
            save_account(connection, profile, book, now)
        })
    }

    /// When each profile was last asked about.
    pub fn quota_asks(&self) -> Result<BTreeMap<ProfileId, Asked>, StateError> {
        self.with(|connection| {
            let mut query = connection.prepare_cached("select profile, at, failures, pause_until from quota_asks")?;
            let mut rows = query.query([])?;
            let mut found = BTreeMap::new();
            while let Some(row) = rows.next()? {
                if let Some(profile) = profile(row)? {
                    let pause_until = row.get::<_, Option<i64>>(3)?.map(time);
                    found.insert(profile, Asked { at: time(row.get(1)?), failures: row.get(2)?, pause_until });
                }
            }
            Ok(found)
        })
    }

    /// Claims the next question about a profile for this process. `false`: one was asked less than `floor` ago, by whichever
    /// process of ours.
    pub fn claim_quota_ask(&self, profile: &ProfileId, floor: Duration, now: Timestamp) -> Result<bool, StateError> {
        let floor = i64::try_from(floor.as_millis()).unwrap_or(i64::MAX);
        let free_until = now.as_millisecond().saturating_sub(floor);
        let claimed = self.with(|connection| {
            connection.execute(
                "insert into quota_asks (profile, at, failures) values (?1, ?2, 0)
                 on conflict (profile) do update set at = ?2 where at <= ?3 or at > ?4",
                params![profile.as_str(), now.as_millisecond(), free_until, later(now, SKEW).as_millisecond()],
            )
        })?;
        Ok(claimed > 0)
    }

    /// Notes how the last question about a profile ended.
    pub fn note_quota_answer(&self, profile: &ProfileId, told: bool, pause_until: Option<Timestamp>) -> Result<(), StateError> {
        self.with(|connection| {
            connection.execute(
                "update quota_asks set failures = case when ?2 then 0 else min(failures + 1, 1000) end, pause_until = ?3 where profile = ?1",
                params![profile.as_str(), told, pause_until.map(Timestamp::as_millisecond)],
            )
        })?;
        Ok(())
    }
}

const CURRENT: &str = "select profile, family, minutes, used, resets_at, observed_at, source from quota_windows";
const LAST_POINT: &str = "select at, used, resets_at, source from quota_history
    where profile = ?1 and family = ?2 and minutes = ?3 and at <= ?4 order by at desc limit 1";

#[derive(Default)]
struct Stored {
    account: Account,
    families: BTreeMap<Family, FamilyFacts>,
    windows: Vec<(Family, QuotaWindow)>,
}

fn save_window(connection: &Connection, profile: &ProfileId, change: &WindowChange, now: Timestamp) -> rusqlite::Result<()> {
    let (family, minutes) = (change.family.as_str(), change.minutes.get());
    let Some(window) = &change.after else {
        let seen = change.before.map_or(Timestamp::MAX, |window| window.observed_at).as_millisecond();
        connection
            .prepare_cached("delete from quota_windows where profile = ?1 and family = ?2 and minutes = ?3 and observed_at <= ?4")?
            .execute(params![profile.as_str(), family, minutes, seen])?;
        return Ok(());
    };
    connection
        .prepare_cached(
            "insert into quota_windows (profile, family, minutes, used, resets_at, observed_at, source) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             on conflict (profile, family, minutes) do update set used = ?4, resets_at = ?5, observed_at = ?6, source = ?7
             where observed_at <= ?6 or observed_at > ?8",
        )?
        .execute(params![
            profile.as_str(),
            family,
            minutes,
            window.used_percent.hundredths(),
            window.resets_at.map(Timestamp::as_millisecond),
            window.observed_at.as_millisecond(),
            window.source.as_str(),
            later(now, SKEW).as_millisecond(),
        ])?;
    Ok(())
}

/// What another process has noted later stays.
fn save_account(connection: &Connection, profile: &ProfileId, book: &Quota, now: Timestamp) -> rusqlite::Result<()> {
    let mut stored = connection.prepare_cached("select account, families from quota_accounts where profile = ?1")?;
    let texts = stored.query_row([profile.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).optional()?;
    let (account, families) = texts.unwrap_or_default();
    let mut theirs: Account = serde_json::from_str(&account).unwrap_or_default();
    theirs.notice_clock(now);
    let mut merged = book.account().clone();
    merged.take_later(&theirs);
    let mut facts: BTreeMap<Family, FamilyFacts> = serde_json::from_str(&families).unwrap_or_default();
    facts.extend(book.families().map(|(family, facts)| (family.clone(), facts.clone())));
    // A value of plain words always becomes text.
    let (Ok(merged), Ok(facts)) = (serde_json::to_string(&merged), serde_json::to_string(&facts)) else { return Ok(()) };
    if merged != account || facts != families {
        connection
            .prepare_cached("insert or replace into quota_accounts (profile, account, families) values (?1, ?2, ?3)")?
            .execute(params![profile.as_str(), merged, facts])?;
    }
    Ok(())
}

fn add_point(connection: &Connection, profile: &ProfileId, family: &Family, window: &QuotaWindow) -> rusqlite::Result<()> {
    let key = params![profile.as_str(), family.as_str(), window.minutes.get(), window.observed_at.as_millisecond()];
    let last = connection.prepare_cached(LAST_POINT)?.query_row(key, point).optional()?.flatten();
    if last.is_none_or(|last| is_worth_a_point(&last, window)) {
        connection
            .prepare_cached(
                "insert into quota_history (profile, family, minutes, at, used, resets_at, source) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 on conflict do nothing",
            )?
            .execute(params![
                profile.as_str(),
                family.as_str(),
                window.minutes.get(),
                window.observed_at.as_millisecond(),
                window.used_percent.hundredths(),
                window.resets_at.map(Timestamp::as_millisecond),
                window.source.as_str(),
            ])?;
    }
    Ok(())
}

/// Whether a reading says something that the last point does not.
fn is_worth_a_point(last: &QuotaPoint, window: &QuotaWindow) -> bool {
    let moved = match (last.resets_at, window.resets_at) {
        (Some(before), Some(now)) => before.as_millisecond().abs_diff(now.as_millisecond()) >= SAME_RESET_MS,
        (before, now) => before != now,
    };
    let apart = last.at.as_millisecond().abs_diff(window.observed_at.as_millisecond());
    moved || u128::from(apart) >= EVERY.as_millis() || last.used_percent.distance(window.used_percent).hundredths() >= WORTH_A_POINT
}

fn profile(row: &Row<'_>) -> rusqlite::Result<Option<ProfileId>> {
    Ok(ProfileId::parse(row.get_ref(0)?.as_str()?))
}

fn window(row: &Row<'_>) -> rusqlite::Result<Option<(Family, QuotaWindow)>> {
    let family = Family::parse(row.get_ref(1)?.as_str()?);
    let (minutes, used) = (Minutes::of(row.get(2)?), Percent::of_hundredths(row.get(3)?));
    let (resets_at, observed_at) = (row.get::<_, Option<i64>>(4)?.map(time), time(row.get(5)?));
    let source = QuotaSource::parse(row.get_ref(6)?.as_str()?);
    let (Some(family), Some(minutes), Some(used_percent), Some(source)) = (family, minutes, used, source) else { return Ok(None) };
    Ok(Some((family, QuotaWindow { minutes, used_percent, resets_at, observed_at, source })))
}

pub(super) fn point(row: &Row<'_>) -> rusqlite::Result<Option<QuotaPoint>> {
    let (at, resets_at) = (time(row.get(0)?), row.get::<_, Option<i64>>(2)?.map(time));
    let (used, source) = (Percent::of_hundredths(row.get(1)?), QuotaSource::parse(row.get_ref(3)?.as_str()?));
    Ok(used.zip(source).map(|(used_percent, source)| QuotaPoint { at, used_percent, resets_at, source }))
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or_default()
}

#[cfg(test)]
#[path = "quota_tests.rs"]
mod tests;
