//! Completions for shells.

use clap::CommandFactory as _;

use crate::args::{Args, Shell};
use crate::output;

/// Prints the completions of a shell.
pub(crate) fn run(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "codex-lab", &mut script);
    output::print(String::from_utf8_lossy(&script).trim_end());
}
