//! A home with many profiles.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::model::auth_document::AuthDocument;
use codex_lab_core::store::home::Home;
use codex_lab_core::store::profiles::Profiles;
use codex_lab_tests::offline;
use codex_lab_tests::sandbox::{Sandbox, SandboxAccount, SandboxOptions};
use tempfile::TempDir;

use crate::measure::{Outcome, RUNS};

/// A home with many profiles, and logins that are not among them yet.
pub(crate) struct Crowd {
    folder: TempDir,
    pub(crate) size: usize,
    pub(crate) profiles: Profiles,
    pub(crate) newcomers: Vec<String>,
}

impl Crowd {
    pub(crate) fn new(size: usize) -> Outcome<Self> {
        let accounts = SandboxAccount::crowd(size + RUNS + 1);
        let sandbox = Sandbox::start_blocking(SandboxOptions { accounts, ..SandboxOptions::default() })?;
        let logins = sandbox.accounts().iter().map(|account| sandbox.auth_json(&account.name)).collect::<Result<Vec<_>, _>>()?;
        let folder = tempfile::tempdir()?;
        let environment = Environment::of(folder.path(), [("HOME", OsString::from(folder.path()))]);
        let profiles = Profiles::open(Home::open(&environment)?, &offline::ports(environment));
        let (kept, newcomers) = logins.split_at(size);
        for login in kept {
            profiles.keep(&AuthDocument::parse(login.clone())?)?;
        }
        Ok(Self { folder, size, profiles, newcomers: newcomers.to_vec() })
    }

    /// Where the user of this home lives.
    #[cfg(target_os = "linux")]
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn environment(&self) -> Environment {
        Environment::of(self.folder.path(), [("HOME", OsString::from(self.folder.path()))])
    }

    pub(crate) fn home(&self) -> Outcome<Home> {
        Ok(Home::open(&self.environment())?)
    }

    /// Waits until no file is so new that it has to be read to be known.
    pub(crate) fn settle() {
        #[expect(clippy::disallowed_methods, reason = "only time makes a file old")]
        std::thread::sleep(Duration::from_secs(3));
    }

    /// Makes the next look open every login.
    pub(crate) fn forget_looks(&self) -> Outcome<()> {
        let looks = self.home()?.runtime().join("looks.json");
        if looks.exists() { Ok(fs::remove_file(looks)?) } else { Ok(()) }
    }

    /// Runs the terminal program in this home.
    pub(crate) fn run(&self, program: &Path, arguments: &[&str]) -> Outcome<()> {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("HOME", self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let status = command.status()?;
        if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", program.display()).into()) }
    }
}
