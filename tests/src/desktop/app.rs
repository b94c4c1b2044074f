//! The app as a process of the desktop.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::program::{Program, command};
use super::{Desktop, DesktopError, Tray, Window, tray_host, until};
use crate::own_port;

/// A keystroke can get lost on a busy desktop; its user presses again.
const KEYSTROKES: usize = 4;
/// The program of its window.
const WINDOW: &str = "codex-lab-window";
const KEYSTROKE_PATIENCE: Duration = Duration::from_secs(3);

/// How the app is to be started.
pub struct AppLauncher<'a> {
    desktop: &'a Desktop,
    env: Vec<(&'static str, String)>,
    arguments: Vec<&'static str>,
    log: Option<File>,
    is_driven: bool,
}

/// The running app. Killed when dropped.
pub struct App<'a> {
    desktop: &'a Desktop,
    program: Program,
    inspector: String,
}

impl<'a> AppLauncher<'a> {
    pub(super) fn new(desktop: &'a Desktop, home: &Path, further: Vec<(&'static str, String)>) -> Self {
        let mut env = desktop.env();
        env.push(("HOME", home.display().to_string()));
        // The later one wins.
        env.extend(further);
        Self { desktop, env, arguments: Vec::new(), log: None, is_driven: true }
    }

    /// Without a window.
    pub fn hidden(mut self) -> Self {
        self.arguments.push("--hidden");
        self
    }

    /// With this argument.
    pub fn argument(mut self, argument: &'static str) -> Self {
        self.arguments.push(argument);
        self
    }

    /// With what it and its libraries say in this file, instead of on our own standard error.
    pub fn log_to(mut self, file: File) -> Self {
        self.log = Some(file);
        self
    }

    /// As its user starts it: nobody can drive its window.
    pub fn undriven(mut self) -> Self {
        self.is_driven = false;
        self
    }

    /// Starts it. Its window can be driven as soon as there is one.
    #[expect(clippy::unused_async, reason = "whatever starts on a desktop is waited for")]
    pub async fn start(self) -> Result<App<'a>, DesktopError> {
        let inspector = free_address();
        let mut app = command(binary()?, &self.env);
        app.args(&self.arguments).stdout(Stdio::null());
        if let Some(log) = self.log {
            app.stderr(log);
        }
        if self.is_driven {
            app.env("TAURI_WEBVIEW_AUTOMATION", "true").env("WEBKIT_INSPECTOR_SERVER", &inspector);
        }
        Ok(App { desktop: self.desktop, program: Program::start(app)?, inspector })
    }

    /// Starts it where it is expected to end by itself, and waits for that.
    pub async fn run(self) -> Result<ExitStatus, DesktopError> {
        self.start().await?.end().await
    }
}

impl App<'_> {
    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.program.pid()
    }

    /// Its tray icon, once it has one, in the desktop's own tray host or in a real one.
    pub async fn tray(&self) -> Result<Tray, DesktopError> {
        match self.desktop.own_tray_host() {
            Some(host) => host.tray_of(self.pid()).await,
            None => tray_host::tray_in_a_real_one(self.desktop.bus().connection(), self.pid()).await,
        }
    }

    /// Its window, once there is one, ready to be driven.
    pub async fn window(&self) -> Result<Window, DesktopError> {
        self.wait_for_window().await?;
        Window::of(&self.inspector, &self.desktop.env()).await
    }

    /// Whether it has a window on the screen now.
    pub async fn has_window(&self) -> bool {
        !self.windows().await.is_empty()
    }

    /// Waits until it has a window on the screen.
    pub async fn wait_for_window(&self) -> Result<(), DesktopError> {
        until("the app's window", async || self.has_window().await.then_some(())).await
    }

    /// Closes its window as the user would.
    pub async fn close_window(&self) -> Result<(), DesktopError> {
        self.wait_for_window().await?;
        let gone = || until("the end of the app's window", async || (!self.has_window().await).then_some(()));
        for _ in 0..KEYSTROKES {
            for window in self.windows().await {
                // A window that has gone meanwhile cannot be closed, and need not be.
                let _ = self.desktop.display().close(&window).await;
            }
            if tokio::time::timeout(KEYSTROKE_PATIENCE, gone()).await.is_ok() {
                return Ok(());
            }
        }
        gone().await
    }

    /// The names of the processes it has started, theirs included.
    pub fn processes(&self) -> Vec<String> {
        descendants(self.pid()).into_iter().map(|(_, name)| name).collect()
    }

    /// The numbers of the processes it has started, theirs included.
    pub fn process_ids(&self) -> Vec<u32> {
        descendants(self.pid()).into_iter().map(|(pid, _)| pid).collect()
    }

    /// Its windows on the screen, which belong to a process of its own.
    async fn windows(&self) -> Vec<String> {
        let mut windows = Vec::new();
        for (pid, _) in descendants(self.pid()) {
            windows.extend(self.desktop.display().windows_of(pid).await);
        }
        windows
    }

    /// The process number of its window's program, while there is a window.
    pub fn window_program(&self) -> Option<u32> {
        descendants(self.pid()).into_iter().find(|(_, name)| name == WINDOW).map(|(pid, _)| pid)
    }

    /// Kills its window's program.
    pub async fn kill_window(&self) -> Result<(), DesktopError> {
        let pid = self.window_program().ok_or_else(|| DesktopError::NotInTime("a window to kill".to_owned()))?;
        send(pid, Signal::KILL)?;
        self.wait_for_process(WINDOW, false).await
    }

    /// Asks it to end, as the end of a session does.
    pub fn terminate(&self) -> Result<(), DesktopError> {
        send(self.pid(), Signal::TERM)
    }

    /// Waits until it has, or no longer has, a process of this name.
    pub async fn wait_for_process(&self, name: &str, there: bool) -> Result<(), DesktopError> {
        let what = format!("{name} to be {}", if there { "there" } else { "gone" });
        until(&what, async || (self.processes().iter().any(|found| found == name) == there).then_some(())).await
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> Result<bool, DesktopError> {
        Ok(self.program.ended()?.is_none())
    }

    /// Waits until it ends by itself.
    pub async fn end(mut self) -> Result<ExitStatus, DesktopError> {
        self.program.end().await
    }

    /// Keeps it running until the result is dropped, while the desktop around it changes.
    pub fn detach(self) -> impl Sized + use<> {
        self.program
    }

    /// Kills it, and waits.
    pub async fn kill(mut self) -> Result<(), DesktopError> {
        self.program.kill().await
    }
}

fn send(pid: u32, signal: Signal) -> Result<(), DesktopError> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or_else(|| DesktopError::NotInTime("a process".to_owned()))?;
    Ok(kill_process(pid, signal).map_err(std::io::Error::from)?)
}

/// The app's binary, which lies beside this program, or beside the folder of this test.
fn binary() -> Result<PathBuf, DesktopError> {
    let here = std::env::current_exe()?;
    let candidates = || here.ancestors().skip(1).take(2).map(|folder| folder.join("codex-lab-desktop"));
    candidates().find(|binary| binary.is_file()).ok_or_else(|| DesktopError::NotBuilt(candidates().last().unwrap_or_default()))
}

pub(super) fn free_address() -> String {
    format!("127.0.0.1:{}", own_port::next())
}

/// The processes that a process has started, theirs included, each with its name.
fn descendants(pid: u32) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    let mut open = vec![pid];
    while let Some(pid) = open.pop() {
        // A process may end, and its files with it, at any moment.
        for thread in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
                // The kernel cuts a name after 15 letters; the first argument has all of it.
                let line = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
                let program = line.split(|byte| *byte == 0).next().unwrap_or_default();
                let program = String::from_utf8_lossy(program).into_owned();
                found.extend(Path::new(&program).file_name().map(|name| (child, name.to_string_lossy().into_owned())));
                open.push(child);
            }
        }
    }
    found
}
