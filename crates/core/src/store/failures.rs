//! The store's failures, in the user's words.

use super::gateway_key::GatewayKeyError;
use super::home::HomeError;
use super::profiles::StoreError;
use super::routing_settings::RoutingFileError;
use super::settings::SettingsError;
use super::state::StateError;
use super::vault::VaultError;
use crate::base::files::FileErrorKind;
use crate::failure::{Code, Failure, shown};
use crate::model::background::{LARGEST_BUDGET, SMALLEST_BUDGET};
use crate::model::details::{DetailsError, LABEL_LIMIT, NOTE_LIMIT};
use crate::model::routing::RoutingSettingsError;
use crate::model::snapshot::{MOST_HOURS_APART, SettingsValueError};

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        match error {
            HomeError::NoUserHome => Self::new(Code::BadHome, "Your home folder is not known, so there is no place for Codex Lab's own.")
                .hint("Set HOME, or set CODEX_LAB_HOME to a folder of your own."),
            HomeError::Relative => Self::new(Code::BadHome, "CODEX_LAB_HOME is not an absolute path.")
                .hint("Set CODEX_LAB_HOME to a path that begins at the root, or unset it."),
            HomeError::InWorkTree { home, tree } => Self::new(
                Code::BadHome,
                format!("Codex Lab will not keep logins in {}: it lies inside the work tree {}.", shown(&home), shown(&tree)),
            )
            .hint("Set CODEX_LAB_HOME to a folder outside any repository, so that no login is ever committed."),
            HomeError::OfCodex { home } => Self::new(
                Code::BadHome,
                format!("{} belongs to a Codex, or to the fork of it that is also named Codex Lab.", shown(&home)),
            )
            .hint("Set CODEX_LAB_HOME to another folder for Codex Lab, for example to .codex-lab-profiles in your home.")
            .hint("`codex-lab import --from codex-lab-fork` then takes in the accounts that are there, and leaves the folder as it is."),
            HomeError::File(error)
                if matches!(
                    error.kind,
                    FileErrorKind::Exists | FileErrorKind::NotAFile | FileErrorKind::NotAFolder | FileErrorKind::Link
                ) =>
            {
                Self::new(Code::BadHome, format!("Codex Lab needs a folder at {}, and something else is there.", shown(&error.path)))
                    .hint("Move it out of the way, or set CODEX_LAB_HOME to another folder.")
            }
            HomeError::File(error) => error.into(),
            #[cfg(any(windows, test))]
            HomeError::Open { home, source } => {
                Self::new(Code::BadHome, format!("{} could not be closed to other users of this machine: {source}.", shown(&home)))
                    .hint("Set CODEX_LAB_HOME to a folder of your own on a disk with access lists, such as NTFS; exFAT has none.")
            }
        }
    }
}

impl From<GatewayKeyError> for Failure {
    fn from(error: GatewayKeyError) -> Self {
        match error {
            GatewayKeyError::File(error) => error.into(),
            GatewayKeyError::Damaged => Self::new(Code::Storage, "The file gateway.key in Codex Lab's home is damaged.")
                .hint("Delete it. A new key is made at once, and clients that had a copy of the old one need the new one."),
        }
    }
}

impl From<DetailsError> for Failure {
    fn from(error: DetailsError) -> Self {
        let refused = |message: String, hint: &str| Self::new(Code::InvalidInput, message).hint(hint);
        match error {
            DetailsError::LabelTooLong => refused(format!("A label has at most {LABEL_LIMIT} characters."), "Shorten it."),
            DetailsError::NoteTooLong => refused(format!("A note has at most {NOTE_LIMIT} characters."), "Shorten it."),
            DetailsError::ControlCharacter => {
                refused("There is a character in the text that cannot be shown.".into(), "Type the text again, without pasting.")
            }
            DetailsError::WeightTooLarge => refused("A weight goes from 0 to 100.".into(), "Choose a smaller one."),
            DetailsError::ThresholdTooLarge => refused("A threshold goes from 0 to 100 percent.".into(), "Choose a smaller one."),
            DetailsError::CriticalNotBelowLow { low, critical } => refused(
                format!("The critical threshold ({critical} %) has to be below the low threshold ({low} %)."),
                "Lower the critical threshold, or raise the low one.",
            ),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(Code::NotFound, "There is no such profile.").hint("`codex-lab list` shows the profiles."),
            StoreError::NameTaken(name) => {
                Self::new(Code::AlreadyExists, format!("Another profile is called {name} (case does not count)."))
                    .hint("Choose another name.")
            }
            StoreError::Name(error) => error.into(),
            StoreError::Details(error) => error.into(),
            StoreError::NoIdentity => Self::new(Code::BadLoginFile, "This login does not say which user and workspace it belongs to.")
                .hint("Sign in to the account with `codex-lab login` instead of importing it."),
            StoreError::NoLogin { name } => Self::new(Code::NeedsSignIn, format!("{name} has no stored login."))
                .hint(format!("Sign in again: codex-lab login --again '{name}'")),
            StoreError::BadLogin { name, source } => {
                Self::new(Code::BadLoginFile, format!("The stored login of {name} cannot be used: {source}."))
                    .hint(format!("Sign in again: codex-lab login --again '{name}'"))
                    .hint("`codex-lab backup list` shows earlier copies.")
            }
            StoreError::BadSeal { name, source } => {
                let message = match source {
                    VaultError::Foreign => format!("The login of {name} was sealed with another key: on another machine, perhaps."),
                    _ => format!("The sealed login of {name} is damaged and cannot be opened."),
                };
                Self::new(Code::BadLoginFile, message)
                    .hint("`codex-lab backup list` shows earlier copies.")
                    .hint(format!("Sign in again: codex-lab login --again '{name}'"))
            }
            StoreError::Vault(error) => error.into(),
            StoreError::BadCopy => Self::new(Code::BadLoginFile, "This copy is damaged, so it is not put back.")
                .hint("`codex-lab backup list` shows the other copies."),
            StoreError::NoSuchCopy => {
                Self::new(Code::NotFound, "There is no such copy.").hint("`codex-lab backup list` shows the copies there are.")
            }
            StoreError::OlderCopy { name } => Self::new(
                Code::NotPossibleNow,
                format!(
                    "The login of {name} is newer than this copy. Each renewal spends the token before it: with the copy in its place, \
                     the next renewal would spend a token twice, and the provider then revokes the whole login."
                ),
            )
            .hint(format!("If the login of {name} no longer works, sign in again: codex-lab login --again '{name}'"))
            .hint("To put the copy back all the same, say --force; the login there now stays as a copy."),
            StoreError::NewerIndex => Self::new(Code::NewerVersion, "These profiles were written by a newer version of Codex Lab.")
                .hint("Update Codex Lab. Nothing was changed."),
            StoreError::NothingRemoved => Self::new(Code::NotPossibleNow, "There is no removed profile to bring back.")
                .hint("`codex-lab list` shows the profiles; the account may have been added again."),
            StoreError::Encode(_) => Self::new(Code::Internal, "The list of profiles could not be written.").hint("Please report this."),
            StoreError::File(error) => error.into(),
            StoreError::Lock(error) => error.into(),
        }
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Newer => {
                Self::new(Code::NewerVersion, "The state was written by a newer version of Codex Lab.").hint("Update Codex Lab.")
            }
            StateError::Sqlite(error) => {
                let code = match error.sqlite_error_code() {
                    Some(rusqlite::ErrorCode::DiskFull) => Code::StorageFull,
                    Some(rusqlite::ErrorCode::ReadOnly) => Code::StorageReadOnly,
                    Some(rusqlite::ErrorCode::PermissionDenied | rusqlite::ErrorCode::CannotOpen) => Code::StorageDenied,
                    Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Code::Locked,
                    _ => Code::Storage,
                };
                Self::new(code, "The history in state.sqlite could not be read or written.")
                    .hint("Free some space and check its permissions; if it is damaged, move it away: it holds no login.")
            }
            StateError::File(error) => error.into(),
            StateError::Lock(error) => error.into(),
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Syntax { path, .. } => Self::new(Code::InvalidInput, format!("{} is not valid TOML.", shown(&path)))
                .hint("Correct the file; until then the default settings are used."),
            SettingsError::Value { path, .. } => {
                Self::new(Code::InvalidInput, format!("{} has a setting with an unknown value.", shown(&path)))
                    .hint("Correct the file; until then the default settings are used.")
            }
            SettingsError::File(error) => error.into(),
        }
    }
}

impl From<SettingsValueError> for Failure {
    fn from(error: SettingsValueError) -> Self {
        let message = match error {
            SettingsValueError::Budget => {
                format!("The budget of background requests has to be between {SMALLEST_BUDGET} and {LARGEST_BUDGET} a day.")
            }
            SettingsValueError::HoursApart => format!("Weeks can be kept apart by {MOST_HOURS_APART} hours at most."),
        };
        Self::new(Code::InvalidInput, message).hint("`codex-lab settings` shows what each setting can be.")
    }
}

impl From<RoutingSettingsError> for Failure {
    fn from(error: RoutingSettingsError) -> Self {
        Self::new(Code::InvalidInput, format!("These settings of routing cannot be: {error}."))
            .hint("Change one of the values that are named; nothing was changed.")
    }
}

impl From<RoutingFileError> for Failure {
    fn from(error: RoutingFileError) -> Self {
        match error {
            RoutingFileError::Settings(error) => error.into(),
            RoutingFileError::Refused(error) => {
                Self::new(Code::InvalidInput, format!("The settings of routing in config.toml cannot be: {error}."))
                    .hint("Correct the file; until then the default settings are used.")
            }
        }
    }
}
