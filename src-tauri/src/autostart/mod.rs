//! Starting with the desktop, as the setting says.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod platform;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

use std::path::PathBuf;

use codex_lab_core::base::environment::Environment;

pub(crate) use platform::AutostartError;

/// Keeps the desktop's list of programs to start in step with the setting.
#[derive(Debug)]
pub(crate) struct Autostart {
    environment: Environment,
    applied: Option<bool>,
}

impl Autostart {
    /// Nothing is changed yet.
    pub(crate) fn new(environment: Environment) -> Self {
        Self { environment, applied: None }
    }

    /// Puts this program on the list or takes it off. A failure is logged; the next change tries again.
    pub(crate) async fn set(&mut self, wanted: bool) {
        if self.applied == Some(wanted) {
            return;
        }
        let environment = self.environment.clone();
        let applied = tokio::task::spawn_blocking(move || apply(&environment, wanted)).await;
        match applied {
            Ok(Ok(())) => self.applied = Some(wanted),
            Ok(Err(error)) => tracing::warn!(%error, wanted, "starting with the desktop could not be set"),
            Err(error) => tracing::error!(%error, "starting with the desktop could not be set"),
        }
    }
}

fn apply(environment: &Environment, wanted: bool) -> Result<(), AutostartError> {
    if wanted { platform::enable(environment, &program(environment)?) } else { platform::disable(environment) }
}

/// The file to start: the `AppImage` itself, not where it is mounted.
fn program(environment: &Environment) -> Result<PathBuf, std::io::Error> {
    environment.path("APPIMAGE").map_or_else(std::env::current_exe, Ok)
}
