//! The name of a model, as requests and answers write it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Characters of a model's name.
const LIMIT: usize = 100;

/// A model's name: 1 to 100 visible ASCII characters. An open set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct ModelName(String);

/// A text that names no model.
#[derive(Debug, thiserror::Error)]
#[error("a model's name has 1 to 100 visible characters")]
pub struct NoModelName;

impl ModelName {
    /// Checks a name from outside.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= LIMIT && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ModelName {
    type Error = NoModelName;
    fn try_from(text: String) -> Result<Self, NoModelName> {
        Self::parse(&text).ok_or(NoModelName)
    }
}

impl From<ModelName> for String {
    fn from(name: ModelName) -> Self {
        name.0
    }
}
