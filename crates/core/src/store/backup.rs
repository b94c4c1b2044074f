//! Last known good copies of the index, by generation.

use std::path::PathBuf;

use super::home::Home;
use super::index::{Index, IndexError, SIZE_LIMIT};
use super::profiles::StoreError;
use crate::base::files::{self, FileError};
use crate::base::sorting;

/// So many generations are kept.
const GENERATIONS: usize = 10;

/// Keeps a copy of an index text that was good.
pub(super) fn keep_index(home: &Home, text: &str) -> Result<(), FileError> {
    files::create_private_folder(&folder(home))?;
    let names = files::names(&folder(home))?;
    let newest = names.iter().filter_map(|name| number(name)).max().unwrap_or(0);
    files::write_private(&file(home, newest + 1), text.as_bytes())?;
    let mut numbered: Vec<_> = names.iter().filter(|name| number(name).is_some()).collect();
    sorting::by_key(&mut numbered, |name| std::cmp::Reverse(number(name)));
    for name in numbered.into_iter().skip(GENERATIONS - 1) {
        files::remove(&folder(home).join(name))?;
    }
    Ok(())
}

/// The newest copy that can be read.
pub(super) fn newest_good_index(home: &Home) -> Option<Index> {
    let mut names = files::names(&folder(home)).ok()?;
    sorting::by_key(&mut names, |name| std::cmp::Reverse(number(name)));
    names.iter().find_map(|name| {
        let bytes = files::read(&folder(home).join(name), SIZE_LIMIT).ok()??;
        Index::parse(&bytes).ok()
    })
}

/// The numbers of the copies, newest first, each with when it was made, in seconds since 1970.
pub(super) fn list(home: &Home) -> Result<Vec<(u64, i64)>, FileError> {
    let mut numbers: Vec<u64> = files::names(&folder(home))?.iter().filter_map(|name| number(name)).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    Ok(numbers.into_iter().filter_map(|number| Some((number, files::modified_second(&file(home, number))?))).collect())
}

/// One copy.
pub(super) fn index(home: &Home, number: u64) -> Result<Index, StoreError> {
    let bytes = files::read(&file(home, number), SIZE_LIMIT)?.ok_or(StoreError::NoSuchCopy)?;
    Index::parse(&bytes).map_err(|error| match error {
        IndexError::Damaged => StoreError::BadCopy,
        IndexError::Newer => StoreError::NewerIndex,
    })
}

fn file(home: &Home, number: u64) -> PathBuf {
    folder(home).join(format!("{number:08}.json"))
}

fn folder(home: &Home) -> PathBuf {
    home.backups().join("index")
}

fn number(name: &str) -> Option<u64> {
    name.strip_suffix(".json")?.parse().ok()
}
