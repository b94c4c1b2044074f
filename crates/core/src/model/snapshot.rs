//! The one value that every front end draws. It holds no secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::background::{LARGEST_BUDGET, SMALLEST_BUDGET, USUAL_BUDGET};
use super::client::ClientRow;
use super::details::ProfileDetails;
use super::hooks::Hooks;
use super::profile::{ProfileId, ProfileKind};
use super::quiet_hours::QuietHours;
use super::quota::QuotaView;
use super::routing::RoutingSettings;
use crate::failure::Failure;

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
    /// Programs that can be connected to the gateway.
    pub clients: Vec<ClientRow>,
    /// What the user should know and has not been asked about: each with its next step.
    pub problems: Vec<Failure>,
    /// Settings that front ends show or obey.
    pub settings: Settings,
    /// How requests are given to profiles.
    pub routing: RoutingSettings,
    /// What this process does of the gateway.
    pub gateway: GatewayView,
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

/// A sign-in as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct SignIn {
    /// Names it in requests. Not secret.
    pub id: String,
    /// How.
    pub method: SignInMethod,
    /// The profile to sign in again; `None` for a new one.
    pub again: Option<ProfileId>,
    /// Where it stands.
    pub phase: SignInPhase,
    /// The page to open: the authorize page, or the page that takes the device code.
    pub url: Option<String>,
    /// The device code to type in.
    pub user_code: Option<String>,
    /// The browser could not be started: the user has to open the page by hand.
    pub browser_failed: bool,
    /// When it gives up.
    #[ts(type = "string | null")]
    pub deadline: Option<Timestamp>,
    /// Whose account came back: set from phase `other_account` on.
    pub email: Option<String>,
    /// The profile that came of it: set in phase `done`.
    pub profile: Option<ProfileId>,
    /// Whether that profile is new; else its login was renewed.
    pub created: bool,
    /// Why it failed: set in phase `failed`.
    pub failure: Option<Failure>,
}

/// How to sign in with ChatGPT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SignInMethod {
    /// In the browser of this machine, or by pasting the address another machine's browser ended at.
    Browser,
    /// By typing a code into a page on any machine.
    DeviceCode,
}

/// Where a sign-in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SignInPhase {
    /// Taking a port, or asking for a device code.
    Starting,
    /// The user is at the provider's page.
    Waiting,
    /// The code is being exchanged for tokens and stored.
    Finishing,
    /// Signing in again gave another account: the user decides whether to add it.
    OtherAccount,
    /// There is a profile.
    Done,
    /// It failed or was cancelled; nothing was changed.
    Failed,
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

/// A running Codex process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Session {
    /// The system's process number.
    pub pid: u32,
    /// What it is.
    pub kind: SessionKind,
    /// The folder it works in.
    pub folder: Option<String>,
    /// When it started.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// Whether it still runs on a login that is no longer the live one.
    pub stale: bool,
    /// The name of the profile it runs on, where known.
    pub profile: Option<String>,
    /// What can be done about it.
    pub choices: Vec<SessionChoice>,
    /// What the user chose.
    pub chosen: Option<SessionChoice>,
}

/// What a Codex process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SessionKind {
    /// An interactive session that runs on the daemon.
    Interactive,
    /// An interactive session of its own (`--no-daemon`).
    Standalone,
    /// `codex exec`.
    Exec,
    /// The daemon behind the interactive sessions.
    Daemon,
    /// The app server of an IDE or another program.
    AppServer,
}

/// What to do about a session that runs on the old login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SessionChoice {
    /// Let it go on as it is.
    Leave,
    /// Switch it as soon as no turn is running.
    WhenIdle,
    /// Restart its daemon now; open conversations stay.
    Restart,
}

/// Settings that front ends show or obey. Kept in `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, rename_all = "snake_case")]
#[ts(export)]
pub struct Settings {
    /// What happens to a Codex daemon after a switch.
    pub after_switch: AfterSwitch,
    /// Whether OS notifications are shown.
    pub notifications: bool,
    /// Whether the app starts with the desktop.
    pub autostart: bool,
    /// Colours of the window.
    pub theme: Theme,
    /// Whether logins that nobody uses are renewed now and then, so that they do not run out.
    pub keep_alive: bool,
    /// Whether nothing is sent in the background: no question for quota, no login kept alive, no week started. Quota is read from
    /// traffic and from Codex's logs alone.
    pub conservative: bool,
    /// Whether the gateway has no WebSockets: Codex then sends each request over HTTP. For networks that break the former.
    pub http_only: bool,
    /// How many requests one profile may cost in the background within 24 hours, 16 to 1000.
    pub background_budget: u16,
    /// How many hours the weeks that are started lie apart at least, 0 to 24; 0: they may end together.
    pub prime_apart_hours: u8,
    /// When what can wait is not told, by the user's clock: as "22:00-07:00".
    pub quiet_hours: Option<QuietHours>,
    /// Whether notifications and the tray's menu name no profile and no e-mail.
    pub private_notifications: bool,
    /// Programs that are run when something happens.
    pub hooks: Hooks,
}

/// The most hours that weeks are kept apart.
pub const MOST_HOURS_APART: u8 = 24;

/// Why settings are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsValueError {
    /// The budget is out of its range.
    #[error("the budget of background requests is not between {SMALLEST_BUDGET} and {LARGEST_BUDGET}")]
    Budget,
    /// More than a day.
    #[error("weeks are kept apart by {MOST_HOURS_APART} hours at most")]
    HoursApart,
}

impl Settings {
    /// The same, if all of it can be accepted.
    pub fn checked(self) -> Result<Self, SettingsValueError> {
        if !(SMALLEST_BUDGET..=LARGEST_BUDGET).contains(&self.background_budget) {
            Err(SettingsValueError::Budget)
        } else if self.prime_apart_hours > MOST_HOURS_APART {
            Err(SettingsValueError::HoursApart)
        } else {
            Ok(self)
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            after_switch: AfterSwitch::default(),
            notifications: true,
            autostart: false,
            theme: Theme::default(),
            keep_alive: true,
            conservative: false,
            http_only: false,
            background_budget: USUAL_BUDGET,
            prime_apart_hours: 3,
            quiet_hours: None,
            private_notifications: false,
            hooks: Hooks::default(),
        }
    }
}

/// What happens to a Codex daemon after a switch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AfterSwitch {
    /// The user is asked each time.
    #[default]
    Ask,
    /// It is restarted when no turn is running.
    WhenIdle,
    /// It is restarted at once.
    Restart,
    /// It is left on the old login.
    Leave,
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Theme {
    /// As the desktop.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}
