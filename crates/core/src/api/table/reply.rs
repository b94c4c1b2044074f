//! What requests give back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::items::{BackupItem, ClientChange, ImportItem, Leftover};
use crate::model::activity::ActivityEntry;
use crate::model::background::{BackgroundRequest, BackgroundUse};
use crate::model::decision::Decision;
use crate::model::prime::{PrimePreview, PrimeRecord};
use crate::model::profile::ProfileId;
use crate::model::quota::UsageHistory;
use crate::model::setting::SettingRow;
use crate::model::snapshot::Snapshot;

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
    /// What an import would do.
    ImportPlan {
        /// One for each login found.
        items: Vec<ImportItem>,
        /// Files of other tools that hold tokens in plain text.
        leftovers: Vec<Leftover>,
    },
    /// Last known good copies, newest first.
    Backups {
        /// Each of them.
        items: Vec<BackupItem>,
    },
    /// What was, or would be, changed in clients' configurations.
    Clients {
        /// After the change.
        snapshot: Box<Snapshot>,
        /// One for each file.
        changes: Vec<ClientChange>,
    },
    /// The file was written.
    Exported {
        /// Where it is.
        path: String,
        /// How many profiles it holds.
        profiles: usize,
        /// Names of those that it does not hold, because their logins cannot be read.
        left_out: Vec<String>,
    },
    /// The last decisions of routing, the newest first.
    Decisions {
        /// At most 100.
        decisions: Vec<Decision>,
        /// The names of the profiles in them, removed ones too, as far as they are known.
        names: BTreeMap<ProfileId, String>,
    },
    /// What would be done about weeks, and what was done.
    Primes {
        /// What would be done about each profile now.
        previews: Vec<PrimePreview>,
        /// Where the request would go.
        address: String,
        /// Its body; the model is the cheapest of the account's list.
        body: String,
        /// What was done, the newest first; at most 200.
        records: Vec<PrimeRecord>,
        /// Names of the profiles in them, as far as they are known.
        names: BTreeMap<ProfileId, String>,
    },
    /// The request that starts a week went out, and its answer came whole. Whether the week runs, later readings tell.
    Primed {
        /// What is known so far.
        record: Box<PrimeRecord>,
    },
    /// What was asked in the background.
    Background {
        /// How many requests each profile may cost within 24 hours.
        budget: u16,
        /// What each has cost.
        used: Vec<BackgroundUse>,
        /// The last requests, the newest first; at most 500.
        requests: Vec<BackgroundRequest>,
    },
    /// Nothing is told for a while, or it is again.
    Snoozed {
        /// Until when; `None`: it is told again.
        #[ts(type = "string | null")]
        until: Option<Timestamp>,
    },
    /// A page of what was done, the newest first.
    Activity {
        /// As many as were asked for, or fewer.
        entries: Vec<ActivityEntry>,
        /// The names of the profiles in them, removed ones too, as far as they are known.
        names: BTreeMap<ProfileId, String>,
        /// Give this as `before` for the next page; `None`: there is no more.
        next: Option<String>,
    },
    /// Every setting as it is now.
    Settings {
        /// In the order in which they are shown.
        rows: Vec<SettingRow>,
    },
    /// Who would serve.
    Explained {
        /// As if it were decided now.
        decision: Box<Decision>,
        /// See `decisions`.
        names: BTreeMap<ProfileId, String>,
    },
    /// What a request would change.
    DryRun {
        /// Each as what the request would do: "switch from main to backup". Empty: nothing would change.
        would: Vec<String>,
    },
    /// What was used when.
    UsageHistory {
        /// All of it.
        history: Box<UsageHistory>,
    },
}
