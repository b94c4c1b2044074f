//! The one window. It lives in a program of its own, `codex-lab-window`, which this program starts when the window is asked for and
//! which ends with it: a web view takes ten times the memory of everything else, and gives back all of it only so. Both talk over
//! the window's standard input and output, which nobody else can reach.

mod clipboard;
mod commands;
mod lab;
mod process;
mod view;
mod wire;

use codex_lab_core::view::link::{Link, LinkError};
use serde::{Deserialize, Serialize};

pub(crate) use process::keep;
pub use view::run;

/// What the window is asked to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    /// The list of profiles.
    #[default]
    Accounts,
    /// The sign-in that is going on.
    SignIn,
    /// Who serves, and why.
    Routing,
    /// The question whether to do as a link asks; nothing to do where it asks for nothing.
    Link(Option<Link>),
}

impl Page {
    /// What a link leads to: never more than a question.
    pub(crate) fn of_link(link: Result<Link, LinkError>) -> Self {
        if let Err(error) = &link {
            tracing::info!(%error, "a link asks for nothing");
        }
        Self::Link(link.ok())
    }
}
