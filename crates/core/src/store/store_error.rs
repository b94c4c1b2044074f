//! Why the store of profiles did not do what it was asked for.

use thiserror::Error;

use super::vault::VaultError;
use crate::base::files::FileError;
use crate::base::locks::LockError;
use crate::model::auth_document::AuthDocumentError;
use crate::model::details::DetailsError;
use crate::model::name::{NameError, ProfileName};

/// Why the store did not do it. Nothing was changed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No such profile.
    #[error("there is no such profile")]
    NotFound,
    /// Another profile has this name, or one that differs in case only.
    #[error("the name {0} is taken")]
    NameTaken(ProfileName),
    /// No name.
    #[error("the name {0}")]
    Name(#[from] NameError),
    /// Remarks that are not accepted.
    #[error(transparent)]
    Details(#[from] DetailsError),
    /// The login does not say whose it is.
    #[error("the login does not name a user and a workspace")]
    NoIdentity,
    /// The profile has no login file.
    #[error("{name} has no login")]
    NoLogin {
        /// Whose.
        name: ProfileName,
    },
    /// The profile's login file is damaged; it is left as it is.
    #[error("the login of {name} cannot be used")]
    BadLogin {
        /// Whose.
        name: ProfileName,
        /// What is wrong with it.
        #[source]
        source: AuthDocumentError,
    },
    /// The profile's sealed login file is damaged, or was sealed elsewhere; it is left as it is.
    #[error("the sealed login of {name} cannot be opened")]
    BadSeal {
        /// Whose.
        name: ProfileName,
        /// Which of the two.
        #[source]
        source: VaultError,
    },
    /// A copy of a login that is damaged.
    #[error("the copy is damaged")]
    BadCopy,
    /// There is no such copy.
    #[error("there is no such copy")]
    NoSuchCopy,
    /// What is there is newer than the copy, whose refresh token may be spent.
    #[error("the login of {name} is newer than the copy")]
    OlderCopy {
        /// Whose.
        name: ProfileName,
    },
    /// A newer version wrote the index; this one only reads what it knows.
    #[error("the index was written by a newer version")]
    NewerIndex,
    /// Nothing was removed, or it cannot come back.
    #[error("there is nothing to bring back")]
    NothingRemoved,
    /// The index could not be encoded.
    #[error("the index could not be encoded")]
    Encode(#[source] serde_json::Error),
    /// The vault gives nothing, which says nothing about what is in it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The lock was not free.
    #[error(transparent)]
    Lock(#[from] LockError),
}
