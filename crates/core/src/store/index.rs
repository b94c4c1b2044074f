//! The index file: which profiles there are. Fields of newer versions survive; a newer schema is not written over.
//! Its last field, `sum`, is a SHA-256 of the text before it: a flipped bit that leaves good JSON is noticed as well.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::home::Home;
use super::profiles::StoreError;
use crate::base::files::{self, FileError, FileErrorKind};
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};
use crate::model::subject::Subject;

/// The schema this version reads and writes.
pub(super) const SCHEMA: u64 = 1;
/// 10,000 profiles have about 5 MiB.
pub(super) const SIZE_LIMIT: u64 = 16 << 20;

/// A SHA-256 in hex.
const SUM_LENGTH: usize = 64;
/// What stands before the sum.
const BEFORE_SUM: &str = ",\n  \"sum\": \"";
/// What stands after it.
const AFTER_SUM: &str = "\"\n}";

/// The index, in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Index {
    schema: u64,
    /// In the user's order.
    pub profiles: Vec<Profile>,
    /// As read; gone once it is checked.
    #[serde(default, skip_serializing)]
    sum: Option<String>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// Why a text is no index.
#[derive(Debug)]
pub enum IndexError {
    /// Not whole, or not of our shape.
    Damaged,
    /// Written by a newer version.
    Newer,
}

/// What stands at the index's place.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A whole index.
    Index(Arc<Index>),
    /// A file that is no index, or not whole.
    Damaged,
    /// A newer version's.
    Newer,
}

/// Reads the index file.
pub(super) fn read(home: &Home) -> Result<Found, FileError> {
    match files::read(&home.index(), SIZE_LIMIT) {
        Ok(None) => Ok(Found::Nothing),
        Ok(Some(bytes)) => Ok(match Index::parse(&bytes) {
            Ok(index) => Found::Index(Arc::new(index)),
            Err(IndexError::Newer) => Found::Newer,
            Err(IndexError::Damaged) => Found::Damaged,
        }),
        // None of ours is as large.
        Err(error) if error.kind == FileErrorKind::TooLarge => Ok(Found::Damaged),
        Err(error) => Err(error),
    }
}

impl Default for Index {
    fn default() -> Self {
        Self { schema: SCHEMA, profiles: Vec::new(), sum: None, unknown: Map::new() }
    }
}

impl Index {
    /// The index in a file's bytes. One without a sum is taken as it is: not everybody who edits by hand knows SHA-256 by heart.
    pub fn parse(bytes: &[u8]) -> Result<Self, IndexError> {
        #[derive(Deserialize)]
        struct Schema {
            schema: u64,
        }
        let Schema { schema } = serde_json::from_slice(bytes).map_err(|_| IndexError::Damaged)?;
        if schema > SCHEMA {
            // A flipped bit may have made it so.
            return Err(if sum_fits(bytes) == Some(false) { IndexError::Damaged } else { IndexError::Newer });
        }
        let mut index: Self = serde_json::from_slice(bytes).map_err(|_| IndexError::Damaged)?;
        let intact = index.sum.take().is_none() || sum_fits(bytes) == Some(true);
        if !intact || index.has_doubles() { Err(IndexError::Damaged) } else { Ok(index) }
    }

    /// The text to write.
    pub fn text(&self) -> Result<String, StoreError> {
        let mut text = serde_json::to_string_pretty(self).map_err(StoreError::Encode)?;
        text.truncate(text.strip_suffix("\n}").map_or(text.len(), str::len));
        let sum = sum(text.as_bytes());
        Ok([text.as_str(), BEFORE_SUM, &sum, AFTER_SUM].concat())
    }

    pub(super) fn find(&self, id: &ProfileId) -> Result<&Profile, StoreError> {
        self.profiles.iter().find(|profile| profile.id == *id).ok_or(StoreError::NotFound)
    }

    pub(super) fn find_mut(&mut self, id: &ProfileId) -> Result<&mut Profile, StoreError> {
        self.profiles.iter_mut().find(|profile| profile.id == *id).ok_or(StoreError::NotFound)
    }

    pub(super) fn of_subject(&mut self, subject: &Subject) -> Option<&mut Profile> {
        self.profiles.iter_mut().find(|profile| profile.subject == *subject)
    }

    /// The profile, other than `except`, whose folder a profile of this name would share.
    pub(super) fn holder_of(&self, name: &ProfileName, except: Option<&ProfileId>) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name.same_folder(name) && Some(&profile.id) != except)
    }

    /// `wanted`, or the first numbered form of it that is free.
    pub(super) fn free_name(&self, wanted: ProfileName) -> ProfileName {
        if self.holder_of(&wanted, None).is_none() {
            return wanted;
        }
        let mut number = 2;
        loop {
            let name = wanted.numbered(number);
            if self.holder_of(&name, None).is_none() {
                return name;
            }
            number += 1;
        }
    }

    fn has_doubles(&self) -> bool {
        let mut ids: Vec<_> = self.profiles.iter().map(|profile| profile.id.as_str().to_owned()).collect();
        let mut names: Vec<_> = self.profiles.iter().map(|profile| profile.name.as_str().to_ascii_lowercase()).collect();
        [&mut ids, &mut names].into_iter().any(|list| {
            let before = list.len();
            list.sort();
            list.dedup();
            list.len() != before
        })
    }
}

/// Whether the sum at the end is that of the text before it; `None` if there is none where we put it.
fn sum_fits(bytes: &[u8]) -> Option<bool> {
    let bytes = bytes.trim_ascii_end().strip_suffix(AFTER_SUM.as_bytes())?;
    let (before, found) = bytes.split_at_checked(bytes.len().checked_sub(SUM_LENGTH)?)?;
    Some(sum(before.strip_suffix(BEFORE_SUM.as_bytes())?).as_bytes() == found)
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(SUM_LENGTH), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_newer_version_survive() {
        let text = r#"{"schema":1,"colour":"x","profiles":[{"id":"0123456789abcdef","name":"main","kind":"chatgpt",
            "subject":{"kind":"chat_gpt","issuer":"i","user":"u","workspace":"w"},"added_at":"2026-11-21T00:00:00Z","weight":3}]}"#;
        let written = Index::parse(text.as_bytes()).unwrap().text().unwrap();
        assert!(written.contains("\"weight\": 3") && written.contains("\"colour\": \"x\""), "{written}");
    }

    #[test]
    fn bad_indexes_are_told_apart() {
        for text in ["", "{", "[]", r#"{"profiles":[]}"#, r#"{"schema":1,"profiles":[{}]}"#] {
            assert!(matches!(Index::parse(text.as_bytes()), Err(IndexError::Damaged)), "{text}");
        }
        assert!(matches!(Index::parse(br#"{"schema":2,"whatever":1}"#), Err(IndexError::Newer)));
    }
    #[test]
    fn no_flipped_bit_and_no_cut_goes_by() {
        let text = r#"{"schema":1,"profiles":[{"id":"0123456789abcdef","name":"main","kind":"chatgpt",
            "subject":{"kind":"chat_gpt","issuer":"i","user":"u","workspace":"w"},"added_at":"2026-11-21T00:00:00Z"}]}"#;
        let whole = Index::parse(text.as_bytes()).unwrap();
        let text = whole.text().unwrap();
        assert_eq!(Index::parse(text.as_bytes()).unwrap(), whole);
        assert_eq!(Index::default().text().unwrap().lines().count(), 5, "an empty one has a sum as well");
        Index::parse(Index::default().text().unwrap().as_bytes()).unwrap();
        for bit in 0..text.len() * 8 {
            let mut changed = text.clone().into_bytes();
            changed[bit / 8] ^= 1 << (bit % 8);
            match Index::parse(&changed) {
                Err(_) => {}
                // Only where the flip has hidden the sum itself, and what it sums is whole.
                Ok(index) => assert_eq!(index.profiles, whole.profiles, "bit {bit}"),
            }
        }
        for length in 0..text.len() {
            assert!(Index::parse(&text.as_bytes()[..length]).is_err(), "{length} bytes");
        }
    }
}
