//! Activity in the state: what no other table keeps with its time is noted here, bounded. `store/timeline` reads all of it together.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::state::{State, StateError};
use crate::failure::Code;
use crate::model::activity::Happened;
use crate::model::block::{Block, BlockEnd, BlockState};
use crate::model::profile::ProfileId;

/// Rows that are kept.
const KEPT: u32 = 10_000;
/// What is older is forgotten.
const KEPT_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// Characters of a profile's name.
const NAME_LIMIT: usize = 100;

/// Something to note that no other table keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happened,
    /// The profile it is about.
    pub profile: Option<ProfileId>,
    /// Its name then: it may be gone when this is read.
    pub name: Option<String>,
    /// Why it failed.
    pub code: Option<Code>,
}

impl State {
    /// Notes what happened. More than 10,000 rows are never kept.
    pub fn note_activity(&self, noted: &[Noted]) -> Result<(), StateError> {
        if noted.is_empty() {
            return Ok(());
        }
        self.in_one(|connection| {
            let insert = "insert into activity (at, what, profile, name, why, about, code) values (?1, ?2, ?3, ?4, '', '', ?5)";
            let mut insert = connection.prepare_cached(insert)?;
            for Noted { at, what, profile, name, code } in noted {
                let profile = profile.as_ref().map_or("", ProfileId::as_str);
                let name: String = name.iter().flat_map(|name| name.chars()).take(NAME_LIMIT).collect();
                insert.execute(params![at.as_millisecond(), what.as_str(), profile, name, code.as_ref().map(text)])?;
            }
            forget_surplus(connection)
        })
    }

    /// Notes which of these profiles' blocks have begun, and which are over: these are all that each of them has now. A block that is
    /// noted already is the same while it stands; only its end may move.
    pub fn note_blocks(&self, profiles: &[(ProfileId, Vec<Block>)], now: Timestamp) -> Result<(), StateError> {
        if profiles.is_empty() {
            return Ok(());
        }
        self.in_one(|connection| {
            for (profile, blocks) in profiles {
                note_blocks_of(connection, profile, blocks, now)?;
            }
            forget_surplus(connection)
        })
    }

    /// Drops what is older than 90 days. How much there was.
    pub fn thin_activity(&self, now: Timestamp) -> Result<usize, StateError> {
        let limit = now.as_millisecond().saturating_sub(i64::try_from(KEPT_FOR.as_millis()).unwrap_or(i64::MAX));
        self.with(|connection| connection.execute("delete from activity where at < ?1", [limit]))
    }
}

fn note_blocks_of(connection: &Connection, profile: &ProfileId, blocks: &[Block], now: Timestamp) -> rusqlite::Result<()> {
    let mut open = open_blocks(connection, profile, now)?;
    let standing = blocks.iter().filter(|block| block.kind.refuses() && block.state(now) != BlockState::Over);
    for block in standing {
        let (why, about) = (text(&block.kind), text(&block.scope));
        let until = match block.ends {
            BlockEnd::At(until) | BlockEnd::Trial { from: until } => Some(until.as_millisecond()),
            BlockEnd::SignIn => None,
        };
        // Only a reset that was told ends it by itself.
        let ends = until.filter(|_| matches!(block.ends, BlockEnd::At(_)));
        if let Some(place) = open.iter().position(|known| (&known.why, &known.about) == (&why, &about)) {
            let known = open.swap_remove(place);
            let update = "update activity set until = ?2, ended_at = ?3 where id = ?1 and (until is not ?2 or ended_at is not ?3)";
            connection.prepare_cached(update)?.execute(params![known.id, until, ends])?;
            continue;
        }
        let insert = "insert into activity (at, what, profile, name, why, about, until, ended_at) values (?1, ?2, ?3, '', ?4, ?5, ?6, ?7)";
        let at = block.since.as_millisecond();
        connection.prepare_cached(insert)?.execute(params![
            at,
            Happened::BlockBegan.as_str(),
            profile.as_str(),
            why,
            about,
            until,
            ends
        ])?;
    }
    for over in open {
        connection.prepare_cached("update activity set ended_at = ?2 where id = ?1")?.execute(params![over.id, now.as_millisecond()])?;
    }
    Ok(())
}

/// A block that is noted, and not over.
struct Open {
    id: i64,
    why: String,
    about: String,
}

fn open_blocks(connection: &Connection, profile: &ProfileId, now: Timestamp) -> rusqlite::Result<Vec<Open>> {
    let select = "select id, why, about from activity where profile = ?1 and what = ?2 and (ended_at is null or ended_at > ?3)";
    let mut query = connection.prepare_cached(select)?;
    let rows = query.query_map(params![profile.as_str(), Happened::BlockBegan.as_str(), now.as_millisecond()], |row| {
        Ok(Open { id: row.get(0)?, why: row.get(1)?, about: row.get(2)? })
    })?;
    rows.collect()
}

fn forget_surplus(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("delete from activity where id <= (select max(id) from activity) - ?1")?.execute([KEPT])?;
    Ok(())
}

/// Plain values, which can be written at any rate: the text of a word, JSON of the rest.
fn text(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(value) => value.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
#[path = "activity_tests.rs"]
mod tests;
