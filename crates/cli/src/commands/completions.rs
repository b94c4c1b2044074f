//! Completions for shells.

use clap::CommandFactory as _;

use crate::args::{Args, Shell};

/// Prints the completions of a shell.
pub(crate) fn run(shell: Shell) {
    clap_complete::generate(shell, &mut Args::command(), "codex-lab", &mut std::io::stdout());
}
