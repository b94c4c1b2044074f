//! What was told, what waits to be told, and what is not to be told for a while: so that a restart, or another process, does not
//! tell it again.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::state::{State, StateError};
use crate::model::news::{News, NewsKey, Told, Topic};
use crate::model::profile::{NoProfileId, ProfileId};
use crate::model::quota::Minutes;

/// What was told longer ago is forgotten: no window lasts longer.
const AGE_LIMIT: Duration = Duration::from_secs(60 * 24 * 60 * 60);
/// News that waits; more is not kept.
const WAITING_LIMIT: u32 = 200;
/// Bytes of news that waits.
const NEWS_LIMIT: u32 = 4 << 10;

/// Who tells. Each has a ledger of its own: that a hook was run does not keep the desktop from telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teller {
    /// The desktop's notifications.
    Desktop,
    /// The user's hooks.
    Hooks,
}

impl Teller {
    fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Hooks => "hooks",
        }
    }
}

impl State {
    /// All that this teller has told.
    pub fn told(&self, teller: Teller) -> Result<Vec<Told>, StateError> {
        self.with(|connection| read_told(connection, "select * from notices_told where teller = ?1", params![teller.as_str()]))
    }

    /// Takes news for this teller alone: true for the one that tells it, false if it was told by then, by whatever process. With
    /// `wait`, it is kept there for later.
    pub fn claim_news(&self, teller: Teller, news: &News, wait: bool, now: Timestamp) -> Result<bool, StateError> {
        let key = news.key();
        self.in_one(|connection| {
            let select = "select * from notices_told where teller = ?1 and topic = ?2 and profile = ?3";
            let told = read_told(connection, select, params![teller.as_str(), key.topic.as_str(), text(key.profile.as_ref())])?;
            if key.was_told(&told, now) {
                return Ok(false);
            }
            let limit = now.as_millisecond().saturating_sub(i64::try_from(AGE_LIMIT.as_millis()).unwrap_or(i64::MAX));
            connection.execute("delete from notices_told where at < ?1", [limit])?;
            connection.execute(
                "insert into notices_told (teller, topic, profile, other, minutes, reset, level, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    teller.as_str(),
                    key.topic.as_str(),
                    text(key.profile.as_ref()),
                    text(key.other.as_ref()),
                    key.minutes.map(Minutes::get),
                    key.reset.map(Timestamp::as_millisecond),
                    key.level,
                    now.as_millisecond(),
                ],
            )?;
            if wait {
                let news = serde_json::to_string(news).unwrap_or_default();
                connection.execute("insert into notices_waiting (news) select ?1 where (select count(*) from notices_waiting) < ?2", params![news, WAITING_LIMIT])?;
            }
            Ok(true)
        })
    }

    /// Strikes off what was told of a profile under a topic before then: it may happen, and be told, again.
    pub fn forget_news(&self, topic: Topic, profile: Option<&ProfileId>, told_before: Timestamp) -> Result<(), StateError> {
        self.with(|connection| {
            let delete = "delete from notices_told where topic = ?1 and profile = ?2 and at < ?3";
            connection.execute(delete, params![topic.as_str(), text(profile), told_before.as_millisecond()])
        })?;
        Ok(())
    }

    /// Takes all that waits, the oldest first: for the one process that tells it.
    pub fn take_waiting_news(&self) -> Result<Vec<News>, StateError> {
        let is_empty = "select not exists (select 1 from notices_waiting)";
        if self.with(|connection| connection.query_row(is_empty, [], |row| row.get(0)))? {
            return Ok(Vec::new());
        }
        self.in_one(|connection| {
            let mut query = connection.prepare_cached("select news from notices_waiting where length(news) <= ?1 order by id")?;
            let texts = query.query_map([NEWS_LIMIT], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
            connection.execute("delete from notices_waiting", [])?;
            // What a newer version keeps there is not understood, and not told.
            Ok(texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
        })
    }

    /// Until then, nothing is told of a profile's quota, or of all for `None`.
    pub fn snooze_news(&self, profile: Option<&ProfileId>, until: Timestamp, now: Timestamp) -> Result<(), StateError> {
        self.in_one(|connection| {
            connection.execute("delete from notices_snoozed where until <= ?1", [now.as_millisecond()])?;
            let put = "insert or replace into notices_snoozed (profile, until) values (?1, ?2)";
            connection.execute(put, params![text(profile), until.as_millisecond()])?;
            Ok(())
        })
    }

    /// From now on it is told again of a profile, or of all for `None`.
    pub fn end_snooze(&self, profile: Option<&ProfileId>) -> Result<(), StateError> {
        self.with(|connection| connection.execute("delete from notices_snoozed where ?1 in ('', profile)", [text(profile)]))?;
        Ok(())
    }

    /// Of whom nothing is told, and until when.
    pub fn snoozed_news(&self) -> Result<BTreeMap<Option<ProfileId>, Timestamp>, StateError> {
        self.with(|connection| {
            let mut query = connection.prepare_cached("select profile, until from notices_snoozed")?;
            let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
            let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(rows.into_iter().filter_map(|(whom, until)| Some((named(&whom).ok()?, Timestamp::from_millisecond(until).ok()?))).collect())
        })
    }
}

/// As it is kept: nothing stands for all.
fn text(profile: Option<&ProfileId>) -> &str {
    profile.map_or("", ProfileId::as_str)
}

/// A profile as it is kept.
fn named(text: &str) -> Result<Option<ProfileId>, NoProfileId> {
    if text.is_empty() { Ok(None) } else { ProfileId::try_from(text.to_owned()).map(Some) }
}

fn read_told(connection: &Connection, select: &str, given: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<Vec<Told>> {
    let mut query = connection.prepare_cached(select)?;
    let rows = query.query_map(given, one_told)?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// `None` for what cannot be understood.
fn one_told(row: &Row<'_>) -> rusqlite::Result<Option<Told>> {
    let time = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).ok();
    let (topic, profile, other) = (row.get::<_, String>("topic")?, row.get::<_, String>("profile")?, row.get::<_, String>("other")?);
    let (minutes, reset) = (row.get::<_, Option<i64>>("minutes")?, row.get::<_, Option<i64>>("reset")?);
    let (level, at) = (row.get("level")?, row.get("at")?);
    Ok((|| {
        let key = NewsKey {
            topic: Topic::parse(&topic)?,
            profile: named(&profile).ok()?,
            other: named(&other).ok()?,
            minutes: minutes.and_then(Minutes::of),
            reset: reset.and_then(time),
            level,
        };
        Some(Told { key, at: time(at)? })
    })())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::model::quota::Percent;
    use crate::store::home::Home;

    fn open() -> (tempfile::TempDir, State, State) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        let (one, other) = (State::open(&home).unwrap(), State::open(&home).unwrap());
        (folder, one, other)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    fn low(profile: u8) -> News {
        News::Low { profile: id(profile), minutes: Minutes::WEEK, left: Percent::whole(9), critical: true, resets_at: Some(at(90_000)) }
    }

    #[test]
    fn one_process_tells_and_each_teller_for_itself() {
        let (_folder, one, other) = open();
        assert!(one.claim_news(Teller::Desktop, &low(1), false, at(1)).unwrap());
        assert!(!other.claim_news(Teller::Desktop, &low(1), false, at(2)).unwrap());
        assert!(other.claim_news(Teller::Hooks, &low(1), false, at(2)).unwrap());
        assert!(other.claim_news(Teller::Desktop, &low(2), false, at(2)).unwrap());
        let told = one.told(Teller::Desktop).unwrap();
        assert_eq!(told, [Told { key: low(1).key(), at: at(1) }, Told { key: low(2).key(), at: at(2) }]);
    }

    #[test]
    fn of_many_at_once_one_tells() {
        let (folder, _one, _other) = open();
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        let states: Vec<_> = (0..8).map(|_| State::open(&home).unwrap()).collect();
        let claims = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for state in &states {
                scope.spawn(|| claims.lock().unwrap().push(state.claim_news(Teller::Desktop, &low(1), true, at(1)).unwrap()));
            }
        });
        let claims = claims.into_inner().unwrap();
        assert_eq!(claims.iter().filter(|claimed| **claimed).count(), 1);
        let taken: usize = states.iter().map(|state| state.take_waiting_news().unwrap().len()).sum();
        assert_eq!(taken, 1);
    }

    #[test]
    fn what_is_over_may_be_told_again() {
        let (_folder, one, other) = open();
        let gone = News::SignInNeeded { profile: id(1) };
        assert!(one.claim_news(Teller::Desktop, &gone, false, at(5)).unwrap());
        other.forget_news(Topic::SignIn, Some(&id(1)), at(5)).unwrap();
        assert!(!one.claim_news(Teller::Desktop, &gone, false, at(6)).unwrap(), "a look from before it was told");
        other.forget_news(Topic::SignIn, Some(&id(2)), at(9)).unwrap();
        other.forget_news(Topic::SignIn, Some(&id(1)), at(9)).unwrap();
        assert!(one.claim_news(Teller::Desktop, &gone, false, at(9)).unwrap());
        let day = 24 * 60 * 60;
        assert!(one.claim_news(Teller::Desktop, &low(1), false, at(9 + 61 * day)).unwrap());
        assert_eq!(one.told(Teller::Desktop).unwrap().len(), 1, "long ago");
    }

    #[test]
    fn snoozes_end_by_themselves() {
        let (_folder, one, other) = open();
        one.snooze_news(Some(&id(1)), at(50), at(1)).unwrap();
        one.snooze_news(None, at(60), at(1)).unwrap();
        assert_eq!(other.snoozed_news().unwrap(), [(None, at(60)), (Some(id(1)), at(50))].into());
        one.snooze_news(Some(&id(2)), at(90), at(50)).unwrap();
        assert_eq!(other.snoozed_news().unwrap(), [(None, at(60)), (Some(id(2)), at(90))].into());
        other.snooze_news(Some(&id(3)), at(90), at(50)).unwrap();
        one.end_snooze(Some(&id(2))).unwrap();
        assert_eq!(other.snoozed_news().unwrap(), [(None, at(60)), (Some(id(3)), at(90))].into());
        one.end_snooze(None).unwrap();
        assert_eq!(other.snoozed_news().unwrap(), [].into());
    }

    #[test]
    fn what_a_newer_version_keeps_is_left_out() {
        let (_folder, one, _other) = open();
        assert!(one.claim_news(Teller::Desktop, &low(1), true, at(1)).unwrap());
        one.with(|connection| {
            connection.execute_batch(
                "insert into notices_told (teller, topic, profile, other, minutes, reset, level, at) values ('desktop', 'weather', '', '', null, null, 0, 1);
                 insert into notices_told (teller, topic, profile, other, minutes, reset, level, at) values ('desktop', 'quota', 'main', '', -1, 9223372036854775807, 0, 1);
                 insert into notices_waiting (news) values ('{\"news\":\"weather\"}'), ('{');",
            )
        })
        .unwrap();
        assert_eq!(one.told(Teller::Desktop).unwrap().len(), 1);
        assert_eq!(one.take_waiting_news().unwrap(), [low(1)]);
        assert_eq!(one.take_waiting_news().unwrap(), []);
    }
}
