//! The table: every request a front end can make, and what it gives back. The UI's types are generated from it.

mod items;
mod reply;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::base::secret::Secret;
use crate::model::activity::ActivityFilter;
use crate::model::client::Client;
use crate::model::details::ProfileDetails;
pub use crate::model::import_source::ImportSource;
use crate::model::profile::ProfileId;
use crate::model::routing::RoutingSettings;
use crate::model::snapshot::{SessionChoice, Settings, SignInMethod, VaultMode};
use crate::model::snooze::Snooze;
pub use items::{BackupItem, BackupOf, ClientChange, ImportItem, ImportOutcome, Leftover, Policy};
pub use reply::Reply;

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
    /// What an import would do: looks, and changes nothing.
    FindImports {
        /// Only this tool's store; without it, every one that is found.
        from: Option<ImportSource>,
        /// The store's place, if it is not the usual one.
        path: Option<String>,
        /// Opens an encrypted store.
        #[ts(type = "string | null")]
        passphrase: Option<SecretText>,
    },
    /// Imports from other tools' stores. The sources are left as they are.
    ImportFrom {
        /// See `find_imports`.
        from: Option<ImportSource>,
        /// See `find_imports`.
        path: Option<String>,
        /// See `find_imports`.
        #[ts(type = "string | null")]
        passphrase: Option<SecretText>,
        /// Only these items of the plan, by their keys; without it, all that are usable.
        only: Option<Vec<String>>,
    },
    /// Deletes a plaintext left-over of another tool, which `find_imports` has reported.
    DeleteLeftover {
        /// As reported.
        path: String,
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
    /// Notes the user's remarks on a profile.
    SetDetails {
        /// Which.
        profile: ProfileId,
        /// All of them.
        details: ProfileDetails,
    },
    /// Sets the weights of these profiles under the weighted strategy; what else is noted of them stays.
    SetWeights {
        /// Each 0 to 100.
        weights: BTreeMap<ProfileId, u8>,
    },
    /// Renews a profile's tokens now, if they can be renewed.
    Renew {
        /// Which.
        profile: ProfileId,
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
    /// Ties a session that comes through the gateway to a profile: it goes there, or waits.
    PinSession {
        /// Its id, or how that begins.
        session: String,
        /// To which; `null` unties it.
        profile: Option<ProfileId>,
    },
    /// Tells nothing of a profile's quota for a while.
    Snooze {
        /// Which; of all profiles without one.
        profile: Option<ProfileId>,
        /// For how long.
        #[serde(default)]
        how: Snooze,
    },
    /// Changes settings.
    SetSettings {
        /// All of them.
        settings: Settings,
    },
    /// Changes one setting, or one of routing that is a single value.
    SetSetting {
        /// Its name in `config.toml`: "theme", "routing.low".
        key: String,
        /// As it would be typed; without it, the default is in force again and the file says nothing of it.
        value: Option<String>,
    },
    /// Every setting with its default, what it can be, and where its value comes from.
    Settings,
    /// Changes how requests are given to profiles. A profile that is forced has to be there; links of folders are resolved.
    SetRouting {
        /// All of them.
        settings: RoutingSettings,
    },
    /// The last decisions of routing.
    Why {
        /// Only of this session, by its id or how that begins.
        session: Option<String>,
    },
    /// Who would serve a new session, and why. Nothing is claimed.
    Explain {
        /// The folder it would work in: an absolute path.
        folder: Option<String>,
        /// The model it would ask for.
        model: Option<String>,
    },
    /// What was used when, and how it goes on.
    UsageHistory {
        /// Only of this one.
        profile: Option<ProfileId>,
        /// Of the last so many hours, 1 to 17,520.
        hours: u32,
    },
    /// Has a client send its requests to the gateway from now on, by its own configuration.
    ConnectClient {
        /// Which.
        client: Client,
        /// Whether what somebody else has set there may be replaced; it is put back later.
        #[serde(default)]
        replace: bool,
        /// Only say what would change.
        #[serde(default)]
        dry_run: bool,
    },
    /// Undoes that, exactly.
    DisconnectClient {
        /// Which; `null` for all that are connected, wherever they keep their configurations.
        client: Option<Client>,
        /// Only say what would change.
        #[serde(default)]
        dry_run: bool,
    },
    /// What would be done about every profile's week, and what was done.
    Primes,
    /// Starts a profile's week now, if two readings say that it has not started: that takes a minute or two. The user need not have
    /// asked for it always.
    PrimeNow {
        /// Which.
        profile: ProfileId,
    },
    /// What was asked in the background, of whom and what for.
    Background,
    /// Everything that was done, the newest first.
    Activity {
        /// What of it.
        #[serde(default)]
        filter: ActivityFilter,
    },
    /// Opens a page of the provider's in the browser.
    OpenPolicy {
        /// Which.
        policy: Policy,
    },
    /// The user has read the first page.
    FinishFirstRun,
    /// Keeps all logins in another way from now on.
    MoveVault {
        /// How.
        to: VaultMode,
        /// The new passphrase; needed for `passphrase` alone.
        #[ts(type = "string | null")]
        passphrase: Option<SecretText>,
    },
    /// Opens the vault; in keyring mode by asking the keyring again.
    UnlockVault {
        /// Needed in passphrase mode alone.
        #[ts(type = "string | null")]
        passphrase: Option<SecretText>,
    },
    /// Forgets the vault's key, here and in every other process that has it.
    LockVault,
    /// The last known good copies.
    ListBackups,
    /// Puts a copy back in its place; what is there now becomes a copy first.
    RestoreBackup {
        /// Which, as listed.
        backup: String,
        /// Even if the copy is older than what is there.
        #[serde(default)]
        force: bool,
    },
    /// Writes all profiles into one sealed file.
    Export {
        /// Where; nothing is written over unless `replace` is set.
        path: String,
        /// The user's own, for this file alone.
        #[ts(type = "string")]
        passphrase: SecretText,
        /// Whether a file there may be replaced.
        #[serde(default)]
        replace: bool,
    },
    /// Takes profiles in from such a file, by the rules of an import.
    RestoreExport {
        /// Where it is.
        path: String,
        /// The one it was sealed with.
        #[ts(type = "string")]
        passphrase: SecretText,
        /// Only say what would happen.
        #[serde(default)]
        dry_run: bool,
    },
    /// What another request would change, or why it would be refused; nothing is changed, nobody is asked.
    DryRun {
        /// Which.
        request: Box<Request>,
    },
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
