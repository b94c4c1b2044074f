//! docs/scripting.md, as far as tests run what it shows.

use std::{fs, io};

/// The script of the page, which works through a list of tasks.
pub fn night_script() -> io::Result<String> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/scripting.md"))?;
    let script = page.split("```").filter_map(|block| block.strip_prefix("sh\n")).find(|block| block.starts_with("#!/bin/sh"));
    script.map(str::to_owned).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "docs/scripting.md has no script"))
}
