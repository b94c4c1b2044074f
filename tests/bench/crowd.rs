//! A home with many profiles.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::model::auth_document::AuthDocument;
use codex_lab_core::store::home::Home;
use codex_lab_core::store::merging::Incoming;
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
        let mut crowd = Self::waiting(size + RUNS + 1)?;
        crowd.grow_to(size)?;
        Ok(crowd)
    }

    /// A home without a profile, and so many logins for it.
    pub(crate) fn waiting(logins: usize) -> Outcome<Self> {
        let sandbox = Sandbox::start_blocking(SandboxOptions { accounts: SandboxAccount::crowd(logins), ..SandboxOptions::default() })?;
        let newcomers = sandbox.accounts().iter().map(|account| sandbox.auth_json(&account.name)).collect::<Result<_, _>>()?;
        let folder = tempfile::tempdir()?;
        let environment = Environment::of(folder.path(), [("HOME", OsString::from(folder.path()))]);
        let profiles = Profiles::open(Home::open(&environment)?, &offline::ports(environment));
        Ok(Self { folder, size: 0, profiles, newcomers })
    }

    /// Keeps logins until there are so many profiles: together, as an import does, since one by one each would write the whole index.
    pub(crate) fn grow_to(&mut self, size: usize) -> Outcome<()> {
        let more = self.newcomers.drain(..size.saturating_sub(self.size));
        let incoming = more.map(|login| Ok(Incoming { login: AuthDocument::parse(login)?, like: None })).collect::<Outcome<Vec<_>>>()?;
        for kept in self.profiles.merge(&incoming, false)? {
            kept?;
        }
        self.size = size;
        Ok(())
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
