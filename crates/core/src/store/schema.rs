//! The tables of the state, as frozen steps: a step that has shipped is never changed, only followed by another.

use rusqlite::{Connection, TransactionBehavior};

use super::state::StateError;

/// Each step leads from the version of its place to the next one; a new file takes them all.
const STEPS: [&str; 9] = [SWITCHES, QUOTA, ROUTING, LAUNCHES, BACKGROUND, NOTICES, HEARD, ACTIVITY, PINS];

const SWITCHES: &str = "
    create table if not exists switches (id text primary key, at integer not null, from_profile text, to_profile text) strict;
    create index if not exists switches_at on switches (at);
    create table if not exists facts (name text primary key, value text not null) strict;
";

/// Times are milliseconds since 1970, shares hundredths of a percent. What is known now has tables of its own, so that reading it
/// does not go through history.
const QUOTA: &str = "
    create table quota_windows (
        profile text not null, family text not null, minutes integer not null,
        used integer not null, resets_at integer, observed_at integer not null, source text not null,
        primary key (profile, family, minutes)
    ) strict, without rowid;
    create table quota_accounts (profile text primary key, account text not null, families text not null) strict, without rowid;
    create table quota_asks (
        profile text primary key, at integer not null, failures integer not null, pause_until integer
    ) strict, without rowid;
    create table quota_history (
        profile text not null, family text not null, minutes integer not null, at integer not null,
        used integer not null, resets_at integer, source text not null,
        primary key (profile, family, minutes, at)
    ) strict, without rowid;
";

/// Times are milliseconds since 1970; blocks and decisions are JSON.
const ROUTING: &str = "
    create table routing_blocks (
        profile text not null, place integer not null, block text not null, primary key (profile, place)
    ) strict, without rowid;
    create table routing_homes (
        sort text not null, key text not null, profile text not null, used integer not null, pinned integer not null,
        primary key (sort, key)
    ) strict, without rowid;
    create index routing_homes_used on routing_homes (sort, pinned, used);
    create table routing_decisions (id integer primary key, decision text not null) strict;
";

/// Times are milliseconds since 1970; what is wished is JSON.
const LAUNCHES: &str = "
    create table launches (name text primary key, at integer not null, wish text not null) strict, without rowid;
    create index launches_at on launches (at);
";

/// Times are milliseconds since 1970.
const BACKGROUND: &str = "
    create table primes (
        profile text not null, anchor integer not null, state text not null, attempts integer not null, by_user integer not null,
        reserved_at integer not null, sent_at integer, ended_at integer, next_at integer, model text,
        input_tokens integer, output_tokens integer, resets_at integer, trouble text,
        primary key (profile, anchor)
    ) strict, without rowid;
    create table background_requests (
        id integer primary key, at integer not null, profile text not null, host text not null, purpose text not null
    ) strict;
    create index background_requests_at on background_requests (at, profile);
";

/// Times are milliseconds since 1970; news is JSON; no profile stands for all.
const NOTICES: &str = "
    create table notices_told (
        id integer primary key, teller text not null, topic text not null, profile text not null, other text not null,
        minutes integer, reset integer, level integer not null, at integer not null
    ) strict;
    create index notices_told_about on notices_told (teller, topic, profile);
    create table notices_waiting (id integer primary key, news text not null) strict;
    create table notices_snoozed (profile text primary key, until integer not null) strict, without rowid;
";

/// Times are milliseconds since 1970; news is JSON; `by` names the process that left it.
const HEARD: &str = "
    create table news_heard (id integer primary key autoincrement, at integer not null, by text not null, news text not null) strict;
";

/// Times are milliseconds since 1970; no profile is empty. What other tables keep with its time is not here; they are read by it.
const ACTIVITY: &str = "
    create table activity (
        id integer primary key, at integer not null, what text not null, profile text not null, name text not null,
        why text not null, about text not null, until integer, ended_at integer, code text
    ) strict;
    create index activity_at on activity (at);
    create index activity_ended_at on activity (ended_at) where ended_at is not null;
    create index activity_of on activity (profile, what);
    create index primes_reserved_at on primes (reserved_at);
    create index notices_told_at on notices_told (teller, at);
";

/// Times are milliseconds since 1970. What the user wishes, apart from where sessions are at home: whoever serves writes that.
const PINS: &str = "
    create table session_pins (session text primary key, profile text not null, at integer not null) strict, without rowid;
";

/// Takes the steps that are missing. Where there are none, nothing is written.
pub(super) fn bring_up_to_date(connection: &mut Connection) -> Result<(), StateError> {
    if missing(connection)?.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have taken them while this one waited.
    for step in missing(&transaction)? {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    Ok(transaction.commit()?)
}

/// The steps that are missing. Reads no table.
pub(super) fn missing(connection: &Connection) -> Result<&'static [&'static str], StateError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(version).ok().and_then(|version| STEPS.get(version..)).ok_or(StateError::Newer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::store::home::Home;
    use crate::store::state::State;

    fn tables(connection: &Connection) -> Vec<String> {
        let mut query = connection.prepare("select sql from sqlite_schema where sql is not null order by name").unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn every_version_leads_to_the_same_tables_and_keeps_what_it_held() {
        let mut new = Connection::open_in_memory().unwrap();
        bring_up_to_date(&mut new).unwrap();
        for version in 0..=STEPS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            STEPS[..version].iter().for_each(|step| old.execute_batch(step).unwrap());
            old.pragma_update(None, "user_version", version).unwrap();
            if version > 0 {
                old.execute_batch("insert into facts values ('first_run_read', '1'); insert into switches values ('a', 1, null, null)")
                    .unwrap();
            }
            bring_up_to_date(&mut old).unwrap();
            bring_up_to_date(&mut old).unwrap();
            assert_eq!(tables(&old), tables(&new), "{version}");
            let kept: i64 =
                old.query_row("select (select count(*) from facts) + (select count(*) from switches)", [], |row| row.get(0)).unwrap();
            assert_eq!(kept, if version > 0 { 2 } else { 0 });
            assert_eq!(old.pragma_query_value(None, "user_version", |row| row.get::<_, usize>(0)).unwrap(), STEPS.len());
        }
    }

    #[test]
    fn a_newer_schema_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        let state = State::open(&home).unwrap();
        for version in [i64::try_from(STEPS.len()).unwrap() + 1, 99, -1] {
            state.with(|connection| connection.pragma_update(None, "user_version", version)).unwrap();
            assert!(matches!(State::open(&home), Err(StateError::Newer)), "{version}");
        }
    }
}
