//! Everything that is there when the story begins: the sandbox provider, an empty home, a browser, a desktop, and the app.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{env, fs, io};

use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::conversation::{Conversation, ConversationError, trust};
use super::leftovers::{EndsWithMe, end_all_in, running_in};
use super::panel::{Panel, PanelError};
use super::screen::{Screen, ScreenError};
use super::tray::{Tray, TrayError};
use crate::codex_cli::{CodexCli, CodexCliError, CodexHome, QUIET};
use crate::login_ports::LoginPorts;
use crate::sandbox::{Sandbox, SandboxError, SandboxOptions, SteeredBrowser};

/// How long one step may take on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

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
    /// The virtual display.
    #[error(transparent)]
    Screen(#[from] ScreenError),
    /// The small desktop.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// The tray menu.
    #[error(transparent)]
    Tray(#[from] TrayError),
    /// A program of ours is not beside this one.
    #[error("{0} is not built; run `cargo build --workspace --bins`")]
    NotBuilt(PathBuf),
    /// It went on, but not as it should have.
    #[error("{0}")]
    Wrong(String),
}

/// All that is needed. Dropping it ends everything and leaves nothing; fields go in this order.
pub struct Stage {
    app: Child,
    /// The tray as the desktop sees it.
    pub tray: Tray,
    _panel: Panel,
    screen: Screen,
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
    /// Sets everything up and starts the app. `programs` is the folder with our programs.
    pub async fn set(programs: &Path) -> Result<Self, StoryError> {
        let ports = LoginPorts::claim().await?;
        let sandbox = Sandbox::start(SandboxOptions::default()).await?;
        let codex = CodexCli::locate()?;
        let home = CodexHome::new(&sandbox, "")?;
        home.write_config(&format!("{QUIET}{}", trust(&home)))?;
        let browser = SteeredBrowser::new(home.path(), &program(programs, "codex-lab-sandbox")?, sandbox.reach())?;
        let ends = EndsWithMe::new(home.path());

        let screen = Screen::start(home.path()).await?;
        let env = environment(&home, &codex, &browser, &screen)?;
        let panel = Panel::start(&env, home.path()).await?;
        let tray = Tray::connect(screen.bus()).await?;
        let app = start_app(&program(programs, "codex-lab-desktop")?, &env, &home)?;
        Ok(Self { app, tray, _panel: panel, screen, _programs: ends, browser, codex, home, sandbox, _ports: ports })
    }

    /// Opens a conversation of the Codex CLI.
    pub async fn converse(&self) -> Result<Conversation, StoryError> {
        Ok(Conversation::open(&self.codex, &self.home, PATIENCE).await?)
    }

    /// A picture of the whole screen.
    pub async fn picture(&self, path: &Path) -> Result<(), StoryError> {
        self.desktop_tool("import", &["-window", "root", &path.display().to_string()]).await
    }

    /// Opens the tray menu as a hand does: a click on the icon, at the right end of the panel.
    pub async fn open_tray_menu(&self) -> Result<(), StoryError> {
        self.desktop_tool("xdotool", &["mousemove", "1263", "784", "click", "1"]).await
    }

    /// Closes it.
    pub async fn close_tray_menu(&self) -> Result<(), StoryError> {
        self.desktop_tool("xdotool", &["key", "Escape"]).await
    }

    /// What the app has logged.
    pub fn app_log(&self) -> String {
        fs::read_to_string(self.home.path().join("app.log")).unwrap_or_default()
    }

    /// Quits the app by its tray menu, ends everything else, and looks for what is left.
    pub async fn strike(mut self) -> Result<(), StoryError> {
        self.tray.click("Quit", PATIENCE).await?;
        let ended = timeout(PATIENCE, self.app.wait()).await;
        let ended = ended.map_err(|_| StoryError::Wrong("the app did not end when it was told to quit".to_owned()))??;
        if !ended.success() {
            return Err(StoryError::Wrong(format!("the app ended with {ended}")));
        }
        let root = self.home.path().to_path_buf();
        drop(self);
        end_all_in(&root)?;
        if !running_in(&root)?.is_empty() || root.exists() {
            return Err(StoryError::Wrong(format!("{} was left behind", root.display())));
        }
        Ok(())
    }

    async fn desktop_tool(&self, tool: &str, arguments: &[&str]) -> Result<(), StoryError> {
        let mut command = Command::new(tool);
        command.args(arguments).envs(self.screen.env()).stdin(Stdio::null()).kill_on_drop(true);
        let status = timeout(PATIENCE, command.status()).await.map_err(|_| StoryError::Wrong(format!("{tool} did not end")))??;
        if status.success() { Ok(()) } else { Err(StoryError::Wrong(format!("{tool} ended with {status}"))) }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It has ended already if the story did.
        let _ = self.app.start_kill();
    }
}

/// The environment of the app and of the desktop: nothing of ours is inherited.
fn environment(home: &CodexHome, codex: &CodexCli, browser: &SteeredBrowser, screen: &Screen) -> Result<Vec<(String, String)>, StoryError> {
    let runtime = home.path().join("run");
    private_folder(&runtime)?;
    let codex_folder = codex.binary().parent().unwrap_or(Path::new("/"));
    let mut env: Vec<(String, String)> = home.env().into_iter().chain(screen.env()).map(|(name, value)| (name.to_owned(), value)).collect();
    for (name, value) in &mut env {
        if name == "PATH" {
            *value = format!("{}:{value}", codex_folder.display());
        }
    }
    env.push(("BROWSER".to_owned(), browser.program().display().to_string()));
    env.push(("XDG_RUNTIME_DIR".to_owned(), runtime.display().to_string()));
    Ok(env)
}

fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(path)
}

fn start_app(program: &Path, env: &[(String, String)], home: &CodexHome) -> Result<Child, StoryError> {
    let log = fs::File::create(home.path().join("app.log"))?;
    let mut command = Command::new(program);
    command.env_clear().envs(env.iter().cloned()).current_dir(home.path());
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
    Ok(command.spawn()?)
}

fn program(folder: &Path, name: &str) -> Result<PathBuf, StoryError> {
    let program = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    if program.is_file() { Ok(program) } else { Err(StoryError::NotBuilt(program)) }
}
