//! What replies list: logins that were found, copies, and what is changed in clients' configurations.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::model::client::{Client, ClientState};
use crate::model::import_source::ImportSource;
use crate::model::profile::ProfileId;

/// What an import did with one login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct ImportItem {
    /// Names it among the items of one plan; stays the same while the source does.
    pub key: String,
    /// The tool whose store it is in, if it is a tool's.
    pub from: Option<ImportSource>,
    /// Where it was found; never its content.
    pub source: String,
    /// For display.
    pub email: Option<String>,
    /// For display.
    pub plan: Option<String>,
    /// For display: the workspace's id.
    pub workspace: Option<String>,
    /// Other places that hold this very login.
    pub also_at: Vec<String>,
    /// The profile it is now, if any.
    pub profile: Option<ProfileId>,
    /// Its name.
    pub name: Option<String>,
    /// What happened.
    pub outcome: ImportOutcome,
    /// Why it was skipped, or not saved.
    pub failure: Option<Failure>,
    /// What to do where the login has another owner too: two owners of one login lose it.
    pub advice: Option<String>,
}

impl ImportItem {
    /// A login of which nothing is known but where it was found; skipped, until more is said.
    pub(crate) fn found(key: String, source: String) -> Self {
        Self {
            key,
            from: None,
            source,
            email: None,
            plan: None,
            workspace: None,
            also_at: Vec::new(),
            profile: None,
            name: None,
            outcome: ImportOutcome::Skipped,
            failure: None,
            advice: None,
        }
    }
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
    /// Usable, but it could not be saved.
    Failed,
}

/// A file of another tool that holds tokens in plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Leftover {
    /// The tool it belongs to.
    pub from: ImportSource,
    /// The file.
    pub path: String,
    /// What it is, in a few words.
    pub what: String,
    /// Whether it may be deleted on request; the stores that tools work with may not.
    pub deletable: bool,
}

/// A last known good copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct BackupItem {
    /// Names it in requests.
    pub id: String,
    /// What it is a copy of.
    pub of: BackupOf,
    /// The profile, for a login's copy.
    pub profile: Option<ProfileId>,
    /// Its name, or the account's e-mail.
    pub name: Option<String>,
    /// When it was made.
    #[ts(type = "string")]
    pub made_at: Timestamp,
    /// Whether it is what is there now.
    pub current: bool,
    /// Whether what is there now is newer. An older login in the place of a newer one loses the account's login, so that
    /// takes `force`.
    pub older: bool,
    /// Why it cannot be read.
    pub failure: Option<Failure>,
}

/// A page of the provider's on what its accounts may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Policy {
    /// Its terms of use.
    Terms,
    /// Its usage policies.
    Usage,
}

/// What a copy is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BackupOf {
    /// The list of profiles.
    Index,
    /// A profile's login.
    Login,
    /// A login that was live before a switch.
    Live,
}

/// What a connection or its undoing changes in a client's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct ClientChange {
    /// Which.
    pub client: Client,
    /// The file.
    pub path: String,
    /// Whether it goes through the gateway then.
    pub state: ClientState,
    /// Whether the file itself is made, or taken away again.
    pub whole_file: bool,
    /// Lines that come in.
    pub put_in: Vec<String>,
    /// Lines that go.
    pub taken_out: Vec<String>,
    /// Values that disconnecting puts back.
    pub puts_back: Vec<String>,
    /// What the user should know before the client is used.
    pub remarks: Vec<Failure>,
}
