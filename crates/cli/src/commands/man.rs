//! The manual's pages, made from the words of the command line: one for the program and one for each command.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use codex_lab_core::failure::{Code, Failure};

use crate::args::Args;

/// Writes the pages of section 1 into a folder.
pub(crate) fn run(folder: &Path) -> Result<(), Failure> {
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    pages(program, folder).map_err(|error| {
        Failure::new(Code::Storage, format!("The pages cannot be written to {}: {error}.", folder.display()))
            .hint("Name a folder that is there and that you may write to.")
    })
}

fn pages(command: Command, folder: &Path) -> Result<(), std::io::Error> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages(below.clone(), folder)?;
    }
    let page = Man::new(command).source(concat!("Codex Lab ", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    page.render(&mut text)?;
    // Options are long and stay whole: a line of them cannot be filled up to the right edge.
    let text = String::from_utf8_lossy(&text).replacen(".SH", ".ad l\n.SH", 1);
    std::fs::write(folder.join(page.get_filename()), text)
}
