//! A browser program for `$BROWSER` whose next choice a test or the demo steers through a file.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::options::Reach;

/// The word in the account file that makes the browser cancel.
pub const CANCEL_WORD: &str = "--cancel";

/// A program that opens whatever page it is given and picks the account named in a file.
#[derive(Clone, Debug)]
pub struct SteeredBrowser {
    program: PathBuf,
    account_file: PathBuf,
    log: PathBuf,
}

impl SteeredBrowser {
    /// Writes the program into `folder`; `binary` is `codex-lab-sandbox`.
    pub fn new(folder: &Path, binary: &Path, reach: &Reach) -> io::Result<Self> {
        let steered = Self { program: folder.join("browser.sh"), account_file: folder.join("next-account"), log: folder.join("visits") };
        let ready = folder.join("sandbox.json");
        reach.write(&ready)?;
        let options = [("ready-file", &ready), ("account-file", &steered.account_file), ("log", &steered.log)];
        let options: String = options.map(|(name, path)| format!(" --{name} {}", quoted(path))).concat();
        let script = format!("#!/bin/sh\nexec {} browse{options} \"$@\"\n", quoted(binary));
        fs::write(&steered.program, script)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&steered.program, fs::Permissions::from_mode(0o700))?;
        }
        Ok(steered)
    }

    /// What to put into `$BROWSER`.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// From now on this account is picked.
    pub fn pick(&self, account: &str) -> io::Result<()> {
        fs::write(&self.account_file, account)
    }

    /// From now on Cancel is clicked.
    pub fn cancel(&self) -> io::Result<()> {
        fs::write(&self.account_file, CANCEL_WORD)
    }

    /// The pages the browser ended on, as `status title (address)`, or `failed: why`.
    pub fn visits(&self) -> io::Result<Vec<String>> {
        match fs::read_to_string(&self.log) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}
