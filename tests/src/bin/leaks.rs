//! `codex-lab-leaks FOLDER…`: searches everything that a test run has left for secrets, and fails if there is one,
//! or if there is nothing to search.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use codex_lab_tests::secrets::{MARK, Search};

/// What has been searched, and what was found.
#[derive(Default)]
struct Findings {
    files: usize,
    bytes: usize,
    leaks: Vec<String>,
}

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    match search(&folders) {
        Ok(findings) => report(&findings),
        Err(error) => say(&format!("leaks: {error}")),
    }
}

fn search(folders: &[PathBuf]) -> io::Result<Findings> {
    let search = Search::new().map_err(io::Error::other)?;
    if search.leaks(format!("before {MARK} after").as_bytes()).is_empty() {
        return Err(io::Error::other("the search does not find what it is shown"));
    }
    let mut findings = Findings::default();
    for folder in folders {
        let before = findings.files;
        look_into(folder, &search, &mut findings)?;
        if findings.files == before {
            return Err(io::Error::other(format!("there is nothing in {} to search: run the tests first", folder.display())));
        }
    }
    Ok(findings)
}

fn look_into(folder: &Path, search: &Search, findings: &mut Findings) -> io::Result<()> {
    for entry in fs::read_dir(folder).map_err(|error| io::Error::other(format!("{}: {error}", folder.display())))? {
        let path = entry?.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            look_into(&path, search, findings)?;
        } else {
            let content = fs::read(&path)?;
            findings.files += 1;
            findings.bytes += content.len();
            for leak in search.leaks(&content) {
                findings.leaks.push(format!("{}: {} at byte {}", path.display(), leak.shape, leak.place.start));
            }
        }
    }
    Ok(())
}

fn report(findings: &Findings) -> ExitCode {
    if findings.leaks.is_empty() {
        let mut out = io::stdout();
        let kib = findings.bytes / 1024;
        return match writeln!(out, "leaks: no secret in {} files ({kib} KiB) of logs, outputs, databases and screens", findings.files) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    for leak in &findings.leaks {
        say(&format!("leaks: {leak}"));
    }
    say(&format!("leaks: {} secrets where none may be", findings.leaks.len()))
}

fn say(line: &str) -> ExitCode {
    // Nobody is left to tell if this fails.
    let _ = writeln!(io::stderr(), "{line}");
    ExitCode::FAILURE
}
