//! Sealing bytes under a key: XChaCha20-Poly1305, with what the bytes are for bound in, and keys from passphrases by Argon2id.
//!
//! A sealed text is `CLSEAL`, one byte of version, 24 bytes of nonce, then ciphertext and tag.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use super::entropy::Entropy;
use super::secret::{Fingerprint, Secret};

const MAGIC: &[u8; 6] = b"CLSEAL";
const VERSION: u8 = 1;
const NONCE_LENGTH: usize = 24;
const KEY_LENGTH: usize = 32;
const SALT_LENGTH: usize = 16;
/// A header from outside may not ask for more memory than this, in KiB: 256 MiB.
const MEMORY_LIMIT: u32 = 256 << 10;
/// Nor for more passes.
const PASSES_LIMIT: u32 = 16;
/// Nor for more lanes.
const LANES_LIMIT: u32 = 8;

/// A key of 256 bits. Wiped from memory when dropped; cannot be printed.
#[derive(Clone)]
pub struct SealKey(Zeroizing<[u8; KEY_LENGTH]>);

/// Why sealed bytes did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// Not made by [`seal`].
    #[error("the bytes are not sealed by Codex Lab")]
    NotSealed,
    /// Made by a newer version.
    #[error("the bytes were sealed by a newer version")]
    Newer,
    /// The key is another one, or the bytes were changed or cut; which of these cannot be told.
    #[error("the key does not fit, or the sealed bytes were changed")]
    Damaged,
}

/// How a key is made from a passphrase. Not secret; kept beside what it opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassphraseParameters {
    /// Argon2id's memory, in KiB.
    memory: u32,
    /// Its passes.
    passes: u32,
    /// Its lanes.
    lanes: u32,
    /// 16 random bytes, base64 without padding.
    salt: String,
}

/// Parameters from outside that are not worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the passphrase's parameters are out of bounds")]
pub struct BadParameters;

impl SealKey {
    /// A new key.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        entropy.fill(&mut *key);
        Self(key)
    }

    /// The key that a passphrase stands for. Takes about a tenth of a second and 64 MiB, on purpose: call it from a blocking task.
    pub fn from_passphrase(passphrase: &Secret, parameters: &PassphraseParameters) -> Result<Self, BadParameters> {
        let bounded =
            parameters.memory <= MEMORY_LIMIT && (1..=PASSES_LIMIT).contains(&parameters.passes) && parameters.lanes <= LANES_LIMIT;
        let salt = STANDARD_NO_PAD.decode(&parameters.salt).map_err(|_| BadParameters)?;
        if !bounded || salt.len() != SALT_LENGTH {
            return Err(BadParameters);
        }
        let settings = Params::new(parameters.memory, parameters.passes, parameters.lanes, Some(KEY_LENGTH)).map_err(|_| BadParameters)?;
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, settings)
            .hash_password_into(passphrase.expose().as_bytes(), &salt, &mut *key)
            .map_err(|_| BadParameters)?;
        Ok(Self(key))
    }

    /// The key as text, for a keyring.
    pub fn to_text(&self) -> Secret {
        Secret::new(STANDARD_NO_PAD.encode(*self.0))
    }

    /// The key that [`Self::to_text`] wrote; `None` if it is none.
    pub fn from_text(text: &Secret) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD_NO_PAD.decode(text.expose().trim()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// A name for this key that says nothing about it.
    pub fn fingerprint(&self) -> Fingerprint {
        self.to_text().fingerprint()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(Key::from_slice(&*self.0))
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(hidden)")
    }
}

impl PassphraseParameters {
    /// What is used for new passphrases: 64 MiB, 3 passes, 1 lane, a new salt (RFC 9106, section 4, second choice, one lane).
    pub fn recommended(entropy: &dyn Entropy) -> Self {
        let mut salt = [0; SALT_LENGTH];
        entropy.fill(&mut salt);
        Self { memory: 64 << 10, passes: 3, lanes: 1, salt: STANDARD_NO_PAD.encode(salt) }
    }
}

/// Seals bytes. `purpose` must be the same when they are opened, so that one sealed file cannot stand in for another.
pub fn seal(key: &SealKey, purpose: &str, plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    let mut nonce = [0; NONCE_LENGTH];
    entropy.fill(&mut nonce);
    let mut sealed = [MAGIC.as_slice(), &[VERSION], &nonce].concat();
    let payload = Payload { msg: plain, aad: &bound(purpose) };
    sealed.extend(encrypted(key.cipher().encrypt(XNonce::from_slice(&nonce), payload)));
    sealed
}

#[expect(clippy::expect_used, reason = "the cipher refuses only texts of 256 GiB and more, which no memory of ours holds")]
fn encrypted(body: Result<Vec<u8>, chacha20poly1305::Error>) -> Vec<u8> {
    body.expect("the text is short enough to be encrypted")
}

/// Opens what [`seal`] made with this key for this purpose.
pub fn open(key: &SealKey, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let rest = sealed.strip_prefix(MAGIC.as_slice()).ok_or(SealError::NotSealed)?;
    let (version, rest) = rest.split_first().ok_or(SealError::NotSealed)?;
    if *version != VERSION {
        return Err(if *version > VERSION { SealError::Newer } else { SealError::NotSealed });
    }
    let (nonce, body) = rest.split_at_checked(NONCE_LENGTH).ok_or(SealError::Damaged)?;
    let payload = Payload { msg: body, aad: &bound(purpose) };
    key.cipher().decrypt(XNonce::from_slice(nonce), payload).map(Zeroizing::new).map_err(|_| SealError::Damaged)
}

fn bound(purpose: &str) -> Vec<u8> {
    [MAGIC.as_slice(), &[VERSION], purpose.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::OsEntropy;

    fn cheap(salt: &str) -> PassphraseParameters {
        PassphraseParameters { memory: 64, passes: 1, lanes: 1, salt: salt.into() }
    }

    #[test]
    fn what_is_sealed_opens_again_with_the_same_key_and_purpose_alone() {
        let (key, other) = (SealKey::random(&OsEntropy), SealKey::random(&OsEntropy));
        let sealed = seal(&key, "login main", b"planted", &OsEntropy);
        assert_eq!(open(&key, "login main", &sealed).unwrap().as_slice(), b"planted");
        assert_eq!(open(&key, "login work", &sealed), Err(SealError::Damaged));
        assert_eq!(open(&other, "login main", &sealed), Err(SealError::Damaged));
        assert!(!String::from_utf8_lossy(&sealed).contains("planted"));
        assert_ne!(sealed, seal(&key, "login main", b"planted", &OsEntropy));
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_noticed() {
        let key = SealKey::random(&OsEntropy);
        let sealed = seal(&key, "p", b"planted text", &OsEntropy);
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&key, "p", &changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open(&key, "p", &sealed[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_newer_version_and_other_files_are_told_apart() {
        let key = SealKey::random(&OsEntropy);
        let mut sealed = seal(&key, "p", b"", &OsEntropy);
        sealed[MAGIC.len()] = VERSION + 1;
        assert_eq!(open(&key, "p", &sealed), Err(SealError::Newer));
        assert_eq!(open(&key, "p", b"{}"), Err(SealError::NotSealed));
        assert_eq!(open(&key, "p", b""), Err(SealError::NotSealed));
    }

    #[test]
    fn a_passphrase_always_makes_the_same_key_and_another_salt_another() {
        let passphrase = Secret::new("correct horse");
        let salt = |byte| STANDARD_NO_PAD.encode([byte; SALT_LENGTH]);
        let key = |parameters: &PassphraseParameters| SealKey::from_passphrase(&passphrase, parameters).unwrap().fingerprint();
        assert_eq!(key(&cheap(&salt(1))), key(&cheap(&salt(1))));
        assert_ne!(key(&cheap(&salt(1))), key(&cheap(&salt(2))));
    }

    #[test]
    fn greedy_or_broken_parameters_are_refused_before_any_work() {
        let salt = STANDARD_NO_PAD.encode([7; SALT_LENGTH]);
        let cases = [
            PassphraseParameters { memory: u32::MAX, ..cheap(&salt) },
            PassphraseParameters { memory: 0, ..cheap(&salt) },
            PassphraseParameters { passes: 0, ..cheap(&salt) },
            PassphraseParameters { passes: u32::MAX, ..cheap(&salt) },
            PassphraseParameters { lanes: 0, ..cheap(&salt) },
            PassphraseParameters { lanes: 255, ..cheap(&salt) },
            cheap("short"),
            cheap("not base64 !"),
        ];
        for parameters in cases {
            assert_eq!(SealKey::from_passphrase(&Secret::new("x"), &parameters).unwrap_err(), BadParameters, "{parameters:?}");
        }
    }

    #[test]
    fn a_key_goes_through_its_text_and_prints_nothing() {
        let key = SealKey::random(&OsEntropy);
        assert_eq!(SealKey::from_text(&key.to_text()).unwrap().fingerprint(), key.fingerprint());
        for bad in ["", "AAAA", "not a key"] {
            assert!(SealKey::from_text(&Secret::new(bad)).is_none(), "{bad}");
        }
        assert_eq!(format!("{key:?}"), "SealKey(hidden)");
    }
}
