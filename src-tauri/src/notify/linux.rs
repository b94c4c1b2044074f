//! Linux: the notification server of the session bus (Desktop Notifications Specification), each notification over a connection of its
//! own. Only the server that shows it says what was answered, and where that goes away nothing is waited for any more.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::session_bus;
use codex_lab_core::view::command::Command;
use codex_lab_core::view::notice::Notice;
use codex_lab_core::view::words;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::names::{MemberName, OwnedUniqueName};
use zbus::zvariant::{DynamicType, Value};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::{APP_NAME, DEFAULT_ACTION, ICON, NotifyError, SHOWN_WITHIN};
use crate::instance;

/// Who shows notifications, on the session bus.
const SERVER: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// A notification is answered within this time or no more.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15 * 60);
/// Notifications that wait for an answer at the same time; further ones are shown without buttons.
const MOST_WAITING: usize = 8;
/// The server decides how long a notification is seen.
const AS_LONG_AS_USUAL: i32 = -1;

pub(super) type Refusal = zbus::Error;

/// Shows notifications.
#[derive(Debug)]
pub(crate) struct Notifier {
    room: Arc<Semaphore>,
}

/// A notification that is on the screen.
pub(crate) struct Asked {
    opens: Command,
    server: Server,
    id: u32,
    /// Nothing where it has no buttons.
    room: Option<OwnedSemaphorePermit>,
}

/// The server that shows a notification.
struct Server {
    connection: Connection,
    /// Nobody else is heard.
    name: OwnedUniqueName,
    signals: MessageStream,
    end: NameOwnerChangedStream,
    reads_markup: bool,
}

impl Notifier {
    /// Shows nothing yet.
    pub(crate) fn new() -> Self {
        Self { room: Arc::new(Semaphore::new(MOST_WAITING)) }
    }

    /// Shows a notification.
    pub(crate) async fn show(&self, notice: Notice) -> Result<Asked, NotifyError> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok();
        let showing = async {
            let server = Server::find().await?;
            let id = server.show(&notice, room.is_some()).await?;
            Ok::<_, zbus::Error>(Asked { opens: notice.opens, server, id, room })
        };
        Ok(timeout(SHOWN_WITHIN, showing).await.map_err(|_| NotifyError::Silent)??)
    }
}

impl Asked {
    /// What the user chose; `None` if it was closed or left alone.
    pub(crate) async fn answer(mut self) -> Option<Command> {
        self.room.as_ref()?;
        let Ok(action) = timeout(ANSWERED_WITHIN, self.server.answer(self.id)).await else {
            self.server.take_away(self.id).await;
            return None;
        };
        action.and_then(|action| if action == DEFAULT_ACTION { Some(self.opens) } else { Command::parse(&action) })
    }
}

impl Server {
    /// Starts it where that can be, and listens to it.
    async fn find() -> zbus::Result<Self> {
        let connection = Connection::session().await?;
        let capabilities = call(&connection, SERVER, "GetCapabilities", &()).await?;
        let name = capabilities.header().sender().map(|name| OwnedUniqueName::from(name.to_owned()));
        let name = name.ok_or_else(|| zbus::Error::Failure("the notification server has no name".to_owned()))?;
        let reads_markup = capabilities.body().deserialize::<Vec<&str>>()?.contains(&"body-markup");
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal).sender(name.as_str())?.interface(SERVER)?.path(PATH)?.build();
        let signals = MessageStream::for_match_rule(rule, &connection, None).await?;
        let end = DBusProxy::new(&connection).await?.receive_name_owner_changed_with_args(&[(0, name.as_str())]).await?;
        Ok(Self { connection, name, signals, end, reads_markup })
    }

    async fn show(&self, notice: &Notice, with_buttons: bool) -> zbus::Result<u32> {
        let buttons = notice.actions.iter().map(|(command, label)| (command.id(), label.as_str()));
        let buttons = std::iter::once((DEFAULT_ACTION.to_owned(), words::OPEN)).chain(buttons).filter(|_| with_buttons);
        let actions: Vec<_> = buttons.flat_map(|(id, label)| [id, label.to_owned()]).collect();
        let urgency = if notice.urgent { 2_u8 } else { 1 };
        let hints = HashMap::from([("desktop-entry", Value::from(instance::NAME)), ("urgency", Value::from(urgency))]);
        // It stands for itself, in the place of no other.
        let replaces = 0_u32;
        let body = self.as_it_reads(&notice.body);
        let body = (APP_NAME, replaces, ICON, notice.title.as_str(), body, actions, hints, AS_LONG_AS_USUAL);
        call(&self.connection, &self.name, "Notify", &body).await?.body().deserialize()
    }

    /// Some servers read the body as markup, and then an e-mail or a message must not pass for it.
    fn as_it_reads(&self, body: &str) -> String {
        if self.reads_markup { body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") } else { body.to_owned() }
    }

    /// The action that is chosen of this notification, if any is before it, or the server, is gone.
    async fn answer(&mut self, asked: u32) -> Option<String> {
        loop {
            let signal = tokio::select! {
                signal = self.signals.next() => signal?.ok()?,
                _ = self.end.next() => return None,
            };
            let (header, body) = (signal.header(), signal.body());
            match header.member().map(MemberName::as_str) {
                Some("ActionInvoked") => match body.deserialize::<(u32, String)>() {
                    Ok((id, action)) if id == asked => return Some(action),
                    _ => {}
                },
                Some("NotificationClosed") if body.deserialize::<(u32, u32)>().is_ok_and(|(id, _)| id == asked) => return None,
                _ => {}
            }
        }
    }

    /// Takes a notification away that nobody answered.
    async fn take_away(&self, id: u32) {
        match timeout(SHOWN_WITHIN, call(&self.connection, &self.name, "CloseNotification", &(id,))).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a notification stays on the screen"),
            Err(_) => tracing::debug!("a notification stays on the screen"),
        }
    }
}

/// Whether somebody shows notifications, or would be started for it.
pub(crate) async fn can_show(environment: &Environment) -> bool {
    session_bus::look(environment).await.is_some_and(|presence| presence.notifications)
}

async fn call<B>(connection: &Connection, server: &str, member: &str, body: &B) -> zbus::Result<Message>
where
    B: serde::Serialize + DynamicType + Sync,
{
    connection.call_method(Some(server), PATH, Some(SERVER), member, body).await
}
