//! GNOME's real keyring on a session bus of its own, with its files in a temporary home.

use std::path::Path;
use std::process::{Output, Stdio};

use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use crate::desktop::{Bus, DesktopError, PATIENCE};

const PROGRAMS: &str = "/usr/bin:/bin";
const NAME: &str = "org.freedesktop.secrets";
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";

/// A session bus, and a keyring once it is started. Nothing on the bus can show a question.
#[derive(Debug)]
pub struct KeyringBus {
    folder: TempDir,
    bus: Bus,
    daemon: Option<Child>,
}

impl KeyringBus {
    /// A bus without a keyring.
    pub async fn start() -> Result<Self, DesktopError> {
        let folder = tempfile::Builder::new().prefix("codex-lab-keyring-").tempdir()?;
        let bus = Bus::start(folder.path()).await?;
        Ok(Self { folder, bus, daemon: None })
    }

    /// A bus with an open keyring.
    pub async fn with_keyring() -> Result<Self, DesktopError> {
        let mut bus = Self::start().await?;
        bus.start_keyring().await?;
        Ok(bus)
    }

    /// For `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        self.bus.address()
    }

    /// Starts the keyring and unlocks it.
    pub async fn start_keyring(&mut self) -> Result<(), DesktopError> {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut daemon = command.stdin(Stdio::piped()).kill_on_drop(true).spawn()?;
        if let Some(mut password) = daemon.stdin.take() {
            password.write_all(b"keyring password").await?;
        }
        self.daemon = Some(daemon);
        self.wait_for_login().await
    }

    /// Ends the keyring.
    pub async fn stop_keyring(&mut self) -> Result<(), DesktopError> {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().await?;
        }
        Ok(())
    }

    /// Locks the keyring. Without a program that asks for the password it stays so.
    pub async fn lock(&self) -> Result<(), DesktopError> {
        let login = zbus::zvariant::ObjectPath::try_from(LOGIN).map_err(zbus::Error::from)?;
        let service = self.service("org.freedesktop.Secret.Service").await?;
        service.call_method("Lock", &[login].as_slice()).await?;
        Ok(())
    }

    /// Runs libsecret's `secret-tool`, with this on its standard input.
    pub async fn secret_tool(&self, arguments: &[&str], input: &str) -> Result<Output, DesktopError> {
        let mut command = self.command("secret-tool");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut tool = command.kill_on_drop(true).spawn()?;
        if let Some(mut stdin) = tool.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        let ended = tokio::time::timeout(PATIENCE, tool.wait_with_output()).await;
        Ok(ended.map_err(|_| DesktopError::NotInTime("the end of secret-tool".to_owned()))??)
    }

    fn command(&self, program: &str) -> Command {
        let home: &Path = self.folder.path();
        let mut command = Command::new(program);
        command.env_clear().env("PATH", PROGRAMS).env("HOME", home).env("XDG_RUNTIME_DIR", home);
        command.env("DBUS_SESSION_BUS_ADDRESS", self.address());
        command
    }

    async fn service(&self, interface: &'static str) -> Result<zbus::Proxy<'_>, DesktopError> {
        Ok(zbus::Proxy::new(self.bus.connection(), NAME, "/org/freedesktop/secrets", interface).await?)
    }

    /// The keyring takes its name first and makes its first collection later.
    async fn wait_for_login(&self) -> Result<(), DesktopError> {
        let there = async {
            while !self.is_open().await {
                tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            }
        };
        tokio::time::timeout(PATIENCE, there).await.map_err(|_| DesktopError::NotInTime("the keyring".to_owned()))
    }

    async fn is_open(&self) -> bool {
        let Ok(service) = self.service("org.freedesktop.Secret.Service").await else { return false };
        let alias = service.call::<_, _, zbus::zvariant::OwnedObjectPath>("ReadAlias", &"default").await;
        alias.is_ok_and(|collection| collection.as_str() == LOGIN)
    }
}
