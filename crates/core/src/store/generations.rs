//! Last known good copies of each profile's login: one of the login as it was written last, and a few that it replaced.
//!
//! The first heals a damaged file. The others are worth less: a renewal spends the refresh token, and a token that is
//! spent again makes the provider revoke the whole login (codex-auth.md 3.5). What is left of a renewed login is whose it
//! was, and an access token for as long as that runs. Of an earlier sign-in it is only the last login whose refresh token
//! nobody has spent. So the last two are kept, and the last one of another sign-in; none of them is put back unasked.
//!
//! `backups/logins/<id>/current.copy`, `backups/logins/<id>/00000001.copy` and on; while a login is being saved, it is
//! `backups/saving/<id>.copy`, and a save that was cut off is finished from there. A copy is a SHA-256 on a line of its
//! own, then the login as it was: a copy that is damaged itself must not pass for the better one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::home::Home;
use super::profiles::{Profiles, StoreError};
use crate::base::files::{self, Entry, FileError, FileErrorKind};
use crate::model::auth_document::{AuthDocument, Credential, SIZE_LIMIT};
use crate::model::profile::ProfileId;

/// Of the logins that were replaced, the last so many are kept whatever they are.
const LAST: usize = 2;
const CURRENT: &str = "current.copy";
/// A SHA-256 in hex.
const SUM_LENGTH: u64 = 64;

/// Which copy of a profile's login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Generation {
    /// One that was replaced; a greater number is a later one.
    Replaced(u64),
    /// Of the login as it was written last.
    Current,
}

/// Makes a login safe before it takes its place. Call with the index's lock held, as with everything here that writes.
pub(super) fn begin(profiles: &Profiles, id: &ProfileId, login: &AuthDocument) -> Result<(), StoreError> {
    files::create_private_folder(&saving_folder(&profiles.home))?;
    write(profiles, &saving_file(&profiles.home, id), login)
}

/// Makes the login that [`begin`] was given the current copy, and what it has replaced a generation.
pub(super) fn finish(profiles: &Profiles, id: &ProfileId, login: &AuthDocument, replaced: Option<&AuthDocument>) -> Result<(), StoreError> {
    let home = &profiles.home;
    let (current, saving) = (file(home, id, Generation::Current), saving_file(home, id));
    files::create_private_folder(&folder(home, id))?;
    let copy = read(profiles, &current).ok().flatten();
    if copy.as_ref().is_some_and(|copy| copy.text() == login.text()) {
        return Ok(files::remove(&saving)?);
    }
    let mut number = numbers(home, id)?.first().map_or(1, |newest| newest + 1);
    if copy.is_some() {
        files::rename(&current, &file(home, id, Generation::Replaced(number)))?;
        number += 1;
    }
    let other = |replaced: &&AuthDocument| [copy.as_ref(), Some(login)].into_iter().flatten().all(|it| it.text() != replaced.text());
    if let Some(replaced) = replaced.filter(other) {
        let staged = saving_folder(home).join(format!("{id}.replaced.copy"));
        write(profiles, &staged, replaced)?;
        files::rename(&staged, &file(home, id, Generation::Replaced(number)))?;
    }
    files::rename(&saving, &current)?;
    prune(profiles, id, login)
}

/// Drops what [`begin`] was given.
pub(super) fn abandon(profiles: &Profiles, id: &ProfileId) -> Result<(), FileError> {
    files::remove(&saving_file(&profiles.home, id))
}

/// The login of a save that has not come to its end.
pub(super) fn unfinished(profiles: &Profiles, id: &ProfileId) -> Result<Option<AuthDocument>, StoreError> {
    read(profiles, &saving_file(&profiles.home, id))
}

/// Whether there is one: somebody is at it, or was killed.
pub(super) fn is_unfinished(home: &Home, id: &ProfileId) -> bool {
    files::entry(&saving_file(home, id)).is_ok_and(|entry| entry != Entry::Missing)
}

/// Whether a copy lies there half written: somebody is at it, or was not let remove it.
pub(super) fn is_half_written(home: &Home) -> Result<bool, FileError> {
    Ok(files::names(&saving_folder(home))?.iter().any(|name| files::writer_of(name).is_some()))
}

/// Removes what lies there half written. Call with the index's lock held: nobody is at it then.
pub(super) fn sweep(home: &Home) -> Result<(), FileError> {
    files::sweep(&saving_folder(home), |_| false).map(drop)
}

/// The profiles with a save that has not come to its end.
pub(super) fn all_unfinished(home: &Home) -> Result<Vec<ProfileId>, FileError> {
    let names = files::names(&saving_folder(home))?;
    Ok(names.iter().filter_map(|name| ProfileId::parse(name.strip_suffix(".copy")?)).collect())
}

/// One copy; `None` if there is none.
pub(super) fn copy(profiles: &Profiles, id: &ProfileId, which: Generation) -> Result<Option<AuthDocument>, StoreError> {
    read(profiles, &file(&profiles.home, id, which))
}

/// The copies of a profile's login, newest first, each with when it was written, in seconds since 1970.
pub(super) fn list(home: &Home, id: &ProfileId) -> Result<Vec<(Generation, i64)>, FileError> {
    let replaced = numbers(home, id)?.into_iter().map(Generation::Replaced);
    let all = std::iter::once(Generation::Current).chain(replaced);
    Ok(all.filter_map(|which| Some((which, files::modified_second(&file(home, id, which))?))).collect())
}

/// The profiles, removed ones too, whose logins have copies.
pub(super) fn owners(home: &Home) -> Result<Vec<ProfileId>, FileError> {
    Ok(files::names(&logins_folder(home))?.iter().filter_map(|name| ProfileId::parse(name)).collect())
}

/// Deletes every copy of a profile's login.
pub(super) fn forget(home: &Home, id: &ProfileId) -> Result<(), FileError> {
    files::remove(&saving_file(home, id))?;
    files::remove_folder(&folder(home, id))
}

/// Removes the copies that are not worth keeping.
fn prune(profiles: &Profiles, id: &ProfileId, current: &AuthDocument) -> Result<(), StoreError> {
    let home = &profiles.home;
    let numbers = numbers(home, id)?;
    let chains: Vec<_> = numbers
        .iter()
        .map(|number| read(profiles, &file(home, id, Generation::Replaced(*number))).ok().flatten().as_ref().and_then(chain).cloned())
        .collect();
    for (number, keep) in numbers.into_iter().zip(worth_keeping(&chains, chain(current))) {
        if !keep {
            files::remove(&file(home, id, Generation::Replaced(number)))?;
        }
    }
    Ok(())
}

/// Of replaced logins, newest first, each by its chain of tokens: which to keep beside a current one of this chain.
fn worth_keeping(chains: &[Option<String>], current: Option<&String>) -> Vec<bool> {
    let other = chains.iter().position(|chain| chain.is_some() && chain.as_ref() != current);
    (0..chains.len()).map(|place| place < LAST || Some(place) == other).collect()
}

fn chain(login: &AuthDocument) -> Option<&String> {
    match login.credential() {
        Credential::OAuth(tokens) => tokens.chain.as_ref(),
        Credential::ApiKey(_) => None,
    }
}

fn write(profiles: &Profiles, path: &Path, login: &AuthDocument) -> Result<(), StoreError> {
    let text = login.text().expose();
    let copy = Zeroizing::new([&sum(text), "\n", text].concat());
    Ok(profiles.vault.write_secret(path, copy.as_bytes())?)
}

fn read(profiles: &Profiles, path: &Path) -> Result<Option<AuthDocument>, StoreError> {
    let limit = SIZE_LIMIT + 1 + SUM_LENGTH;
    let copy = match profiles.vault.read_secret(path, limit) {
        Err(error) if error.is_damage() => return Err(StoreError::BadCopy),
        copy => copy?,
    };
    let Some(copy) = copy else { return Ok(None) };
    let copy = std::str::from_utf8(&copy).map_err(|_| FileError::of(path, FileErrorKind::NotText))?;
    let text = copy.split_once('\n').filter(|(found, text)| *found == sum(text)).map(|(_, text)| text);
    let login = AuthDocument::parse(text.ok_or(StoreError::BadCopy)?.to_owned()).map_err(|_| StoreError::BadCopy)?;
    Ok(Some(login))
}

fn sum(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The numbers of the replaced logins, newest first.
fn numbers(home: &Home, id: &ProfileId) -> Result<Vec<u64>, FileError> {
    let mut numbers: Vec<u64> =
        files::names(&folder(home, id))?.iter().filter_map(|name| name.strip_suffix(".copy")?.parse().ok()).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    Ok(numbers)
}

fn file(home: &Home, id: &ProfileId, which: Generation) -> PathBuf {
    match which {
        Generation::Current => folder(home, id).join(CURRENT),
        Generation::Replaced(number) => folder(home, id).join(format!("{number:08}.copy")),
    }
}

fn logins_folder(home: &Home) -> PathBuf {
    home.backups().join("logins")
}

fn folder(home: &Home, id: &ProfileId) -> PathBuf {
    logins_folder(home).join(id.as_str())
}

fn saving_folder(home: &Home) -> PathBuf {
    home.backups().join("saving")
}

fn saving_file(home: &Home, id: &ProfileId) -> PathBuf {
    saving_folder(home).join(format!("{id}.copy"))
}

#[cfg(test)]
#[path = "generations_tests.rs"]
mod tests;
