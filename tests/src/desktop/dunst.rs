//! The real notification server `dunst`.

use std::fs;
use std::process::Stdio;

use super::program::{Program, command, run};
use super::{Desktop, DesktopError, notifications, until};

/// A running `dunst`. Ends when dropped.
#[derive(Debug)]
pub struct Dunst {
    env: Vec<(&'static str, String)>,
    _program: Program,
}

impl Dunst {
    pub(super) async fn start(desktop: &Desktop) -> Result<Self, DesktopError> {
        let home = desktop.folder().join("dunst");
        fs::create_dir_all(&home)?;
        let configuration = home.join("dunstrc");
        fs::write(&configuration, "[global]\ntimeout = 0\nfont = Sans 11\n")?;
        let mut env = desktop.env();
        env.push(("HOME", home.display().to_string()));
        let mut dunst = command("dunst", &env);
        dunst.arg("-config").arg(&configuration).stdout(Stdio::null()).stderr(Stdio::null());
        let program = Program::start(dunst)?;
        until("dunst", async || desktop.bus().has(notifications::NAME).await.then_some(())).await?;
        Ok(Self { env, _program: program })
    }

    /// How many notifications are on the screen.
    pub async fn displayed(&self) -> Result<usize, DesktopError> {
        Ok(self.control(&["count", "displayed"]).await?.trim().parse().unwrap_or_default())
    }

    /// Presses the first button of the newest notification.
    pub async fn press(&self) -> Result<(), DesktopError> {
        self.control(&["action", "0"]).await.map(drop)
    }

    /// Takes all notifications off the screen.
    pub async fn close_all(&self) -> Result<(), DesktopError> {
        self.control(&["close-all"]).await.map(drop)
    }

    async fn control(&self, arguments: &[&str]) -> Result<String, DesktopError> {
        let mut control = command("dunstctl", &self.env);
        control.args(arguments);
        run(control).await
    }
}
