//! The vault's key: from memory, from the keyring, or from a passphrase. It is never written down in the clear.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::{SignedDuration, Timestamp};

use super::header::{Header, Keeping, Wrapped};
use super::{Vault, VaultError};
use crate::base::keyring::KeyringEntry;
use crate::base::seal::{self, PassphraseParameters, SealError, SealKey};
use crate::base::secret::Secret;
use crate::model::snapshot::VaultMode;

const SERVICE: &str = "Codex Lab";
const PURPOSE: &str = "codex-lab vault key";
/// Digits of a key's name that name its entry in the keyring.
const ENTRY_DIGITS: usize = 16;
/// A keyring that did not give the key is asked again after this, and after twice as long each time: it may ask the user.
const FIRST_REST: SignedDuration = SignedDuration::from_secs(15);
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(10);

/// A key this process has.
#[derive(Debug)]
pub(super) struct Held {
    name: String,
    /// The header's `locked` when it was had.
    locked: u64,
    key: SealKey,
}

/// Why this process has no key, so that nobody is asked at every look.
#[derive(Debug)]
pub(super) struct Refusal {
    error: VaultError,
    /// From when on the keyring is asked again; never by itself after the user said no.
    until: Option<Timestamp>,
    rest: SignedDuration,
}

impl Vault {
    /// Opens the vault: with the passphrase, which is checked even if the vault is open, or by asking the keyring again.
    pub fn unlock(&self, passphrase: Option<&Secret>) -> Result<(), VaultError> {
        let header = self.header()?;
        let Some(keeping) = header.sealed() else { return Ok(()) };
        if let (Some(wrapped), Some(passphrase)) = (&keeping.wrapped, passphrase) {
            let key = unwrap(wrapped, passphrase)?;
            return self.remember(&header, key).map(drop);
        }
        self.memory().refusal = None;
        self.key(&header).map(drop)
    }

    /// Refuses what [`Self::unlock`] would, and leaves the vault as it is.
    pub fn would_unlock(&self, passphrase: Option<&Secret>) -> Result<(), VaultError> {
        let header = self.header()?;
        let Some(keeping) = header.sealed() else { return Ok(()) };
        let key = match (&keeping.wrapped, passphrase) {
            (Some(wrapped), Some(passphrase)) => unwrap(wrapped, passphrase)?,
            (Some(_), None) => return self.key(&header).map(drop),
            (None, _) => self.kept_in_keyring(keeping)?,
        };
        if keeping.key == Some(key.fingerprint().to_string()) { Ok(()) } else { Err(VaultError::OtherKey) }
    }

    /// Forgets the key, here and in every other process that has it. Hold the index's lock.
    pub(in crate::store) fn lock(&self) -> Result<(), VaultError> {
        let header = self.header()?;
        self.would_lock()?;
        self.refuse(VaultError::LockedByUser);
        self.write_header(&Header { locked: header.locked + 1, ..(*header).clone() })
    }

    /// Refuses where there is nothing to lock.
    pub fn would_lock(&self) -> Result<(), VaultError> {
        if self.header()?.sealed().is_some() { Ok(()) } else { Err(VaultError::NothingToLock) }
    }

    /// The key of what is sealed.
    pub(super) fn key(&self, header: &Header) -> Result<SealKey, VaultError> {
        // A sealed file in a home that seals nothing came from somewhere else.
        let keeping = header.sealed().ok_or(VaultError::Foreign)?;
        {
            let mut memory = self.memory();
            match memory.key.take_if(|held| held.locked != header.locked) {
                Some(_) => memory.refusal = Some(Refusal::lasting(VaultError::LockedByUser)),
                None => {
                    if let Some(held) = memory.key.as_ref().filter(|held| Some(&held.name) == keeping.key.as_ref()) {
                        return Ok(held.key.clone());
                    }
                }
            }
            let now = self.clock.now();
            if let Some(refusal) = memory.refusal.as_ref().filter(|refusal| refusal.until.is_none_or(|until| now < until)) {
                return Err(refusal.error.clone());
            }
        }
        // Not with the memory held: the keyring may take its time, and others may only want to know the mode.
        let found = if keeping.mode == VaultMode::Keyring { self.kept_in_keyring(keeping) } else { Err(VaultError::PassphraseNeeded) };
        found.and_then(|key| self.remember(header, key)).inspect_err(|error| self.refuse(error.clone()))
    }

    /// Keeps a key in this process, if it is the one the header names.
    pub(super) fn remember(&self, header: &Header, key: SealKey) -> Result<SealKey, VaultError> {
        let name = key.fingerprint().to_string();
        if header.sealed().and_then(|keeping| keeping.key.as_ref()) != Some(&name) {
            return Err(VaultError::OtherKey);
        }
        let mut memory = self.memory();
        memory.refusal = None;
        memory.key = Some(Held { name, locked: header.locked, key: key.clone() });
        Ok(key)
    }

    fn refuse(&self, error: VaultError) {
        let now = self.clock.now();
        let mut memory = self.memory();
        let rest = memory.refusal.take().map_or(FIRST_REST, |before| (before.rest * 2).min(LONGEST_REST));
        memory.refusal = Some(match error {
            VaultError::PassphraseNeeded | VaultError::Denied => Refusal::lasting(error),
            VaultError::LockedByUser => {
                memory.key = None;
                Refusal::lasting(error)
            }
            error => Refusal { error, until: now.checked_add(rest).ok(), rest },
        });
    }

    fn kept_in_keyring(&self, keeping: &Keeping) -> Result<SealKey, VaultError> {
        let text = self.keyring.get(&entry(keeping))?.ok_or(VaultError::NoKey)?;
        SealKey::from_text(&text).ok_or(VaultError::OtherKey)
    }

    /// Puts a key into the keyring, and looks whether it is there.
    pub(super) fn keep_in_keyring(&self, keeping: &Keeping, key: &SealKey) -> Result<(), VaultError> {
        self.keyring.set(&entry(keeping), &key.to_text())?;
        match self.keyring.get(&entry(keeping))? {
            Some(text) if text == key.to_text() => Ok(()),
            _ => Err(VaultError::NotTaken),
        }
    }

    /// Where in the keyring the key is, if it is kept there.
    pub fn keyring_entry(&self) -> Result<Option<KeyringEntry>, VaultError> {
        let header = self.header()?;
        Ok(header.sealed().filter(|keeping| keeping.mode == VaultMode::Keyring).map(entry))
    }

    /// Whether there is a keyring that answers.
    pub(super) fn ask_keyring(&self, keeping: &Keeping) -> Result<(), VaultError> {
        Ok(self.keyring.get(&entry(keeping)).map(drop)?)
    }

    /// Takes a key out of the keyring. One that stays there opens nothing that is still there.
    pub(super) fn out_of_keyring(&self, keeping: &Keeping) {
        if let Err(error) = self.keyring.delete(&entry(keeping)) {
            tracing::warn!(%error, "a key that opens nothing any more could not be removed from the keyring");
        }
    }

    /// Seals a key under a passphrase, and looks whether it opens again.
    pub(super) fn wrap(&self, key: &SealKey, passphrase: &Secret) -> Result<Wrapped, VaultError> {
        let parameters = PassphraseParameters::recommended(&*self.entropy);
        let outer = SealKey::from_passphrase(passphrase, &parameters).map_err(|_| VaultError::BadHeader)?;
        let sealed = seal::seal(&outer, PURPOSE, key.to_text().expose().as_bytes(), &*self.entropy);
        let wrapped = Wrapped { parameters, key: STANDARD_NO_PAD.encode(sealed) };
        if unwrap(&wrapped, passphrase)?.fingerprint() == key.fingerprint() { Ok(wrapped) } else { Err(VaultError::NotTaken) }
    }
}

impl Refusal {
    fn lasting(error: VaultError) -> Self {
        Self { error, until: None, rest: FIRST_REST }
    }
}

/// One entry for each key, so that a home that is moved elsewhere finds its own.
fn entry(keeping: &Keeping) -> KeyringEntry {
    let name: String = keeping.key.iter().flat_map(|name| name.chars()).take(ENTRY_DIGITS).collect();
    KeyringEntry { service: SERVICE.to_owned(), account: format!("vault-key|{name}") }
}

/// Opens a wrapped key. The comparison is the cipher's own, in constant time.
fn unwrap(wrapped: &Wrapped, passphrase: &Secret) -> Result<SealKey, VaultError> {
    let outer = SealKey::from_passphrase(passphrase, &wrapped.parameters).map_err(|_| VaultError::BadHeader)?;
    let sealed = STANDARD_NO_PAD.decode(&wrapped.key).map_err(|_| VaultError::BadHeader)?;
    let text = seal::open(&outer, PURPOSE, &sealed).map_err(|error| match error {
        SealError::Damaged => VaultError::WrongPassphrase,
        SealError::Newer => VaultError::Newer,
        SealError::NotSealed => VaultError::BadHeader,
    })?;
    let text = Secret::new(std::str::from_utf8(&text).map_err(|_| VaultError::BadHeader)?);
    SealKey::from_text(&text).ok_or(VaultError::BadHeader)
}
