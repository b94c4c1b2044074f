//! What the product needs from outside, as ports. Tests bring their own.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::clock::{Clock, SystemClock};
use super::entropy::{Entropy, OsEntropy};
use super::environment::Environment;
use super::https::{Http, Https, HttpsSetupError};
use super::keyring::{Keyring, SystemKeyring};
use super::progress::{NoProgress, Progress};
use super::upstream::Upstream;

/// A keyring answers in milliseconds. This is for one that is being started, and for a user who types a password.
const KEYRING_PATIENCE: Duration = Duration::from_secs(10);

/// Everything outside, handed in once.
#[derive(Debug, Clone)]
pub struct Ports {
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The network.
    pub http: Arc<dyn Http>,
    /// The network, for requests that are sent on.
    pub upstream: Arc<dyn Upstream>,
    /// The operating system's keyring.
    pub keyring: Arc<dyn Keyring>,
    /// The user's browser.
    pub browser: Arc<dyn Browser>,
    /// Processes on this machine.
    pub processes: Arc<dyn Processes>,
    /// Named places in every change of several steps, where tests kill the process.
    pub checkpoint: Arc<dyn Checkpoint>,
    /// Whoever is told how far long work is.
    pub progress: Arc<dyn Progress>,
    /// Variables and the home folder.
    pub environment: Arc<Environment>,
}

/// Opens a page in the user's browser.
#[async_trait]
pub trait Browser: fmt::Debug + Send + Sync {
    /// Whether a browser was started; the page may still fail to open.
    async fn open(&self, url: &str) -> bool;
}

/// Looks at processes and runs programs.
#[async_trait]
pub trait Processes: fmt::Debug + Send + Sync {
    /// All processes of this user that might be Codex.
    fn list(&self) -> Vec<Process>;

    /// Runs a program to its end, without a shell, with this environment and no standard input.
    async fn run(&self, command: Command) -> Result<Finished, RunError>;

    /// Runs a program of the user's apart from us: in a process group of its own, with no variables but those of the command, in
    /// this folder, and with this on its standard input. After the time-out, or when the result is no longer awaited, the whole
    /// group is killed.
    async fn run_apart(&self, command: Command, folder: PathBuf, input: Vec<u8>) -> Result<Finished, RunError>;
}

/// A process of this user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The system's number.
    pub pid: u32,
    /// Its parent's number.
    pub parent: Option<u32>,
    /// The program file, where readable.
    pub program: Option<PathBuf>,
    /// Program and arguments.
    pub arguments: Vec<String>,
    /// `CODEX_HOME` of its environment, where set and readable.
    pub codex_home: Option<PathBuf>,
    /// `HOME` of its environment, where readable.
    pub home: Option<PathBuf>,
    /// The folder it works in, where readable.
    pub folder: Option<PathBuf>,
    /// When it started, to 10 ms; where the system tells only the second, the end of that second.
    pub started_at: Timestamp,
}

/// A program to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Absolute path.
    pub program: PathBuf,
    /// Arguments; never secret.
    pub arguments: Vec<String>,
    /// Variables: set on top of our own environment, or all there are where it is run apart.
    pub variables: Vec<(String, String)>,
    /// Killed after this long.
    pub timeout: Duration,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Exit status 0.
    pub success: bool,
    /// The first 64 KiB of standard output.
    pub output: String,
    /// The first 64 KiB of standard error.
    pub error: String,
}

/// Why a program did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not be started.
    #[error("{} could not be started", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It took too long and was ended.
    #[error("{} did not finish in time", program.display())]
    Timeout {
        /// The program.
        program: PathBuf,
    },
}

/// A named place in a journalled change.
pub trait Checkpoint: fmt::Debug + Send + Sync {
    /// Called when the place is reached. The real one does nothing; a test's kills the process.
    fn reached(&self, place: &'static str);
}

/// Does nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoCheckpoint;

impl Checkpoint for NoCheckpoint {
    fn reached(&self, _place: &'static str) {}
}

impl Ports {
    /// The real outside.
    pub fn real(environment: Environment) -> Result<Self, HttpsSetupError> {
        let environment = Arc::new(environment);
        let https = Arc::new(Https::new(&environment)?);
        Ok(Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            http: Arc::clone(&https) as Arc<dyn Http>,
            upstream: https,
            keyring: Arc::new(SystemKeyring::new(&environment, KEYRING_PATIENCE)),
            browser: Arc::new(super::browser::SystemBrowser),
            processes: Arc::new(super::processes::SystemProcesses),
            checkpoint: Arc::new(NoCheckpoint),
            progress: Arc::new(NoProgress),
            environment,
        })
    }
}
