//! The ledger of priming in the state: what was claimed, sent and found out, so that no process ever starts a window twice.
//!
//! A claim is written before anything goes out, and that it may go out is written before it does. Each is one transaction with no
//! other writer in between: of two processes one gets it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::state::{State, StateError};
use crate::model::prime::ledger::{self, Claim};
use crate::model::prime::{Hindrance, PrimeRecord, PrimeState, PrimeTrouble};
use crate::model::profile::ProfileId;

/// Records of one profile that are kept: two years of weeks.
const KEPT: u32 = 104;
/// Characters of a model's name.
const MODEL_LIMIT: usize = 100;

const COLUMNS: &str = "profile, anchor, state, attempts, by_user, reserved_at, sent_at, ended_at, next_at, model, input_tokens,
    output_tokens, resets_at, trouble";

/// The right to start one window, held by whoever claimed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimeClaim {
    /// Whose window.
    pub profile: ProfileId,
    /// Names it.
    pub anchor: Timestamp,
    /// The number of this try.
    pub attempt: u32,
    /// When it was claimed: a later claim takes it away.
    pub claimed_at: Timestamp,
    /// What the last try found fault with, and with which model.
    pub before: Option<(PrimeTrouble, Option<String>)>,
}

/// How a request ended that was to start a window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrimeEnd {
    /// What went wrong; `None`: the answer came whole.
    pub trouble: Option<PrimeTrouble>,
    /// Tokens that went in.
    pub input_tokens: Option<u32>,
    /// Tokens that came out.
    pub output_tokens: Option<u32>,
}

impl State {
    /// Claims a window for this process, if the ledger lets it.
    pub fn claim_prime(
        &self,
        profile: &ProfileId,
        anchor: Timestamp,
        by_user: bool,
        now: Timestamp,
    ) -> Result<Result<PrimeClaim, Hindrance>, StateError> {
        self.in_one(|connection| {
            let nearest = nearest(connection, profile, anchor)?;
            let attempt = match ledger::claim(nearest.as_ref(), anchor, by_user, now) {
                Claim::Refused(hindrance) => return Ok(Err(hindrance)),
                Claim::First => {
                    put(connection, profile, anchor, by_user, now)?;
                    1
                }
                Claim::Again(attempt) => {
                    let before = nearest.as_ref().map_or(anchor, |record| record.anchor);
                    take_over(connection, profile, before, (anchor, attempt, by_user, now))?;
                    attempt
                }
            };
            let before = nearest.filter(|record| ledger::is_same_window(record.anchor, anchor));
            let before = before.and_then(|record| Some((record.trouble?, record.model)));
            let (profile, claimed_at) = (profile.clone(), time(now.as_millisecond()));
            Ok(Ok(PrimeClaim { profile, anchor: time(anchor.as_millisecond()), attempt, claimed_at, before }))
        })
    }

    /// Notes that the request goes out now. `false`: the claim is gone, and nothing may be sent.
    pub fn note_prime_sent(&self, claim: &PrimeClaim, model: &str, now: Timestamp) -> Result<bool, StateError> {
        let model: String = model.chars().take(MODEL_LIMIT).collect();
        let noted = self.in_one(|connection| {
            connection.execute(
                "update primes set state = 'sent', sent_at = ?4, ended_at = null, model = ?5
                 where profile = ?1 and anchor = ?2 and state = 'reserved' and reserved_at = ?3",
                params![
                    claim.profile.as_str(),
                    claim.anchor.as_millisecond(),
                    claim.claimed_at.as_millisecond(),
                    now.as_millisecond(),
                    model
                ],
            )
        })?;
        Ok(noted > 0)
    }

    /// Notes how the try ended: whole, which is still to be judged, or badly.
    pub fn note_prime_end(&self, claim: &PrimeClaim, end: &PrimeEnd, now: Timestamp) -> Result<(), StateError> {
        let next_at = end.trouble.and_then(|_| ledger::next_try(claim.attempt, now));
        self.in_one(|connection| {
            connection.execute(
                "update primes set state = case when ?4 is null then state else 'failed' end, ended_at = ?5, trouble = ?4, next_at = ?6,
                     input_tokens = coalesce(?7, input_tokens), output_tokens = coalesce(?8, output_tokens)
                 where profile = ?1 and anchor = ?2 and state in ('reserved', 'sent') and reserved_at = ?3",
                params![
                    claim.profile.as_str(),
                    claim.anchor.as_millisecond(),
                    claim.claimed_at.as_millisecond(),
                    end.trouble.map(PrimeTrouble::as_str),
                    now.as_millisecond(),
                    next_at.map(Timestamp::as_millisecond),
                    end.input_tokens,
                    end.output_tokens,
                ],
            )
        })?;
        Ok(())
    }

    /// Notes what readings say of a request that was sent: where the reset stands, or that it still moves. Whether that was news.
    pub fn judge_prime(
        &self,
        profile: &ProfileId,
        anchor: Timestamp,
        resets_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, StateError> {
        self.in_one(|connection| {
            let Some(record) = nearest(connection, profile, anchor)?.filter(|record| record.state == PrimeState::Sent) else {
                return Ok(false);
            };
            let state = if resets_at.is_some() { PrimeState::Verified } else { PrimeState::Failed };
            let trouble = resets_at.is_none().then_some(PrimeTrouble::StillSlides.as_str());
            let next_at = if resets_at.is_some() { None } else { ledger::next_try(record.attempts, now) };
            let judged = connection.execute(
                "update primes set state = ?3, resets_at = ?4, trouble = ?5, next_at = ?6 where profile = ?1 and anchor = ?2",
                params![
                    profile.as_str(),
                    record.anchor.as_millisecond(),
                    state.as_str(),
                    resets_at.map(Timestamp::as_millisecond),
                    trouble,
                    next_at.map(Timestamp::as_millisecond),
                ],
            )?;
            Ok(judged > 0)
        })
    }

    /// The record of the window nearest to where a reset was seen; without a reset, the last one.
    pub fn prime_near(&self, profile: &ProfileId, seen: Option<Timestamp>) -> Result<Option<PrimeRecord>, StateError> {
        self.with(|connection| nearest(connection, profile, seen.unwrap_or(Timestamp::MAX)))
    }

    /// The profiles that have a request of which nobody knows yet what became of it.
    pub fn primes_to_judge(&self) -> Result<BTreeSet<ProfileId>, StateError> {
        self.with(|connection| {
            let mut query = connection.prepare_cached("select distinct profile from primes where state = 'sent'")?;
            let rows = query.query_map([], |row| Ok(ProfileId::parse(row.get_ref(0)?.as_str()?)))?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
        })
    }

    /// The records of windows that are known to run, whose request ended since then.
    pub fn primes_verified(&self, since: Timestamp) -> Result<Vec<PrimeRecord>, StateError> {
        self.with(|connection| {
            let query = format!("select {COLUMNS} from primes where state = 'verified' and coalesce(ended_at, sent_at) >= ?1");
            let mut query = connection.prepare_cached(&query)?;
            let rows = query.query_map([since.as_millisecond()], record)?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
        })
    }

    /// The records of all profiles, the newest first.
    pub fn primes(&self, limit: u32) -> Result<Vec<PrimeRecord>, StateError> {
        self.with(|connection| {
            let mut query =
                connection.prepare_cached(&format!("select {COLUMNS} from primes order by reserved_at desc, profile limit ?1"))?;
            let rows = query.query_map([limit], record)?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
        })
    }

    /// Drops records beyond the last two years of each profile. How many there were.
    pub fn thin_primes(&self) -> Result<usize, StateError> {
        self.with(|connection| {
            connection.execute(
                "delete from primes where (select count(*) from primes as later where later.profile = primes.profile
                     and later.anchor > primes.anchor) >= ?1",
                [KEPT],
            )
        })
    }
}

fn put(connection: &Connection, profile: &ProfileId, anchor: Timestamp, by_user: bool, now: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "insert into primes (profile, anchor, state, attempts, by_user, reserved_at) values (?1, ?2, 'reserved', 1, ?3, ?4)",
        )?
        .execute(params![profile.as_str(), anchor.as_millisecond(), by_user, now.as_millisecond()])?;
    Ok(())
}

fn take_over(
    connection: &Connection,
    profile: &ProfileId,
    before: Timestamp,
    (anchor, attempt, by_user, now): (Timestamp, u32, bool, Timestamp),
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "update primes set anchor = ?3, state = 'reserved', attempts = ?4, by_user = ?5, reserved_at = ?6, next_at = null
             where profile = ?1 and anchor = ?2",
        )?
        .execute(params![profile.as_str(), before.as_millisecond(), anchor.as_millisecond(), attempt, by_user, now.as_millisecond()])?;
    Ok(())
}

fn nearest(connection: &Connection, profile: &ProfileId, anchor: Timestamp) -> rusqlite::Result<Option<PrimeRecord>> {
    let query = format!("select {COLUMNS} from primes where profile = ?1 order by abs(anchor - ?2) limit 1");
    let found = connection.prepare_cached(&query)?.query_row(params![profile.as_str(), anchor.as_millisecond()], record).optional()?;
    Ok(found.flatten())
}

/// A row that makes no sense was written by nobody we know.
fn record(row: &Row<'_>) -> rusqlite::Result<Option<PrimeRecord>> {
    let profile = ProfileId::parse(row.get_ref(0)?.as_str()?);
    let state = PrimeState::parse(row.get_ref(2)?.as_str()?);
    let at = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(time));
    let trouble = row.get::<_, Option<String>>(13)?;
    let Some((profile, state)) = profile.zip(state) else { return Ok(None) };
    Ok(Some(PrimeRecord {
        profile,
        anchor: time(row.get(1)?),
        state,
        attempts: row.get(3)?,
        by_user: row.get(4)?,
        reserved_at: time(row.get(5)?),
        sent_at: at(6)?,
        ended_at: at(7)?,
        next_at: at(8)?,
        model: row.get(9)?,
        input_tokens: row.get(10)?,
        output_tokens: row.get(11)?,
        resets_at: at(12)?,
        trouble: trouble.and_then(|trouble| PrimeTrouble::parse(&trouble)),
    }))
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or_default()
}

#[cfg(test)]
#[path = "primes_tests.rs"]
mod tests;
