//! Short texts of the provider that are kept and shown: plan names, limit names, balances.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Characters kept; what is longer is no name.
const LIMIT: usize = 64;

/// A text of 1 to 64 characters, none of them a control character, without blanks around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct ShortText(String);

/// A text that is not kept.
#[derive(Debug, thiserror::Error)]
#[error("a short text has 1 to 64 characters and no control characters")]
pub struct NoShortText;

impl ShortText {
    /// Checks a text from outside.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= LIMIT && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// A text of our own, which fits.
    pub(super) fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ShortText {
    type Error = NoShortText;
    fn try_from(text: String) -> Result<Self, NoShortText> {
        Self::parse(&text).ok_or(NoShortText)
    }
}

impl From<ShortText> for String {
    fn from(text: ShortText) -> Self {
        text.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_plain_texts_are_kept() {
        let (long, longest) = ("x".repeat(LIMIT + 1), "é".repeat(LIMIT));
        for (text, kept) in [
            (" plus ", Some("plus")),
            ("", None),
            ("  ", None),
            ("a\nb", None),
            ("a\u{0}", None),
            (&long, None),
            (&longest, Some(&*longest)),
        ] {
            assert_eq!(ShortText::parse(text).as_ref().map(ShortText::as_str), kept, "{text:?}");
        }
    }
}
