//! Other programs that work through the gateway once they are connected to it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A program that can be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Client {
    /// The stock Codex: its terminal, `codex exec` and the extensions of editors.
    Codex,
    /// `opencode`.
    Opencode,
}

impl Client {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Codex, Self::Opencode];

    /// The word for it in requests and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Codex => "codex",
            Self::Opencode => "opencode",
        }
    }
}

/// Its name for people.
impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Codex => "Codex",
            Self::Opencode => "opencode",
        })
    }
}

/// A client as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct ClientRow {
    /// Which.
    pub client: Client,
    /// Whether it goes through the gateway.
    pub state: ClientState,
    /// Its configuration: the file that is, or would be, changed.
    pub path: String,
    /// Since when it is connected, where that was noted.
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
}

/// Whether a client goes through the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ClientState {
    /// It has never been used here.
    NotFound,
    /// No.
    NotConnected,
    /// Yes.
    Connected,
    /// It was connected, and what was written for that has been changed by somebody since.
    ChangedSince,
}
