//! The syntaxes that configurations are written in, and what is done in each: find a key, put one in, take one out.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::splice::Splice;
use super::{jsonc, toml};

/// How a configuration is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Keys of the top level alone, with texts as their values.
    Toml,
    /// JSON in which comments and a comma too many are allowed.
    Jsonc,
}

/// Why a text was not edited. Nothing of the text is in it: a line may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// It cannot be parsed: the user corrects that line.
    #[error("is not valid (line {line})")]
    Syntax {
        /// Counted from 1.
        line: usize,
    },
    /// Something else stands where a table or an object should be: the user takes it away.
    #[error("has something else than settings in {key}")]
    Blocked {
        /// Which key; empty for the whole.
        key: String,
    },
    /// The result would not say what it should: the file is left as it is.
    #[error("cannot be edited safely")]
    Unsafe,
}

/// A value that is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    /// Where its text is.
    pub(super) range: Range<usize>,
    /// What it says; in TOML `null` stands for everything but texts.
    pub(super) value: Value,
    /// Whether it may be ours by where it stands.
    pub(super) marked: bool,
}

/// What was put around a key that was not there before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// Before it.
    pub lead: String,
    /// After it.
    pub trail: String,
    /// So many of the objects around it were made for it.
    pub made: usize,
}

impl Syntax {
    /// What a new file begins with, before any key of ours.
    pub(super) fn blank(self) -> &'static str {
        match self {
            Self::Toml => "",
            // opencode writes this line into every file that lacks it (checked 2026-11-21 with 1.18.33).
            Self::Jsonc => "{\n  \"$schema\": \"https://opencode.ai/config.json\"\n}\n",
        }
    }

    /// Whether a text without anything in it is a whole configuration.
    pub(super) fn may_be_empty(self) -> bool {
        self == Self::Toml
    }

    /// Where a key is, and what it says.
    pub(super) fn find(self, text: &str, key: &[String]) -> Result<Option<Place>, EditError> {
        match self {
            Self::Toml => toml::find(text, &top(key)?),
            Self::Jsonc => jsonc::find(text, key),
        }
    }

    /// Puts a key in that is not there.
    pub(super) fn put(self, text: &str, key: &[String], value: &Value) -> Result<(Splice, Added), EditError> {
        match self {
            Self::Toml => toml::put(text, &top(key)?, &toml::literal(value)?),
            Self::Jsonc => jsonc::put(text, key, value),
        }
    }

    /// Puts another value in the place of one that is there.
    pub(super) fn replace(self, text: &str, place: &Place, value: &Value) -> Result<Splice, EditError> {
        let text = match self {
            Self::Toml => toml::literal(value)?,
            Self::Jsonc => jsonc::literal_at(text, &place.range, value)?,
        };
        Ok(Splice { range: place.range.clone(), text })
    }

    /// A value with its key, for people.
    pub(super) fn named(self, key: &[String], value: &str) -> String {
        let name = key.last().map(String::as_str).unwrap_or_default();
        match self {
            Self::Toml => format!("{name} = {value}"),
            Self::Jsonc => format!("{}: {value}", Value::from(name)),
        }
    }

    /// Takes a key out that was put in: with exactly what was put around it, where that is still there.
    pub(super) fn take(self, text: &str, key: &[String], added: &Added) -> Result<Vec<Splice>, EditError> {
        match self {
            Self::Toml => toml::take(text, &top(key)?, added),
            Self::Jsonc => jsonc::take(text, key, added),
        }
    }
}

fn top(key: &[String]) -> Result<String, EditError> {
    match key {
        [one] => Ok(one.clone()),
        _ => Err(EditError::Unsafe),
    }
}
