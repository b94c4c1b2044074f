//! macOS and Windows: through notify-rust, each on a thread of its own; the buttons are not followed yet. Written after notify-rust's
//! documentation; nobody has run it.

use codex_lab_core::base::environment::Environment;
use codex_lab_core::view::command::Command;
use codex_lab_core::view::notice::Notice;
use codex_lab_core::view::words;
use notify_rust::Notification;
use tokio::sync::oneshot;

use super::{APP_NAME, DEFAULT_ACTION, ICON, NotifyError, SHOWN_WITHIN};

pub(super) type Refusal = notify_rust::error::Error;

/// Shows notifications.
#[derive(Debug)]
pub(crate) struct Notifier;

/// A notification that is on the screen.
#[derive(Debug)]
pub(crate) struct Asked;

impl Notifier {
    /// Shows nothing yet.
    pub(crate) fn new() -> Self {
        Self
    }

    /// Shows a notification.
    pub(crate) async fn show(&self, notice: Notice) -> Result<Asked, NotifyError> {
        let (shown, is_shown) = oneshot::channel();
        std::thread::Builder::new().name("notification".to_owned()).spawn(move || {
            // Nobody waits any more after the time-out.
            let _ = shown.send(notification(&notice).show().map(drop));
        })?;
        match tokio::time::timeout(SHOWN_WITHIN, is_shown).await {
            Ok(Ok(shown)) => Ok(shown.map(|()| Asked)?),
            Ok(Err(_)) | Err(_) => Err(NotifyError::Silent),
        }
    }
}

impl Asked {
    /// What the user chose; nobody knows.
    #[expect(clippy::unused_async, reason = "as on Linux")]
    pub(crate) async fn answer(self) -> Option<Command> {
        None
    }
}

/// Whether somebody shows notifications.
#[expect(clippy::unused_async, reason = "as on Linux")]
pub(crate) async fn can_show(_environment: &Environment) -> bool {
    true
}

fn notification(notice: &Notice) -> Notification {
    let mut notification = Notification::new();
    notification.appname(APP_NAME).summary(&notice.title).body(&notice.body).icon(ICON).action(DEFAULT_ACTION, words::OPEN);
    for (command, label) in &notice.actions {
        notification.action(&command.id(), label);
    }
    notification.finalize()
}
