//! Completions for shells.

use clap::{Command, CommandFactory as _};

use crate::args::{Args, Shell};
use crate::output;

/// Prints the completions of a shell.
pub(crate) fn run(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut shown(), "codex-lab", &mut script);
    let script = String::from_utf8_lossy(&script);
    // clap_complete writes a dash in a program's name in two ways in a script for bash; with them no word after the first completes.
    output::print(script.replace("codex__subcmd__lab", "codex__lab").trim_end());
}

/// The commands without those that are hidden: nobody is to come across them by a key.
fn shown() -> Command {
    let all = Args::command();
    let commands = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    Command::new("codex-lab")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .args(all.get_arguments().cloned())
        .subcommands(commands)
}
