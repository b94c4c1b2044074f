//! The demo on the desktop of whoever watches it: the real app in their tray, made-up accounts, and a home that is removed.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::conversation::trust;
use super::leftovers::{EndsWithMe, end_all_in};
use super::stage::{StoryError, our_program};
use crate::codex_cli::{CodexCli, CodexHome, QUIET};
use crate::sandbox::{Endpoint, Sandbox, SandboxOptions};

/// Variables that would lead the app out of its temporary home.
const ELSEWHERE: [&str; 6] = ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "CODEX_LAB_HOME", "CODEX_HOME"];

/// What is needed besides their desktop. Dropping it ends everything and leaves nothing.
pub struct OwnDesktop {
    _programs: EndsWithMe,
    codex: CodexCli,
    home: CodexHome,
    sandbox: Sandbox,
}

/// Whether there is a screen, and a tray on it.
pub async fn has_tray() -> bool {
    let screen = variable("DISPLAY").or_else(|| variable("WAYLAND_DISPLAY"));
    if screen.is_none() || variable("DBUS_SESSION_BUS_ADDRESS").is_none() {
        return false;
    }
    let Ok(bus) = zbus::Connection::session().await else { return false };
    let Ok(names) = zbus::fdo::DBusProxy::new(&bus).await else { return false };
    let Ok(watcher) = zbus::names::BusName::try_from("org.kde.StatusNotifierWatcher") else { return false };
    names.name_has_owner(watcher).await.unwrap_or(false)
}

impl OwnDesktop {
    /// Starts the provider, and makes the home.
    pub async fn set() -> Result<Self, StoryError> {
        let sandbox = Sandbox::start(SandboxOptions::default()).await?;
        let codex = CodexCli::locate()?;
        let home = CodexHome::new(&sandbox, "")?;
        home.write_config(&format!("{QUIET}{}", trust(&home)))?;
        let programs = EndsWithMe::new(home.path());
        Ok(Self { _programs: programs, codex, home, sandbox })
    }

    /// Starts the app, says what can be tried, and reports what reaches the provider until the app is quit.
    pub async fn let_the_user_try(&self, say: &mut (dyn FnMut(&str) + Send)) -> Result<(), StoryError> {
        let mut app = self.app()?.spawn()?;
        let codex = self.codex_script()?;
        say("The app is in your tray now, with a home of its own and three made-up accounts: main, work and backup.");
        say("(If you use Codex Lab yourself, quit it first: there is one per desktop.)");
        say("  1. Click the icon, then `Add account…`: your browser opens; pick an account. Do it three times.");
        say("  2. Click one of them in the menu: Codex uses it from now on.");
        say(&format!("  3. Ask the real Codex CLI: {} exec --skip-git-repo-check hi", codex.display()));
        say("  4. `Undo last switch`, and ask again.");
        say("`Quit` in the menu, or Ctrl-C here, ends it.");
        let mut seen = 0;
        loop {
            let news = self.sandbox.wait_for(|record| record.seq > seen && record.status.is_some(), super::stage::PATIENCE);
            tokio::select! {
                ended = app.wait() => return finish(ended),
                news = news => if let Ok(record) = news {
                    seen = record.seq;
                    if let Some(line) = told(record.endpoint, record.account.as_deref()) {
                        say(&line);
                    }
                },
            }
        }
    }

    /// Ends everything that still runs in the home, and removes it.
    pub fn strike(self) -> Result<(), StoryError> {
        let root = self.home.path().to_path_buf();
        end_all_in(&root)?;
        drop(self);
        if root.exists() { Err(StoryError::Wrong(format!("{} was left behind", root.display()))) } else { Ok(()) }
    }

    fn app(&self) -> Result<Command, StoryError> {
        let mut app = Command::new(our_program("codex-lab-desktop")?);
        let codex = self.codex.binary().parent().unwrap_or(Path::new("/"));
        let search = variable("PATH").unwrap_or_default();
        let search = env::join_paths(std::iter::once(codex.to_path_buf()).chain(env::split_paths(&search))).map_err(io::Error::other)?;
        app.envs(self.sandbox.env()).env("HOME", self.home.path()).env("PATH", search).env("BROWSER", self.browser_script()?);
        // X looks for its key in the home, unless told.
        if let (None, Some(home)) = (variable("XAUTHORITY"), variable("HOME")) {
            app.env("XAUTHORITY", Path::new(&home).join(".Xauthority"));
        }
        for name in ELSEWHERE {
            app.env_remove(name);
        }
        app.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        Ok(app)
    }

    /// Opens the sandbox's page in the user's own browser, which knows nothing of the sandbox's proxy.
    fn browser_script(&self) -> Result<PathBuf, StoryError> {
        let theirs = variable("BROWSER").unwrap_or_else(|| "xdg-open".into()).to_string_lossy().into_owned();
        let home = variable("HOME").unwrap_or_default().to_string_lossy().into_owned();
        let page = format!("$(printf %s \"$1\" | sed 's|^https://auth.openai.com|{}|')", self.sandbox.reach().url);
        let unset = "unset HTTPS_PROXY SSL_CERT_FILE CODEX_CA_CERTIFICATE NO_PROXY BROWSER";
        self.script("browser", &format!("page={page}\n{unset}\nHOME='{home}' exec {theirs} \"$page\""))
    }

    /// The real Codex CLI in the temporary home.
    fn codex_script(&self) -> Result<PathBuf, StoryError> {
        let variables: Vec<String> = self.home.env().into_iter().map(|(name, value)| format!("{name}='{value}'")).collect();
        let variables = variables.join(" ");
        let binary = self.codex.binary().display();
        self.script("codex", &format!("cd '{}'\nexec env {variables} TERM=\"$TERM\" '{binary}' \"$@\"", self.home.work().display()))
    }

    fn script(&self, name: &str, content: &str) -> Result<PathBuf, StoryError> {
        let path = self.home.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{content}\n"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        Ok(path)
    }
}

/// What a request to the provider means to the user.
fn told(endpoint: Endpoint, account: Option<&str>) -> Option<String> {
    let account = account?;
    match endpoint {
        Endpoint::ExchangeCode => Some(format!("[provider] {account} has signed in")),
        Endpoint::Responses => Some(format!("[provider] a turn of Codex, on the account of {account}")),
        Endpoint::Refresh => Some(format!("[provider] the login of {account} was renewed")),
        Endpoint::Revoke => Some(format!("[provider] the login of {account} was ended")),
        _ => None,
    }
}

fn finish(ended: io::Result<std::process::ExitStatus>) -> Result<(), StoryError> {
    let status = ended?;
    if status.success() { Ok(()) } else { Err(StoryError::Wrong(format!("the app ended with {status}"))) }
}

#[expect(clippy::disallowed_methods, reason = "the desktop of whoever watches is described by variables")]
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
