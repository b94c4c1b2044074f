//! The interactive screen: what `codex-lab` alone opens on a terminal.
//!
//! `update` takes an event into the state and says what is to be done; `draw` is a picture of the state. Both do nothing
//! else, and `shell` does all the rest.

mod canvas;
mod draw;
mod event;
mod keys;
mod list_keys;
mod pages;
#[cfg(test)]
mod pictures_tests;
mod rows;
#[cfg(test)]
mod samples;
mod shell;
mod sign_in;
mod sign_in_page;
mod sizes;
mod state;
mod terminal;
mod update;
#[cfg(test)]
mod update_tests;

use std::io::IsTerminal as _;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};

/// Whether there is somebody to show it to.
pub(crate) fn has_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Refuses a terminal that cannot do more than print lines.
pub(crate) fn must_draw(environment: &Environment) -> Result<(), Failure> {
    let is_dumb = environment.text("TERM").map_or(cfg!(unix), |terminal| matches!(terminal, "" | "dumb"));
    if !is_dumb {
        return Ok(());
    }
    Err(Failure::new(Code::NotPossibleNow, "This terminal can only print lines (TERM), so there is no screen.")
        .hint("`codex-lab list` shows the profiles; `codex-lab --help` names every command."))
}

/// Shows it until it is left.
pub(crate) async fn run(engine: &Engine, colours: bool) -> Result<(), Failure> {
    shell::show(engine, colours).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_only_prints_lines_is_refused() {
        for (terminal, draws) in
            [(Some("xterm-256color"), true), (Some("linux"), true), (Some("dumb"), false), (Some(""), false), (None, !cfg!(unix))]
        {
            let environment = Environment::of("/home/ada", terminal.map(|terminal| ("TERM", terminal.into())));
            assert_eq!(must_draw(&environment).is_ok(), draws, "{terminal:?}");
        }
    }
}
