//! What holds the app up: its event loop, its end, and what its window needs.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod held_up_by;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod held_up_by;

pub(crate) use held_up_by::{WINDOW_VARIABLES, run};
