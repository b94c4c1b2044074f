//! Follows Codex's session logs: what is appended is read once, nothing else is.
//!
//! Logs that are there at the first look are followed from their ends. Each look is bounded: the newest days are looked at every
//! time, older ones in turn (a resumed conversation goes on in its old log), and of what is appended only so much is read that
//! a look stays short. What is left is read at the next one.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::session_log::MARK;
use crate::base::files::{self, FileError};
use crate::base::stamp::{Stamp, stamp};

/// Days that are looked at every time.
const NEWEST_DAYS: usize = 2;
/// Older days per look.
const OLDER_DAYS: usize = 16;
/// Days, and logs, that are followed at all: more than ten years of daily use.
const DAYS_LIMIT: usize = 4000;
const LOGS_LIMIT: usize = 50_000;
/// Read of one log, and of all logs, per look.
const LOG_BYTES: u64 = 1 << 20;
const LOOK_BYTES: u64 = 8 << 20;

/// What is followed. Kept in memory: a new process begins at the ends again.
#[derive(Debug)]
pub struct Tail {
    root: PathBuf,
    begun: bool,
    days: BTreeMap<PathBuf, Day>,
    logs: HashMap<PathBuf, Followed>,
    /// The last of the older days that was looked at.
    turn: Option<PathBuf>,
}

/// Lines with quota that were appended to one log, in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Appended {
    /// The log.
    pub log: PathBuf,
    /// Its new lines that may tell of quota.
    pub lines: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    /// What lies there was there before: followed from its end.
    Old,
    /// What lies there now was not there before: followed from its beginning.
    Watched,
}

#[derive(Debug, Clone, Copy)]
struct Followed {
    /// As it was at the last look.
    stamp: Stamp,
    /// Read up to here: always the beginning of a line, unless one is being skipped.
    offset: u64,
    /// Within a line that is too long to be one with quota.
    skipping: bool,
}

impl Tail {
    /// Follows the logs below `root`, the folder `sessions` of a Codex home; it need not exist yet.
    pub fn new(root: PathBuf) -> Self {
        Self { root, begun: false, days: BTreeMap::new(), logs: HashMap::new(), turn: None }
    }

    /// What was appended since the last look. A log that cannot be read is passed over.
    pub fn look(&mut self) -> Result<Vec<Appended>, FileError> {
        self.find_days();
        let mut appended = Vec::new();
        let mut budget = LOOK_BYTES;
        for day in self.days_to_look_at() {
            let watched = self.days.insert(day.clone(), Day::Watched) == Some(Day::Watched);
            for name in files::names(&day)?.into_iter().filter(|name| is_log(name)) {
                let log = day.join(name);
                let lines = self.follow(&log, watched, &mut budget);
                if !lines.is_empty() {
                    appended.push(Appended { log, lines });
                }
            }
        }
        self.begun = true;
        Ok(appended)
    }

    /// Year, month and day are folders of digits.
    fn find_days(&mut self) {
        let mut folders = vec![self.root.clone()];
        for _level in 0..3 {
            let mut below = Vec::new();
            for folder in folders {
                // A file of such a name is no folder, and no reason to stop.
                let names = files::names(&folder).unwrap_or_default();
                below.extend(names.iter().filter(|name| name.bytes().all(|b| b.is_ascii_digit())).map(|name| folder.join(name)));
            }
            folders = below;
        }
        folders.sort();
        self.days.retain(|day, _| folders.binary_search(day).is_ok());
        self.logs.retain(|log, _| log.parent().is_some_and(|day| self.days.contains_key(day)) || !self.begun);
        let new = if self.begun { Day::Watched } else { Day::Old };
        for day in folders.into_iter().rev().take(DAYS_LIMIT) {
            self.days.entry(day).or_insert(new);
        }
    }

    fn days_to_look_at(&mut self) -> Vec<PathBuf> {
        let mut newest: Vec<PathBuf> = self.days.keys().rev().take(NEWEST_DAYS).cloned().collect();
        let older: Vec<&PathBuf> = self.days.keys().rev().skip(NEWEST_DAYS).collect();
        let start = self.turn.as_ref().and_then(|turn| older.iter().position(|day| *day < turn)).unwrap_or_default();
        let turn: Vec<PathBuf> = older.iter().cycle().skip(start).take(OLDER_DAYS.min(older.len())).map(|day| (*day).clone()).collect();
        self.turn = turn.last().cloned();
        newest.extend(turn);
        newest
    }

    /// The new lines of one log.
    fn follow(&mut self, log: &Path, watched: bool, budget: &mut u64) -> Vec<String> {
        let Some(now) = stamp(log) else { return Vec::new() };
        let known = self.logs.get(log).copied();
        let full = self.logs.len() >= LOGS_LIMIT;
        let begin = |offset| Followed { stamp: now, offset, skipping: false };
        let mut followed = match known {
            Some(known) if known.stamp.is_same_file(&now) && known.offset <= now.size() => known,
            // Replaced, or cut off.
            Some(_) => begin(0),
            None if full => return Vec::new(),
            None if watched => begin(0),
            None => begin(now.size()),
        };
        let unread = now.size().saturating_sub(followed.offset);
        let limit = unread.min(LOG_BYTES).min(*budget);
        let mut lines = Vec::new();
        if limit > 0
            && let Ok(Some(bytes)) = files::read_from(log, followed.offset, limit)
        {
            *budget = budget.saturating_sub(bytes.len() as u64);
            lines = followed.take(&bytes, bytes.len() as u64 == LOG_BYTES);
        }
        followed.stamp = now;
        self.logs.insert(log.to_path_buf(), followed);
        lines
    }
}

impl Followed {
    /// Takes what was read: whole lines. `full` says that it is all that is ever read at once, so that a line without an end
    /// in it is too long.
    fn take(&mut self, bytes: &[u8], full: bool) -> Vec<String> {
        let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            if full || self.skipping {
                self.offset = self.offset.saturating_add(bytes.len() as u64);
                self.skipping = true;
            }
            return Vec::new();
        };
        self.offset = self.offset.saturating_add(last as u64 + 1);
        let mut lines = bytes[..last].split(|byte| *byte == b'\n');
        if std::mem::take(&mut self.skipping) {
            lines.next();
        }
        lines.filter_map(|line| std::str::from_utf8(line).ok()).filter(|line| line.contains(MARK)).map(str::to_owned).collect()
    }
}

fn is_log(name: &str) -> bool {
    name.starts_with("rollout-") && name.strip_suffix(".jsonl").is_some()
}

#[cfg(test)]
#[path = "tail_tests.rs"]
mod tests;
