//! Reading logins that exist already: from files, folders and pasted text, and from the stores of other tools. Sources are
//! only ever read.
//!
//! One file for each tool says where its store lies and takes its bytes apart, without I/O; [`scan`] reads, [`plan`]
//! decides what would become of each login.

mod account;
mod cc_switch;
mod codex;
mod codex_auth;
mod codex_lab_fork;
mod codex_multi_auth;
mod every_code;
mod failures;
pub mod leftovers;
mod opencode;
mod opencode_multi_auth_codex;
mod path;
pub mod plan;
#[cfg(test)]
mod samples;
pub mod scan;

use thiserror::Error;

pub use account::Account;
pub use path::{from_path, from_text};

use crate::base::files::FileError;
use crate::base::keyring::KeyringError;
use crate::base::secret::Secret;
use crate::model::auth_document::{AuthDocument, AuthDocumentError};
use crate::model::import_source::ImportSource;

/// The places of an import where tests kill the process. Each login is kept by the store, which has places of its own.
pub const PLACES: [&str; 3] = ["import.begun", "import.kept", "import.done"];

/// A folder or a store with more logins than this is not what the user meant.
const COUNT_LIMIT: usize = 1000;

/// One login, or what was there instead.
#[derive(Debug)]
pub struct Found {
    /// The tool whose store it is in, if it is a tool's.
    pub from: Option<ImportSource>,
    /// Where: a path, or "pasted text". Never what is in it.
    pub source: String,
    /// Whose it is by the store's own words; for display where the login does not say it.
    pub email: Option<String>,
    /// The login, or why it is of no use.
    pub login: Result<AuthDocument, ImportError>,
}

/// Why something cannot be imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file or folder cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is no login we can keep.
    #[error(transparent)]
    Document(#[from] AuthDocumentError),
    /// A login that does not say whose it is could not be told from another.
    #[error("the login names no user and workspace")]
    NoIdentity,
    /// The folder holds no login file.
    #[error("no login file in the folder")]
    NothingFound,
    /// Nothing of the tool is where it usually is.
    #[error("no store of {0} was found")]
    NoStore(ImportSource),
    /// More than 1,000 candidates.
    #[error("more than {COUNT_LIMIT} files that may be logins")]
    TooMany,
    /// The store holds more than 1,000 accounts.
    #[error("more than {COUNT_LIMIT} accounts in one store")]
    TooManyAccounts,
    /// More text than any login has.
    #[error("the text is too large")]
    TextTooLarge,
    /// The store is cut off, or something else altogether.
    #[error("the store is not whole")]
    NotWhole,
    /// The store is not of its tool's shape.
    #[error("the store does not have the fields of its tool")]
    Shape,
    /// A newer version of the tool wrote the store.
    #[error("the store has the unknown version {0}")]
    NewerStore(u64),
    /// The store is encrypted and no passphrase was given.
    #[error("the store is encrypted")]
    Encrypted,
    /// The passphrase does not open the store, or the store was changed; which of these cannot be told.
    #[error("the passphrase does not open the store")]
    WrongPassphrase,
    /// The account has no refresh token: its login ends within days.
    #[error("the account has no refresh token")]
    NoRefreshToken,
    /// The account has no access token, and to get one would spend the refresh token that the tool still holds.
    #[error("the account has no access token")]
    NoAccessToken,
    /// The key belongs to another provider than `OpenAI`.
    #[error("the key is for another provider")]
    OtherProvider,
    /// Codex keeps the login in its own encrypted file (codex-auth.md 4).
    #[error("codex keeps the login in an encrypted file")]
    CodexEncrypted,
    /// Codex keeps the login in the keyring, which could not be asked.
    #[error("the keyring could not be read")]
    Keyring(#[source] KeyringError),
    /// The database is being written.
    #[error("the database is in use")]
    Busy,
    /// Another account has the same refresh token: two profiles with one token would lose it.
    #[error("the tokens belong to another account as well")]
    SameTokens {
        /// Where that account was found, or its profile.
        other: String,
    },
}

/// The accounts in a tool's store, by its bytes alone. An error is about the store as a whole; each account has its own.
pub fn parse(from: ImportSource, bytes: &[u8], passphrase: Option<&Secret>) -> Result<Vec<Account>, ImportError> {
    let accounts = match from {
        ImportSource::Codex => Ok(codex::parse(bytes)),
        ImportSource::EveryCode => every_code::parse(bytes),
        ImportSource::CodexLabFork => codex_lab_fork::parse(bytes),
        ImportSource::OpencodeMultiAuthCodex => opencode_multi_auth_codex::parse(bytes, passphrase),
        ImportSource::Opencode => opencode::parse(bytes),
        ImportSource::CodexAuth => codex_auth::parse(bytes),
        ImportSource::CcSwitch => cc_switch::parse(bytes),
        ImportSource::CodexMultiAuth => codex_multi_auth::parse(bytes),
    }?;
    if accounts.len() > COUNT_LIMIT { Err(ImportError::TooManyAccounts) } else { Ok(accounts) }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
