//! The session bus of a free desktop: where it is, and who is there to show icons and notifications. Nobody is started by looking.

use std::time::Duration;

use zbus::fdo::{DBusProxy, PropertiesProxy};
use zbus::names::{BusName, InterfaceName};

use super::environment::Environment;

/// Who keeps the list of tray icons, by the `StatusNotifierItem` protocol.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
/// Who shows notifications (Desktop Notifications Specification).
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// The name of the tray app.
const APP: &str = "dev.codexlab.tray";
/// A desktop answers in milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Something shows tray icons.
    pub tray: bool,
    /// Something shows notifications, or would be started for it.
    pub notifications: bool,
    /// The process of the tray app, if it runs.
    pub app: Option<u32>,
}

/// Looks; `None` where there is no session bus, or none that answers.
pub async fn look(environment: &Environment) -> Option<Presence> {
    tokio::time::timeout(PATIENCE, looked(&address(environment)?)).await.ok()?.ok()
}

/// Where the session bus is, by the environment; it need not be there. As the D-Bus specification has it; a list of addresses is tried
/// no further than its first.
pub(super) fn address(environment: &Environment) -> Option<String> {
    let given = environment.text("DBUS_SESSION_BUS_ADDRESS").and_then(|list| list.split(';').next()).map(str::to_owned);
    given.or_else(|| Some(format!("unix:path={}", environment.path("XDG_RUNTIME_DIR")?.join("bus").to_str()?)))
}

async fn looked(address: &str) -> zbus::Result<Presence> {
    let connection = zbus::connection::Builder::address(address)?.build().await?;
    let bus = DBusProxy::new(&connection).await?;
    let has = async |name: &'static str| -> zbus::Result<bool> { Ok(bus.name_has_owner(BusName::from_static_str(name)?).await?) };
    let tray = if has(WATCHER).await? {
        let watcher = PropertiesProxy::builder(&connection).destination(WATCHER)?.path(WATCHER_PATH)?.build().await?;
        let host = watcher.get(InterfaceName::from_static_str(WATCHER)?, "IsStatusNotifierHostRegistered").await;
        host.is_ok_and(|host| bool::try_from(host).unwrap_or(false))
    } else {
        false
    };
    let can_start = bus.list_activatable_names().await?.iter().any(|name| name.as_str() == NOTIFICATIONS);
    let notifications = can_start || has(NOTIFICATIONS).await?;
    let app = bus.get_connection_unix_process_id(BusName::from_static_str(APP)?).await.ok();
    Ok(Presence { tray, notifications, app })
}
