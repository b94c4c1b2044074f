//! What is noted, and how it is bounded.

use super::*;
use crate::base::environment::Environment;
use crate::model::block::{BlockKind, BlockScope};
use crate::model::profile::ProfileId;
use crate::store::home::Home;

fn open() -> (tempfile::TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(&Home::open(&Environment::of(folder.path(), [])).unwrap()).unwrap();
    (folder, state)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn id(number: u8) -> ProfileId {
    ProfileId::parse(&format!("{number:016x}")).unwrap()
}

fn renewed(second: i64) -> Noted {
    Noted { at: at(second), what: Happened::Renewed, profile: Some(id(1)), name: Some("main".into()), code: None }
}

fn block(kind: BlockKind, ends: BlockEnd, second: i64) -> Block {
    Block::new(kind, BlockScope::Profile, ends, "x", at(second))
}

/// Kind, since, until and end of each noted block, in seconds.
fn noted(state: &State) -> Vec<(String, i64, Option<i64>, Option<i64>)> {
    let select = "select why, at / 1000, until / 1000, ended_at / 1000 from activity order by id";
    let rows = state.with(|connection| {
        let mut query = connection.prepare(select)?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        rows.collect()
    });
    rows.unwrap()
}

fn count(state: &State) -> u32 {
    state.with(|connection| connection.query_row("select count(*) from activity", [], |row| row.get(0))).unwrap()
}

#[test]
fn a_block_is_one_row_from_its_begin_to_its_end() {
    let (_folder, state) = open();
    let told = |until, since| block(BlockKind::Exhausted, BlockEnd::At(at(until)), since);
    let note = |blocks: &[Block], now| state.note_blocks(&[(id(1), blocks.to_vec())], at(now)).unwrap();
    let row = |kind: &str, since, until, ended| (kind.to_owned(), since, until, ended);
    note(&[told(100, 10)], 10);
    note(&[told(100, 10)], 11);
    note(&[told(120, 12)], 12);
    assert_eq!(noted(&state), [row("exhausted", 10, Some(120), Some(120))], "while it stands, only its end moves");
    let gone = block(BlockKind::SignedOut, BlockEnd::SignIn, 20);
    note(&[told(120, 12), gone.clone(), block(BlockKind::Unreliable, BlockEnd::At(at(99)), 20)], 20);
    assert_eq!(noted(&state)[1..], [row("signed_out", 20, None, None)], "what refuses nothing is no rest");
    note(&[gone], 30);
    assert_eq!(noted(&state)[0], row("exhausted", 10, Some(120), Some(30)), "it was lifted before its time");
    note(&[], 40);
    assert_eq!(noted(&state)[1], row("signed_out", 20, None, Some(40)));
    note(&[told(90, 50)], 50);
    note(&[told(90, 50)], 95);
    note(&[told(300, 200)], 200);
    assert_eq!(noted(&state)[2..], [row("exhausted", 50, Some(90), Some(90)), row("exhausted", 200, Some(300), Some(300))]);
    note(&[block(BlockKind::Forbidden, BlockEnd::Trial { from: at(500) }, 400)], 400);
    assert_eq!(noted(&state)[4], row("forbidden", 400, Some(500), None), "a trial ends it, not its time");
}

#[test]
fn neither_many_rows_nor_old_ones_are_kept() {
    let (_folder, state) = open();
    let many: Vec<Noted> = (0..i64::from(KEPT) + 500).map(renewed).collect();
    many.chunks(3_000).for_each(|some| state.note_activity(some).unwrap());
    assert_eq!(count(&state), KEPT);
    let day = 24 * 60 * 60;
    assert_eq!(state.thin_activity(at(90 * day + 1_000)).unwrap(), 500);
    assert_eq!(count(&state), KEPT - 500);
    assert!(state.thin_activity(Timestamp::MIN).is_ok());
    assert_eq!(state.thin_activity(Timestamp::MAX).unwrap(), usize::try_from(KEPT - 500).unwrap());
}
