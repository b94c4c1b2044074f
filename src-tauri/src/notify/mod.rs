//! Notifications of the desktop, never without a time-out. That none can be shown stops nothing.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod platform;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod platform;

use std::time::Duration;

pub(crate) use platform::{Notifier, can_show};

/// A notification server that does not answer within this time counts as none.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);
/// What a click beside the buttons is called (Desktop Notifications Specification, `Notify`).
const DEFAULT_ACTION: &str = "default";
/// What stands over a notification.
const APP_NAME: &str = "Codex Lab";
/// The file name of the app's icon, without its suffix.
const ICON: &str = "codex-lab-desktop";

/// Why a notification is not seen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotifyError {
    /// There is no notification server, or it refused.
    #[error("the notification server refused")]
    Refused(#[from] platform::Refusal),
    /// The server hangs.
    #[error("the notification server does not answer")]
    Silent,
    /// No thread could be started.
    #[cfg(not(target_os = "linux"))]
    #[error("no thread could be started")]
    Thread(#[from] std::io::Error),
}
