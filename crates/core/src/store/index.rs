//! The index file: which profiles there are. Fields of newer versions survive; a newer schema is not written over.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::profiles::StoreError;
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};
use crate::model::subject::Subject;

/// The schema this version reads and writes.
pub(super) const SCHEMA: u64 = 1;
/// 10,000 profiles have about 5 MiB.
pub(super) const SIZE_LIMIT: u64 = 16 << 20;

/// The index, in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Index {
    schema: u64,
    /// In the user's order.
    pub(super) profiles: Vec<Profile>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// Why a text is no index.
#[derive(Debug)]
pub(super) enum IndexError {
    /// Not whole, or not of our shape.
    Damaged,
    /// Written by a newer version.
    Newer,
}

impl Default for Index {
    fn default() -> Self {
        Self { schema: SCHEMA, profiles: Vec::new(), unknown: Map::new() }
    }
}

impl Index {
    pub(super) fn parse(text: &str) -> Result<Self, IndexError> {
        #[derive(Deserialize)]
        struct Schema {
            schema: u64,
        }
        let Schema { schema } = serde_json::from_str(text).map_err(|_| IndexError::Damaged)?;
        if schema > SCHEMA {
            return Err(IndexError::Newer);
        }
        let index: Self = serde_json::from_str(text).map_err(|_| IndexError::Damaged)?;
        if index.has_doubles() { Err(IndexError::Damaged) } else { Ok(index) }
    }

    pub(super) fn text(&self) -> Result<String, StoreError> {
        serde_json::to_string_pretty(self).map_err(StoreError::Encode)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_newer_version_survive() {
        let text = r#"{"schema":1,"colour":"x","profiles":[{"id":"0123456789abcdef","name":"main","kind":"chatgpt",
            "subject":{"kind":"chat_gpt","issuer":"i","user":"u","workspace":"w"},"added_at":"2026-11-21T00:00:00Z","weight":3}]}"#;
        let written = Index::parse(text).unwrap().text().unwrap();
        assert!(written.contains("\"weight\": 3") && written.contains("\"colour\": \"x\""), "{written}");
    }

    #[test]
    fn bad_indexes_are_told_apart() {
        for text in ["", "{", "[]", r#"{"profiles":[]}"#, r#"{"schema":1,"profiles":[{}]}"#] {
            assert!(matches!(Index::parse(text), Err(IndexError::Damaged)), "{text}");
        }
        assert!(matches!(Index::parse(r#"{"schema":2,"whatever":1}"#), Err(IndexError::Newer)));
    }
}
