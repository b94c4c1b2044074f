//! Damage to the state, and what must not pass for it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Barrier;
use std::thread;

use jiff::Timestamp;
use rusqlite::ffi;

use super::*;
use crate::base::environment::Environment;
use crate::store::state::{State, SwitchRecord};

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
    (folder, home)
}

fn switch(number: i64) -> SwitchRecord {
    SwitchRecord { id: format!("{number:0500}"), at: Timestamp::from_second(number).unwrap(), from: None, to: None }
}

/// Fills it with so much that it has pages in the middle, and closes it.
fn fill(home: &Home) {
    let state = State::open(home).unwrap();
    for number in 0..200 {
        state.record_switch(&switch(number)).unwrap();
    }
}

/// Writes over all that comes after the first pages, which say what there is.
fn overwrite_the_middle(home: &Home) {
    let mut file = OpenOptions::new().write(true).open(home.state()).unwrap();
    let size = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(size / 2)).unwrap();
    file.write_all(&vec![0xA5; usize::try_from(size / 2).unwrap()]).unwrap();
}

fn set_aside_files(home: &Home) -> Vec<String> {
    files::names(&home.backups().join("set-aside")).unwrap().into_iter().filter(|name| name.ends_with(".sqlite")).collect()
}

#[test]
fn what_is_no_state_is_set_aside_each_time_and_said_once() {
    let (_folder, home) = home();
    for (round, garbage) in [vec![b'x'; 9000], b"SQLite format 3\0".repeat(600), vec![0; 4096]].iter().enumerate() {
        fill(&home);
        fs::write(home.state(), garbage).unwrap();
        let state = State::open(&home).unwrap();
        let place = home.backups().join(format!("set-aside/state-{}.sqlite", round + 1));
        assert_eq!(state.take_set_aside().as_ref(), Some(&place));
        assert_eq!(state.take_set_aside(), None);
        assert_eq!(&fs::read(place).unwrap(), garbage);
        assert!(state.switches(9).unwrap().is_empty());
        state.record_switch(&switch(1)).unwrap();
        drop(state);
        let again = State::open(&home).unwrap();
        assert_eq!((again.switches(9).unwrap(), again.take_set_aside()), (vec![switch(1)], None));
        assert!(files::is_private(&home.state()).unwrap());
    }
}

#[test]
fn damage_that_is_found_later_is_no_different() {
    let (_folder, home) = home();
    fill(&home);
    overwrite_the_middle(&home);
    let (state, other) = (State::open(&home).unwrap(), State::open(&home).unwrap());
    assert_eq!((state.take_set_aside(), other.take_set_aside()), (None, None), "what there is can be told from its first pages");
    assert!(state.switches(1000).unwrap().is_empty());
    assert_eq!(state.take_set_aside(), Some(home.backups().join("set-aside/state-1.sqlite")));
    state.record_switch(&switch(1)).unwrap();
    // It has had the damaged one open all the time.
    other.record_switch(&switch(2)).unwrap();
    assert_eq!(other.switches(1000).unwrap(), [switch(2), switch(1)]);
    assert_eq!((other.take_set_aside(), set_aside_files(&home)), (None, vec!["state-1.sqlite".to_owned()]));
    drop((state, other));
    assert_eq!(State::open(&home).unwrap().switches(1000).unwrap().len(), 2, "whoever has closed it took nothing along");
}

#[test]
fn of_many_who_find_it_one_sets_it_aside() {
    for round in 0..10 {
        let (_folder, home) = home();
        fill(&home);
        if round % 2 == 0 {
            fs::write(home.state(), [b'x'; 9000]).unwrap();
        } else {
            overwrite_the_middle(&home);
        }
        let all = Barrier::new(8);
        let told = thread::scope(|scope| {
            let (home, all) = (&home, &all);
            let opened: Vec<_> = (0..8)
                .map(|number| {
                    scope.spawn(move || {
                        all.wait();
                        let state = State::open(home).unwrap();
                        assert!(state.switches(1000).unwrap().len() <= 8);
                        state.record_switch(&switch(number)).unwrap();
                        usize::from(state.take_set_aside().is_some())
                    })
                })
                .collect();
            opened.into_iter().map(|opened| opened.join().unwrap()).sum::<usize>()
        });
        assert_eq!((told, set_aside_files(&home)), (1, vec!["state-1.sqlite".to_owned()]));
        assert_eq!(State::open(&home).unwrap().switches(1000).unwrap().len(), 8, "nothing of the new one was lost");
    }
}

#[test]
fn what_a_newer_version_wrote_is_left_alone_however_it_looks() {
    let (_folder, home) = home();
    fill(&home);
    State::open(&home).unwrap().with(|connection| connection.pragma_update(None, "user_version", 99)).unwrap();
    // Of tables that this version cannot read SQLite says the same as of damage.
    let connection = Connection::open(home.state()).unwrap();
    connection.execute_batch("pragma writable_schema = on; update sqlite_schema set sql = 'create table of the future'").unwrap();
    drop(connection);
    overwrite_the_middle(&home);
    let before = fs::read(home.state()).unwrap();
    assert!(matches!(State::open(&home), Err(StateError::Newer)));
    assert_eq!((fs::read(home.state()).unwrap() == before, set_aside_files(&home)), (true, Vec::new()));
}

#[test]
fn other_trouble_is_no_damage() {
    for (code, expected) in [
        (ffi::SQLITE_NOTADB, true),
        (ffi::SQLITE_CORRUPT, true),
        (ffi::SQLITE_BUSY, false),
        (ffi::SQLITE_LOCKED, false),
        (ffi::SQLITE_FULL, false),
        (ffi::SQLITE_IOERR, false),
        (ffi::SQLITE_IOERR_CORRUPTFS, false),
        (ffi::SQLITE_READONLY, false),
        (ffi::SQLITE_CANTOPEN, false),
        (ffi::SQLITE_PERM, false),
    ] {
        assert_eq!(is_damage(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)), expected, "{code}");
    }
    let (_folder, home) = home();
    fs::create_dir(home.state()).unwrap();
    assert!(State::open(&home).is_err());
    assert!(home.state().is_dir() && set_aside_files(&home).is_empty());
}

#[test]
fn while_another_process_is_at_it_nobody_sets_anything_aside() {
    let (_folder, home) = home();
    fs::write(home.state(), [b'x'; 9000]).unwrap();
    let lock = FileLock::acquire(&home.lock(LOCK), "a test", PATIENCE).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| State::open(&home).map(|state| state.take_set_aside()));
        let mut first = [0];
        File::open(home.state()).unwrap().read_exact(&mut first).unwrap();
        assert_eq!((first, waiting.is_finished()), ([b'x'], false));
        drop(lock);
        assert!(waiting.join().unwrap().unwrap().is_some());
    });
}
