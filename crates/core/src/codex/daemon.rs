//! Codex's own background server: restarting it gives every open conversation the new live login (codex-auth.md 6).

use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

use super::home::CodexHome;
use crate::base::environment::Environment;
use crate::base::ports::{Command, Processes, RunError};

/// The restart waits for the turn in flight.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon that was started anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restarted {
    /// Its process number, if Codex told it.
    pub pid: Option<u32>,
}

/// Why the daemon was not restarted; it goes on with the login it has.
#[derive(Debug, Error)]
pub enum DaemonError {
    /// No Codex program was found.
    #[error("the codex program was not found")]
    CodexMissing,
    /// The path of the home is not Unicode.
    #[error("the path of the codex home cannot be handed on")]
    HomePath,
    /// It could not be run, or did not end in time.
    #[error("codex could not be asked to restart its daemon")]
    Run(#[from] RunError),
    /// Codex said no.
    #[error("codex did not restart its daemon")]
    Refused,
    /// Codex said something else than what it says today.
    #[error("codex gave no understandable answer")]
    Answer,
}

/// Restarts the daemon of a home. Call it only where one runs: Codex would start one.
pub async fn restart(processes: &dyn Processes, environment: &Environment, home: &CodexHome) -> Result<Restarted, DaemonError> {
    let program = home.codex_program(environment).ok_or(DaemonError::CodexMissing)?;
    let codex_home = home.root().to_str().ok_or(DaemonError::HomePath)?.to_owned();
    let command = Command {
        program,
        arguments: ["app-server", "daemon", "restart"].map(str::to_owned).to_vec(),
        variables: vec![("CODEX_HOME".to_owned(), codex_home)],
        timeout: PATIENCE,
    };
    let finished = processes.run(command).await?;
    if !finished.success {
        return Err(DaemonError::Refused);
    }
    parse(&finished.output)
}

#[derive(Deserialize)]
struct Answer {
    status: String,
    pid: Option<u32>,
}

/// One line of JSON; codex-cli 0.169.0 says `{"status":"restarted","pid":…}`.
/// Reads what Codex says of a restart: the last line that looks like its answer.
pub fn parse(output: &str) -> Result<Restarted, DaemonError> {
    let line = output.lines().rev().find(|line| line.starts_with('{')).ok_or(DaemonError::Answer)?;
    let answer: Answer = serde_json::from_str(line).map_err(|_| DaemonError::Answer)?;
    match answer.status.as_str() {
        "restarted" | "started" => Ok(Restarted { pid: answer.pid }),
        _ => Err(DaemonError::Refused),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::base::processes::SystemProcesses;

    fn path_with_codex(script: Option<&str>) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        if let Some(script) = script {
            let program = folder.path().join("codex");
            std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        folder
    }

    async fn with_codex(script: Option<&str>) -> Result<Restarted, DaemonError> {
        let folder = path_with_codex(script);
        let environment = Environment::of("/nowhere", [("PATH", folder.path().as_os_str().to_owned())]);
        restart(&SystemProcesses, &environment, &CodexHome::at(folder.path())).await
    }

    #[tokio::test]
    async fn the_answer_of_the_real_program_is_understood() {
        let script = r#"[ "$*" = "app-server daemon restart" ] && [ -d "$CODEX_HOME" ] || exit 1
            echo 'WARNING: something' >&2
            echo '{"status":"restarted","backend":"pid","pid":11591,"managedCodexVersion":"0.169.0"}'"#;
        assert_eq!(with_codex(Some(script)).await.unwrap(), Restarted { pid: Some(11591) });
    }

    #[tokio::test]
    async fn every_other_answer_is_a_failure() {
        assert!(matches!(with_codex(None).await, Err(DaemonError::CodexMissing)));
        assert!(matches!(with_codex(Some("exit 1")).await, Err(DaemonError::Refused)));
        assert!(matches!(with_codex(Some("echo fine")).await, Err(DaemonError::Answer)));
        assert!(matches!(with_codex(Some("echo '{}'")).await, Err(DaemonError::Answer)));
        assert!(matches!(with_codex(Some(r#"echo '{"status":"notRunning"}'"#)).await, Err(DaemonError::Refused)));
    }
}
