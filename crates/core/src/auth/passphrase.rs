//! Which passphrases are good enough for a file that may lie about anywhere.

use thiserror::Error;

use crate::base::secret::Secret;
use crate::failure::{Code, Failure};

/// Characters.
const SHORTEST: usize = 12;
/// Far more than anyone types; more is a file that was piped in by mistake.
const LONGEST: usize = 1024;
/// Different characters.
const LEAST_VARIED: usize = 5;
/// Digits alone are guessed fast.
const SHORTEST_NUMBER: usize = 24;

/// Why a passphrase is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WeakPassphrase {
    /// Nothing in it.
    #[error("the passphrase is empty")]
    Empty,
    /// Fewer than 12 characters.
    #[error("the passphrase has fewer than {SHORTEST} characters")]
    Short,
    /// More than 1,024 characters.
    #[error("the passphrase has more than {LONGEST} characters")]
    Long,
    /// The same few characters again and again, or a short number.
    #[error("the passphrase is easily guessed")]
    Guessable,
}

/// Accepts a new passphrase, or says why not.
pub fn check(passphrase: &Secret) -> Result<(), WeakPassphrase> {
    let text = passphrase.expose();
    let length = text.chars().count();
    let mut varied: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    varied.sort_unstable();
    varied.dedup();
    match length {
        0 => Err(WeakPassphrase::Empty),
        _ if length < SHORTEST => Err(WeakPassphrase::Short),
        _ if length > LONGEST => Err(WeakPassphrase::Long),
        _ if varied.len() < LEAST_VARIED => Err(WeakPassphrase::Guessable),
        _ if length < SHORTEST_NUMBER && text.chars().all(|c| c.is_ascii_digit()) => Err(WeakPassphrase::Guessable),
        _ => Ok(()),
    }
}

impl From<WeakPassphrase> for Failure {
    fn from(weak: WeakPassphrase) -> Self {
        let message = match weak {
            WeakPassphrase::Empty => "There is no passphrase.".to_owned(),
            WeakPassphrase::Short => format!("This passphrase is too short: it needs at least {SHORTEST} characters."),
            WeakPassphrase::Long => format!("This passphrase is too long: {LONGEST} characters are the most."),
            WeakPassphrase::Guessable => "This passphrase is too easily guessed.".to_owned(),
        };
        Self::new(Code::InvalidInput, message).hint("Take four or five words that do not belong together, and keep them somewhere safe.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_ones_are_refused_each_for_its_reason() {
        let long = "abcdefgh".repeat(200);
        let cases = [
            ("", Err(WeakPassphrase::Empty)),
            ("correct", Err(WeakPassphrase::Short)),
            ("aaaaaaaaaaaaaaaaaaaa", Err(WeakPassphrase::Guessable)),
            ("AbAbABabABababAb", Err(WeakPassphrase::Guessable)),
            ("123456789012", Err(WeakPassphrase::Guessable)),
            (long.as_str(), Err(WeakPassphrase::Long)),
            ("correct horse battery", Ok(())),
            ("größer als üblich", Ok(())),
            ("814902763518204917365028", Ok(())),
        ];
        for (text, expected) in cases {
            assert_eq!(check(&Secret::new(text)), expected, "{text}");
        }
    }
}
