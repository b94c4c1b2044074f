//! The tray shell: draws what the core says and carries back what the user wants. It decides nothing of its own.

mod autostart;
mod background;
mod control;
mod desktop;
mod gateway;
mod icon;
mod instance;
mod log;
mod notify;
mod platform;
mod shortcut;
mod start;
mod tray;
mod tray_host;
mod window;

use std::ffi::OsString;
use std::process::ExitCode;

use codex_lab_core::base::environment::Environment;

use crate::start::{Opening, Start, USAGE};

pub use crate::window::run as run_window;

/// Runs the app until the user quits it, or hands over to the one that runs already.
pub fn run(environment: Environment, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    match Start::parse(arguments) {
        Ok(Start::Run { hidden, link }) => {
            log::start(&environment, "desktop.log");
            platform::run(environment, Opening::of(hidden, link))
        }
        Ok(Start::Version) => say(&format!("codex-lab-desktop {}\n", env!("CARGO_PKG_VERSION")), ExitCode::SUCCESS),
        Ok(Start::Help) => say(USAGE, ExitCode::SUCCESS),
        Err(unknown) => say(&format!("codex-lab-desktop does not know `{unknown}`.\n\n{USAGE}"), ExitCode::from(2)),
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the only words this program says on a terminal")]
fn say(text: &str, status: ExitCode) -> ExitCode {
    if status == ExitCode::SUCCESS {
        print!("{text}");
    } else {
        eprint!("{text}");
    }
    status
}
