//! A keyring for tests: its items are files in a folder, so that several processes share it, and it behaves as it is told.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use codex_lab_core::base::keyring::{Keyring, KeyringEntry, KeyringError};
use codex_lab_core::base::secret::Secret;

/// How the keyring behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    /// It does what it is asked.
    #[default]
    Open,
    /// It is locked.
    Locked,
    /// The user says no.
    Denying,
    /// It is not there.
    Absent,
    /// It does not answer in time.
    Silent,
    /// Its answers make no sense.
    Garbled,
    /// It says it has kept a secret, and has not.
    Forgetful,
}

/// The keyring.
#[derive(Debug)]
pub struct PocketKeyring {
    folder: PathBuf,
    mood: Mutex<Mood>,
    asked: AtomicU32,
}

impl PocketKeyring {
    /// An open keyring with its items in this folder, which is made.
    pub fn new(folder: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_path_buf(), mood: Mutex::default(), asked: AtomicU32::new(0) })
    }

    /// Makes it behave like this from now on.
    pub fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = mood;
    }

    /// How often it was asked for a secret.
    pub fn times_asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    /// Its items, by name.
    pub fn items(&self) -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.path())).collect()
    }

    fn file(&self, entry: &KeyringEntry) -> PathBuf {
        self.folder.join(format!("{}|{}", entry.service, entry.account))
    }

    fn ready(&self) -> Result<Mood, KeyringError> {
        match *self.mood.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Mood::Locked => Err(KeyringError::Locked),
            Mood::Denying => Err(KeyringError::Denied),
            Mood::Absent => Err(KeyringError::Absent),
            Mood::Silent => Err(KeyringError::TimedOut),
            Mood::Garbled => Err(KeyringError::Corrupt),
            mood => Ok(mood),
        }
    }
}

impl Keyring for PocketKeyring {
    fn get(&self, entry: &KeyringEntry) -> Result<Option<Secret>, KeyringError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.ready()?;
        match fs::read_to_string(self.file(entry)) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeyringError::Other(error.into())),
        }
    }

    fn set(&self, entry: &KeyringEntry, secret: &Secret) -> Result<(), KeyringError> {
        if self.ready()? == Mood::Forgetful {
            return Ok(());
        }
        fs::write(self.file(entry), secret.expose()).map_err(|error| KeyringError::Other(error.into()))
    }

    fn delete(&self, entry: &KeyringEntry) -> Result<(), KeyringError> {
        self.ready()?;
        match fs::remove_file(self.file(entry)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(KeyringError::Other(error.into())),
            _ => Ok(()),
        }
    }
}
