//! A secret is a type with one door: it cannot be printed, compared in variable time, or serialised.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A token, a key, or a file that holds some. Clones share one text, which is wiped from memory with the last of them.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes the text over; no other copy stays with the caller.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }

    /// The only way to the text. The tidy test lists the files that may call it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it; Codex writes `""` for a refresh token it must not use.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A name for this secret that says nothing about it.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut first = [0; 16];
        first.copy_from_slice(&Sha256::digest(self.0.as_bytes())[..16]);
        Fingerprint(first)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

/// The first 128 bits of a secret's SHA-256: equal secrets have equal fingerprints, and nothing leads back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        is_hex.then(|| u128::from_str_radix(text, 16).ok().map(|number| Self(number.to_be_bytes())))?
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        let secret = Secret::new("rt_planted");
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert!(!format!("{:?}", secret.fingerprint()).contains("planted"));
    }

    #[test]
    fn equal_secrets_have_equal_fingerprints() {
        assert_eq!(Secret::new("a").fingerprint(), Secret::new("a").fingerprint());
        assert_ne!(Secret::new("a").fingerprint(), Secret::new("b").fingerprint());
        assert_ne!(Secret::new("a"), Secret::new("ab"));
    }

    #[test]
    fn a_fingerprint_is_read_as_it_was_written() {
        let fingerprint = Secret::new("a").fingerprint();
        assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
        for wrong in ["", "0", &"g".repeat(32), &"0".repeat(33), &format!("+{}", "0".repeat(31))] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }
}
