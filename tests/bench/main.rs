//! How long the everyday things take with 1,000 profiles. Prints medians; judges nothing. `make bench` runs it.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs};

use codex_lab_core::base::environment::Environment;
use codex_lab_core::model::auth_document::AuthDocument;
use codex_lab_core::store::home::Home;
use codex_lab_core::store::profiles::Profiles;
use codex_lab_tests::offline;
use codex_lab_tests::sandbox::{Sandbox, SandboxAccount, SandboxOptions};
use tempfile::TempDir;

/// Profiles in the home.
const PROFILES: usize = 1000;
/// Times each thing is done.
const RUNS: usize = 25;

/// A home with many profiles, and a login that is not among them yet.
struct Crowd {
    folder: TempDir,
    profiles: Profiles,
    newcomers: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let program = program()?;
    let started = now();
    let crowd = Crowd::new()?;
    say(&format!("{PROFILES} profiles, made in {}", shown(started.elapsed())))?;

    let home = Home::open(&crowd.environment())?;
    let known = crowd.profiles.list()?;
    let known = known.first().ok_or("there is no profile")?;
    let file = fs::read_to_string(home.login_file(&known.name))?;
    let mut newcomers = crowd.newcomers.iter();

    measure("codex-lab list", || crowd.run(&program, &["list"]))?;
    measure("codex-lab list --json", || crowd.run(&program, &["list", "--json"]))?;
    measure("read the list of profiles", || Ok(crowd.profiles.list().map(|_| ())?))?;
    measure("read one login from disk", || Ok(crowd.profiles.login(&known.id).map(|_| ())?))?;
    measure("understand a login's text", || Ok(AuthDocument::parse(file.clone()).map(|_| ())?))?;
    measure("keep a fresh login as a profile", || {
        let login = AuthDocument::parse(newcomers.next().ok_or("no login is left")?.clone())?;
        Ok(crowd.profiles.keep(&login).map(|_| ())?)
    })
}

impl Crowd {
    fn new() -> Result<Self, Box<dyn Error>> {
        let accounts = SandboxAccount::crowd(PROFILES + RUNS + 1);
        let sandbox = Sandbox::start_blocking(SandboxOptions { accounts, ..SandboxOptions::default() })?;
        let logins = sandbox.accounts().iter().map(|account| sandbox.auth_json(&account.name)).collect::<Result<Vec<_>, _>>()?;

        let folder = tempfile::tempdir()?;
        let home = Home::open(&environment(&folder))?;
        let profiles = Profiles::open(home, &offline::ports(environment(&folder)));
        let (kept, newcomers) = logins.split_at(PROFILES);
        for login in kept {
            profiles.keep(&AuthDocument::parse(login.clone())?)?;
        }
        Ok(Self { folder, profiles, newcomers: newcomers.to_vec() })
    }

    fn environment(&self) -> Environment {
        environment(&self.folder)
    }

    fn run(&self, program: &PathBuf, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("HOME", self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let status = command.status()?;
        if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", program.display()).into()) }
    }
}

fn environment(folder: &TempDir) -> Environment {
    Environment::of(folder.path(), [("HOME", OsString::from(folder.path()))])
}

/// Does it often, and says how long it takes in the middle and at worst.
fn measure(what: &str, mut once: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    once()?;
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let started = now();
        once()?;
        times.push(started.elapsed());
    }
    times.sort();
    let (median, worst) = (times[RUNS / 2], times[RUNS - 1]);
    say(&format!("{what:<34} median {:>10}   worst {:>10}", shown(median), shown(worst)))
}

/// The terminal program, built beside this one.
fn program() -> Result<PathBuf, Box<dyn Error>> {
    let here = env::current_exe()?;
    let program = here.ancestors().nth(2).map(|folder| folder.join(format!("codex-lab{}", env::consts::EXE_SUFFIX)));
    program.filter(|program| program.is_file()).ok_or_else(|| "codex-lab is not built for release: run `make bench`".into())
}

#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
fn now() -> Instant {
    Instant::now()
}

fn shown(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1000.0)
}

fn say(line: &str) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(io::stdout(), "{line}")?)
}
