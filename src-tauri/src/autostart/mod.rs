//! What the desktop knows of this program: that it is to start with it, as the setting says, and what it is called, where something
//! needs that.

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

/// What the desktop is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// That this program starts with it.
    pub(crate) starts: bool,
    /// What it is called and which links it opens; by that name a portal knows it, too.
    pub(crate) is_named: bool,
}

/// Keeps the desktop's lists of programs in step with the settings.
#[derive(Debug)]
pub(crate) struct Autostart {
    environment: Environment,
    applied: Option<Known>,
}

impl Autostart {
    /// Nothing is changed yet.
    pub(crate) fn new(environment: Environment) -> Self {
        Self { environment, applied: None }
    }

    /// Puts this program on the lists or takes it off. A failure is logged; the next change tries again.
    pub(crate) async fn set(&mut self, wanted: Known) {
        if self.applied == Some(wanted) {
            return;
        }
        let environment = self.environment.clone();
        let applied = tokio::task::spawn_blocking(move || apply(&environment, wanted)).await;
        match applied {
            Ok(Ok(())) => self.applied = Some(wanted),
            Ok(Err(error)) => tracing::warn!(%error, ?wanted, "starting with the desktop could not be set"),
            Err(error) => tracing::error!(%error, "starting with the desktop could not be set"),
        }
    }
}

fn apply(environment: &Environment, wanted: Known) -> Result<(), AutostartError> {
    if wanted.starts { platform::enable(environment, &program(environment)?) } else { platform::disable(environment) }?;
    // Elsewhere nothing needs the name.
    #[cfg(target_os = "linux")]
    if wanted.is_named { platform::name(environment, &program(environment)?) } else { platform::forget_name(environment) }?;
    Ok(())
}

/// The file to start: the `AppImage` itself, not where it is mounted.
fn program(environment: &Environment) -> Result<PathBuf, std::io::Error> {
    environment.path("APPIMAGE").map_or_else(std::env::current_exe, Ok)
}
