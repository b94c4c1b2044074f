//! Draws the menu and the icon of the view in the tray.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod drawn_by;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod drawn_by;

pub(crate) use drawn_by::Tray;
