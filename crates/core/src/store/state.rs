//! State in SQLite: what happened and what must not happen twice. It holds no secret, and losing it loses no login.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use thiserror::Error;

use super::home::Home;
use super::{fresh_state, schema};
use crate::base::files::{self, Entry, FileError};
use crate::base::locks::{FileLock, LockError};
use crate::base::stamp;
use crate::model::profile::ProfileId;

/// How long another process may be at it.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks whether it still is.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The state of a home. All calls block: make them from a blocking task.
#[derive(Debug, Clone)]
pub struct State {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug)]
struct Kept {
    connection: Connection,
    /// Where a fresh one is made if this one is damaged: once, or nobody would see that the disk is.
    home: Option<Home>,
    /// Where the damaged one is now, for a word to the user.
    set_aside: Option<PathBuf>,
}

/// Why the state was not read or written.
#[derive(Debug, Error)]
pub enum StateError {
    /// A newer version wrote it.
    #[error("the state was written by a newer version")]
    Newer,
    /// SQLite refused.
    #[error("the state could not be read or written")]
    Sqlite(#[from] rusqlite::Error),
    /// Its file could not be made private.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process makes a fresh one, and does not end.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// One change of the live login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchRecord {
    /// The switch's own name; recording it twice is recording it once.
    pub id: String,
    /// When it was done.
    pub at: Timestamp,
    /// The profile before; `None` was no login.
    pub from: Option<ProfileId>,
    /// The profile now; `None` is no login.
    pub to: Option<ProfileId>,
}

impl State {
    /// Opens or creates the state. One that is damaged is set aside, and a fresh one takes its place.
    pub fn open(home: &Home) -> Result<Self, StateError> {
        let opened = match connect(home) {
            Err(StateError::Sqlite(error)) if fresh_state::is_damage(&error) => fresh_state::begin(home),
            opened => opened.map(|connection| (connection, None)),
        };
        let (connection, set_aside) = opened.map_err(|error| match error {
            // SQLite says of a full or read-only disk that something failed; the disk itself says what.
            StateError::Sqlite(error) => home.try_disk().map_or_else(StateError::File, |()| StateError::Sqlite(error)),
            other => other,
        })?;
        let home = set_aside.is_none().then(|| home.clone());
        Ok(Self::of(Kept { connection, home, set_aside }))
    }

    /// Opens a state that is there, for reading alone; `None` if there is none. No table is brought up to date, and no file is made:
    /// what another process has not moved over from its log is seen only while that process has the state open.
    pub fn look(home: &Home) -> Result<Option<Self>, StateError> {
        let (path, log) = (home.state(), home.state().with_extension("sqlite-wal"));
        if files::entry(&path)? == Entry::Missing {
            return Ok(None);
        }
        let connection = if files::entry(&log)? == Entry::Missing {
            let mut address = url::Url::from_file_path(&path).map_err(|()| rusqlite::Error::InvalidPath(path))?;
            address.set_query(Some("immutable=1"));
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(address.as_str(), flags)?
        } else {
            Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?
        };
        Ok(Some(Self::of(Kept { connection, home: None, set_aside: None })))
    }

    fn of(kept: Kept) -> Self {
        Self { kept: Arc::new(Mutex::new(kept)) }
    }

    /// Where the damaged state is now that this one has replaced; said once.
    pub fn take_set_aside(&self) -> Option<PathBuf> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).set_aside.take()
    }

    /// Records a switch; the same id twice is no error.
    pub fn record_switch(&self, record: &SwitchRecord) -> Result<(), StateError> {
        self.with(|connection| {
            connection.execute(
                "insert into switches (id, at, from_profile, to_profile) values (?1, ?2, ?3, ?4) on conflict (id) do nothing",
                params![
                    record.id,
                    record.at.as_millisecond(),
                    record.from.as_ref().map(ProfileId::as_str),
                    record.to.as_ref().map(ProfileId::as_str)
                ],
            )
        })?;
        Ok(())
    }

    /// The last switch that was done.
    pub fn last_switch(&self) -> Result<Option<SwitchRecord>, StateError> {
        Ok(self.switches(1)?.into_iter().next())
    }

    /// The last switches, newest first, at most `limit`.
    pub fn switches(&self, limit: u32) -> Result<Vec<SwitchRecord>, StateError> {
        self.with(|connection| {
            let mut query =
                connection.prepare_cached("select id, at, from_profile, to_profile from switches order by at desc, rowid desc limit ?1")?;
            let rows = query.query_map([limit], |row| {
                let profile = |column| row.get::<_, Option<String>>(column).map(|id| id.and_then(|id| ProfileId::parse(&id)));
                Ok(SwitchRecord {
                    id: row.get(0)?,
                    at: Timestamp::from_millisecond(row.get(1)?).unwrap_or_default(),
                    from: profile(2)?,
                    to: profile(3)?,
                })
            })?;
            rows.collect()
        })
    }

    /// A small fact by its name.
    pub fn fact(&self, name: &str) -> Result<Option<String>, StateError> {
        self.with(|connection| connection.query_row("select value from facts where name = ?1", [name], |row| row.get(0)).optional())
    }

    /// Notes a small fact.
    pub fn set_fact(&self, name: &str, value: &str) -> Result<(), StateError> {
        self.with(|connection| {
            connection.execute("insert into facts (name, value) values (?1, ?2) on conflict (name) do update set value = ?2", [name, value])
        })?;
        Ok(())
    }

    pub(super) fn with<R>(&self, mut work: impl FnMut(&Connection) -> rusqlite::Result<R>) -> Result<R, StateError> {
        let mut done = None;
        self.on_a_whole_one(&mut |connection| {
            done = Some(work(connection)?);
            Ok(())
        })?;
        came_of(done)
    }

    /// All of the work, or none of it, with no other writer in between.
    pub(super) fn in_one<R>(&self, mut work: impl FnMut(&Connection) -> rusqlite::Result<R>) -> Result<R, StateError> {
        let mut done = None;
        self.on_a_whole_one(&mut |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            done = Some(work(&transaction)?);
            transaction.commit()
        })?;
        came_of(done)
    }

    /// Does the work; once more where that finds out that the state is damaged, on the one that takes its place.
    fn on_a_whole_one(&self, work: &mut dyn FnMut(&mut Connection) -> rusqlite::Result<()>) -> Result<(), StateError> {
        // A panic while the lock is held leaves SQLite's own transaction rolled back; the connection stays good.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match work(&mut kept.connection) {
                Err(error) if kept.is_replaced(&error) => {}
                done => return Ok(done?),
            }
        }
    }
}

/// Work that was done came to something.
fn came_of<R>(done: Option<R>) -> Result<R, StateError> {
    done.ok_or(StateError::Sqlite(rusqlite::Error::InvalidQuery))
}

impl Kept {
    /// Puts a fresh state in the place of one that turns out to be damaged.
    fn is_replaced(&mut self, error: &rusqlite::Error) -> bool {
        let Some(home) = self.home.take_if(|_| fresh_state::is_damage(error)) else { return false };
        // Let go of first: Windows renames nothing that is open.
        let Ok(nothing) = Connection::open_in_memory() else { return false };
        self.connection = nothing;
        let (begun, set_aside) = match fresh_state::begin(&home) {
            Ok((connection, set_aside)) => (Ok(connection), set_aside),
            Err(error) => {
                tracing::warn!(%error, "a damaged state was not set aside");
                // What is whole of it can still be read.
                (connect(&home), None)
            }
        };
        self.set_aside = set_aside;
        begun.is_ok_and(|connection| {
            self.connection = connection;
            true
        })
    }
}

/// Opens the state's file, or makes it.
fn connect(home: &Home) -> Result<Connection, StateError> {
    loop {
        if files::entry(&home.state())? == Entry::Missing {
            // Another process may be about to set it aside, and is let do it.
            let _lock = FileLock::acquire(&home.lock(fresh_state::LOCK), "a new state", PATIENCE)?;
            return make(home);
        }
        let file = || stamp::stamp(&home.state()).map(|stamp| stamp.number());
        let before = file();
        let connected = connect_to_file(home);
        // Else what was opened has been set aside meanwhile: it would be used with the log of the one in its place.
        if file() == before {
            return connected;
        }
    }
}

/// Makes the state's file where it is missing, and opens it. Call with the lock held.
pub(super) fn make(home: &Home) -> Result<Connection, StateError> {
    // SQLite would create it readable by others; its side files take over the mode.
    // Only where it is missing: closing an open one would drop the locks of this process's other connections.
    if files::entry(&home.state())? == Entry::Missing {
        drop(files::open_lock(&home.state())?);
    }
    connect_to_file(home)
}

fn connect_to_file(home: &Home) -> Result<Connection, StateError> {
    let mut connection = Connection::open_with_flags(home.state(), OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE)?;
    connection.busy_timeout(PATIENCE)?;
    // First: what a newer version has written need not be whole to this one.
    schema::missing(&connection)?;
    log_changes(&connection)?;
    connection.pragma_update(None, "synchronous", "normal")?;
    schema::bring_up_to_date(&mut connection)?;
    Ok(connection)
}

/// Has changes written to a log first, so that who reads and who writes do not wait for each other.
#[expect(clippy::disallowed_methods, reason = "SQLite tells nobody when another is done, and this blocks as it does itself")]
fn log_changes(connection: &Connection) -> rusqlite::Result<()> {
    let mut waited = Duration::ZERO;
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            // Of all that SQLite does, this alone does not wait by itself for another that does the same to a new file.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && waited < PATIENCE => {
                thread::sleep(LOOK_AGAIN);
                waited += LOOK_AGAIN;
            }
            ended => return ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;

    fn open() -> (tempfile::TempDir, Home, State) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        let state = State::open(&home).unwrap();
        (folder, home, state)
    }

    #[test]
    fn the_last_switch_is_the_newest_and_counts_once() {
        let (_folder, home, state) = open();
        assert_eq!(state.last_switch().unwrap(), None);
        let record = |id: &str, second| SwitchRecord {
            id: id.into(),
            at: Timestamp::from_second(second).unwrap(),
            from: None,
            to: ProfileId::parse("0123456789abcdef"),
        };
        for record in [record("a", 1), record("b", 3), record("b", 9), record("c", 2)] {
            state.record_switch(&record).unwrap();
        }
        assert_eq!(State::open(&home).unwrap().last_switch().unwrap(), Some(record("b", 3)));
        assert_eq!(state.switches(9).unwrap().len(), 3);
    }

    #[test]
    fn many_open_a_new_state_at_once() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
            let all = std::sync::Barrier::new(8);
            thread::scope(|scope| {
                let opened: Vec<_> = (0..8)
                    .map(|_| {
                        scope.spawn(|| {
                            all.wait();
                            State::open(&home).map(drop)
                        })
                    })
                    .collect();
                for opened in opened {
                    opened.join().unwrap().unwrap();
                }
            });
        }
    }

    #[test]
    fn facts_are_kept() {
        let (_folder, _home, state) = open();
        state.set_fact("first_run", "1").unwrap();
        state.set_fact("first_run", "2").unwrap();
        assert_eq!(state.fact("first_run").unwrap().as_deref(), Some("2"));
    }
}
