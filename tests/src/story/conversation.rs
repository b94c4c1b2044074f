//! An open conversation of the real Codex CLI in a terminal (tmux), as a person has it open: typed to, and read.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command as BlockingCommand, Stdio};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout_at};

use crate::codex_cli::{CodexCli, CodexHome};

/// Between two looks at the screen. The terminal tells nobody that it has changed.
const LOOK: Duration = Duration::from_millis(100);

/// What stands where the user types, as long as nothing is typed.
const EMPTY: &str = "› Ask Codex to do anything";
/// How long a line may take to leave that place after Enter.
const ENTER: Duration = Duration::from_secs(2);

/// A terminal with `codex` in it. Its daemon outlives it: see [`super::leftovers`].
#[derive(Debug)]
pub struct Conversation {
    socket: PathBuf,
}

/// Why a conversation does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ConversationError {
    /// tmux could not be started, or the terminal is gone.
    #[error("the terminal of the conversation does not answer")]
    Terminal(#[from] io::Error),
    /// What was waited for did not come. The screen is what is there instead.
    #[error("{awaited:?} did not appear within {patience:?}; the screen shows:\n{screen}")]
    TimedOut {
        /// What was waited for.
        awaited: String,
        /// How long.
        patience: Duration,
        /// What is there.
        screen: String,
    },
}

impl Conversation {
    /// Starts `codex` in the home's work folder, which its configuration must trust (see [`trust`]).
    pub async fn open(cli: &CodexCli, home: &CodexHome, patience: Duration) -> Result<Self, ConversationError> {
        let words = [cli.binary().display().to_string()];
        Self::open_by(&words, home.path(), &home.work(), home.env(), patience).await
    }

    /// The same with a command that starts it; nothing but these variables is inherited.
    pub async fn open_by<N: AsRef<OsStr>, V: AsRef<OsStr>>(
        words: &[String],
        home: &Path,
        folder: &Path,
        variables: impl IntoIterator<Item = (N, V)>,
        patience: Duration,
    ) -> Result<Self, ConversationError> {
        // A terminal that has just ended may still be there.
        let free = (0..u8::MAX).map(|number| home.join(format!("terminal-{number}.sock"))).find(|socket| !socket.exists());
        let conversation = Self { socket: free.ok_or_else(|| io::Error::other("too many terminals"))? };
        let size = ["-x", "100", "-y", "40"];
        let mut command = conversation.tmux();
        command.args(["-f", "/dev/null", "new-session", "-d"]).args(size).args(words);
        command.env_clear().envs(variables).env("TERM", "xterm-256color").current_dir(folder);
        run(command).await?;
        conversation.wait_for("? for shortcuts", patience).await?;
        Ok(conversation)
    }

    /// Types a line and sends it. No `?` at its end: Codex holds that back until the next key.
    pub async fn say(&self, line: &str, patience: Duration) -> Result<(), ConversationError> {
        run(self.command(&["send-keys", "-l", line])).await?;
        // Codex takes an Enter that comes in the same breath as the text for a part of it.
        self.wait_for(&format!("› {line}"), patience).await?;
        let deadline = Instant::now() + patience;
        loop {
            // While it connects again it ignores an Enter, and leaves the line where it was typed.
            run(self.command(&["send-keys", "Enter"])).await?;
            match self.wait_for(EMPTY, ENTER).await {
                Err(ConversationError::TimedOut { .. }) if Instant::now() < deadline => {}
                outcome => return outcome.map(|_| ()),
            }
        }
    }

    /// The text on the screen now.
    pub async fn screen(&self) -> Result<String, ConversationError> {
        Ok(run(self.command(&["capture-pane", "-p", "-S", "-200"])).await?)
    }

    /// Waits until the screen shows `text`; gives the whole screen.
    pub async fn wait_for(&self, text: &str, patience: Duration) -> Result<String, ConversationError> {
        let deadline = Instant::now() + patience;
        loop {
            let screen = timeout_at(deadline, self.screen()).await;
            match screen {
                Ok(Ok(screen)) if screen.contains(text) => return Ok(screen),
                Ok(Ok(_)) if Instant::now() < deadline => sleep(LOOK).await,
                Ok(Err(error)) => return Err(error),
                Ok(Ok(_)) | Err(_) => {
                    let screen = self.screen().await.unwrap_or_default();
                    return Err(ConversationError::TimedOut { awaited: text.to_owned(), patience, screen });
                }
            }
        }
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&self.socket);
        command
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.tmux();
        command.args(args);
        command
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // An error means that it has ended by itself.
        let mut command = BlockingCommand::new("tmux");
        command.arg("-S").arg(&self.socket).arg("kill-server").stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status();
    }
}

/// The lines of Codex's `config.toml` that keep it from asking whether it may work in the home's work folder.
pub fn trust(home: &CodexHome) -> String {
    trust_in(&home.work())
}

/// The same for any folder.
pub fn trust_in(folder: &Path) -> String {
    format!("\n[projects.{:?}]\ntrust_level = \"trusted\"\n", folder.display().to_string())
}

async fn run(mut command: Command) -> io::Result<String> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}
