//! Failures of the lower rooms: what a file, a lock, the network or a login file did wrong, in the user's words.

use std::path::Path;

use super::{Code, Failure};
use crate::base::files::{FileError, FileErrorKind};
use crate::base::https::{HttpError, HttpsSetupError};
use crate::base::locks::LockError;
use crate::base::loopback::LoopbackError;
use crate::model::auth_document::AuthDocumentError;
use crate::model::name::NameError;
use crate::model::setting::{SETTINGS, SettingError};

impl From<&FileError> for Failure {
    fn from(error: &FileError) -> Self {
        let path = shown(&error.path);
        match error.kind {
            FileErrorKind::Missing => Self::new(Code::NotFound, format!("{path} does not exist.")).hint("Check the path."),
            FileErrorKind::Exists => Self::new(Code::AlreadyExists, format!("{path} exists already.")).hint("Choose another name."),
            FileErrorKind::Denied => Self::new(Code::StorageDenied, format!("{path} may not be read or written."))
                .hint(format!("Make {path} and its folder yours again, for example with chown and chmod.")),
            FileErrorKind::ReadOnly => Self::new(Code::StorageReadOnly, format!("{path} is on a read-only disk."))
                .hint("Make the disk writable, or set CODEX_LAB_HOME to a folder on another disk."),
            FileErrorKind::Full => Self::new(Code::StorageFull, format!("There is no space left to write {path}."))
                .hint("Free some space and try again. Nothing was changed."),
            FileErrorKind::NotAFile => Self::new(Code::BadLoginFile, format!("{path} is not a regular file."))
                .hint(format!("Move {path} out of the way and try again.")),
            FileErrorKind::NotAFolder => Self::new(Code::Storage, format!("{path} is in the place of a folder."))
                .hint(format!("Move {path} out of the way and try again.")),
            FileErrorKind::TooLarge => Self::new(Code::BadLoginFile, format!("{path} is far larger than such a file can be."))
                .hint("Check that this is the file you meant."),
            FileErrorKind::Link => Self::new(Code::BadLoginFile, format!("{path} is a symbolic link, which is not followed here."))
                .hint("Put the file itself there, or name the file the link points to."),
            FileErrorKind::HardLinked => Self::new(Code::LiveLoginUnsafe, format!("{path} has a second name (a hard link)."))
                .hint("Replace it by a copy of itself: a login must live in exactly one place."),
            FileErrorKind::NotText => {
                Self::new(Code::BadLoginFile, format!("{path} is not text.")).hint("Check that this is the file you meant.")
            }
            FileErrorKind::Other => Self::new(Code::Storage, format!("{path} could not be read or written."))
                .hint("Run `codex-lab doctor` to see what is wrong with the disk or the folder."),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::from(&error)
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Busy { path, waited_for } => {
                Self::new(Code::Locked, format!("Another program has held {} for too long ({waited_for}).", shown(&path)))
                    .hint("Wait for the other Codex or Codex Lab process to finish, then try again.")
            }
            LockError::File(error) => error.into(),
        }
    }
}

impl From<LoopbackError> for Failure {
    fn from(error: LoopbackError) -> Self {
        Self::new(Code::GatewayDown, format!("Codex Lab's gateway does not answer: {error}."))
            .hint("Start Codex Lab, or run `codex-lab serve` in another terminal.")
    }
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Connect { host, .. } => Self::new(Code::Network, format!("No connection to {host}."))
                .hint("Check the network, and HTTPS_PROXY and SSL_CERT_FILE if your network needs them."),
            HttpError::Timeout { host } => {
                Self::new(Code::Network, format!("{host} did not answer in time.")).hint("Try again in a moment.")
            }
            HttpError::Broken { host, .. } => {
                Self::new(Code::Network, format!("The answer of {host} broke off.")).hint("Try again in a moment.")
            }
            HttpError::TooLarge { host } => Self::new(Code::Provider, format!("{host} sent an answer that makes no sense."))
                .hint("A proxy or a login page of the network may be answering in its place."),
            HttpError::Request => Self::new(Code::Internal, "A request could not be built.").hint("Please report this."),
            HttpError::SetUp(error) => error.into(),
        }
    }
}

impl From<HttpsSetupError> for Failure {
    fn from(error: HttpsSetupError) -> Self {
        let hint = match &error {
            HttpsSetupError::CaFile { variable, .. } | HttpsSetupError::Proxy { variable } => format!("Correct or unset {variable}."),
            HttpsSetupError::NoCertificate { .. } => "Point SSL_CERT_FILE or CODEX_CA_CERTIFICATE at a PEM file with certificates.".into(),

            HttpsSetupError::Tls(_) => "Check that the system's certificates are installed.".to_owned(),
        };
        Self::new(Code::Network, sentence(&error.to_string())).hint(hint)
    }
}

impl From<&AuthDocumentError> for Failure {
    fn from(error: &AuthDocumentError) -> Self {
        let hint = match error {
            AuthDocumentError::UnsupportedMode(_) => "Sign in with ChatGPT or with an API key.",
            _ => "Sign in to this account again, or import a whole auth.json.",
        };
        Self::new(Code::BadLoginFile, format!("This login cannot be used: {error}.")).hint(hint)
    }
}

impl From<AuthDocumentError> for Failure {
    fn from(error: AuthDocumentError) -> Self {
        Self::from(&error)
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        Self::new(Code::InvalidInput, format!("That name {error}.")).hint("Use a short name such as main, work or backup.")
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        match error {
            SettingError::Unknown => {
                Self::new(Code::NotFound, "There is no setting of that name.").hint("`codex-lab settings` lists them.")
            }
            SettingError::Value { name, .. } if SETTINGS.iter().any(|setting| setting.variable == Some(name)) => {
                Self::new(Code::InvalidInput, format!("The environment has what cannot be: {error}."))
                    .hint(format!("Correct or unset {name}, then start Codex Lab again."))
            }
            SettingError::Value { allowed, .. } => Self::new(Code::InvalidInput, format!("This setting can be: {allowed}."))
                .hint("`codex-lab settings` shows what each setting can be."),
            SettingError::Overridden { variable } => {
                Self::new(Code::NotPossibleNow, format!("{variable} in the environment sets this, whatever config.toml says."))
                    .hint(format!("Unset {variable} and start Codex Lab again to change it here."))
            }
        }
    }
}

/// A path as shown: without control characters, which could rewrite a terminal.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().chars().filter(|c| !c.is_control()).collect()
}

/// A lower-case error message as a sentence.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}
