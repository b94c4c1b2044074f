//! What cannot be imported, in the user's words.

use super::{COUNT_LIMIT, ImportError};
use crate::base::files::{FileError, FileErrorKind};
use crate::base::keyring::KeyringError;
use crate::failure::{Code, Failure, shown};
use crate::model::auth_document::AuthDocumentError;

impl ImportError {
    /// What the user is told.
    pub fn failure(&self) -> Failure {
        match self {
            Self::File(error) => file_failure(error),
            Self::Document(error) => document_failure(error),
            Self::NoIdentity => Failure::new(Code::BadLoginFile, "This login does not say which account it belongs to.")
                .hint("Sign in to that account here instead."),
            Self::NoStore(from) => Failure::new(Code::NotFound, format!("Nothing of {from} was found on this computer."))
                .hint(format!("If it keeps its accounts elsewhere, name the file or folder: codex-lab import --from {} PATH", from.word())),
            Self::NothingFound => Failure::new(Code::NotFound, "There is no Codex login in this folder.")
                .hint("Choose a folder that holds an auth.json, such as ~/.codex, or choose the file itself."),
            Self::TooMany => {
                Failure::new(Code::InvalidInput, format!("This folder holds more than {COUNT_LIMIT} files that could be logins."))
                    .hint("Choose the folder that holds the logins, or a single auth.json.")
            }
            Self::TextTooLarge => Failure::new(Code::InvalidInput, "The pasted text is far too long for a Codex login.")
                .hint("Paste the content of one auth.json."),
            Self::TooManyAccounts => {
                Failure::new(Code::InvalidInput, format!("This store holds more than {COUNT_LIMIT} accounts, which is not one person's."))
                    .hint("Check that this is the file you meant.")
            }
            Self::NotWhole => bad("This store is cut off, or is something else altogether.")
                .hint("Start the tool it belongs to, which may mend it, and try again."),
            Self::Shape => bad("This does not have the fields that its tool writes.").hint("Check that this is the file you meant."),
            Self::NewerStore(version) => {
                Failure::new(Code::NewerVersion, format!("This store has version {version}, which this Codex Lab does not know."))
                    .hint("Update Codex Lab, or sign in to the accounts with `codex-lab login`.")
            }
            Self::Encrypted => Failure::new(Code::WrongPassphrase, "This store is encrypted, and no passphrase was given.")
                .hint("Give the tool's own passphrase: codex-lab import --from opencode-multi-auth-codex --passphrase"),
            Self::WrongPassphrase => {
                Failure::new(Code::WrongPassphrase, "The passphrase does not open this store, or the store was changed.")
                    .hint("Give the passphrase that the tool has in CODEX_SOFT_STORE_PASSPHRASE.")
            }
            Self::NoRefreshToken => {
                bad("This account has no refresh token, so its login could not last.").hint("Sign in to that account here instead.")
            }
            Self::NoAccessToken => bad("The tool keeps no whole login of this account: using it here would take it from the tool.")
                .hint("Sign in to that account here instead."),
            Self::OtherProvider => {
                bad("This key belongs to another provider than OpenAI.").hint("Leave it where it is: Codex Lab has no use for it.")
            }
            Self::CodexEncrypted => {
                Failure::new(Code::CodexStoreMode, "Codex keeps this login in an encrypted file that only Codex itself can open.")
                    .hint("Sign in to that account here instead, with `codex-lab login`.")
                    .hint("Or set cli_auth_credentials_store = \"file\" in Codex's config.toml and sign in there again.")
            }
            Self::Keyring(error) => keyring_failure(error),
            Self::Busy => Failure::new(Code::Locked, "This database is being written right now, or was left in the middle of it.")
                .hint("Quit the tool it belongs to, and try again."),
            Self::SameTokens { other } => bad(format!("Its tokens are the same as those of {other}, and only one account can use them."))
                .hint("Sign in to this workspace here instead: that gives it a login of its own."),
        }
    }
}

fn bad(message: impl Into<String>) -> Failure {
    Failure::new(Code::BadLoginFile, message)
}

fn keyring_failure(error: &KeyringError) -> Failure {
    let (code, message, hint) = match error {
        KeyringError::Absent => {
            (Code::VaultMissing, "Codex keeps this login in the keyring, and there is none here.", "Start the keyring, then try again.")
        }
        KeyringError::Locked => {
            (Code::VaultLocked, "Codex keeps this login in the keyring, which is locked.", "Unlock the keyring, then try again.")
        }
        KeyringError::Denied => (
            Code::VaultDenied,
            "Codex keeps this login in the keyring, which did not give it out.",
            "Allow the access when you are asked, and try again.",
        ),
        KeyringError::TimedOut => (
            Code::VaultDenied,
            "Codex keeps this login in the keyring, which did not answer in time.",
            "Look for a question of the keyring's, and try again.",
        ),
        KeyringError::Corrupt => {
            (Code::BadLoginFile, "What the keyring holds for Codex is no login.", "Sign in to that account here instead.")
        }
        KeyringError::Other(_) => {
            (Code::VaultDenied, "Codex keeps this login in the keyring, which failed.", "Check the keyring, and try again.")
        }
    };
    Failure::new(code, message).hint(hint)
}

fn file_failure(error: &FileError) -> Failure {
    let path = shown(&error.path);
    match error.kind {
        FileErrorKind::Missing => Failure::new(Code::NotFound, format!("There is nothing at {path}.")).hint("Check the path."),
        FileErrorKind::Denied => Failure::new(Code::StorageDenied, format!("You are not allowed to read {path}."))
            .hint("Change the file's permissions so that you can read it, then try again."),
        FileErrorKind::Link => Failure::new(Code::BadLoginFile, format!("{path} is a link to another place, which is not followed."))
            .hint("Choose the file that it points to."),
        FileErrorKind::NotAFile => {
            Failure::new(Code::BadLoginFile, format!("{path} is not a file.")).hint("Choose an auth.json, or a folder that holds one.")
        }
        FileErrorKind::TooLarge => Failure::new(Code::BadLoginFile, format!("{path} is far too large for a Codex login."))
            .hint("Choose an auth.json; it has a few kilobytes."),
        FileErrorKind::NotText => {
            Failure::new(Code::BadLoginFile, format!("{path} is not a text file.")).hint("Choose an auth.json, or a folder that holds one.")
        }
        _ => Failure::new(Code::Storage, format!("{path} could not be read.")).hint("Check that the disk is there, then try again."),
    }
}

fn document_failure(error: &AuthDocumentError) -> Failure {
    let bad = |message: String| Failure::new(Code::BadLoginFile, message);
    match error {
        AuthDocumentError::Empty => bad("There is nothing in it.".into()).hint("Sign in to that account here instead."),
        AuthDocumentError::NotJson => bad("This is not a whole Codex login: it is cut off, or something else altogether.".into())
            .hint("Choose the file again, or paste all of its text, from the first { to the last }."),
        AuthDocumentError::Shape => bad("This file is not a Codex login.".into()).hint("Choose a Codex auth.json."),
        AuthDocumentError::UnsupportedMode(mode) => bad(format!("This login signs in with \"{mode}\", which Codex Lab cannot keep."))
            .hint("Sign in with ChatGPT or add an API key instead."),
        AuthDocumentError::NoTokens | AuthDocumentError::NoKey => {
            bad("There is no login in this file: it was signed out, or it is another kind of file.".into())
                .hint("Sign in to that account here instead.")
        }
        AuthDocumentError::IdToken(_) => {
            bad("This login is damaged: its identity cannot be read.".into()).hint("Sign in to that account here instead.")
        }
    }
}
