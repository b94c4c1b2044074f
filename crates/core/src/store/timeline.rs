//! The timeline as it is kept: each table's rows of a stretch of time, as entries. Nothing is kept twice, so this reads them all.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::types::ToSql;
use rusqlite::{Connection, Row, named_params};
use serde::de::DeserializeOwned;

use super::state::{State, StateError};
use crate::model::activity::{ActivityEntry, ActivityKind, ActivityWhy, Happened};
use crate::model::background::Purpose;
use crate::model::block::{BlockKind, BlockScope};
use crate::model::news::Topic;
use crate::model::prime::{PrimeState, PrimeTrouble};
use crate::model::profile::ProfileId;
use crate::model::verdict::Reason;

/// Bytes of a decision that is read.
const DECISION_LIMIT: u32 = 64 << 10;

/// A profile that was switched away from because it was removed is gone within a minute.
const SWITCHES: &str = "select id, at, from_profile, to_profile, exists (
        select 1 from activity where profile = switches.from_profile and what in ('removed', 'signed_out')
            and at >= switches.at and at < switches.at + 60000) as removed
    from switches where at <= :newest and at >= :oldest and (:profile is null or :profile in (from_profile, to_profile))
    order by at desc limit :rows";
const NOTED: &str = "select id, at, what, profile, name, why, about, until, code from activity
    where at <= :newest and at >= :oldest and (:profile is null or profile = :profile) order by at desc limit :rows";
const ENDED: &str = "select id, ended_at as at, 'block_ended' as what, profile, name, why, about, null as until, code from activity
    where ended_at <= :newest and ended_at >= :oldest and what = 'block_began' and (:profile is null or profile = :profile)
    order by ended_at desc limit :rows";
const PRIMES: &str = "select profile, anchor, state, reserved_at as at, by_user, next_at, model, resets_at, trouble, attempts from primes
    where reserved_at <= :newest and reserved_at >= :oldest and (:profile is null or profile = :profile)
    order by reserved_at desc limit :rows";
const TOLD: &str = "select id, at, topic, profile, other, minutes, reset, level from notices_told
    where at <= :newest and at >= :oldest and teller = 'desktop' and (:profile is null or :profile in (profile, other))
    order by at desc limit :rows";
const ASKED: &str = "select id, at, profile, purpose from background_requests
    where at <= :newest and at >= :oldest and (:profile is null or profile = :profile) order by at desc limit :rows";
/// There are 500 at most, so that they need no index.
const DECISIONS: &str = "select id, decision from routing_decisions where length(decision) <= ?1 order by id desc";

/// What is read.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    /// Not after then.
    pub newest: Timestamp,
    /// Not before then.
    pub oldest: Timestamp,
    /// Only of this profile.
    pub profile: Option<&'a ProfileId>,
    /// Rows of each table.
    pub rows: u32,
}

/// What there is.
#[derive(Debug, Default)]
pub struct Timeline {
    /// In no order.
    pub entries: Vec<ActivityEntry>,
    /// Down to here, in milliseconds since 1970, nothing is missing; `None`: there is no more.
    pub whole_from: Option<i64>,
}

impl State {
    /// The entries of a stretch of time, of the kinds that are wanted. What makes no sense is passed over.
    pub fn timeline(&self, stretch: Stretch<'_>, wants: impl Fn(ActivityKind) -> bool) -> Result<Timeline, StateError> {
        use ActivityKind::{Background, Block, Choice, Fallback, Notice, Prime, Profile, Renewal, SignIn, Switch};
        let any = |kinds: &[ActivityKind]| kinds.iter().any(|kind| wants(*kind));
        self.with(|connection| {
            let mut found = Timeline::default();
            let mut read = |kinds: &[ActivityKind], select, entry: fn(&Row<'_>) -> rusqlite::Result<Option<ActivityEntry>>| {
                if any(kinds) { found.take(connection, select, stretch, entry) } else { Ok(()) }
            };
            read(&[Switch], SWITCHES, switch)?;
            read(&[Block, SignIn, Renewal, Profile], NOTED, noted)?;
            read(&[Block], ENDED, noted)?;
            read(&[Prime], PRIMES, prime)?;
            read(&[Notice], TOLD, told)?;
            read(&[Background], ASKED, asked)?;
            if any(&[Fallback, Choice]) {
                found.take_decisions(connection, stretch)?;
            }
            found.entries.retain(|entry| wants(entry.kind));
            Ok(found)
        })
    }

    /// The last name that was noted of each profile.
    pub fn noted_names(&self) -> Result<BTreeMap<ProfileId, String>, StateError> {
        self.with(|connection| {
            let mut query = connection.prepare_cached("select profile, name from activity where name <> '' order by id")?;
            let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(rows.into_iter().filter_map(|(profile, name)| Some((ProfileId::parse(&profile)?, name))).collect())
        })
    }
}

impl Timeline {
    fn take(
        &mut self,
        connection: &Connection,
        select: &str,
        stretch: Stretch<'_>,
        entry: fn(&Row<'_>) -> rusqlite::Result<Option<ActivityEntry>>,
    ) -> rusqlite::Result<()> {
        let (newest, oldest) = (stretch.newest.as_millisecond(), stretch.oldest.as_millisecond());
        let profile = stretch.profile.map(ProfileId::as_str);
        let mut query = connection.prepare_cached(select)?;
        let given: &[(&str, &dyn ToSql)] =
            named_params! { ":newest": newest, ":oldest": oldest, ":profile": profile, ":rows": stretch.rows };
        let mut rows = query.query(given)?;
        let (mut count, mut last) = (0, newest);
        while let Some(row) = rows.next()? {
            (count, last) = (count + 1, row.get("at")?);
            // A number that is out of range was written by nobody we know.
            self.entries.extend(entry(row).ok().flatten());
        }
        if count >= stretch.rows {
            self.whole_from = self.whole_from.max(Some(last));
        }
        Ok(())
    }

    fn take_decisions(&mut self, connection: &Connection, stretch: Stretch<'_>) -> rusqlite::Result<()> {
        let mut query = connection.prepare_cached(DECISIONS)?;
        let mut rows = query.query([DECISION_LIMIT])?;
        while let Some(row) = rows.next()? {
            let Some(decision) = parsed(&row.get::<_, String>(1)?) else { continue };
            let entry = ActivityEntry::of_decision(format!("decision-{}", row.get::<_, i64>(0)?), decision);
            let is_in = (stretch.oldest.as_millisecond()..=stretch.newest.as_millisecond()).contains(&entry.at.as_millisecond());
            if is_in && stretch.profile.is_none_or(|profile| entry.is_about(profile)) {
                self.entries.push(entry);
            }
        }
        Ok(())
    }
}

fn switch(row: &Row<'_>) -> rusqlite::Result<Option<ActivityEntry>> {
    let id: String = row.get("id")?;
    let why = if row.get("removed")? { ActivityWhy::WasRemoved } else { ActivityWhy::ByHand };
    let to = profile(row, "to_profile")?;
    let entry = ActivityEntry::of(format!("switch-{id}"), at(row, "at")?, Happened::Switched, to);
    Ok(Some(ActivityEntry { from: profile(row, "from_profile")?, why: Some(why), ..entry }))
}

fn noted(row: &Row<'_>) -> rusqlite::Result<Option<ActivityEntry>> {
    let Some(what) = Happened::parse(row.get_ref("what")?.as_str()?) else { return Ok(None) };
    let id: i64 = row.get("id")?;
    let key = if what == Happened::BlockEnded { format!("ended-{id}") } else { format!("noted-{id}") };
    let until = maybe_at(row, "until")?;
    let kind = word::<BlockKind>(row.get_ref("why")?.as_str()?);
    let reason = |kind| ActivityWhy::Reason { reason: Reason::Blocked { kind, until } };
    let model = match parsed(row.get_ref("about")?.as_str()?) {
        Some(BlockScope::Model(model)) => Some(model.as_str().to_owned()),
        _ => None,
    };
    let code = row.get::<_, Option<String>>("code")?.and_then(|code| word(&code));
    let entry = ActivityEntry::of(key, at(row, "at")?, what, profile(row, "profile")?);
    Ok(Some(ActivityEntry { why: kind.map(reason), until, model, code, ..entry }))
}

fn prime(row: &Row<'_>) -> rusqlite::Result<Option<ActivityEntry>> {
    let Some((profile, state)) = profile(row, "profile")?.zip(PrimeState::parse(row.get_ref("state")?.as_str()?)) else {
        return Ok(None);
    };
    let (what, until) = match state {
        PrimeState::Reserved | PrimeState::Sent => (Happened::PrimeSent, None),
        PrimeState::Verified => (Happened::Primed, maybe_at(row, "resets_at")?),
        PrimeState::Failed => (Happened::PrimeFailed, maybe_at(row, "next_at")?),
    };
    let trouble = row.get::<_, Option<String>>("trouble")?.and_then(|trouble| PrimeTrouble::parse(&trouble));
    let asked = if row.get("by_user")? { ActivityWhy::ByHand } else { ActivityWhy::WeekOver };
    let why = trouble.filter(|_| state == PrimeState::Failed).map_or(asked, |trouble| ActivityWhy::Prime { trouble });
    let key = format!("prime-{profile}-{}", row.get::<_, i64>("anchor")?);
    let entry = ActivityEntry::of(key, at(row, "at")?, what, Some(profile));
    Ok(Some(ActivityEntry { why: Some(why), until, model: row.get("model")?, times: row.get("attempts")?, ..entry }))
}

fn told(row: &Row<'_>) -> rusqlite::Result<Option<ActivityEntry>> {
    let Some(topic) = Topic::parse(row.get_ref("topic")?.as_str()?) else { return Ok(None) };
    let why = ActivityWhy::News { topic, level: row.get("level")?, minutes: row.get("minutes")? };
    // News of a stand-in is about the one that could not serve; the other one serves.
    let (about, other) = (profile(row, "profile")?, profile(row, "other")?);
    let (from, to) = if topic == Topic::FellBack { (about, other) } else { (None, about) };
    let entry = ActivityEntry::of(format!("told-{}", row.get::<_, i64>("id")?), at(row, "at")?, Happened::Told, to);
    Ok(Some(ActivityEntry { from, why: Some(why), until: maybe_at(row, "reset")?, ..entry }))
}

fn asked(row: &Row<'_>) -> rusqlite::Result<Option<ActivityEntry>> {
    let Some(purpose) = Purpose::parse(row.get_ref("purpose")?.as_str()?) else { return Ok(None) };
    let key = format!("asked-{}", row.get::<_, i64>("id")?);
    let entry = ActivityEntry::of(key, at(row, "at")?, Happened::Asked, profile(row, "profile")?);
    Ok(Some(ActivityEntry { why: Some(ActivityWhy::Purpose { purpose }), ..entry }))
}

fn profile(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<ProfileId>> {
    Ok(row.get::<_, Option<String>>(column)?.and_then(|id| ProfileId::parse(&id)))
}

fn at(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Ok(Timestamp::from_millisecond(row.get(column)?).unwrap_or_default())
}

fn maybe_at(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(|at| Timestamp::from_millisecond(at).ok()))
}

fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// A value that is written as one word.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(text)).ok()
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
