//! An export: all profiles with their logins in one file, sealed under a passphrase of its own.
//!
//! One line `CODEX-LAB-EXPORT <version> <how the key is made, as JSON>`, the sealed profiles, and the SHA-256 of all that.
//! Every version ends in that sum, so that damage is told from a wrong passphrase, and from a newer version.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::base::entropy::Entropy;
use crate::base::seal::{self, BadParameters, PassphraseParameters, SealError, SealKey};
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::model::auth_document::{AuthDocument, AuthDocumentError};
use crate::model::profile::Profile;

/// 10,000 profiles have about 80 MiB.
pub const SIZE_LIMIT: u64 = 256 << 20;

const MAGIC: &str = "CODEX-LAB-EXPORT ";
const VERSION: u32 = 1;
/// The first line is far shorter.
const HEADER_LIMIT: usize = 1024;
const SUM_LENGTH: usize = 32;
/// What a profile takes in the text beside its login, roughly.
const BESIDE: usize = 2048;

/// A profile in an export.
#[derive(Debug, Clone)]
pub struct Exported {
    /// As the index had it.
    pub profile: Profile,
    /// Its login.
    pub login: AuthDocument,
}

/// Why a file gives no profiles.
#[derive(Debug, Error)]
pub enum ExportError {
    /// Another kind of file.
    #[error("the file is no export of Codex Lab")]
    NotAnExport,
    /// Cut off or changed since it was written.
    #[error("the export is damaged")]
    Damaged,
    /// Of a format this version does not know.
    #[error("the export was made by a newer version")]
    Newer,
    /// It asks for more memory or time than any export of ours.
    #[error(transparent)]
    Parameters(#[from] BadParameters),
    /// The passphrase is another one.
    #[error("the passphrase is not the one of the export")]
    WrongPassphrase,
    /// What was sealed is no list of profiles.
    #[error("what is in the export cannot be used")]
    Content(#[source] serde_json::Error),
    /// One profile of it cannot be used.
    #[error("the login cannot be used")]
    Login(#[from] AuthDocumentError),
}

#[derive(Serialize)]
struct Content<'a> {
    made_at: Timestamp,
    profiles: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    profile: &'a Profile,
    login: &'a str,
}

#[derive(Deserialize)]
struct ReadContent {
    profiles: Vec<ReadEntry>,
}

#[derive(Deserialize)]
struct ReadEntry {
    /// Looked into one by one, so that one a newer version has changed does not keep the others out.
    profile: serde_json::Value,
    login: String,
}

/// The bytes of an export. Making the key takes a while: call it from a blocking task.
pub fn seal(profiles: &[Exported], passphrase: &Secret, now: Timestamp, entropy: &dyn Entropy) -> Result<Vec<u8>, ExportError> {
    let parameters = PassphraseParameters::recommended(entropy);
    let key = SealKey::from_passphrase(passphrase, &parameters)?;
    let entries = profiles.iter().map(|it| Entry { profile: &it.profile, login: it.login.text().expose() });
    let content = Content { made_at: now, profiles: entries.collect() };
    // Large enough from the start: growing would leave a copy of tokens behind.
    let room = profiles.iter().map(|it| it.login.text().expose().len() * 5 / 4 + BESIDE).sum();
    let mut plain = Zeroizing::new(Vec::with_capacity(room));
    serde_json::to_writer(&mut *plain, &content).map_err(ExportError::Content)?;
    let header = format!("{MAGIC}{VERSION} {}\n", serde_json::to_string(&parameters).map_err(ExportError::Content)?);
    let mut bytes = header.clone().into_bytes();
    bytes.extend(seal::seal(&key, &header, &plain, entropy));
    let sum = Sha256::digest(&bytes);
    bytes.extend(sum);
    Ok(bytes)
}

/// The profiles of an export, each or why it is of no use. Takes a while, like [`seal`].
pub fn open(bytes: &[u8], passphrase: &Secret) -> Result<Vec<Result<Exported, ExportError>>, ExportError> {
    let (header, sealed) = parts(bytes)?;
    let parameters = header.strip_prefix(MAGIC).and_then(|rest| rest.split_once(' ')).map(|(_, parameters)| parameters);
    let parameters: PassphraseParameters =
        serde_json::from_str(parameters.ok_or(ExportError::NotAnExport)?).map_err(|_| ExportError::Damaged)?;
    let key = SealKey::from_passphrase(passphrase, &parameters)?;
    let plain = seal::open(&key, header, sealed).map_err(|error| match error {
        SealError::Newer => ExportError::Newer,
        // The sum has told that the file is whole.
        SealError::Damaged => ExportError::WrongPassphrase,
        SealError::NotSealed => ExportError::Damaged,
    })?;
    content(&plain)
}

/// The same, of what has been opened: whoever made the file may have known the passphrase and put anything in.
pub fn content(plain: &[u8]) -> Result<Vec<Result<Exported, ExportError>>, ExportError> {
    let content: ReadContent = serde_json::from_slice(plain).map_err(ExportError::Content)?;
    Ok(content.profiles.into_iter().map(exported).collect())
}

/// The first line and the sealed part of a whole export of this version.
fn parts(bytes: &[u8]) -> Result<(&str, &[u8]), ExportError> {
    if !bytes.starts_with(MAGIC.as_bytes()) {
        return Err(ExportError::NotAnExport);
    }
    let (before, sum) = bytes.split_at(bytes.len().saturating_sub(SUM_LENGTH));
    if Sha256::digest(before).as_slice() != sum {
        return Err(ExportError::Damaged);
    }
    let end = before.iter().take(HEADER_LIMIT).position(|byte| *byte == b'\n').ok_or(ExportError::Damaged)?;
    let (header, sealed) = before.split_at(end + 1);
    let header = std::str::from_utf8(header).map_err(|_| ExportError::Damaged)?;
    let version = header[MAGIC.len()..].split(' ').next().and_then(|version| version.parse::<u32>().ok());
    match version {
        Some(VERSION) => Ok((header, sealed)),
        Some(newer) if newer > VERSION => Err(ExportError::Newer),
        _ => Err(ExportError::Damaged),
    }
}

fn exported(entry: ReadEntry) -> Result<Exported, ExportError> {
    let login = AuthDocument::parse(Secret::new(entry.login))?;
    let mut profile: Profile = serde_json::from_value(entry.profile).map_err(ExportError::Content)?;
    profile.details = profile.details.checked().unwrap_or_default();
    Ok(Exported { profile, login })
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        let bad = |message: &str| Self::new(Code::BadLoginFile, message);
        match error {
            ExportError::NotAnExport => {
                bad("This file is no export of Codex Lab.").hint("Choose a file that `codex-lab export` has written.")
            }
            ExportError::Damaged => {
                bad("This export is damaged: it was cut off or changed since it was written.").hint("Take another copy of the file.")
            }
            ExportError::Newer => Self::new(Code::NewerVersion, "This export was made by a newer version of Codex Lab.")
                .hint("Update Codex Lab. Nothing was changed."),
            ExportError::Parameters(_) => bad("This export asks for far more memory than any export of Codex Lab.")
                .hint("It was not made by Codex Lab; do not use it."),
            ExportError::WrongPassphrase => Self::new(Code::WrongPassphrase, "This is not the passphrase of this export.")
                .hint("Type it again: it is the one given when the file was written. Nothing was changed."),
            ExportError::Content(_) => bad("What is in this export cannot be used.").hint("Update Codex Lab, or take another export."),
            ExportError::Login(error) => error.into(),
        }
    }
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
