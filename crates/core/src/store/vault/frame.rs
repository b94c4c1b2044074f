//! A sealed file: `CLVAULT`, one byte of version, the name of the key, then what `base::seal` makes.
//!
//! The key's name (its fingerprint, 32 hex digits) tells a file of another machine from a damaged one. It is bound to the
//! content, so that no bit of it can be changed unnoticed.

use zeroize::Zeroizing;

use super::VaultError;
use crate::base::entropy::Entropy;
use crate::base::seal::{self, SealError, SealKey};

const MAGIC: &[u8; 7] = b"CLVAULT";
const VERSION: u8 = 1;
const NAME_LENGTH: usize = 32;
/// Two keys' names differ in nearly all digits; a name that differs in fewer was damaged.
const DIFFERENT: usize = NAME_LENGTH / 4;
/// Sealing makes a file longer by less than this.
pub(super) const OVERHEAD: u64 = 128;

/// Whether these bytes are a sealed file, of whatever version. No JSON and no copy begins like it.
pub(super) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

pub(super) fn seal(key: &SealKey, plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    let name = key.fingerprint().to_string();
    let sealed = seal::seal(key, &purpose(name.as_bytes()), plain, entropy);
    [MAGIC.as_slice(), &[VERSION], name.as_bytes(), &sealed].concat()
}

pub(super) fn open(key: &SealKey, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (version, rest) = bytes.strip_prefix(MAGIC.as_slice()).and_then(<[u8]>::split_first).ok_or(VaultError::Damaged)?;
    if *version != VERSION {
        return Err(if *version > VERSION { VaultError::Newer } else { VaultError::Damaged });
    }
    let (name, sealed) = rest.split_at_checked(NAME_LENGTH).ok_or(VaultError::Damaged)?;
    seal::open(key, &purpose(name), sealed).map_err(|error| match error {
        _ if differs(name, key.fingerprint().to_string().as_bytes()) => VaultError::Foreign,
        SealError::Newer => VaultError::Newer,
        SealError::NotSealed | SealError::Damaged => VaultError::Damaged,
    })
}

fn purpose(name: &[u8]) -> String {
    format!("codex-lab vault {VERSION} {}", String::from_utf8_lossy(name))
}

fn differs(one: &[u8], other: &[u8]) -> bool {
    one.iter().zip(other).filter(|(a, b)| a != b).count() > DIFFERENT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::OsEntropy;

    fn sealed() -> (SealKey, Vec<u8>) {
        let key = SealKey::random(&OsEntropy);
        let bytes = seal(&key, b"planted login", &OsEntropy);
        (key, bytes)
    }

    #[test]
    fn a_sealed_file_opens_with_its_key_and_shows_nothing() {
        let (key, bytes) = sealed();
        assert_eq!(open(&key, &bytes).unwrap().as_slice(), b"planted login");
        assert!(is_sealed(&bytes) && !String::from_utf8_lossy(&bytes).contains("planted"));
        assert!(bytes.len() as u64 <= b"planted login".len() as u64 + OVERHEAD);
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_noticed() {
        let (key, bytes) = sealed();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let opened = open(&key, &changed);
            // A version that grew by a flipped bit cannot be told from a newer one.
            assert!(matches!(opened, Err(VaultError::Damaged | VaultError::Newer)), "bit {bit}: {opened:?}");
        }
        for length in 0..bytes.len() {
            assert!(matches!(open(&key, &bytes[..length]), Err(VaultError::Damaged)), "{length} bytes");
        }
    }

    #[test]
    fn a_file_of_another_key_and_a_newer_one_are_told_apart_from_damage() {
        let (_, mut bytes) = sealed();
        let other = SealKey::random(&OsEntropy);
        assert!(matches!(open(&other, &bytes), Err(VaultError::Foreign)));
        bytes[MAGIC.len()] = VERSION + 1;
        assert!(matches!(open(&other, &bytes), Err(VaultError::Newer)));
    }
}
