//! A family of windows: the models that share one allowance.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Characters of a family's name.
const LIMIT: usize = 64;
/// What the provider calls the family of the unprefixed headers (codex-runtime.md 4.1).
const MAIN: &str = "codex";

/// Names a family as the provider names the limit: `codex`, `codex_bengalfox`, …; lower case, `_` for `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct Family(Cow<'static, str>);

/// A text that names no family.
#[derive(Debug, thiserror::Error)]
#[error("a family's name has 1 to 64 letters, digits and the signs . _ -")]
pub struct NoFamily;

impl Family {
    /// The family of all models that have no limit of their own.
    pub fn main() -> Self {
        Self(Cow::Borrowed(MAIN))
    }

    /// Checks a name from outside. Headers write `-` where bodies write `_`, and case does not count.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_ascii_lowercase().replace('-', "_");
        let fits = !name.is_empty() && name.len() <= LIMIT && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
        fits.then(|| if name == MAIN { Self::main() } else { Self(Cow::Owned(name)) })
    }

    /// Whether this is the main family.
    pub fn is_main(&self) -> bool {
        self.0 == MAIN
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Family {
    type Error = NoFamily;
    fn try_from(text: String) -> Result<Self, NoFamily> {
        Self::parse(&text).ok_or(NoFamily)
    }
}

impl From<Family> for String {
    fn from(family: Family) -> Self {
        family.0.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_limit_has_one_name_whoever_writes_it() {
        let long = "x".repeat(LIMIT + 1);
        for (text, name) in [
            ("codex", Some("codex")),
            (" Codex-Bengalfox ", Some("codex_bengalfox")),
            ("codex_bengalfox", Some("codex_bengalfox")),
            ("gpt-6.1", Some("gpt_6.1")),
            ("", None),
            ("-", Some("_")),
            ("a b", None),
            ("a\nb", None),
            ("ä", None),
            (&long, None),
        ] {
            assert_eq!(Family::parse(text).as_ref().map(Family::as_str), name, "{text}");
        }
        assert!(Family::main().is_main() && Family::parse("CODEX").unwrap().is_main() && !Family::parse("codex-x").unwrap().is_main());
    }
}
