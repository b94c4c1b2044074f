//! Running Codex processes, as shown.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
