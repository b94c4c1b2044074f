//! Why a client was not connected or disconnected, and that in the user's words.

use std::path::PathBuf;

use thiserror::Error;

use super::connection::ConnectionError;
use super::proxies::Exposed;
use super::syntax::EditError;
use crate::base::files::{FileError, FileErrorKind};
use crate::base::locks::LockError;
use crate::failure::{Code, Failure, shown};
use crate::model::client::Client;

/// Why nothing was changed.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The client has no folder yet: it is started once, and then connected.
    #[error("{client} has not been used here")]
    NotFound {
        /// Which.
        client: Client,
        /// The folder that is missing, if one is known.
        folder: Option<PathBuf>,
    },
    /// The configuration's text: see there.
    #[error("{} was not changed", path.display())]
    Connection {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ConnectionError,
    },
    /// Another of the client's files has such a setting: the user decides whether it is overridden.
    #[error("{} has a provider of that name", path.display())]
    TakenElsewhere {
        /// The file.
        path: PathBuf,
    },
    /// The client would not use what is set.
    #[error("{} keeps the client from the gateway", path.display())]
    Obstacle {
        /// The file.
        path: PathBuf,
        /// How.
        obstacle: Obstacle,
    },
    /// The home's path cannot be named in a configuration.
    #[error("{} cannot be named in a configuration", path.display())]
    KeyPath {
        /// The key's file.
        path: PathBuf,
    },
    /// A link to nothing.
    #[error("{} leads nowhere", path.display())]
    LinkBroken {
        /// The link.
        path: PathBuf,
    },
    /// Protected against writing.
    #[error("{} is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// A second name would go on with the old content.
    #[error("{} is hard-linked", path.display())]
    HardLinked {
        /// The file.
        path: PathBuf,
    },
    /// Somebody changes it all the time.
    #[error("{} keeps changing", path.display())]
    Restless {
        /// The file.
        path: PathBuf,
    },
    /// Another process connects or disconnects.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What in a configuration keeps its client from the gateway, connected or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// Codex uses another provider than its own.
    OtherProvider {
        /// Which.
        provider: String,
    },
    /// The profile that Codex is set to does.
    OtherProviderOfProfile {
        /// Its name.
        profile: String,
        /// Which.
        provider: String,
    },
    /// Codex's other base URL has the gateway's origin.
    SameOrigin,
    /// opencode does not load the provider.
    SwitchedOff {
        /// The list that says so.
        key: &'static str,
    },
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let failure = |message: String| Self::new(Code::ClientConfig, message);
        match error {
            ClientError::NotFound { client, folder } => {
                let what = folder.map_or_else(String::new, |folder| format!(": there is no folder {}", shown(&folder)));
                Self::new(Code::NotFound, format!("{client} has not been used here{what}."))
                    .hint(format!("Install {client}, start it once, and connect it then."))
            }
            ClientError::Connection { path, source } => of_connection(&shown(&path), &source),
            ClientError::TakenElsewhere { path } => {
                Self::new(Code::AlreadyExists, format!("{} has a provider named codex-lab already.", shown(&path)))
                    .hint("Rename it there, or have it overridden.")
            }
            ClientError::Obstacle { path, obstacle } => of_obstacle(&shown(&path), &obstacle),
            ClientError::KeyPath { path } => failure(format!("opencode cannot read a file named {}.", shown(&path)))
                .hint("Set CODEX_LAB_HOME to a folder whose path has no braces, quotes or backslashes."),
            ClientError::LinkBroken { path } => failure(format!("{} is a link that leads nowhere.", shown(&path)))
                .hint("Put the file it leads to in its place, or remove the link."),
            ClientError::ReadOnly { path } => failure(format!("{} is protected against writing.", shown(&path)))
                .hint("Allow writing. If another program writes this file for you, make the change there."),
            ClientError::HardLinked { path } => {
                failure(format!("{} has a second name (a hard link), which would keep the old content.", shown(&path)))
                    .hint("Replace one of the two by a symbolic link to the other.")
            }
            ClientError::Restless { path } => {
                Self::new(Code::Locked, format!("Another program keeps changing {}, so it was left as it is.", shown(&path)))
                    .hint("Close what is changing it, then try again.")
            }
            ClientError::Lock(error) => error.into(),
            ClientError::File(error) => {
                let strange = matches!(error.kind, FileErrorKind::NotAFile | FileErrorKind::TooLarge | FileErrorKind::NotText);
                let failure = Self::from(error);
                if strange { Self { code: Code::ClientConfig, ..failure } } else { failure }
            }
        }
    }
}

fn of_connection(path: &str, error: &ConnectionError) -> Failure {
    let failure = |message: String| Failure::new(Code::ClientConfig, message);
    match error {
        ConnectionError::Taken { key } => {
            Failure::new(Code::AlreadyExists, format!("{path} has another value for {key}, which Codex Lab has not set."))
                .hint("Take it out of the file, or have it replaced: disconnecting puts it back.")
        }
        ConnectionError::HidesSecret { key } => {
            failure(format!("{path} has another value for {key}, which may hold a key or a password, so it is not replaced."))
                .hint("Take it out of the file yourself, and keep it in a safe place.")
        }
        ConnectionError::Edit(EditError::Syntax { line }) => {
            failure(format!("{path} is not valid (line {line}), so it was left as it is.")).hint("Correct that line, then try again.")
        }
        ConnectionError::Edit(EditError::Blocked { key }) if key.is_empty() => {
            failure(format!("{path} holds no settings, but something else.")).hint("Look at the file; remove it if you do not need it.")
        }
        ConnectionError::Edit(EditError::Blocked { key }) => {
            failure(format!("{path} has a value for {key} that cannot be right.")).hint(format!("Correct or remove {key}."))
        }
        ConnectionError::Edit(EditError::Unsafe) => {
            failure(format!("{path} could not be changed without a risk, so it was left as it is.")).hint("Please report this.")
        }
    }
}

fn of_obstacle(path: &str, obstacle: &Obstacle) -> Failure {
    let failure = |message: String| Failure::new(Code::ClientConfig, message);
    match obstacle {
        Obstacle::OtherProvider { provider } => {
            failure(format!("{path} sets Codex to the provider {}, which does not go through Codex Lab.", plain(provider)))
                .hint("Remove model_provider from the file, or set it to \"openai\".")
        }
        Obstacle::OtherProviderOfProfile { profile, provider } => failure(format!(
            "{path} sets Codex to the profile {}, and that to the provider {}, which does not go through Codex Lab.",
            plain(profile),
            plain(provider)
        ))
        .hint("Remove model_provider from that profile, or profile from the file."),
        Obstacle::SameOrigin => {
            failure(format!("{path} sets chatgpt_base_url to the gateway's own address; Codex would go past the gateway then."))
                .hint("Remove chatgpt_base_url from the file.")
        }
        Obstacle::SwitchedOff { key: "disabled_providers" } => {
            failure(format!("{path} switches the provider codex-lab off.")).hint("Take \"codex-lab\" out of disabled_providers.")
        }
        Obstacle::SwitchedOff { key } => {
            failure(format!("{path} switches on other providers alone.")).hint(format!("Add \"codex-lab\" to {key}."))
        }
    }
}

impl Exposed {
    /// What the user should know before the client starts.
    pub fn failure(&self, client: Client) -> Failure {
        let Self { proxy, cure } = self;
        let message = format!("{proxy} is set: {client} would send everything that is for Codex Lab through that proxy, unencrypted.");
        Failure::new(Code::Network, message).hint(format!("Where {client} is started, set {}", plain(cure)))
    }
}

/// Sessions of a profile that go past the gateway.
pub fn profiles_go_past(names: &[String]) -> Failure {
    let names: Vec<_> = names.iter().map(|name| plain(name)).collect();
    let message = format!("These profiles of Codex have a provider or an address of their own: {}.", names.join(", "));
    Failure::new(Code::ClientConfig, message).hint("Sessions with them do not go through Codex Lab.")
}

/// Somebody else's words, short and without what would steer a terminal.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
