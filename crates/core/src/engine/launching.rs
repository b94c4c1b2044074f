//! Starting Codex through the gateway, in the foreground of a terminal.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use super::serving::Gateway;
use super::{Engine, blocking};
use crate::base::foreground;
use crate::codex::config::CodexConfig;
use crate::codex::launch::{self, Address, AtHome, StartError};
use crate::failure::{Code, Failure};
use crate::model::launch::LaunchWish;
use crate::model::snapshot::LiveState;

/// How a launch ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Names it, for [`Engine::launch_report`].
    pub launch: String,
    /// Whether it needed no terminal.
    pub is_unattended: bool,
    /// The program's own exit status.
    pub status: u8,
}

impl Engine {
    /// Runs Codex to its end with these words, through this gateway and as wished.
    pub async fn launch(&self, words: &[OsString], gateway: &Gateway, wish: LaunchWish) -> Result<Ended, Failure> {
        let name = self.begin_launch(wish).await?;
        let shared = Arc::clone(&self.shared);
        let config = blocking(move || CodexConfig::read(&shared.codex).map_err(|error| Failure::from(&error))).await?;
        let has_login = matches!(self.snapshot().live.state, LiveState::Profile | LiveState::Unknown);
        let address = Address { port: gateway.port, key: &gateway.key, launch: &name };
        let start = launch::start(words, address, AtHome { config: &config, has_login }, &self.shared.ports.environment)?;
        let variables: Vec<(&str, &str)> = start.variables.iter().map(|(name, value)| (*name, value.expose())).collect();
        let ended = foreground::run(&start.program, &start.arguments, &variables).await.map_err(|error| not_started(&error))?;
        let is_unattended = launch::is_unattended(words.get(1..).unwrap_or_default());
        Ok(Ended { launch: name, is_unattended, status: foreground::status(ended) })
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Nothing => Self::new(Code::InvalidInput, "There is nothing to start.")
                .hint("Say what to start after two strokes: `codex-lab run -- codex`."),
            StartError::NotCodex => Self::new(Code::InvalidInput, "Only Codex can be started through the gateway.")
                .hint("Say `codex-lab run -- codex`, or connect another client for good with `codex-lab connect`."),
            StartError::NoLogin => Self::new(Code::NotPossibleNow, "Codex has no login, so it would ask for one before anything else.")
                .hint("Make a profile the live login first: `codex-lab use NAME`."),
        }
    }
}

fn not_started(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::NotFound {
        return Failure::new(Code::CodexMissing, "The Codex CLI was not found.")
            .hint("Install it with `npm install -g @openai/codex`, or name its file: `codex-lab run -- /path/to/codex`.");
    }
    Failure::new(Code::CodexMissing, format!("The Codex CLI could not be started: {error}.")).hint("Check that its file can be run.")
}
