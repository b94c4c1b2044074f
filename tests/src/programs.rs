//! The programs of the workspace, as cargo has built them.

use std::path::PathBuf;
use std::{env, io};

/// One of them, which lies beside the folder of the test that asks.
pub fn built(name: &str) -> io::Result<PathBuf> {
    let folder = env::current_exe()?.ancestors().nth(2).map(PathBuf::from).unwrap_or_default();
    let path = folder.join(name);
    let missing = || io::Error::new(io::ErrorKind::NotFound, format!("{} is not built; run the tests with `make test`", path.display()));
    if path.is_file() { Ok(path) } else { Err(missing()) }
}
