//! What lies in the home as it should not: files that others may read, and files that nobody writes any more.

use std::path::{Path, PathBuf};

use crate::base::files::{self, Entry, FileError};
use crate::base::processes;
use crate::store::home::Home;

/// A home has some hundred files.
const MOST: usize = 20_000;
/// Folders of the home that other programs write in by their own rules: the window's web view.
const FOREIGN: &str = "webview";
/// What a profile's folder has of ours; the rest is written by a Codex that works in it.
const LOGINS: [&str; 2] = ["auth.json", "auth.json.sealed"];

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Traces {
    /// Others may read or change these.
    pub(super) open: Vec<PathBuf>,
    /// Their writers are gone.
    pub(super) half_written: Vec<PathBuf>,
}

/// Looks through a home that is there. Links are not followed.
pub(super) fn in_home(home: &Home) -> Result<Traces, FileError> {
    let mut traces = Traces::default();
    if files::entry(home.root())? != Entry::Folder {
        return Ok(traces);
    }
    let (mut folders, mut count) = (vec![home.root().to_path_buf()], 0);
    while let Some(folder) = folders.pop() {
        if !files::is_private(&folder)? {
            traces.open.push(folder.clone());
        }
        for name in files::names(&folder)? {
            count += 1;
            if count > MOST {
                return Ok(sorted(traces));
            }
            let path = folder.join(&name);
            match files::entry(&path)? {
                Entry::Folder if folder == home.profiles() || !is_foreign(home, &folder, &name) => folders.push(path),
                Entry::File { .. } if files::writer_of(&name).is_some_and(|pid| !processes::lives(pid)) => traces.half_written.push(path),
                Entry::File { .. } if is_open(home, &folder, &path, &name) => traces.open.push(path),
                _ => {}
            }
        }
    }
    Ok(sorted(traces))
}

fn is_foreign(home: &Home, folder: &Path, name: &str) -> bool {
    name == FOREIGN || folder.parent() == Some(&home.profiles())
}

fn is_open(home: &Home, folder: &Path, path: &Path, name: &str) -> bool {
    if folder.parent() == Some(&home.profiles()) && !LOGINS.contains(&name) {
        return false;
    }
    // Settings are no secret, and editors write them as they like; only who may change them matters.
    if path == home.config() {
        return files::others_may_write(path).unwrap_or(false);
    }
    files::is_private(path).is_ok_and(|private| !private)
}

fn sorted(mut traces: Traces) -> Traces {
    traces.open.sort();
    traces.half_written.sort();
    traces
}
