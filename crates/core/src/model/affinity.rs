//! Names of sessions, and where they are at home.

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::profile::ProfileId;

/// Characters of a session's id that are kept as they are.
const KEY_LIMIT: usize = 80;

/// Names a session: what its client calls it, or a digest of that where it is long or strange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(Arc<str>);

/// Names a repository together with a model. A digest: paths of the user's are kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketKey(Arc<str>);

impl SessionKey {
    /// The key of a session's id (codex-runtime.md 3); `None` for an empty one.
    pub fn of(id: &str) -> Option<Self> {
        let plain = id.len() <= KEY_LIMIT && id.bytes().all(|b| b.is_ascii_graphic());
        (!id.is_empty()).then(|| Self(if plain { Arc::from(id) } else { digest(&[id.as_bytes()]) }))
    }

    /// The key as it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BucketKey {
    /// The key of a repository and a model.
    pub fn of(repository: &str, model: &str) -> Self {
        Self(digest(&[repository.as_bytes(), model.as_bytes()]))
    }

    /// The key as it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key as it was stored.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Self(Arc::from(text)))
    }
}

fn digest(parts: &[&[u8]]) -> Arc<str> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let halves = hash.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.map(|half| char::from(DIGITS[usize::from(half)])).collect::<String>().into()
}

/// Where a session is at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// There.
    pub profile: ProfileId,
    /// When it was last served there.
    pub used: Timestamp,
    /// The user has tied it to that profile.
    pub pinned: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strange_ids_are_digested() {
        assert_eq!(SessionKey::of(""), None);
        let long = "x".repeat(10_000);
        for strange in [long.as_str(), "a b", "ä", "a\nb"] {
            let key = SessionKey::of(strange).unwrap();
            let key = key.as_str();
            assert!(key.len() == 64 && key != strange);
        }
        assert_ne!(BucketKey::of("a", "bc"), BucketKey::of("ab", "c"));
        let key = BucketKey::of("a", "b");
        assert_eq!(BucketKey::parse(key.as_str()), Some(key));
        assert_eq!(BucketKey::parse("/repos/mine"), None);
    }
}
