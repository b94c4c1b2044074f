//! The one value that every front end draws. It holds no secret.

mod session;
mod settings;
mod sign_in;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::client::ClientRow;
use super::details::ProfileDetails;
use super::pin::SessionPin;
use super::profile::{ProfileId, ProfileKind};
use super::quota::QuotaView;
use super::routing::RoutingSettings;
use super::shortcut::ShortcutView;
use super::spending::Spending;
use crate::failure::Failure;
pub use session::{Session, SessionChoice, SessionKind};
pub use settings::{AfterSwitch, Language, MOST_HOURS_APART, Settings, SettingsValueError, Theme};
pub use sign_in::{PagePicture, SignIn, SignInMethod, SignInPhase};

/// Everything there is to show, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Snapshot {
    /// Goes up with every change.
    #[ts(type = "number")]
    pub revision: u64,
    /// Our home folder.
    pub home: String,
    /// The user has not yet read what this is and what the provider's stance is.
    pub first_run: bool,
    /// What the stock Codex home holds.
    pub live: Live,
    /// Where logins are kept, and whether it is open.
    pub vault: VaultView,
    /// In the user's order.
    pub profiles: Vec<ProfileRow>,
    /// The sign-in that is going on, or the last one until it is dismissed.
    pub sign_in: Option<SignIn>,
    /// What "undo" would do now.
    pub undo: Option<Undo>,
    /// The profile that was removed last, while it can be brought back.
    pub removed: Option<Removed>,
    /// Running Codex processes, newest first.
    pub sessions: Vec<Session>,
    /// Sessions that are tied to a profile, the last one first; at most 1,000.
    pub pins: Vec<SessionPin>,
    /// Programs that can be connected to the gateway.
    pub clients: Vec<ClientRow>,
    /// What the user should know and has not been asked about: each with its next step.
    pub problems: Vec<Failure>,
    /// Settings that front ends show or obey.
    pub settings: Settings,
    /// How requests are given to profiles.
    pub routing: RoutingSettings,
    /// What API keys have cost this month.
    pub spending: Spending,
    /// What this process does of the gateway.
    pub gateway: GatewayView,
    /// What became of the shortcut that opens the window, in the process that looks after it.
    pub shortcut: ShortcutView,
}

impl Snapshot {
    /// Before the first look: of these two folders nothing is known.
    pub fn empty(home: String, codex_home: String) -> Self {
        Self {
            revision: 0,
            home,
            first_run: false,
            live: Live { state: LiveState::None, profile: None, email: None, plan: None, codex_home, failure: None },
            vault: VaultView { mode: VaultMode::default(), state: VaultState::default(), failure: None },
            profiles: Vec::new(),
            sign_in: None,
            undo: None,
            removed: None,
            sessions: Vec::new(),
            pins: Vec::new(),
            clients: Vec::new(),
            problems: Vec::new(),
            settings: Settings::default(),
            routing: RoutingSettings::default(),
            spending: Spending::default(),
            gateway: GatewayView::default(),
            shortcut: ShortcutView::default(),
        }
    }
}

/// The gateway, as far as one process knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct GatewayView {
    /// What it does.
    pub state: GatewayState,
    /// The port on 127.0.0.1, while this process serves.
    pub port: Option<u16>,
    /// Why it does not serve.
    pub failure: Option<Failure>,
}

/// What a process does of the gateway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum GatewayState {
    /// Nothing.
    #[default]
    Off,
    /// Another process serves; this one takes over when that one ends.
    Waiting,
    /// It serves.
    Serving,
    /// It should serve, and cannot: see the failure.
    Failed,
}

/// The login in the stock Codex home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Live {
    /// What it is.
    pub state: LiveState,
    /// The profile it belongs to, if it is one.
    pub profile: Option<ProfileId>,
    /// For display, of a login that is no profile too.
    pub email: Option<String>,
    /// For display.
    pub plan: Option<String>,
    /// The Codex home.
    pub codex_home: String,
    /// Why it cannot be read or switched.
    pub failure: Option<Failure>,
}

/// What the stock Codex home holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LiveState {
    /// No login.
    None,
    /// One of the profiles.
    Profile,
    /// A login that is no profile yet: shown, left alone until the user imports it or switches.
    Unknown,
    /// Something that is no login: see the failure.
    Unreadable,
    /// The login is not kept in a file: see the failure.
    Elsewhere,
}

/// A profile as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct ProfileRow {
    /// Names it in requests.
    pub id: ProfileId,
    /// Its name.
    pub name: String,
    /// How it signs in.
    pub kind: ProfileKind,
    /// For display.
    pub email: Option<String>,
    /// For display.
    pub plan: Option<String>,
    /// The provider's id of the workspace that requests are made for; `None` for an API key.
    pub workspace: Option<String>,
    /// Whether it can be used.
    pub state: ProfileState,
    /// Whether it is the live login.
    pub live: bool,
    /// The user's remarks.
    pub details: ProfileDetails,
    /// What is to be said of its tokens, if anything.
    pub token: TokenNote,
    /// What is left of its allowance, as far as that was seen.
    pub quota: QuotaView,
    /// Where else this very login is in use: whoever refreshes it there takes it from us.
    pub also_in: Vec<String>,
    /// When it was added.
    #[ts(type = "string")]
    pub added_at: Timestamp,
    /// When it last became the live login.
    #[ts(type = "string | null")]
    pub last_live_at: Option<Timestamp>,
}

/// Whether a profile can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ProfileState {
    /// Yes.
    Ready,
    /// The user keeps it out of use.
    Paused,
    /// Its login is gone for good.
    NeedsSignIn,
    /// Its login file cannot be read.
    Unreadable,
    /// Its login is there, and the vault it lies in is not open: see the snapshot's vault. Never a sign-out.
    Locked,
}

/// What is to be said of a profile's tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum TokenNote {
    /// Nothing.
    #[default]
    Fine,
    /// They could not be renewed; the next try is due then. This is no limit of the account.
    Resting {
        /// When the next try may be made.
        #[ts(type = "string")]
        until: Timestamp,
    },
    /// They were renewed and could not be saved: kept in memory, saved as soon as it is possible.
    Unsaved,
}

/// Where logins are kept, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct VaultView {
    /// How they are kept.
    pub mode: VaultMode,
    /// Whether they can be read now.
    pub state: VaultState,
    /// Why not, and what to do.
    pub failure: Option<Failure>,
}

/// How logins are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum VaultMode {
    /// In files that only their owner may read, in Codex's own format.
    #[default]
    File,
    /// In sealed files; the key is in the operating system's keyring.
    Keyring,
    /// In sealed files; the key comes from the user's passphrase.
    Passphrase,
}

/// Whether logins can be read. None but `Open` says anything about the logins themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum VaultState {
    /// Yes.
    #[default]
    Open,
    /// The keyring is locked, or the passphrase was not given yet.
    Locked,
    /// The keyring said no, or does not answer.
    Denied,
    /// The keyring, or the key in it, is not there.
    Missing,
    /// The key is there and is not the right one, or the vault's own file is damaged.
    Corrupt,
}

/// What "undo" would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Undo {
    /// Back to this profile; `None` is back to no login.
    pub to: Option<ProfileId>,
    /// Its name.
    pub name: Option<String>,
    /// When the switch was made that would be undone.
    #[ts(type = "string")]
    pub switched_at: Timestamp,
}

/// A removed profile that can be brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Removed {
    /// Which.
    pub id: ProfileId,
    /// Its name.
    pub name: String,
    /// When it was removed.
    #[ts(type = "string")]
    pub removed_at: Timestamp,
}
