//! A program of the desktop, ended when dropped.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::{DesktopError, PATIENCE};

/// A running program.
#[derive(Debug)]
pub(super) struct Program {
    name: String,
    child: Child,
}

impl Program {
    /// Starts a command as it is. It is killed when this is dropped.
    pub(super) fn start(mut command: Command) -> Result<Self, DesktopError> {
        let program = Path::new(command.as_std().get_program()).to_path_buf();
        let child = command.stdin(Stdio::null()).kill_on_drop(true).spawn().map_err(|e| DesktopError::Program(program.clone(), e))?;
        Ok(Self { name: program.display().to_string(), child })
    }

    /// Starts a command and reads the first line it says on standard output.
    pub(super) async fn start_and_read(mut command: Command) -> Result<(Self, String), DesktopError> {
        command.stdout(Stdio::piped());
        let mut program = Self::start(command)?;
        let mut line = String::new();
        if let Some(stdout) = program.child.stdout.take() {
            let mut stdout = BufReader::new(stdout);
            let read = tokio::time::timeout(PATIENCE, stdout.read_line(&mut line)).await;
            read.map_err(|_| DesktopError::NotInTime(format!("the first line of {}", program.name)))??;
        }
        if line.trim().is_empty() {
            return Err(DesktopError::Ended(program.name, "it said nothing".to_owned()));
        }
        Ok((program, line.trim().to_owned()))
    }

    /// The process number; 0 once it has ended and was waited for.
    pub(super) fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Result<Option<std::process::ExitStatus>, DesktopError> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for the end.
    pub(super) async fn end(&mut self) -> Result<std::process::ExitStatus, DesktopError> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        Ok(ended.map_err(|_| DesktopError::NotInTime(format!("the end of {}", self.name)))??)
    }

    /// Kills it and waits.
    pub(super) async fn kill(&mut self) -> Result<(), DesktopError> {
        Ok(self.child.kill().await?)
    }
}

/// Runs a command to its end and gives back what it said.
pub(super) async fn run(mut command: Command) -> Result<String, DesktopError> {
    let program = Path::new(command.as_std().get_program()).to_path_buf();
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(PATIENCE, output)
        .await
        .map_err(|_| DesktopError::NotInTime(format!("the end of {}", program.display())))?
        .map_err(|e| DesktopError::Program(program.clone(), e))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(DesktopError::Ended(program.display().to_string(), String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

/// A command that inherits nothing but what is given.
pub(super) fn command(program: impl AsRef<std::ffi::OsStr>, env: &[(&'static str, String)]) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(env.iter().map(|(name, value)| (name, value)));
    command
}
