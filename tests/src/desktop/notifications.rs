//! A notification server as the test wants it: records what is shown, and answers when told to.
#![allow(
    clippy::needless_pass_by_value,
    clippy::used_underscore_binding,
    reason = "the interface on the bus, and the calls zbus makes of it"
)]

use std::collections::HashMap;

use tokio::sync::watch;
use zbus::message::Header;
use zbus::names::OwnedUniqueName;
use zbus::zvariant::OwnedValue;

use super::{DesktopError, PATIENCE, until};

/// Its name and interface on the bus (Desktop Notifications Specification).
pub(super) const NAME: &str = "org.freedesktop.Notifications";
pub(super) const PATH: &str = "/org/freedesktop/Notifications";

/// A running notification server. Goes away when dropped.
pub struct NotificationServer {
    connection: zbus::Connection,
    shown: watch::Receiver<Vec<Shown>>,
}

/// A notification that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Names it.
    pub id: u32,
    /// Its first line.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its buttons: id and label.
    pub actions: Vec<(String, String)>,
    /// Whether it stays until it is read.
    pub urgent: bool,
    /// The desktop file of the app that it is from.
    pub desktop_entry: Option<String>,
    sender: OwnedUniqueName,
}

struct Server {
    shown: watch::Sender<Vec<Shown>>,
}

#[allow(clippy::needless_pass_by_value, reason = "the interface, and what the macro makes of it")]
#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::unused_self, reason = "the interface")]
    fn get_capabilities(&self) -> Vec<&'static str> {
        vec!["actions", "body"]
    }

    #[expect(clippy::unused_self, reason = "the interface")]
    fn get_server_information(&self) -> (&'static str, &'static str, &'static str, &'static str) {
        ("codex-lab-tests", "codex-lab", "1", "1.2")
    }

    #[expect(clippy::too_many_arguments, reason = "the interface")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expire_timeout: i32,
        #[zbus(header)] header: Header<'_>,
    ) -> zbus::fdo::Result<u32> {
        // Nothing hangs on these.
        let _ = (app_name, replaces_id, app_icon, expire_timeout);
        let sender = header.sender().ok_or_else(|| zbus::fdo::Error::Failed("no sender".to_owned()))?.to_owned().into();
        let urgent = hints.get("urgency").and_then(|value| value.downcast_ref::<u8>().ok()) == Some(2);
        let desktop_entry = hints.get("desktop-entry").and_then(|value| value.downcast_ref::<String>().ok());
        let actions = actions.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        let mut id = 0;
        self.shown.send_modify(|shown| {
            id = u32::try_from(shown.len() + 1).unwrap_or(u32::MAX);
            shown.push(Shown { id, title: summary, body, actions, urgent, desktop_entry, sender });
        });
        Ok(id)
    }

    async fn close_notification(&self, id: u32, #[zbus(connection)] connection: &zbus::Connection) -> zbus::fdo::Result<()> {
        Ok(connection.emit_signal(None::<()>, PATH, NAME, "NotificationClosed", &(id, 3_u32)).await?)
    }
}

impl NotificationServer {
    pub(super) async fn start(address: &str) -> Result<Self, DesktopError> {
        let (sender, shown) = watch::channel(Vec::new());
        let connection = zbus::connection::Builder::address(address)?.serve_at(PATH, Server { shown: sender })?.name(NAME)?.build().await?;
        Ok(Self { connection, shown })
    }

    /// All that was shown so far, oldest first.
    pub fn all(&self) -> Vec<Shown> {
        self.shown.borrow().clone()
    }

    /// The newest notification with this title, once there is one.
    pub async fn wait_for(&self, title: &str) -> Result<Shown, DesktopError> {
        self.wait_for_more(title, 0).await
    }

    /// The notification with this title after so many others with the same.
    pub async fn wait_for_more(&self, title: &str, than: usize) -> Result<Shown, DesktopError> {
        let titled = |shown: &[Shown]| shown.iter().filter(|shown| shown.title == title).skip(than).last().cloned();
        let mut shown = self.shown.clone();
        let waited = tokio::time::timeout(PATIENCE, shown.wait_for(|shown| titled(shown).is_some())).await;
        if let Ok(Ok(shown)) = waited
            && let Some(found) = titled(&shown)
        {
            return Ok(found);
        }
        let seen: Vec<_> = self.all().into_iter().map(|shown| format!("{}: {}", shown.title, shown.body)).collect();
        Err(DesktopError::NotInTime(format!("a notification {title:?} among {seen:#?}")))
    }

    /// Presses the button with this label, and waits until the app has heard of it.
    pub async fn choose(&self, shown: &Shown, label: &str) -> Result<(), DesktopError> {
        let action = shown.actions.iter().find(|(_, text)| text == label).map(|(id, _)| id.as_str());
        let action = action.ok_or_else(|| DesktopError::Nothing { wanted: label.to_owned(), seen: format!("{shown:#?}") })?;
        self.tell_until_heard(shown, "ActionInvoked", &(shown.id, action)).await
    }

    /// Closes it as its user would, and waits until the app has heard of it.
    pub async fn dismiss(&self, shown: &Shown) -> Result<(), DesktopError> {
        self.tell_until_heard(shown, "NotificationClosed", &(shown.id, 2_u32)).await
    }

    /// The app listens by the time it is shown, and lets go of its connection once it has heard.
    async fn tell_until_heard<B>(&self, shown: &Shown, signal: &'static str, body: &B) -> Result<(), DesktopError>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        self.connection.emit_signal(None::<()>, PATH, NAME, signal, body).await?;
        shown.wait_until_forgotten(&self.connection).await
    }
}

impl Shown {
    /// Waits until the app listens no more for its answer, on this connection of anybody's.
    pub(super) async fn wait_until_forgotten(&self, connection: &zbus::Connection) -> Result<(), DesktopError> {
        let bus = zbus::fdo::DBusProxy::new(connection).await?;
        let is_gone = async || (!bus.name_has_owner(self.sender.clone().into()).await.ok()?).then_some(());
        until(&format!("the app to forget {:?}", self.title), is_gone).await
    }
}
