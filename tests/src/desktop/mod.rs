//! A desktop of its own for each test: a virtual display with a window manager, a private session bus, a tray host and a
//! notification server that do as the test says, and the real app driven through them.
//!
//! ```no_run
//! # async fn story() -> Result<(), codex_lab_tests::desktop::DesktopError> {
//! # use codex_lab_tests::desktop::Desktop;
//! let desktop = Desktop::start().await?;
//! let home = tempfile::tempdir().unwrap();
//! let app = desktop.app(home.path(), []).hidden().start().await?;
//! app.tray().await?.click("backup").await?;
//! let notice = desktop.notifications().wait_for("Codex now uses backup").await?;
//! desktop.notifications().choose(&notice, "Undo").await?;
//! # Ok(()) }
//! ```

mod app;
mod browser;
mod bus;
mod display;
mod dunst;
mod menu;
mod notifications;
mod portal;
mod program;
mod screen;
mod tray;
mod tray_host;
mod window;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use zbus::zvariant::Value;

pub use app::{App, AppLauncher};
pub use browser::Browser;
pub use bus::Bus;
pub use dunst::Dunst;
pub use menu::{MenuLine, TrayMenu};
pub use notifications::{NotificationServer, Shown};
pub use portal::{Asked, Portal, PortalAnswers};
pub use screen::Screen;
pub use tray::{Listening, Picture, Told, Tray};
pub use tray_host::TrayHost;
pub use window::Window;

use display::Display;

/// What is waited for comes within this time, on a busy machine too.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How often a condition is looked at that only another process knows.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Why a desktop cannot do what a test asks of it.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    /// A program of the desktop is not installed or does not start.
    #[error("{0} does not start")]
    Program(PathBuf, #[source] std::io::Error),
    /// A program ended too early.
    #[error("{0} ended: {1}")]
    Ended(String, String),
    /// The app was not built.
    #[error("{0} is not there; build it with `cargo build -p codex-lab-desktop`")]
    NotBuilt(PathBuf),
    /// A file of the desktop.
    #[error("a file of the desktop")]
    Io(#[from] std::io::Error),
    /// The session bus.
    #[error("the session bus")]
    Bus(#[from] zbus::Error),
    /// The window.
    #[error("the window")]
    Window(#[source] Box<fantoccini::error::CmdError>),
    /// It did not happen in time.
    #[error("in vain waited for {0}")]
    NotInTime(String),
    /// No such thing is on the screen.
    #[error("there is no {wanted:?} that can be clicked in\n{seen}")]
    Nothing {
        /// What was to be clicked.
        wanted: String,
        /// What there is.
        seen: String,
    },
}

impl From<fantoccini::error::CmdError> for DesktopError {
    fn from(error: fantoccini::error::CmdError) -> Self {
        Self::Window(Box::new(error))
    }
}

/// A desktop. Ends with all its programs when dropped.
pub struct Desktop {
    notifications: Option<NotificationServer>,
    tray_host: Option<TrayHost>,
    bus: Bus,
    display: Display,
    folder: TempDir,
}

impl Desktop {
    /// A desktop that shows tray icons and notifications.
    pub async fn start() -> Result<Self, DesktopError> {
        let mut desktop = Self::bare().await?;
        desktop.add_tray_host().await?;
        desktop.add_notifications().await?;
        Ok(desktop)
    }

    /// A desktop that shows neither.
    pub async fn bare() -> Result<Self, DesktopError> {
        Self::of_size(display::USUAL).await
    }

    /// The same with a wide screen, on which windows have no frames.
    pub async fn wide() -> Result<Self, DesktopError> {
        Self::of_size(display::WIDE).await
    }

    async fn of_size(screen: &str) -> Result<Self, DesktopError> {
        let folder = tempfile::Builder::new().prefix("desktop-").tempdir()?;
        let runtime = folder.path().join("runtime");
        fs::create_dir(&runtime)?;
        // Some programs refuse a runtime folder that others may enter.
        fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        let bus = Bus::start(folder.path()).await?;
        let display = Display::start(folder.path(), screen).await?;
        Ok(Self { notifications: None, tray_host: None, bus, display, folder })
    }

    /// Brings a tray host.
    pub async fn add_tray_host(&mut self) -> Result<(), DesktopError> {
        self.tray_host = Some(TrayHost::start(self.bus.address()).await?);
        Ok(())
    }

    /// Takes the tray host away.
    pub fn remove_tray_host(&mut self) {
        self.tray_host = None;
    }

    /// Brings a notification server that records and answers.
    pub async fn add_notifications(&mut self) -> Result<(), DesktopError> {
        self.notifications = Some(NotificationServer::start(self.bus.address()).await?);
        Ok(())
    }

    /// Takes the notification server away, as if it had crashed.
    pub fn remove_notifications(&mut self) {
        self.notifications = None;
    }

    /// Waits until the app listens no more for an answer to this notification.
    pub async fn wait_until_forgotten(&self, shown: &Shown) -> Result<(), DesktopError> {
        shown.wait_until_forgotten(self.bus.connection()).await
    }

    /// Says on the bus, to whom it may concern, that this button of a notification was pressed; it is nobody's server who says so.
    pub async fn pretend_to_choose(&self, shown: &Shown, action: &str) -> Result<(), DesktopError> {
        let stranger = self.bus.connection();
        stranger.emit_signal(None::<()>, notifications::PATH, notifications::NAME, "ActionInvoked", &(shown.id, action)).await?;
        // Whatever is said on the bus after this call has ended comes after that.
        self.bus.has(notifications::NAME).await;
        Ok(())
    }

    /// Starts the real `dunst` as notification server, on a desktop without another one.
    pub async fn dunst(&self) -> Result<Dunst, DesktopError> {
        Dunst::start(self).await
    }

    /// Brings a portal that gives keys to apps, or does not.
    pub async fn portal(&self, answers: PortalAnswers) -> Result<Portal, DesktopError> {
        Portal::start(self.bus.address(), answers).await
    }

    /// Starts a browser of the window's engine.
    pub async fn browser(&self) -> Result<Browser, DesktopError> {
        Browser::start(&self.env()).await
    }

    /// The app, to be started with this `$HOME` and these further variables; nothing else is inherited.
    pub fn app(&self, home: &Path, env: impl IntoIterator<Item = (&'static str, String)>) -> AppLauncher<'_> {
        AppLauncher::new(self, home, env.into_iter().collect())
    }

    /// The tray host.
    ///
    /// # Panics
    /// On a desktop without one.
    #[expect(clippy::expect_used, reason = "a mistake of the test")]
    pub fn tray_host(&self) -> &TrayHost {
        self.tray_host.as_ref().expect("this desktop has a tray host")
    }

    /// The notification server.
    ///
    /// # Panics
    /// On a desktop without one.
    #[expect(clippy::expect_used, reason = "a mistake of the test")]
    pub fn notifications(&self) -> &NotificationServer {
        self.notifications.as_ref().expect("this desktop has a notification server")
    }

    /// The variables a program of this desktop needs, `$HOME` aside.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        vec![
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("DISPLAY", self.display.name().to_owned()),
            ("DBUS_SESSION_BUS_ADDRESS", self.bus.address().to_owned()),
            ("XDG_RUNTIME_DIR", self.folder.path().join("runtime").display().to_string()),
            ("GDK_BACKEND", "x11".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            // One software renderer less to load; nothing here needs it.
            ("GDK_GL", "disable".to_owned()),
            ("WEBKIT_DISABLE_COMPOSITING_MODE", "1".to_owned()),
        ]
    }

    /// A folder of this desktop for files of its programs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a PNG picture of the whole screen.
    pub async fn screenshot(&self, path: &Path) -> Result<(), DesktopError> {
        self.display.screenshot(path, None).await
    }

    /// Writes a PNG picture of a part of the screen: left, top, width and height.
    pub async fn screenshot_of(&self, path: &Path, part: [u32; 4]) -> Result<(), DesktopError> {
        self.display.screenshot(path, Some(part)).await
    }

    /// What is on the screen.
    pub fn screen(&self) -> &Screen {
        self.display.screen()
    }

    /// Whether somebody owns this name on the session bus.
    pub async fn has_on_bus(&self, name: &'static str) -> bool {
        self.bus.has(name).await
    }

    /// Opens links with an application that has this name and this place on the bus (Desktop Entry Specification, D-Bus Activation).
    pub async fn open_links(&self, name: &str, place: &str, links: &[&str]) -> Result<(), DesktopError> {
        let platform = HashMap::<&str, Value<'_>>::new();
        let interface = Some("org.freedesktop.Application");
        self.bus.connection().call_method(Some(name), place, interface, "Open", &(links, platform)).await?;
        Ok(())
    }

    /// Presses a mouse button at a place on the screen: 1 is left, 3 is right.
    pub async fn click(&self, place: (i32, i32), button: u8) -> Result<(), DesktopError> {
        self.display.click(place, button).await
    }

    /// Presses a key, by its name in X.
    pub async fn press_key(&self, key: &str) -> Result<(), DesktopError> {
        self.display.press_key(key).await
    }

    fn own_tray_host(&self) -> Option<&TrayHost> {
        self.tray_host.as_ref()
    }

    fn display(&self) -> &Display {
        &self.display
    }

    fn bus(&self) -> &Bus {
        &self.bus
    }
}

/// Looks until there is something, or fails with what was waited for.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> Result<T, DesktopError> {
    let looking = async {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        loop {
            tick.tick().await;
            if let Some(seen) = look().await {
                return seen;
            }
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.map_err(|_| DesktopError::NotInTime(what.to_owned()))
}
