//! Where credentials are kept: in files in Codex's own format, or sealed under a key that the keyring or a passphrase gives.
//!
//! A file says itself whether it is sealed, so that a reader meets no wrong moment while everything is moved; what is
//! written follows `vault.json`. Whether the vault is open says nothing about the logins in it.

mod error;
mod failures;
mod frame;
mod header;
mod key;
mod moving;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

pub use error::VaultError;
use header::Header;
pub use moving::PLACES;

use super::home::Home;
use super::profiles::StoreError;
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::files::{self, Entry};
use crate::base::keyring::Keyring;
use crate::base::locks::FileLock;
use crate::base::ports::{Checkpoint, Ports};
use crate::base::progress::Progress;
use crate::base::stamp::{Stamp, stamp};
use crate::model::auth_document::{AuthDocument, Freshness, SIZE_LIMIT};
use crate::model::name::ProfileName;
use crate::model::snapshot::VaultMode;

/// A file is written within milliseconds; a move of thousands of them takes longer.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);
/// While a move puts a login in its place, it is seen at the next look.
const LOOKS: usize = 3;

/// The vault of a home. Clones share the key. All calls block: make them from a blocking task.
#[derive(Debug, Clone)]
pub struct Vault {
    home: Home,
    clock: Arc<dyn Clock>,
    keyring: Arc<dyn Keyring>,
    entropy: Arc<dyn Entropy>,
    checkpoint: Arc<dyn Checkpoint>,
    progress: Arc<dyn Progress>,
    memory: Arc<Mutex<Memory>>,
}

/// What this process remembers.
#[derive(Debug, Default)]
struct Memory {
    header: Option<(Option<Stamp>, Arc<Header>)>,
    key: Option<key::Held>,
    refusal: Option<key::Refusal>,
}

impl Vault {
    /// The vault of a home. Nothing is asked for until something is read or written.
    pub(super) fn new(home: Home, ports: &Ports) -> Self {
        Self {
            home,
            clock: ports.clock.clone(),
            keyring: ports.keyring.clone(),
            entropy: ports.entropy.clone(),
            checkpoint: ports.checkpoint.clone(),
            progress: ports.progress.clone(),
            memory: Arc::default(),
        }
    }

    /// How logins are kept.
    pub fn mode(&self) -> Result<VaultMode, VaultError> {
        Ok(self.header()?.keeping.mode)
    }

    /// Whether what is sealed can be opened now. Asks the keyring, unless it said no a moment ago.
    pub fn look(&self) -> Result<(), VaultError> {
        let header = self.header()?;
        if header.sealed().is_some() { self.key(&header).map(drop) } else { Ok(()) }
    }

    /// Writes a file of the home that holds a secret, sealed as the logins are; its name is the same in every mode.
    pub fn write_secret(&self, path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
        let _lock = self.lock_files()?;
        Ok(files::write_private(path, &self.closed(bytes)?)?)
    }

    /// Reads such a file; `None` if there is none. `limit` is that of the bytes as they were given.
    pub fn read_secret(&self, path: &Path, limit: u64) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let Some(bytes) = files::read(path, limit.saturating_add(frame::OVERHEAD))? else { return Ok(None) };
        self.opened(Zeroizing::new(bytes)).map(Some)
    }

    /// The file that holds a profile's login now, or would.
    pub fn place(&self, name: &ProfileName) -> PathBuf {
        let [first, second] = self.places(name).unwrap_or_else(|_| forms(&self.home.login_file(name)));
        if matches!(files::entry(&first), Ok(Entry::Missing)) && matches!(files::entry(&second), Ok(Entry::File { .. })) {
            second
        } else {
            first
        }
    }

    /// Reads a profile's login.
    pub(super) fn read(&self, name: &ProfileName) -> Result<AuthDocument, StoreError> {
        for _ in 0..LOOKS {
            let [place, other] = self.places(name)?;
            let login = match self.read_at(&place, name) {
                Err(StoreError::NoLogin { .. }) => match self.read_at(&other, name) {
                    Err(StoreError::NoLogin { .. }) => continue,
                    found => return found,
                },
                found => found?,
            };
            // A Codex that has the folder for its home writes the plain form, whatever the mode is by now.
            return Ok(match self.read_at(&other, name) {
                Ok(newer) if newer.freshness_against(&login) == Freshness::Newer => newer,
                _ => login,
            });
        }
        Err(StoreError::NoLogin { name: name.clone() })
    }

    /// Reads a login of a profile from this place.
    pub(super) fn read_at(&self, place: &Path, name: &ProfileName) -> Result<AuthDocument, StoreError> {
        let found = files::read(place, SIZE_LIMIT + frame::OVERHEAD)?.ok_or_else(|| StoreError::NoLogin { name: name.clone() })?;
        let bytes = self.opened(Zeroizing::new(found)).map_err(|error| match error {
            error if error.is_damage() => StoreError::BadSeal { name: name.clone(), source: error },
            error => error.into(),
        })?;
        let text = std::str::from_utf8(&bytes).map_err(|_| files::FileError::of(place, files::FileErrorKind::NotText))?;
        AuthDocument::parse(text.to_owned()).map_err(|source| StoreError::BadLogin { name: name.clone(), source })
    }

    /// Writes a profile's login; the text is stored byte for byte. Hold the index's lock.
    pub(super) fn write(&self, name: &ProfileName, login: &AuthDocument) -> Result<(), StoreError> {
        let [place, other] = self.places(name)?;
        let content = self.closed(login.text().expose().as_bytes())?;
        files::create_private_folder(&self.home.profile_folder(name))?;
        let staged = files::stage(&place, &content)?;
        self.checkpoint.reached("save.staged");
        staged.commit()?;
        files::remove(&other)?;
        self.checkpoint.reached("save.login_written");
        Ok(())
    }

    /// Puts a damaged or lost `vault.json` back from its copy, and brings a move to its end that was cut off. Hold the
    /// index's lock. Says where the damaged file is now.
    pub(super) fn mend(&self) -> Result<Option<PathBuf>, VaultError> {
        let set_aside = header::mend(&self.home, self.clock.now().as_millisecond().max(0))?;
        self.settle()?;
        Ok(set_aside)
    }

    /// Where a profile's login lies: in the form of the mode, and in the other one.
    fn places(&self, name: &ProfileName) -> Result<[PathBuf; 2], VaultError> {
        let [plain, sealed] = forms(&self.home.login_file(name));
        Ok(if self.mode()? == VaultMode::File { [plain, sealed] } else { [sealed, plain] })
    }

    fn opened(&self, bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        if !frame::is_sealed(&bytes) {
            return Ok(bytes);
        }
        frame::open(&self.key(&*self.header()?)?, &bytes)
    }

    fn closed(&self, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let header = self.header()?;
        Ok(Zeroizing::new(match header.keeping.mode {
            VaultMode::File => bytes.to_vec(),
            VaultMode::Keyring | VaultMode::Passphrase => frame::seal(&self.key(&header)?, bytes, &*self.entropy),
        }))
    }

    /// Keeps a move from beginning while a file is written whose writer does not hold the index's lock. Taken after that
    /// lock, never before.
    fn lock_files(&self) -> Result<FileLock, VaultError> {
        loop {
            let lock = FileLock::acquire(&self.home.lock("vault"), "to write a secret", LOCK_PATIENCE)?;
            if self.header()?.moving.is_none() {
                return Ok(lock);
            }
            // Its mover is dead: it would hold the lock.
            drop(lock);
            let _index = FileLock::acquire(&self.home.lock("index"), "to finish a move of the vault", LOCK_PATIENCE)?;
            self.settle()?;
        }
    }

    /// What `vault.json` says, read anew when it has changed.
    fn header(&self) -> Result<Arc<Header>, VaultError> {
        let now = stamp(&self.home.vault());
        if let Some((_, header)) = self.memory().header.as_ref().filter(|(seen, _)| *seen == now) {
            return Ok(header.clone());
        }
        let header = Arc::new(header::read(&self.home)?);
        self.memory().header = Some((now, header.clone()));
        Ok(header)
    }

    fn write_header(&self, header: &Header) -> Result<(), VaultError> {
        let written = header::write(&self.home, header);
        self.memory().header = None;
        written
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The plain and the sealed form of a login file.
pub(super) fn forms(plain: &Path) -> [PathBuf; 2] {
    [plain.to_path_buf(), plain.with_extension("json.sealed")]
}

/// What a stored login says, if it can be used; a vault that is not open says nothing, and that is an error.
pub(super) fn usable(stored: Result<AuthDocument, StoreError>) -> Result<Option<AuthDocument>, StoreError> {
    match stored {
        Ok(login) => Ok(Some(login)),
        Err(StoreError::Vault(error)) if error.is_shut() => Err(error.into()),
        Err(_) => Ok(None),
    }
}
