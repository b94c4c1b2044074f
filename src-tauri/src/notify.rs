//! Notifications of the desktop, through notify-rust, each on a thread of its own and never without a time-out. That none can
//! be shown stops nothing.

use std::sync::Arc;
use std::time::Duration;

use codex_lab_core::view::command::Command;
use codex_lab_core::view::notice::Notice;
use codex_lab_core::view::words;
use notify_rust::Notification;
use tokio::sync::{Semaphore, oneshot};

/// A notification server that does not answer within this time counts as none.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);
/// A notification is answered within this time or no more.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15 * 60);
/// Notifications that wait for an answer at the same time; further ones are shown without buttons.
const MOST_WAITING: usize = 8;
/// What a click beside the buttons is called (Desktop Notifications Specification, `Notify`).
const DEFAULT_ACTION: &str = "default";
/// Who shows notifications, on the session bus.
#[cfg(target_os = "linux")]
const SERVER: &str = "org.freedesktop.Notifications";

/// Why a notification is not seen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotifyError {
    /// There is no notification server, or it refused.
    #[error("the notification server refused")]
    Refused(#[from] notify_rust::error::Error),
    /// The server hangs.
    #[error("the notification server does not answer")]
    Silent,
    /// No thread could be started.
    #[error("no thread could be started")]
    Thread(#[from] std::io::Error),
}

/// Shows notifications.
#[derive(Debug)]
pub(crate) struct Notifier {
    room: Arc<Semaphore>,
}

/// A notification that is on the screen.
#[derive(Debug)]
pub(crate) struct Asked {
    id: u32,
    answer: oneshot::Receiver<Option<Command>>,
}

impl Notifier {
    /// Shows nothing yet.
    pub(crate) fn new() -> Self {
        Self { room: Arc::new(Semaphore::new(MOST_WAITING)) }
    }

    /// Shows a notification.
    pub(crate) async fn show(&self, notice: Notice) -> Result<Asked, NotifyError> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok();
        let (shown, is_shown) = oneshot::channel();
        let (answered, answer) = oneshot::channel();
        std::thread::Builder::new().name("notification".to_owned()).spawn(move || {
            show_and_wait(&notice, room.is_some(), shown, answered);
            drop(room);
        })?;
        match tokio::time::timeout(SHOWN_WITHIN, is_shown).await {
            Ok(Ok(id)) => Ok(Asked { id: id?, answer }),
            Ok(Err(_)) | Err(_) => Err(NotifyError::Silent),
        }
    }
}

impl Asked {
    /// What the user chose; `None` if it was closed or left alone.
    pub(crate) async fn answer(self) -> Option<Command> {
        if let Ok(answer) = tokio::time::timeout(ANSWERED_WITHIN, self.answer).await {
            return answer.ok().flatten();
        }
        take_away(self.id).await;
        None
    }
}

fn show_and_wait(
    notice: &Notice,
    with_buttons: bool,
    shown: oneshot::Sender<Result<u32, notify_rust::error::Error>>,
    answered: oneshot::Sender<Option<Command>>,
) {
    let handle = match notification(notice, with_buttons).show() {
        Ok(handle) => handle,
        Err(error) => {
            // Nobody waits any more after the time-out.
            let _ = shown.send(Err(error));
            return;
        }
    };
    let _ = shown.send(Ok(id_of(&handle)));
    if with_buttons {
        let chosen =
            wait(handle).and_then(|action| if action == DEFAULT_ACTION { Some(notice.opens.clone()) } else { Command::parse(&action) });
        let _ = answered.send(chosen);
    }
}

fn notification(notice: &Notice, with_buttons: bool) -> Notification {
    let mut notification = Notification::new();
    notification.appname("Codex Lab").summary(&notice.title).body(&as_markup_where_read(&notice.body)).icon("codex-lab-desktop");
    if with_buttons {
        notification.action(DEFAULT_ACTION, words::OPEN);
        for (command, label) in &notice.actions {
            notification.action(&command.id(), label);
        }
    }
    #[cfg(target_os = "linux")]
    notification.hint(notify_rust::Hint::DesktopEntry("Codex Lab".to_owned())).urgency(if notice.urgent {
        notify_rust::Urgency::Critical
    } else {
        notify_rust::Urgency::Normal
    });
    notification.finalize()
}

/// Some servers read the body as markup, and then an e-mail or a message must not pass for it.
#[cfg(target_os = "linux")]
fn as_markup_where_read(body: &str) -> String {
    let reads_markup = notify_rust::get_capabilities().is_ok_and(|capabilities| capabilities.iter().any(|name| name == "body-markup"));
    if reads_markup { body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") } else { body.to_owned() }
}

#[cfg(target_os = "linux")]
fn id_of(handle: &notify_rust::NotificationHandle) -> u32 {
    handle.id()
}

#[cfg(target_os = "linux")]
fn wait(handle: notify_rust::NotificationHandle) -> Option<String> {
    let mut chosen = None;
    handle.wait_for_action(|action| chosen = Some(action.to_owned()));
    chosen
}

/// Whether somebody shows notifications, or would be started for it.
#[cfg(target_os = "linux")]
pub(crate) async fn can_show() -> bool {
    let asked = async {
        let connection = zbus::Connection::session().await?;
        let bus = zbus::fdo::DBusProxy::new(&connection).await?;
        let is_there = bus.name_has_owner(zbus::names::BusName::from_static_str(SERVER)?).await?;
        let can_start = bus.list_activatable_names().await?.iter().any(|name| name.as_str() == SERVER);
        Ok::<_, zbus::Error>(is_there || can_start)
    };
    tokio::time::timeout(SHOWN_WITHIN, asked).await.is_ok_and(|answer| answer.unwrap_or(false))
}

/// Takes a notification away that nobody answered; the server then says so, which ends the thread that waits.
#[cfg(target_os = "linux")]
async fn take_away(id: u32) {
    let closed = async {
        let connection = zbus::Connection::session().await?;
        connection.call_method(Some(SERVER), "/org/freedesktop/Notifications", Some(SERVER), "CloseNotification", &(id,)).await
    };
    match tokio::time::timeout(SHOWN_WITHIN, closed).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a notification stays on the screen"),
        Err(_) => tracing::debug!("a notification stays on the screen"),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::can_show;
#[cfg(not(target_os = "linux"))]
use elsewhere::{as_markup_where_read, id_of, take_away, wait};

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    //! macOS and Windows: notifications are shown, their buttons are not followed yet. Written after notify-rust's
    //! documentation; nobody has run it.

    pub(super) fn as_markup_where_read(body: &str) -> String {
        body.to_owned()
    }

    pub(super) fn id_of<H>(_handle: &H) -> u32 {
        0
    }

    pub(super) fn wait<H>(_handle: H) -> Option<String> {
        None
    }

    pub(super) async fn take_away(_id: u32) {}

    pub(crate) async fn can_show() -> bool {
        true
    }
}
