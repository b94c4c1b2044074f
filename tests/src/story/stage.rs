//! Everything that is there when the story begins: the sandbox provider, an empty home, a browser, and a small real desktop.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

use super::conversation::{Conversation, ConversationError, trust};
use super::leftovers::{EndsWithMe, end_all_in, running_in};
use super::panel::{FIRST_ICON, Panel};
use crate::codex_cli::{CodexCli, CodexCliError, CodexHome, QUIET};
use crate::desktop::{App, Desktop, DesktopError, Dunst, until};
use crate::login_ports::LoginPorts;
use crate::sandbox::{Sandbox, SandboxError, SandboxOptions, SteeredBrowser};

/// How long one step may take on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Size of the desktop's screen.
const SCREEN: (i32, i32) = (1280, 900);

/// Why the story does not go on.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// Files, or a program.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The sandbox provider.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The Codex CLI.
    #[error(transparent)]
    CodexCli(#[from] CodexCliError),
    /// The open conversation.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
    /// The desktop, and the app on it.
    #[error(transparent)]
    Desktop(#[from] DesktopError),
    /// It went on, but not as it should have.
    #[error("{0}")]
    Wrong(String),
}

/// All that is needed. Dropping it ends everything and leaves nothing; fields go in this order.
pub struct Stage {
    _panel: Panel,
    dunst: Dunst,
    /// The screen and the session bus.
    pub desktop: Desktop,
    _programs: EndsWithMe,
    /// Picks the account it is told to, in whatever page is opened.
    pub browser: SteeredBrowser,
    /// The real Codex CLI.
    pub codex: CodexCli,
    /// The user's home.
    pub home: CodexHome,
    /// The provider.
    pub sandbox: Sandbox,
    _ports: LoginPorts,
}

impl Stage {
    /// Sets everything up.
    pub async fn set() -> Result<Self, StoryError> {
        let ports = LoginPorts::claim().await?;
        let sandbox = Sandbox::start(SandboxOptions::default()).await?;
        let codex = CodexCli::locate()?;
        let home = CodexHome::new(&sandbox, "")?;
        home.write_config(&format!("{QUIET}{}", trust(&home)))?;
        let browser = SteeredBrowser::new(home.path(), &our_program("codex-lab-sandbox")?, sandbox.reach())?;
        let programs = EndsWithMe::new(home.path());
        let desktop = Desktop::bare().await?;
        let dunst = desktop.dunst().await?;
        let panel = Panel::start(&desktop).await?;
        Ok(Self { _panel: panel, dunst, desktop, _programs: programs, browser, codex, home, sandbox, _ports: ports })
    }

    /// Starts the app.
    pub async fn start_app(&self) -> Result<App<'_>, StoryError> {
        let folder = self.codex.binary().parent().unwrap_or(Path::new("/"));
        let mut env = self.sandbox.env();
        // Where the app finds `codex`, to restart its daemon.
        env.push(("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display())));
        env.push(("BROWSER", self.browser.program().display().to_string()));
        let log = fs::File::create(self.app_log_file())?;
        Ok(self.desktop.app(self.home.path(), env).log_to(log).start().await?)
    }

    /// Opens a conversation of the Codex CLI.
    pub async fn converse(&self) -> Result<Conversation, StoryError> {
        Ok(Conversation::open(&self.codex, &self.home, PATIENCE).await?)
    }

    /// A picture of the whole screen, once nothing moves on it any more.
    pub async fn picture(&self, path: &Path) -> Result<(), StoryError> {
        let mut last = Vec::new();
        until("a screen on which nothing moves", async || {
            self.desktop.screenshot(path).await.ok()?;
            let now = fs::read(path).ok()?;
            let still = now == last;
            last = now;
            still.then_some(())
        })
        .await?;
        Ok(())
    }

    /// Takes all notifications off the screen.
    pub async fn close_notifications(&self) -> Result<(), StoryError> {
        Ok(self.dunst.close_all().await?)
    }

    /// Opens the tray menu as a hand does: a right click on the icon in the panel. A left one opens the window.
    pub async fn open_tray_menu(&self) -> Result<(), StoryError> {
        Ok(self.desktop.click((SCREEN.0 + FIRST_ICON.0, SCREEN.1 + FIRST_ICON.1), 3).await?)
    }

    /// Closes it.
    pub async fn close_tray_menu(&self) -> Result<(), StoryError> {
        Ok(self.desktop.press_key("Escape").await?)
    }

    /// What Codex Lab keeps.
    pub fn lab_home(&self) -> PathBuf {
        self.home.path().join(".codex-lab")
    }

    /// What the app and its libraries have said.
    pub fn app_log(&self) -> String {
        fs::read_to_string(self.app_log_file()).unwrap_or_default()
    }

    /// Ends everything, and looks for what is left.
    pub fn strike(self) -> Result<(), StoryError> {
        let root = self.home.path().to_path_buf();
        end_all_in(&root)?;
        drop(self);
        if !running_in(&root)?.is_empty() || root.exists() {
            return Err(StoryError::Wrong(format!("{} was left behind", root.display())));
        }
        Ok(())
    }

    fn app_log_file(&self) -> PathBuf {
        self.home.path().join("app.log")
    }
}

/// A program of ours, beside this one or beside the folder of this test.
pub(super) fn our_program(name: &str) -> Result<PathBuf, StoryError> {
    let here = env::current_exe()?;
    let mut candidates = here.ancestors().skip(1).take(2).map(|folder| folder.join(name));
    let found = candidates.find(|program| program.is_file());
    found.ok_or_else(|| StoryError::Wrong(format!("{name} is not built; run `cargo build --workspace --bins`")))
}
