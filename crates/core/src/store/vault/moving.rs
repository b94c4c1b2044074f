//! Moving all secrets of the home into another mode. `vault.json` is the journal, and a move that was cut off is settled
//! without the key: called off until every copy was made and checked, finished from then on.
//!
//! announce → the key where it belongs → each file's copy in the new form, beside it, read back and compared → commit →
//! each copy in its file's place → what is left of the old form, and the old key → done.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::header::{Header, Keeping, Moving};
use super::{Vault, VaultError, forms, frame};
use crate::base::files::{self, Entry};
use crate::base::locks::FileLock;
use crate::base::progress::{Underway, Work};
use crate::base::seal::SealKey;
use crate::base::secret::Secret;
use crate::model::snapshot::VaultMode;

/// Every place of a move where a test may kill the process, in order.
pub const PLACES: &[&str] = &[
    "move.begun",
    "move.announced",
    "move.key_kept",
    "move.copied",
    "move.all_copied",
    "move.committed",
    "move.replaced",
    "move.old_removed",
    "move.key_dropped",
    "move.done",
];

/// After the name of a file's copy in the new form.
const COPY: &str = ".moving";
/// `auth-profiles/<name>/` and `backups/logins/<id>/` lie this deep.
const DEPTH: usize = 2;
/// No file of ours that holds a secret is larger.
const SIZE_LIMIT: u64 = 64 << 20;

impl Vault {
    /// Keeps everything in another way from now on; with mode `passphrase`, under this passphrase. Hold the index's lock.
    pub(in crate::store) fn move_to(&self, mode: VaultMode, passphrase: Option<&Secret>) -> Result<(), VaultError> {
        self.settle()?;
        let _files = FileLock::acquire(&self.home.lock("vault"), "to move the vault", super::LOCK_PATIENCE)?;
        let before = (*self.header()?).clone();
        if is_nothing_to_move(&before, mode) {
            return Ok(());
        }
        self.checkpoint.reached("move.begun");
        let (key, to) = self.prepare(&before, mode, passphrase)?;
        self.write_header(&Header { moving: Some(Moving::Copying { to: to.clone() }), ..before.clone() })?;
        self.checkpoint.reached("move.announced");
        if let Err(error) = self.copy_all(&before.keeping, &to, &key) {
            self.settle_with_files_locked()?;
            return Err(error);
        }
        self.write_header(&Header { keeping: to, moving: Some(Moving::Replacing { from: before.keeping.clone() }), ..before })?;
        let committed = self.header()?;
        self.remember(&committed, key)?;
        self.checkpoint.reached("move.committed");
        self.settle_with_files_locked()
    }

    /// Whether such a move would move anything; what it would be refused for before anything is written. Whether a keyring takes a key
    /// is found out by giving it one alone: here it is asked for one, and has to answer.
    pub fn would_move(&self, mode: VaultMode, passphrase: Option<&Secret>) -> Result<bool, VaultError> {
        let before = self.header()?;
        if is_nothing_to_move(&before, mode) {
            return Ok(false);
        }
        let (_, to) = self.prepare(&before, mode, passphrase)?;
        if mode == VaultMode::Keyring {
            self.ask_keyring(&to)?;
        }
        Ok(true)
    }

    /// The key of what will be sealed, and how everything will be kept.
    fn prepare(&self, before: &Header, mode: VaultMode, passphrase: Option<&Secret>) -> Result<(SealKey, Keeping), VaultError> {
        let key = match &before.keeping.key {
            Some(_) => self.key(before)?,
            None => SealKey::random(&*self.entropy),
        };
        let to = match mode {
            VaultMode::File => Keeping::default(),
            VaultMode::Keyring => Keeping { mode, key: Some(key.fingerprint().to_string()), wrapped: None },
            VaultMode::Passphrase => {
                let wrapped = self.wrap(&key, passphrase.ok_or(VaultError::PassphraseNeeded)?)?;
                Keeping { mode, key: Some(key.fingerprint().to_string()), wrapped: Some(wrapped) }
            }
        };
        Ok((key, to))
    }

    /// Brings a move to its end that was cut off. Hold the index's lock.
    pub(in crate::store) fn settle(&self) -> Result<(), VaultError> {
        if self.header()?.moving.is_none() {
            return Ok(());
        }
        let _files = FileLock::acquire(&self.home.lock("vault"), "to finish a move of the vault", super::LOCK_PATIENCE)?;
        self.settle_with_files_locked()
    }

    fn settle_with_files_locked(&self) -> Result<(), VaultError> {
        let mut header = (*self.header()?).clone();
        match header.moving.take() {
            None => Ok(()),
            Some(Moving::Copying { to }) => self.call_off(&header, &to),
            Some(Moving::Replacing { from }) => self.finish(&header, &from),
        }
    }

    /// Makes and checks everything that the new mode needs; nothing that was there is touched.
    fn copy_all(&self, from: &Keeping, to: &Keeping, key: &SealKey) -> Result<(), VaultError> {
        if to.mode == VaultMode::Keyring {
            self.keep_in_keyring(to, key)?;
        }
        self.checkpoint.reached("move.key_kept");
        if !form_changes(from, to) {
            return Ok(());
        }
        let files: Vec<_> = self.secret_files()?.into_iter().filter(|file| !is_copy(file)).collect();
        let mut underway = Underway::of_steps(&self.progress, Work::CopyVault, files.len());
        for file in files {
            self.copy(&file, to, key)?;
            self.checkpoint.reached("move.copied");
            underway.step();
        }
        self.checkpoint.reached("move.all_copied");
        Ok(())
    }

    /// Makes a file's copy in the new form.
    fn copy(&self, file: &Path, to: &Keeping, key: &SealKey) -> Result<(), VaultError> {
        let Some(found) = files::read(file, SIZE_LIMIT)?.map(Zeroizing::new) else { return Ok(()) };
        let plain = match content(key, &found) {
            // Nobody can open it: it stays as it is.
            Err(error) if error.is_damage() => return Ok(()),
            plain => plain?,
        };
        let moved = if to.key.is_some() { Zeroizing::new(frame::seal(key, &plain, &*self.entropy)) } else { plain.clone() };
        let copy = beside(file);
        files::write_private(&copy, &moved)?;
        let written = files::read(&copy, SIZE_LIMIT + frame::OVERHEAD)?.map(Zeroizing::new).ok_or(VaultError::NotTaken)?;
        if *content(key, &written)? == *plain { Ok(()) } else { Err(VaultError::NotTaken) }
    }

    fn call_off(&self, header: &Header, to: &Keeping) -> Result<(), VaultError> {
        for copy in self.secret_files()?.iter().filter(|file| is_copy(file)) {
            files::remove(copy)?;
        }
        // The new key has sealed nothing, unless it is the old one.
        if to.mode == VaultMode::Keyring && header.keeping.mode != VaultMode::Keyring {
            self.out_of_keyring(to);
        }
        self.write_header(header)
    }

    fn finish(&self, header: &Header, from: &Keeping) -> Result<(), VaultError> {
        let copies: Vec<_> = self.secret_files()?.into_iter().filter(|file| is_copy(file)).collect();
        let mut underway = Underway::of_steps(&self.progress, Work::ReplaceVault, copies.len());
        for copy in copies {
            files::rename(&copy, &target(&copy, header.keeping.key.is_some()))?;
            self.checkpoint.reached("move.replaced");
            underway.step();
        }
        for login in self.secret_files()? {
            Self::remove_other_form(&login, header.keeping.key.is_some())?;
        }
        if form_changes(from, &header.keeping) {
            // Nobody is writing: both locks are ours.
            for folder in self.secret_folders()? {
                files::sweep(&folder, |_| false)?;
            }
        }
        self.checkpoint.reached("move.old_removed");
        if from.mode == VaultMode::Keyring && header.keeping.mode != VaultMode::Keyring {
            self.out_of_keyring(from);
        }
        self.checkpoint.reached("move.key_dropped");
        self.write_header(header)?;
        if self.header()?.sealed().is_none() {
            self.memory().key = None;
        }
        self.checkpoint.reached("move.done");
        Ok(())
    }

    /// Removes the form of a login that the mode does not have, where the other one is there. One that was written since is
    /// a Codex's that has this folder for its home: it stays until it is taken in.
    fn remove_other_form(login: &Path, seals: bool) -> Result<(), VaultError> {
        let [plain, sealed] = if login.ends_with("auth.json") { forms(login) } else { return Ok(()) };
        let (wanted, other) = if seals { (sealed, plain) } else { (plain, sealed) };
        let there = |path: &Path| matches!(files::entry(path), Ok(Entry::File { .. }));
        let written_since = files::modified_second(&other) > files::modified_second(&wanted);
        if there(&wanted) && there(&other) && !written_since { Ok(files::remove(&other)?) } else { Ok(()) }
    }

    /// Every file of the home that holds a secret, and every copy in a new form.
    fn secret_files(&self) -> Result<Vec<PathBuf>, VaultError> {
        let mut found = Vec::new();
        for folder in self.secret_folders()? {
            for name in files::names(&folder)?.into_iter().filter(|name| !name.starts_with('.') && !is_public(name)) {
                let path = folder.join(name);
                let login = folder.starts_with(self.home.profiles());
                if matches!(files::entry(&path)?, Entry::File { .. }) && (!login || is_login(&path)) {
                    found.push(path);
                }
            }
        }
        Ok(found)
    }

    fn secret_folders(&self) -> Result<Vec<PathBuf>, VaultError> {
        let mut found = Vec::new();
        for top in [self.home.profiles(), self.home.backups()] {
            below(top, DEPTH, &mut found)?;
        }
        Ok(found)
    }
}

/// Another passphrase is a move, too.
fn is_nothing_to_move(before: &Header, mode: VaultMode) -> bool {
    mode == before.keeping.mode && mode != VaultMode::Passphrase
}

/// The folder and those in it. Copies of the index hold no secret.
fn below(folder: PathBuf, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), VaultError> {
    for name in files::names(&folder)?.into_iter().filter(|name| depth > 0 && name != "index") {
        let path = folder.join(name);
        if files::entry(&path)? == Entry::Folder {
            below(path, depth - 1, found)?;
        }
    }
    found.push(folder);
    Ok(())
}

/// What a removed profile was called, and what was set aside of our own files.
fn is_public(name: &str) -> bool {
    name == "profile.json" || ["auth-profiles.", "switch.", "vault."].iter().any(|ours| name.starts_with(ours))
}

fn is_login(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(name.strip_suffix(COPY).unwrap_or(name), "auth.json" | "auth.json.sealed")
}

fn is_copy(path: &Path) -> bool {
    path.to_string_lossy().ends_with(COPY)
}

fn beside(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(COPY);
    path.into()
}

/// Where a copy belongs: a login is named by its form, every other file keeps its name.
fn target(copy: &Path, seals: bool) -> PathBuf {
    let file = copy.with_extension("");
    match file.file_name().and_then(|name| name.to_str()) {
        Some("auth.json") if seals => file.with_extension("json.sealed"),
        Some("auth.json.sealed") if !seals => file.with_extension(""),
        _ => file,
    }
}

fn form_changes(from: &Keeping, to: &Keeping) -> bool {
    from.key.is_some() != to.key.is_some()
}

/// What is in a file, whichever form it has.
fn content(key: &SealKey, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    if frame::is_sealed(bytes) { frame::open(key, bytes) } else { Ok(Zeroizing::new(bytes.to_vec())) }
}

#[cfg(test)]
#[path = "moving_tests.rs"]
mod tests;
