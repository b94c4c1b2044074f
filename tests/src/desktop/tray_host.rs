//! A tray host as the test wants it: owns `org.kde.StatusNotifierWatcher` and knows the icons that register.
#![allow(
    clippy::needless_pass_by_value,
    clippy::used_underscore_binding,
    reason = "the interface on the bus, and the calls zbus makes of it"
)]

use tokio::sync::watch;
use zbus::message::Header;
use zbus::names::{BusName, OwnedUniqueName};
use zbus::object_server::SignalEmitter;

use super::tray::Tray;
use super::{DesktopError, PATIENCE, until};

/// The watcher's name on the bus.
pub(super) const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Where an item is that gives only its name.
const USUAL_PATH: &str = "/StatusNotifierItem";

/// A running tray host. Goes away when dropped.
pub struct TrayHost {
    connection: zbus::Connection,
    icons: watch::Receiver<Vec<Icon>>,
}

/// An icon that has registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Icon {
    pub(super) owner: OwnedUniqueName,
    pub(super) path: String,
}

struct Watcher {
    icons: watch::Sender<Vec<Icon>>,
}

#[allow(clippy::needless_pass_by_value, reason = "the interface, and what the macro makes of it")]
#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) -> zbus::fdo::Result<()> {
        let owner = header.sender().ok_or_else(|| zbus::fdo::Error::Failed("no sender".to_owned()))?.to_owned().into();
        // Ayatana's items give their path; others give a name, and their path is the usual one.
        let path = if service.starts_with('/') { service } else { USUAL_PATH };
        self.icons.send_modify(|icons| icons.push(Icon { owner, path: path.to_owned() }));
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "the interface")]
    fn register_status_notifier_host(&self, service: &str) {
        // There is no other host to tell of it.
        let _ = service;
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.icons.borrow().iter().map(|icon| format!("{}{}", icon.owner, icon.path)).collect()
    }

    #[zbus(property)]
    #[expect(clippy::unused_self, reason = "the interface")]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    #[expect(clippy::unused_self, reason = "the interface")]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// What a tray host that is not ours says of its icons.
#[zbus::proxy(
    interface = "org.kde.StatusNotifierWatcher",
    default_service = "org.kde.StatusNotifierWatcher",
    default_path = "/StatusNotifierWatcher"
)]
trait RealWatcher {
    #[zbus(property(emits_changed_signal = "false"))]
    fn registered_status_notifier_items(&self) -> zbus::Result<Vec<String>>;
}

/// The icon of a process, once a tray host that is not ours knows it.
pub(super) async fn tray_in_a_real_one(connection: &zbus::Connection, pid: u32) -> Result<Tray, DesktopError> {
    let (watcher, bus) = (RealWatcherProxy::new(connection).await?, zbus::fdo::DBusProxy::new(connection).await?);
    let what = format!("the tray icon of {pid}");
    let icon = until(&what, async || {
        for item in watcher.registered_status_notifier_items().await.ok()? {
            // Some give the path too; else it is the usual one.
            let (owner, path) = item.find('/').map_or((item.as_str(), USUAL_PATH), |path| item.split_at(path));
            let Ok(owner) = bus.get_name_owner(BusName::try_from(owner).ok()?).await else { continue };
            if bus.get_connection_unix_process_id(owner.clone().into()).await.is_ok_and(|owner| owner == pid) {
                return Some(Icon { owner, path: path.to_owned() });
            }
        }
        None
    });
    Tray::of(connection, icon.await?).await
}

impl TrayHost {
    pub(super) async fn start(address: &str) -> Result<Self, DesktopError> {
        let (sender, icons) = watch::channel(Vec::new());
        let connection = zbus::connection::Builder::address(address)?
            .serve_at("/StatusNotifierWatcher", Watcher { icons: sender })?
            .name(WATCHER)?
            .build()
            .await?;
        Ok(Self { connection, icons })
    }

    /// The icon of a process, once it has registered.
    pub async fn tray_of(&self, pid: u32) -> Result<Tray, DesktopError> {
        let bus = zbus::fdo::DBusProxy::new(&self.connection).await?;
        let mut icons = self.icons.clone();
        let find = async {
            loop {
                let registered = icons.borrow_and_update().clone();
                // The newest first: an icon registers anew when the tray host comes back.
                for icon in registered.into_iter().rev() {
                    if bus.get_connection_unix_process_id(icon.owner.clone().into()).await.is_ok_and(|owner| owner == pid) {
                        return Ok::<_, DesktopError>(icon);
                    }
                }
                if icons.changed().await.is_err() {
                    return Err(DesktopError::NotInTime("the tray host".to_owned()));
                }
            }
        };
        let icon = tokio::time::timeout(PATIENCE, find).await.map_err(|_| DesktopError::NotInTime(format!("the tray icon of {pid}")))??;
        Tray::of(&self.connection, icon).await
    }

    /// Waits until more than so many icons have registered since the start.
    pub async fn wait_for_more_than(&self, registered: usize) -> Result<(), DesktopError> {
        let mut icons = self.icons.clone();
        let came = tokio::time::timeout(PATIENCE, icons.wait_for(|icons| icons.len() > registered)).await;
        came.is_ok_and(|came| came.is_ok()).then_some(()).ok_or_else(|| DesktopError::NotInTime("another tray icon".to_owned()))
    }

    /// How many icons have registered since the start.
    pub fn registered(&self) -> usize {
        self.icons.borrow().len()
    }
}
