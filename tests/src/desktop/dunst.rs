//! The real notification server `dunst`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;

use super::program::{Program, command, run};
use super::{Desktop, DesktopError, notifications, until};

/// A running `dunst`. Ends when dropped.
#[derive(Debug)]
pub struct Dunst {
    env: Vec<(&'static str, String)>,
    wanted: PathBuf,
    _program: Program,
}

impl Dunst {
    pub(super) async fn start(desktop: &Desktop) -> Result<Self, DesktopError> {
        let home = desktop.folder().join("dunst");
        fs::create_dir_all(&home)?;
        let configuration = home.join("dunstrc");
        // Its menu of actions: takes the line that is wanted by then.
        let (menu, wanted) = (home.join("menu"), home.join("wanted"));
        fs::write(&menu, format!("#!/bin/sh\nexec grep -m1 -F -f {}\n", wanted.display()))?;
        fs::set_permissions(&menu, PermissionsExt::from_mode(0o755))?;
        let global = "[global]\nfont = Sans 11\nwidth = 380\noffset = 12x12\nnotification_limit = 20\n";
        let patient = "[urgency_low]\ntimeout = 0\n[urgency_normal]\ntimeout = 0\n[urgency_critical]\ntimeout = 0\n";
        fs::write(&configuration, format!("{global}dmenu = {}\n{patient}", menu.display()))?;
        let mut env = desktop.env();
        env.push(("HOME", home.display().to_string()));
        let mut dunst = command("dunst", &env);
        dunst.arg("-config").arg(&configuration).stdout(Stdio::null()).stderr(Stdio::null());
        let program = Program::start(dunst)?;
        until("dunst", async || desktop.bus().has(notifications::NAME).await.then_some(())).await?;
        Ok(Self { env, wanted, _program: program })
    }

    /// How many notifications are on the screen.
    pub async fn displayed(&self) -> Result<usize, DesktopError> {
        Ok(self.control(&["count", "displayed"]).await?.trim().parse().unwrap_or_default())
    }

    /// Presses the first button of the newest notification.
    pub async fn press(&self) -> Result<(), DesktopError> {
        self.control(&["action", "0"]).await.map(drop)
    }

    /// Opens the menu of actions and takes the one with this label.
    pub async fn choose(&self, label: &str) -> Result<(), DesktopError> {
        fs::write(&self.wanted, label)?;
        self.control(&["context"]).await.map(drop)
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
