//! Clients that were started through the gateway, in the state: whichever process serves finds what their starter wanted.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::state::{State, StateError};
use crate::model::launch::LaunchWish;
use crate::model::lifetime::later;

/// Older ones are forgotten: no client runs that long.
const AGE_LIMIT: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// Bytes of a wish that is read.
const WISH_LIMIT: u32 = 64 << 10;

impl State {
    /// Keeps what is wished for a launch, and forgets those of long ago.
    pub fn begin_launch(&self, name: &str, wish: &LaunchWish, now: Timestamp) -> Result<(), StateError> {
        let wish = serde_json::to_string(wish).unwrap_or_default();
        self.in_one(|connection| {
            let old = |at: i64| Timestamp::from_millisecond(at).is_ok_and(|at| later(at, AGE_LIMIT) < now);
            let oldest: Option<i64> = connection.query_row("select min(at) from launches", [], |row| row.get(0))?;
            if oldest.is_some_and(old) {
                let limit = now.as_millisecond().saturating_sub(i64::try_from(AGE_LIMIT.as_millis()).unwrap_or(i64::MAX));
                connection.execute("delete from launches where at < ?1", [limit])?;
            }
            let put = "insert or replace into launches (name, at, wish) values (?1, ?2, ?3)";
            connection.execute(put, params![name, now.as_millisecond(), wish])?;
            Ok(())
        })
    }

    /// What is wished for a launch, if it is known.
    pub fn launch(&self, name: &str) -> Result<Option<LaunchWish>, StateError> {
        let select = "select wish from launches where name = ?1 and length(wish) <= ?2";
        let wish = self.with(|connection| {
            connection.prepare_cached(select)?.query_row(params![name, WISH_LIMIT], |row| row.get::<_, String>(0)).optional()
        })?;
        Ok(wish.and_then(|wish| serde_json::from_str(&wish).ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::model::profile::ProfileId;
    use crate::store::home::Home;

    #[test]
    fn a_wish_is_found_until_it_is_long_ago() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        let (state, other) = (State::open(&home).unwrap(), State::open(&home).unwrap());
        let at = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
        let wish = LaunchWish { profile: ProfileId::parse("0000000000000001"), strict: true, folder: Some("/a".into()) };
        state.begin_launch("a", &wish, at(0)).unwrap();
        assert_eq!(other.launch("a").unwrap(), Some(wish));
        assert_eq!(other.launch("b").unwrap(), None);
        state.begin_launch("b", &LaunchWish::default(), at(90)).unwrap();
        assert!(other.launch("a").unwrap().is_some());
        state.begin_launch("c", &LaunchWish::default(), at(91)).unwrap();
        assert_eq!((other.launch("a").unwrap(), other.launch("b").unwrap()), (None, Some(LaunchWish::default())));
    }
}
