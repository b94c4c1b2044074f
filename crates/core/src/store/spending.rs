//! What API keys have cost, in the state: a fact for each profile and calendar month, in millionths of a US dollar.

use rusqlite::{Connection, params};

use super::state::{State, StateError};
use crate::model::profile::ProfileId;
use crate::model::spending::{Month, Sum, Sums};

/// The facts' names: this, the month, a stroke, the profile.
const FACTS: &str = "api_key_spending/";
/// What sorts behind all of them.
const BEHIND: &str = "api_key_spending0";

impl State {
    /// Adds what was spent, all of it or nothing; what there is in all comes back.
    pub fn add_spending(&self, spent: &Sums) -> Result<Sums, StateError> {
        self.in_one(|connection| {
            let mut all = read(connection)?;
            for more in spent.all() {
                let sum = all.add(more.clone());
                let put = "insert into facts (name, value) values (?1, ?2) on conflict (name) do update set value = ?2";
                connection.execute(put, params![format!("{FACTS}{}/{}", more.month, more.profile.as_str()), sum.to_string()])?;
            }
            Ok(all)
        })
    }

    /// What was spent in all months that are kept.
    pub fn spending(&self) -> Result<Sums, StateError> {
        self.with(read)
    }

    /// Forgets all months before this one.
    pub fn thin_spending(&self, month: Month) -> Result<(), StateError> {
        let before = format!("{FACTS}{month}");
        self.with(|connection| connection.execute("delete from facts where name > ?1 and name < ?2", [FACTS, &before]))?;
        Ok(())
    }
}

/// A fact that makes no sense is passed over.
fn read(connection: &Connection) -> rusqlite::Result<Sums> {
    let mut query = connection.prepare_cached("select name, value from facts where name > ?1 and name < ?2")?;
    let mut rows = query.query([FACTS, BEHIND])?;
    let mut all = Sums::default();
    while let Some(row) = rows.next()? {
        let (name, value) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        let key = name.strip_prefix(FACTS).and_then(|name| name.split_once('/'));
        let key = key.and_then(|(month, profile)| Some((Month::parse(month)?, ProfileId::parse(profile)?)));
        if let (Some((month, profile)), Ok(micros)) = (key, value.parse()) {
            all.add(Sum { month, profile, micros });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::store::home::Home;

    fn id(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    fn sums(given: &[(&str, u8, u64)]) -> Sums {
        given.iter().map(|(month, number, micros)| (Month::parse(month).unwrap(), id(*number), *micros)).collect()
    }

    #[test]
    fn sums_survive_a_restart_and_old_months_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        let state = State::open(&home).unwrap();
        state.set_fact("api_key_spending", "mine").unwrap();
        state.set_fact("api_key_spendings/x", "mine").unwrap();
        state.add_spending(&sums(&[("2026-10-01", 1, 7), ("2026-11-01", 1, 5)])).unwrap();
        let all = state.add_spending(&sums(&[("2026-11-01", 1, u64::MAX), ("2026-11-01", 2, 1)])).unwrap();
        let expected = sums(&[("2026-10-01", 1, 7), ("2026-11-01", 1, u64::MAX), ("2026-11-01", 2, 1)]);
        let again = State::open(&home).unwrap();
        assert_eq!((&all, &again.spending().unwrap()), (&expected, &expected));
        for nonsense in ["2026-11-01", "2026-11-01/x", "november/0000000000000001"] {
            state.set_fact(&format!("{FACTS}{nonsense}"), "1").unwrap();
        }
        state.set_fact(&format!("{FACTS}2026-11-01/0000000000000003"), "-1").unwrap();
        again.thin_spending(Month::parse("2026-11-01").unwrap()).unwrap();
        assert_eq!(state.spending().unwrap(), sums(&[("2026-11-01", 1, u64::MAX), ("2026-11-01", 2, 1)]));
        for kept in ["api_key_spending", "api_key_spendings/x"] {
            assert_eq!(state.fact(kept).unwrap().as_deref(), Some("mine"));
        }
    }
}
