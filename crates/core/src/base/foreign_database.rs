//! Reading another program's SQLite database, from a copy of its bytes in memory: no lock is taken, and no side file appears.

use std::io::Read as _;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OptionalExtension as _};
use thiserror::Error;

const MAGIC: &[u8] = b"SQLite format 3\0";
/// Where the header says how the file is written and read: 2 means with a write-ahead log beside it.
const LOG_MARKS: std::ops::Range<usize> = 18..20;

/// What is put behind a database's name for the file that holds what a writer has not finished, or not moved over yet.
pub const UNFINISHED: [&str; 2] = ["-journal", "-wal"];

/// Steps of SQLite's machine that all of it may take, in thousands: half a second or so. A thousand rows take some ten thousand.
/// Pages that lead to the same pages again make a file of some KiB hold more rows than anybody can read in a year.
const STEPS_LIMIT: u32 = 10_000;
/// All texts together have at most this many bytes; a thousand logins have 6 MiB.
const TEXT_LIMIT: usize = 32 << 20;

/// Why a database gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ForeignDatabaseError {
    /// It has no such table, or the table has other columns.
    #[error("the database has no such table")]
    NoTable,
    /// More rows than asked for.
    #[error("the database has too many rows")]
    TooMany,
    /// Cut off, or changed.
    #[error("the database is damaged")]
    Damaged,
}

/// Whether the bytes are a database.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The rows of a query for two texts on one table, in its own order, at most `limit`. The query itself does not sort: it would do that
/// before it is stopped. The bytes must be the whole file, at rest.
pub fn pairs(bytes: &[u8], table: &str, query: &str, limit: usize) -> Result<Vec<(String, String)>, ForeignDatabaseError> {
    if !is_whole(bytes) {
        return Err(ForeignDatabaseError::Damaged);
    }
    let mut connection = Connection::open_in_memory().map_err(|_| ForeignDatabaseError::Damaged)?;
    bound(&connection).and_then(|()| load(&mut connection, bytes)).map_err(|_| ForeignDatabaseError::Damaged)?;
    // Only a real table: a view could hide a query without an end.
    let known = connection
        .query_row("select 1 from sqlite_schema where type = 'table' and name = ?1 and sql like 'create table%'", [table], |_| Ok(()))
        .optional()
        .map_err(|_| ForeignDatabaseError::Damaged)?;
    known.ok_or(ForeignDatabaseError::NoTable)?;
    let mut statement = connection.prepare(query).map_err(|_| ForeignDatabaseError::NoTable)?;
    let mut rows = statement.query([]).map_err(|_| ForeignDatabaseError::Damaged)?;
    let (mut pairs, mut length) = (Vec::new(), 0);
    while let Some(row) = rows.next().map_err(|_| ForeignDatabaseError::Damaged)? {
        if pairs.len() == limit {
            return Err(ForeignDatabaseError::TooMany);
        }
        let text = |column| row.get::<_, String>(column).map_err(|_| ForeignDatabaseError::Damaged);
        let pair = (text(0)?, text(1)?);
        length += pair.0.len() + pair.1.len();
        if length > TEXT_LIMIT {
            return Err(ForeignDatabaseError::TooMany);
        }
        pairs.push(pair);
    }
    Ok(pairs)
}

/// Sees to it that no file keeps us busy, or fills the memory.
fn bound(connection: &Connection) -> rusqlite::Result<()> {
    let mut steps = 0;
    let is_enough = move || {
        steps += 1;
        steps > STEPS_LIMIT
    };
    connection.progress_handler(1000, Some(is_enough));
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(TEXT_LIMIT).unwrap_or(i32::MAX)).map(drop)
}

/// Whether all pages are there that the header counts (SQLite file format 1.3). SQLite itself reads on until it misses one.
fn is_whole(bytes: &[u8]) -> bool {
    let (Some(size), Some(count)) = (bytes.get(16..18), bytes.get(28..32)) else { return false };
    let size = match size {
        [0, 1] => 65_536,
        size => size.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)),
    };
    let pages = count.iter().fold(0, |number: usize, byte| number << 8 | usize::from(*byte));
    // Old writers left the count at nothing.
    pages == 0 || size.checked_mul(pages).is_some_and(|whole| bytes.len() >= whole)
}

fn load(connection: &mut Connection, bytes: &[u8]) -> rusqlite::Result<()> {
    let (before, after) = (bytes.get(..LOG_MARKS.start).unwrap_or_default(), bytes.get(LOG_MARKS.end..).unwrap_or_default());
    // A database in memory has no log; without this SQLite would look for one.
    connection.deserialize_read_exact("main", before.chain(&[1, 1][..]).chain(after), bytes.len(), true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str = "select a, b from t";

    fn database(sql: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        std::fs::read(path).unwrap()
    }

    #[test]
    fn rows_are_read_however_the_file_is_written() {
        for mode in ["delete", "wal"] {
            let bytes =
                database(&format!("pragma journal_mode={mode}; create table t (a, b); insert into t values ('x', 'y'), ('1', '2');"));
            assert!(is_one(&bytes));
            assert_eq!(pairs(&bytes, "t", QUERY, 2).unwrap(), [("x".into(), "y".into()), ("1".into(), "2".into())]);
            assert_eq!(pairs(&bytes, "t", QUERY, 1), Err(ForeignDatabaseError::TooMany));
        }
    }

    #[test]
    fn what_is_no_such_database_is_told_apart() {
        let endless = "create view t as with recursive c(a) as (select 1 union all select a from c) select a, a as b from c;";
        for sql in ["create table u (a, b);", "create table t (a);", endless] {
            assert_eq!(pairs(&database(sql), "t", QUERY, 9), Err(ForeignDatabaseError::NoTable), "{sql}");
        }
        let rows = (0..200).map(|n| format!("insert into t values ('{n}', '{}');", "y".repeat(500))).collect::<Vec<_>>().concat();
        let whole = database(&format!("create table t (a, b); begin; {rows} commit;"));
        for length in [0, 16, 100, 4096, whole.len() / 2, whole.len() - 1] {
            assert!(pairs(&whole[..length], "t", QUERY, 999).is_err(), "{length}");
        }
        let mut flipped = whole.clone();
        for byte in flipped.iter_mut().skip(100).step_by(97) {
            *byte ^= 0x55;
        }
        assert!(pairs(&flipped, "t", QUERY, 999).is_err());
    }

    /// A table of one row, put at the end of a chain of pages, each of which leads to the next one 56 times.
    fn chained(links: usize) -> Vec<u8> {
        let mut bytes = database(
            "pragma page_size=512; create table t (a, b); insert into t values ('x', 'y'); create table pad (x);
             insert into pad values (zeroblob(4000));",
        );
        let (first, last) = (2, 2 + links);
        let leaf = bytes[512..1024].to_vec();
        for page in first..last {
            let child = u32::try_from(page + 1).unwrap().to_be_bytes();
            let mut content = vec![0; 512];
            for cell in 0..55_u8 {
                let place = 512 - 5 * (usize::from(cell) + 1);
                content[place..place + 4].copy_from_slice(&child);
                content[place + 4] = cell + 1;
                content[12 + 2 * usize::from(cell)..][..2].copy_from_slice(&u16::try_from(place).unwrap().to_be_bytes());
            }
            content[..8].copy_from_slice(&[5, 0, 0, 0, 55, 0, 237, 0]);
            content[8..12].copy_from_slice(&child);
            bytes[(page - 1) * 512..page * 512].copy_from_slice(&content);
        }
        bytes[(last - 1) * 512..last * 512].copy_from_slice(&leaf);
        bytes
    }

    #[test]
    fn a_file_of_a_few_pages_does_not_keep_us_for_a_year() {
        let none = "select a, b from t where a = 'z'";
        assert_eq!(pairs(&chained(1), "t", QUERY, 56).unwrap().len(), 56);
        assert_eq!(pairs(&chained(2), "t", none, 9), Ok(Vec::new()));
        assert_eq!(pairs(&chained(7), "t", QUERY, 1000), Err(ForeignDatabaseError::TooMany));
        assert_eq!(pairs(&chained(7), "t", none, 9), Err(ForeignDatabaseError::Damaged));
    }
}
