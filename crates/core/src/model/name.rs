//! Profile names: a name is also a folder's name, so it must be one on every system.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest name, in characters; all of them are ASCII.
pub const MAX_LENGTH: usize = 64;

/// Names that Windows keeps for devices, with or without an extension.
const RESERVED: [&str; 24] = [
    "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "LPT1",
    "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
];

/// A valid profile name: ASCII letters, digits, space and `. _ @ + -`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct ProfileName(String);

/// Why a text is no profile name. Each message is a whole sentence's predicate for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing but blanks.
    #[error("is empty")]
    Empty,
    /// Over [`MAX_LENGTH`].
    #[error("is longer than 64 characters")]
    TooLong,
    /// Holds something a folder name cannot hold everywhere.
    #[error("has a character that is not allowed (letters, digits, spaces and . _ @ + - are)")]
    Character,
    /// Begins with something else than a letter or digit.
    #[error("must begin with a letter or a digit")]
    Start,
    /// Ends in a dot, which Windows drops.
    #[error("must not end with a dot")]
    End,
    /// A Windows device name.
    #[error("is a name that Windows reserves")]
    Reserved,
}

impl ProfileName {
    /// Checks a name as typed; blanks around it do not count.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > MAX_LENGTH {
            return Err(NameError::TooLong);
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || " ._@+-".contains(c)) {
            return Err(NameError::Character);
        }
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(NameError::Start);
        }
        if text.ends_with('.') {
            return Err(NameError::End);
        }
        let stem = text.split('.').next().unwrap_or(text).trim_end_matches(' ');
        if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(stem)) {
            return Err(NameError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name a new account gets: the part of its e-mail before the `@`, and its plan.
    pub fn suggest(email: Option<&str>, plan: Option<&str>) -> Self {
        let person = email.and_then(|email| email.split('@').next()).unwrap_or("account");
        let joined = plan.map_or_else(|| person.to_owned(), |plan| format!("{person}-{plan}"));
        let clean: String = joined
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "._+-".contains(c) { c.to_ascii_lowercase() } else { '-' })
            .skip_while(|c| !c.is_ascii_alphanumeric())
            .take(40)
            .collect();
        Self::parse(clean.trim_end_matches(['.', '-'])).unwrap_or_else(|_| Self("account".to_owned()))
    }

    /// The same name with a number, for when it is taken: `work`, `work-2`, `work-3`.
    pub fn numbered(&self, number: usize) -> Self {
        let suffix = format!("-{number}");
        let keep = MAX_LENGTH - suffix.len();
        Self(format!("{}{suffix}", self.0.chars().take(keep).collect::<String>()))
    }

    /// Equal on systems that do not tell case apart.
    pub fn same_folder(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ProfileName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<ProfileName> for String {
    fn from(name: ProfileName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_names_are_refused_with_their_reason() {
        let long = "a".repeat(300);
        for (text, error) in [
            ("", NameError::Empty),
            ("   ", NameError::Empty),
            (long.as_str(), NameError::TooLong),
            ("a/b", NameError::Character),
            ("a\\b", NameError::Character),
            ("..", NameError::Start),
            ("../x", NameError::Character),
            (".hidden", NameError::Start),
            ("-rf", NameError::Start),
            ("a\u{0}b", NameError::Character),
            ("a\nb", NameError::Character),
            ("a\u{202e}b", NameError::Character),
            ("naïve", NameError::Character),
            ("dot.", NameError::End),
            ("con", NameError::Reserved),
            ("NUL.txt", NameError::Reserved),
            ("Com1", NameError::Reserved),
        ] {
            assert_eq!(ProfileName::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn good_names_stay_as_typed() {
        for text in ["main", "Work 2", "ada@example.com", "a", "x-1_2+3.b", "console"] {
            assert_eq!(ProfileName::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(ProfileName::parse("  main ").unwrap().as_str(), "main");
    }

    #[test]
    fn a_suggestion_is_always_a_name() {
        for (email, plan, expected) in [
            (Some("ada@example.com"), Some("plus"), "ada-plus"),
            (Some("Ada.L@example.com"), None, "ada.l"),
            (Some("ünï@example.com"), Some("business"), "n--business"),
            (Some("@"), None, "account"),
            (Some("con@x"), None, "account"),
            (None, Some("plus"), "account-plus"),
        ] {
            let name = ProfileName::suggest(email, plan);
            assert_eq!(name.as_str(), expected);
            assert_eq!(ProfileName::parse(name.as_str()).unwrap(), name);
        }
    }

    #[test]
    fn a_numbered_name_is_never_too_long() {
        let name = ProfileName::parse(&"a".repeat(64)).unwrap().numbered(1000);
        assert_eq!(ProfileName::parse(name.as_str()).unwrap().as_str().len(), 64);
    }
}
