//! The table: every request a front end can make. The UI's types are generated from it.

use serde::{Deserialize, Serialize};

use crate::base::secret::Secret;
use crate::failure::Failure;
use crate::model::profile::ProfileId;
use crate::model::snapshot::{SessionChoice, Settings, SignInMethod, Snapshot};

/// A request, as `{"method": "...", "params": {...}}`.
#[derive(Debug, Deserialize, ts_rs::TS)]
#[serde(tag = "method", content = "params", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export)]
pub enum Request {
    /// The current snapshot, freshly read.
    Snapshot,
    /// Starts a sign-in and opens the browser. A sign-in that runs already is called off first if `replace` is set.
    BeginSignIn {
        /// How.
        method: SignInMethod,
        /// Sign this profile in again, instead of adding one.
        again: Option<ProfileId>,
        /// Call off the one that runs.
        #[serde(default)]
        replace: bool,
    },
    /// Opens the sign-in's page once more.
    OpenSignInPage,
    /// The address that a browser on another machine ended at.
    PasteCallback {
        /// The whole `http://127.0.0.1:…/auth/callback?…` address.
        #[ts(type = "string")]
        url: SecretText,
    },
    /// Answers phase `other_account`: add it as a new profile, or drop it.
    DecideSignIn {
        /// Whether to add it.
        add: bool,
    },
    /// Calls the running sign-in off; nothing is changed.
    CancelSignIn,
    /// Takes a finished sign-in off the screen.
    DismissSignIn,
    /// Checks an API key once and adds it.
    AddApiKey {
        /// The key.
        #[ts(type = "string")]
        key: SecretText,
    },
    /// Adds logins from a file, or from the `auth.json` files right below a folder. The source is left as it is.
    ImportPath {
        /// A file or a folder.
        path: String,
    },
    /// Adds a login from the pasted text of an `auth.json`.
    ImportText {
        /// The text.
        #[ts(type = "string")]
        text: SecretText,
    },
    /// Keeps the live login as a profile.
    CaptureLive,
    /// Makes a profile the live login; `null` signs out locally, revoking nothing.
    SwitchTo {
        /// Which.
        profile: Option<ProfileId>,
    },
    /// Undoes the last switch.
    UndoSwitch,
    /// Renames a profile.
    Rename {
        /// Which.
        profile: ProfileId,
        /// As typed.
        name: String,
    },
    /// Puts the profiles in this order; those not named follow as they were.
    Reorder {
        /// First to last.
        profiles: Vec<ProfileId>,
    },
    /// Takes a profile out of use, or back.
    SetPaused {
        /// Which.
        profile: ProfileId,
        /// Whether.
        paused: bool,
    },
    /// Forgets a profile here; with `sign_out` its login is also ended at the provider, which cannot be undone.
    Remove {
        /// Which.
        profile: ProfileId,
        /// Whether to revoke its tokens.
        #[serde(default)]
        sign_out: bool,
    },
    /// Brings the profile back that was removed last.
    UndoRemove,
    /// What to do about a running Codex process.
    ChooseForSession {
        /// Which.
        pid: u32,
        /// What.
        choice: SessionChoice,
    },
    /// Changes settings.
    SetSettings {
        /// All of them.
        settings: Settings,
    },
    /// The user has read the first page.
    FinishFirstRun,
}

/// What a request gives back.
#[derive(Debug, Serialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Reply {
    /// Done; the snapshot shows it.
    Done {
        /// After the change.
        snapshot: Box<Snapshot>,
    },
    /// What an import did with each login it found.
    Imported {
        /// After the change.
        snapshot: Box<Snapshot>,
        /// One for each login found.
        items: Vec<ImportItem>,
    },
}

/// What an import did with one login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct ImportItem {
    /// Where it was found; never its content.
    pub source: String,
    /// The profile it is now, if any.
    pub profile: Option<ProfileId>,
    /// Its name.
    pub name: Option<String>,
    /// What happened.
    pub outcome: ImportOutcome,
    /// Why it was skipped.
    pub failure: Option<Failure>,
}

/// What happened to one imported login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ImportOutcome {
    /// A new profile.
    Added,
    /// A known account; its login is newer and was taken.
    Updated,
    /// A known account; what we have is as new or newer.
    Unchanged,
    /// Not usable.
    Skipped,
}

/// A secret on its way in.
#[derive(Deserialize)]
#[serde(from = "String")]
pub struct SecretText(pub Secret);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
