//! A virtual display with a window manager.

use std::path::Path;
use std::process::Stdio;

use super::program::{Program, command, run};
use super::{DesktopError, Screen, until};

/// Wide enough for the window beside an open menu.
pub(super) const USUAL: &str = "1280x900x24";
/// Wide enough for the widest pages; windows have no frames on it.
pub(super) const WIDE: &str = "1720x1100x24";
/// On a screen where windows stand without frames.
const FRAMELESS: &str = "<openbox_config xmlns=\"http://openbox.org/3.4/rc\"><applications><application class=\"*\"><decor>no</decor>\
                         </application></applications></openbox_config>";
/// Where the server keeps what is on the screen, in the display's folder.
const SCREEN_FILE: &str = "Xvfb_screen0";

/// A running display.
#[derive(Debug)]
pub(super) struct Display {
    name: String,
    env: Vec<(&'static str, String)>,
    screen: Screen,
    _programs: [Program; 2],
}

impl Display {
    pub(super) async fn start(folder: &Path, screen: &str) -> Result<Self, DesktopError> {
        let mut env = vec![("PATH", "/usr/bin:/bin".to_owned()), ("HOME", folder.display().to_string()), ("LANG", "C.UTF-8".to_owned())];
        let mut server = command("Xvfb", &env);
        // It finds a free number by itself and says it.
        server.args(["-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]).stderr(Stdio::null());
        server.arg("-fbdir").arg(folder);
        let (server, number) = Program::start_and_read(server).await?;
        let name = format!(":{number}");
        env.push(("DISPLAY", name.clone()));
        let mut manager = command("openbox", &env);
        if screen == WIDE {
            let configuration = folder.join("openbox.xml");
            std::fs::write(&configuration, FRAMELESS)?;
            manager.arg("--config-file").arg(configuration);
        }
        manager.stdout(Stdio::null()).stderr(Stdio::null());
        let manager = Program::start(manager)?;
        let display = Self { name, env, screen: Screen::of(folder.join(SCREEN_FILE)), _programs: [manager, server] };
        // Only a window manager knows how many desktops there are.
        until("the window manager", async || run(display.tool(&["get_num_desktops"])).await.ok()).await?;
        Ok(display)
    }

    /// For `DISPLAY`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The numbers of the windows on the screen that belong to a process.
    pub(super) async fn windows_of(&self, pid: u32) -> Vec<String> {
        let mut search = self.tool(&["search", "--onlyvisible", "--pid", &pid.to_string()]);
        search.arg("--name").arg(".");
        // Finding none is a failure for xdotool.
        run(search).await.map(|found| found.lines().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// Closes a window as its user would, through the window manager.
    pub(super) async fn close(&self, window: &str) -> Result<(), DesktopError> {
        run(self.tool(&["windowactivate", "--sync", window, "key", "--clearmodifiers", "alt+F4"])).await.map(drop)
    }

    /// Presses a mouse button at a place on the screen.
    pub(super) async fn click(&self, (x, y): (i32, i32), button: u8) -> Result<(), DesktopError> {
        run(self.tool(&["mousemove", "--sync", &x.to_string(), &y.to_string(), "click", &button.to_string()])).await.map(drop)
    }

    /// Presses a key, by its name in X.
    pub(super) async fn press_key(&self, key: &str) -> Result<(), DesktopError> {
        run(self.tool(&["key", key])).await.map(drop)
    }

    /// Of the whole screen, or of a part of it: left, top, width and height.
    pub(super) async fn screenshot(&self, path: &Path, part: Option<[u32; 4]>) -> Result<(), DesktopError> {
        let mut import = command("import", &self.env);
        import.args(["-display", &self.name, "-window", "root"]);
        if let Some([left, top, width, height]) = part {
            import.args(["-crop", &format!("{width}x{height}+{left}+{top}"), "+repage"]);
        }
        import.arg(path);
        run(import).await.map(drop)
    }

    fn tool(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut tool = command("xdotool", &self.env);
        tool.args(arguments);
        tool
    }
}
