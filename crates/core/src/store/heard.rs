//! What one process has to tell that no look at the disk shows, for the other processes to hear: a fallback in a terminal that serves
//! is news for the app, too.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;

use super::state::{State, StateError};
use crate::model::news::News;

/// What lies there longer is no news to anybody.
const FRESH: Duration = Duration::from_secs(10 * 60);
/// Pieces of news that are kept.
const KEPT: u32 = 100;
/// Bytes of one.
const NEWS_LIMIT: u32 = 4 << 10;

impl State {
    /// Leaves news for the others. `by` names this process among them.
    pub fn leave_news(&self, by: &str, news: &News, now: Timestamp) -> Result<(), StateError> {
        let news = serde_json::to_string(news).unwrap_or_default();
        self.in_one(|connection| {
            connection.execute("insert into news_heard (at, by, news) values (?1, ?2, ?3)", params![now.as_millisecond(), by, news])?;
            connection.execute("delete from news_heard where id <= (select max(id) from news_heard) - ?1", [KEPT])?;
            Ok(())
        })
    }

    /// The place of the last news there is: what comes after it is new.
    pub fn last_left_news(&self) -> Result<i64, StateError> {
        self.with(|connection| connection.query_row("select coalesce(max(id), 0) from news_heard", [], |row| row.get(0)))
    }

    /// What others have left after this place and not long ago, the oldest first; and the place of the last.
    pub fn news_of_others(&self, by: &str, after: i64, now: Timestamp) -> Result<(i64, Vec<News>), StateError> {
        let last = self.last_left_news()?;
        if last == after {
            return Ok((after, Vec::new()));
        }
        let fresh = SignedDuration::try_from(FRESH).unwrap_or(SignedDuration::ZERO);
        self.with(|connection| {
            let select = "select at, news from news_heard where id > ?1 and id <= ?2 and by <> ?3 and length(news) <= ?4 order by id";
            let mut query = connection.prepare_cached(select)?;
            let rows =
                query.query_map(params![after, last, by, NEWS_LIMIT], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
            let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            let is_fresh = |at: i64| Timestamp::from_millisecond(at).is_ok_and(|at| now.duration_since(at).abs() <= fresh);
            // What a newer version leaves there is not understood, and not told.
            Ok((last, rows.iter().filter(|(at, _)| is_fresh(*at)).filter_map(|(_, text)| serde_json::from_str(text).ok()).collect()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::model::profile::ProfileId;
    use crate::store::home::Home;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn fell_back(from: u8) -> News {
        let id = |number: u8| ProfileId::parse(&format!("{number:016x}")).unwrap();
        News::FellBack { from: id(from), to: id(9), why: None, until: None }
    }

    #[test]
    fn news_is_heard_once_by_each_of_the_others_while_it_is_fresh() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        let (one, other) = (State::open(&home).unwrap(), State::open(&home).unwrap());
        assert_eq!(other.news_of_others("b", other.last_left_news().unwrap(), at(0)).unwrap(), (0, vec![]));
        one.leave_news("a", &fell_back(1), at(0)).unwrap();
        one.leave_news("a", &fell_back(2), at(100)).unwrap();
        let (last, heard) = other.news_of_others("b", 0, at(120)).unwrap();
        assert_eq!(heard, [fell_back(1), fell_back(2)]);
        assert_eq!(other.news_of_others("b", last, at(120)).unwrap(), (last, vec![]), "once");
        assert_eq!(one.news_of_others("a", 0, at(120)).unwrap().1, [], "nobody hears himself");
        assert_eq!(other.news_of_others("b", 0, at(650)).unwrap().1, [fell_back(2)], "the other one is old by now");
        assert_eq!(other.news_of_others("b", 0, at(-650)).unwrap().1, [], "the clock was set back");
        one.with(|connection| {
            connection.execute("insert into news_heard (at, by, news) values (120000, 'a', '{\"news\":\"weather\"}')", [])
        })
        .unwrap();
        assert_eq!(other.news_of_others("b", last, at(120)).unwrap(), (last + 1, vec![]), "what a newer version says is passed over");
        for _ in 0..2 * KEPT {
            one.leave_news("a", &fell_back(3), at(120)).unwrap();
        }
        assert_eq!(other.news_of_others("b", 0, at(120)).unwrap().1.len(), KEPT as usize);
    }
}
