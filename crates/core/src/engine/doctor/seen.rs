//! What the doctor has seen: facts alone, from which `judge` makes findings.

use jiff::Timestamp;

use super::super::clients::ClientSeen;
use crate::codex::config::StoreMode;
use crate::failure::Failure;
use crate::model::import_source::ImportSource;
use crate::model::snapshot::VaultMode;

/// All of it, at one moment.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Our home.
    pub(super) home: String,
    /// What the start has mended.
    pub(super) told: Vec<Failure>,
    /// Files and folders of the home that others may read or change.
    pub(super) open: Vec<String>,
    /// Files that nobody writes any more.
    pub(super) half_written: usize,
    /// Locks that another process holds: what they are for, and whose they are where that is known.
    pub(super) locks: Vec<(&'static str, Option<u32>)>,
    /// Where settings are, if they can be read.
    pub(super) settings: Result<String, Failure>,
    /// Variables that change the way to the network.
    pub(super) network: Vec<&'static str>,
    /// How logins are kept, if they can be opened.
    pub(super) vault: Result<VaultMode, Failure>,
    /// The same, whether or not they can.
    pub(super) vault_mode: Option<VaultMode>,
    /// Every profile.
    pub(super) profiles: Result<Vec<ProfileSeen>, Failure>,
    /// When the live login was changed last.
    pub(super) last_switch: Result<Option<Timestamp>, Failure>,
    /// The machine's clock.
    pub(super) now: Timestamp,
    /// The newest moment that anything of ours was noted at.
    pub(super) newest: Option<Timestamp>,
    /// Where Codex keeps its login.
    pub(super) store: Result<StoreMode, Failure>,
    /// Why it cannot be switched there.
    pub(super) store_refused: Option<Failure>,
    /// The live login.
    pub(super) live: LiveSeen,
    /// Other tools, and what they hold of ours.
    pub(super) others: Result<OthersSeen, Failure>,
    /// Clients that are, or were, connected.
    pub(super) clients: Result<Vec<ClientSeen>, Failure>,
    /// Whether somebody listens on each of the ports of a sign-in.
    pub(super) callback_ports: [bool; 2],
    /// The gateway's port, once one is kept, and who listens there.
    pub(super) gateway: Option<(u16, GatewaySeen)>,
    /// The desktop; `None`: no session bus.
    pub(super) desktop: DesktopSeen,
    /// Entries of the desktop's lists, each with whether its program is gone.
    pub(super) entries: Vec<(String, bool)>,
    /// Codex's program.
    pub(super) codex: CodexSeen,
}

/// A profile.
#[derive(Debug, Clone)]
pub(super) struct ProfileSeen {
    pub(super) name: String,
    pub(super) is_paused: bool,
    /// What does not work.
    pub(super) problem: Option<Failure>,
    /// What should be known.
    pub(super) warning: Option<Failure>,
}

/// The live login.
#[derive(Debug, Clone)]
pub(super) enum LiveSeen {
    /// None, in a home that is there or not.
    None { unused_home: Option<String> },
    /// It cannot be read, or not be replaced.
    Bad(Failure),
    /// It can be read by others.
    Open(String),
    /// It is as it should be.
    Good(String),
}

/// Other tools.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct OthersSeen {
    /// Those with a store that holds logins.
    pub(in crate::engine) tools: Vec<ImportSource>,
    /// A profile's name, and who else holds its login.
    pub(in crate::engine) shared: Vec<(String, Vec<String>)>,
    /// Files with tokens that nobody needs any more.
    pub(in crate::engine) leftovers: Vec<String>,
}

/// Who has the gateway's port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GatewaySeen {
    /// Nobody.
    Free,
    /// Our gateway.
    Ours,
    /// Another program.
    Taken,
}

/// The desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DesktopSeen {
    /// A system without a session bus: its tray and its notifications are always there.
    #[cfg_attr(all(unix, not(target_os = "macos")), allow(dead_code, reason = "seen on other systems"))]
    BuiltIn,
    /// No session bus, as in a terminal from afar.
    NoBus,
    /// What is on the bus.
    #[cfg_attr(any(windows, target_os = "macos"), allow(dead_code, reason = "seen on other systems"))]
    Bus {
        /// Something shows icons.
        tray: bool,
        /// Something shows notifications.
        notifications: bool,
    },
}

/// Codex's program.
#[derive(Debug, Clone)]
pub(super) enum CodexSeen {
    /// None was found.
    Missing(Failure),
    /// It does not run.
    Broken(String),
    /// It says this version.
    Runs { version: String, program: String },
}
