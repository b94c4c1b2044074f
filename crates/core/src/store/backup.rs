//! Last known good copies of the index, by generation.

use std::path::PathBuf;

use super::home::Home;
use super::index::{Index, SIZE_LIMIT};
use crate::base::files::{self, FileError};

/// So many generations are kept.
const GENERATIONS: usize = 10;

/// Keeps a copy of an index text that was good.
pub(super) fn keep_index(home: &Home, text: &str) -> Result<(), FileError> {
    files::create_private_folder(&folder(home))?;
    let names = files::names(&folder(home))?;
    let newest = names.iter().filter_map(|name| number(name)).max().unwrap_or(0);
    files::write_private(&folder(home).join(format!("{:08}.json", newest + 1)), text.as_bytes())?;
    let mut numbered: Vec<_> = names.iter().filter(|name| number(name).is_some()).collect();
    numbered.sort_by_key(|name| std::cmp::Reverse(number(name)));
    for name in numbered.into_iter().skip(GENERATIONS - 1) {
        files::remove(&folder(home).join(name))?;
    }
    Ok(())
}

/// The newest copy that can be read.
pub(super) fn newest_good_index(home: &Home) -> Option<Index> {
    let mut names = files::names(&folder(home)).ok()?;
    names.sort_by_key(|name| std::cmp::Reverse(number(name)));
    names.iter().find_map(|name| {
        let bytes = files::read(&folder(home).join(name), SIZE_LIMIT).ok()??;
        Index::parse(&bytes).ok()
    })
}

fn folder(home: &Home) -> PathBuf {
    home.backups().join("index")
}

fn number(name: &str) -> Option<u64> {
    name.strip_suffix(".json")?.parse().ok()
}
