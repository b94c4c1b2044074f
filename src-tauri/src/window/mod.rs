//! The one window. It lives in a program of its own, `codex-lab-window`, which this program starts when the window is asked for and
//! which ends with it: a web view takes ten times the memory of everything else, and gives back all of it only so. Both talk over
//! the window's standard input and output, which nobody else can reach.

mod clipboard;
mod commands;
mod lab;
mod process;
mod view;
mod wire;

use serde::{Deserialize, Serialize};

pub(crate) use process::keep;
pub use view::run;

/// What the window is asked to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    /// The list of profiles.
    #[default]
    Accounts,
    /// The sign-in that is going on.
    SignIn,
    /// Who serves, and why.
    Routing,
}
