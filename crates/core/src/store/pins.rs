//! Sessions that the user has tied to a profile, in the state: whichever process serves finds them.

use jiff::Timestamp;
use rusqlite::params;

use super::state::{State, StateError};
use crate::model::affinity::SessionKey;
use crate::model::pin::SessionPin;
use crate::model::profile::ProfileId;

/// Tied sessions at most; the one that was tied first goes first.
const LIMIT: u32 = 1000;

impl State {
    /// Ties a session, or unties it.
    pub fn pin_session(&self, session: &SessionKey, profile: Option<&ProfileId>, now: Timestamp) -> Result<(), StateError> {
        self.in_one(|connection| {
            let Some(profile) = profile else {
                connection.execute("delete from session_pins where session = ?1", [session.as_str()])?;
                return Ok(());
            };
            let put = "insert or replace into session_pins (session, profile, at) values (?1, ?2, ?3)";
            connection.execute(put, params![session.as_str(), profile.as_str(), now.as_millisecond()])?;
            let forget =
                "delete from session_pins where session not in (select session from session_pins order by at desc, session limit ?1)";
            connection.execute(forget, [LIMIT])?;
            Ok(())
        })
    }

    /// Tied sessions, the last one first.
    pub fn session_pins(&self) -> Result<Vec<SessionPin>, StateError> {
        let rows = self.with(|connection| {
            let mut query =
                connection.prepare_cached("select session, profile, at from session_pins order by at desc, session limit ?1")?;
            let rows = query.query_map([LIMIT], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let pins = rows.into_iter().filter_map(|(session, profile, at)| {
            let session = SessionKey::of(&session)?.as_str().to_owned();
            Some(SessionPin { session, profile: ProfileId::parse(&profile)?, pinned_at: Timestamp::from_millisecond(at).ok()? })
        });
        Ok(pins.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::store::home::Home;

    #[test]
    fn ties_are_kept_until_they_are_undone_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        let (state, other) = (State::open(&home).unwrap(), State::open(&home).unwrap());
        let key = |number: u32| SessionKey::of(&format!("session-{number}")).unwrap();
        let id = |number: u8| ProfileId::parse(&format!("{number:016x}")).unwrap();
        let at = |second: u32| Timestamp::from_second(second.into()).unwrap();
        state.pin_session(&key(0), Some(&id(1)), at(0)).unwrap();
        state.pin_session(&key(0), Some(&id(2)), at(1)).unwrap();
        let pin = SessionPin { session: "session-0".into(), profile: id(2), pinned_at: at(1) };
        assert_eq!(other.session_pins().unwrap(), [pin]);
        state.pin_session(&key(0), None, at(2)).unwrap();
        state.pin_session(&key(9), None, at(2)).unwrap();
        assert_eq!(other.session_pins().unwrap(), []);
        (0..=LIMIT).for_each(|number| state.pin_session(&key(number), Some(&id(1)), at(number)).unwrap());
        let kept = other.session_pins().unwrap();
        assert_eq!((kept.len(), kept[0].session.as_str()), (1000, "session-1000"));
        assert!(kept.iter().all(|pin| pin.session != "session-0"), "the first one went first");
    }
}
