//! One app per desktop session, whatever its `CODEX_LAB_HOME`: there is one live login to switch. A second start shows the window
//! of the first. It is known by the app's identifier: a name on the session bus, a mutex on Windows, a socket on macOS. Where there is
//! no session bus, each start is an app of its own; they share the home as any two programs of ours do.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod known_by;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod known_by;

#[cfg(target_os = "macos")]
pub(crate) use known_by::opened;
#[cfg(not(target_os = "linux"))]
pub(crate) use known_by::plugin;
#[cfg(target_os = "linux")]
pub(crate) use known_by::{Claim, NAME, claim};
