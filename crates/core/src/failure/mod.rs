//! What a front end is told when something cannot be done: a code for machines, a sentence for people, the next step.

mod lower;

use std::fmt;

pub(crate) use lower::shown;
use serde::{Deserialize, Serialize};

/// An error at the edge. Its texts hold no secret, no token prefix and no raw answer of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Failure {
    /// For scripts; stays the same between versions.
    pub code: Code,
    /// One or two whole sentences.
    pub message: String,
    /// What to do next, in the imperative, most useful first.
    pub hints: Vec<String>,
}

/// Every way to fail. A closed list: each code has one exit status and one button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Code {
    // What was asked for
    /// A name, path or text that cannot be accepted.
    InvalidInput,
    /// No such profile, sign-in or process.
    NotFound,
    /// A profile of that name, or that account, is there already.
    AlreadyExists,
    /// What was asked for no longer fits the state: nothing to undo, not waiting for a callback.
    NotPossibleNow,
    /// The user called it off.
    Cancelled,
    // Sign-in
    /// The provider or the user refused the sign-in.
    SignInRefused,
    /// The sign-in was for another account than expected.
    WrongAccount,
    /// The sign-in's time ran out.
    SignInExpired,
    /// Ports 1455 and 1457 are both in use.
    PortBusy,
    /// Another sign-in is running.
    SignInRunning,
    /// The callback's state is not ours.
    StateMismatch,
    /// The profile's login is no longer accepted.
    NeedsSignIn,
    // Provider and network
    /// No connection.
    Network,
    /// The provider answered with an error or with nonsense.
    Provider,
    // Files
    /// A login file is damaged or of an unknown kind.
    BadLoginFile,
    /// Our home cannot be where it is.
    BadHome,
    /// A file cannot be read or written: permissions.
    StorageDenied,
    /// The disk is full.
    StorageFull,
    /// The disk or file is read-only.
    StorageReadOnly,
    /// Anything else about files.
    Storage,
    /// Written by a newer version.
    NewerVersion,
    /// Another process holds a lock for too long.
    Locked,
    // The vault
    /// The vault waits for its keyring or its passphrase to be opened.
    VaultLocked,
    /// The keyring refuses, or does not answer.
    VaultDenied,
    /// The keyring, or the vault's key in it, is not there.
    VaultMissing,
    /// The vault's key does not fit, or its file is damaged.
    VaultCorrupt,
    /// The passphrase is not the right one.
    WrongPassphrase,
    // Codex
    /// The Codex CLI is not installed.
    CodexMissing,
    /// The live home keeps its login elsewhere than in a file.
    CodexStoreMode,
    /// A `forced_*` key in the Codex configuration forbids this account.
    CodexForced,
    /// Codex's configuration cannot be read.
    CodexConfig,
    /// The live login cannot be replaced safely.
    LiveLoginUnsafe,
    /// The Codex daemon did not restart.
    DaemonFailed,
    // The gateway
    /// Another process serves the gateway.
    AlreadyServing,
    /// The gateway's port is used by another program.
    GatewayPortBusy,
    /// No gateway answers.
    GatewayDown,
    /// Every profile is out of quota.
    Exhausted,
    // Telling the user
    /// The desktop shows no notifications.
    NoNotifications,
    /// A hook is not run: others could change it, or it is no program.
    HookRefused,
    // Other programs
    /// A client's configuration cannot be read or changed, or keeps the client from the gateway.
    ClientConfig,
    /// A mistake of ours.
    Internal,
}

impl Code {
    /// The code as scripts see it.
    pub fn as_str(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Whether the vault is not open, for whatever reason: then nothing can be said of the logins in it.
    pub fn is_of_the_vault(self) -> bool {
        matches!(self, Self::VaultLocked | Self::VaultDenied | Self::VaultMissing | Self::VaultCorrupt)
    }

    /// The terminal program's exit status. 0 is success and 2 is clap's for wrong usage.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::InvalidInput => 3,
            Self::NotFound => 4,
            Self::AlreadyExists => 5,
            Self::NotPossibleNow => 6,
            Self::NeedsSignIn => 10,
            Self::SignInRefused => 11,
            Self::WrongAccount => 12,
            Self::SignInExpired => 13,
            Self::PortBusy => 14,
            Self::SignInRunning => 15,
            Self::StateMismatch => 16,
            Self::Network => 20,
            Self::Provider => 21,
            Self::BadLoginFile => 30,
            Self::BadHome => 31,
            Self::StorageDenied => 32,
            Self::StorageFull => 33,
            Self::StorageReadOnly => 34,
            Self::Storage => 35,
            Self::NewerVersion => 36,
            Self::Locked => 37,
            Self::CodexMissing => 40,
            Self::CodexStoreMode => 41,
            Self::CodexForced => 42,
            Self::CodexConfig => 43,
            Self::LiveLoginUnsafe => 44,
            Self::DaemonFailed => 45,
            Self::ClientConfig => 46,
            Self::VaultLocked => 50,
            Self::VaultDenied => 51,
            Self::VaultMissing => 52,
            Self::VaultCorrupt => 53,
            Self::WrongPassphrase => 54,
            Self::AlreadyServing => 60,
            Self::GatewayPortBusy => 61,
            Self::GatewayDown => 62,
            Self::Exhausted => 63,
            Self::NoNotifications => 70,
            Self::HookRefused => 71,
            Self::Cancelled => 130,
        }
    }
}

impl Failure {
    /// A failure without a hint yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hints: Vec::new() }
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
