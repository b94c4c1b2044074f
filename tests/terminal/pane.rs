//! A real terminal (tmux) with a shell in it.

use std::path::PathBuf;
use std::process::{Command as BlockingCommand, Stdio};
use std::time::Duration;

use tokio::process::Command;

use crate::world::{World, program};

/// What is waited for comes within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal of its own with a shell in it.
pub(crate) struct Pane<'a> {
    pub(crate) world: &'a World,
    socket: PathBuf,
}

impl<'a> Pane<'a> {
    /// `None` where there is no tmux: nothing of it can be shown.
    pub(crate) async fn open(world: &'a World) -> Option<Self> {
        Self::named("pane", world).await
    }

    /// One of several.
    pub(crate) async fn named(name: &str, world: &'a World) -> Option<Self> {
        let pane = Self { world, socket: world.home().join(name) };
        let mut command = pane.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh"]);
        let path = format!("{}:/usr/bin:/bin", program("codex-lab").parent().unwrap().display());
        command.env_clear().envs(world.environment()).env("PATH", path).env("TERM", "xterm-256color").env("LC_ALL", "C.UTF-8");
        command.current_dir(world.home());
        assert!(command.output().await.ok()?.status.success());
        // In two parts, so that what is waited for is not what is typed.
        pane.line("PS1='rea''dy> '").await;
        pane.wait_for("ready>").await;
        Some(pane)
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&self.socket).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> String {
        let output = self.tmux(arguments).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Presses keys, as tmux names them.
    pub(crate) async fn press(&self, keys: &[&str]) {
        self.run(&[&["send-keys"], keys].concat()).await;
    }

    /// Types a line into the shell.
    pub(crate) async fn line(&self, line: &str) {
        self.press(&["-l", line]).await;
        self.press(&["Enter"]).await;
    }

    /// Waits until all of these are seen together; the whole screen.
    pub(crate) async fn wait_for_all(&self, texts: &[&str]) -> String {
        let seen = async {
            loop {
                let screen = self.run(&["capture-pane", "-p"]).await;
                self.world.look_for_secrets(&screen);
                if texts.iter().all(|text| screen.contains(text)) {
                    return screen;
                }
                tokio::task::yield_now().await;
            }
        };
        let Ok(screen) = tokio::time::timeout(PATIENCE, seen).await else {
            panic!("{texts:?} did not come; there is:\n{}", self.run(&["capture-pane", "-p"]).await);
        };
        screen
    }

    pub(crate) async fn wait_for(&self, text: &str) -> String {
        self.wait_for_all(&[text]).await
    }
}

impl Drop for Pane<'_> {
    fn drop(&mut self) {
        let mut command = BlockingCommand::new("tmux");
        command.arg("-S").arg(&self.socket).arg("kill-server").stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status();
    }
}
