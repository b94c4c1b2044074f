//! Which processes are Codex sessions of a home, and which of them still run on a login that is no longer live (codex-auth.md 6).

use std::path::Path;

use jiff::Timestamp;

use super::home::CodexHome;
use crate::base::files;
use crate::base::ports::{Process, Processes};
use crate::base::sorting;
use crate::model::profile::ProfileId;
use crate::model::snapshot::{SessionChoice, SessionKind};
use crate::store::state::SwitchRecord;

/// Options of `codex` before its subcommand that take the next word.
const VALUED: [&str; 21] = [
    "-c",
    "--config",
    "--enable",
    "--disable",
    "-m",
    "--model",
    "-p",
    "--profile",
    "-C",
    "--cd",
    "-s",
    "--sandbox",
    "-a",
    "--ask-for-approval",
    "-i",
    "--image",
    "--add-dir",
    "--local-provider",
    "--remote-auth-token-env",
    "--listen",
    "--remote",
];
/// Subcommands that end by themselves at once, or use no login.
const NO_SESSION: [&str; 24] = [
    "login",
    "logout",
    "mcp",
    "plugin",
    "remote-control",
    "completion",
    "update",
    "doctor",
    "sandbox",
    "debug",
    "apply",
    "a",
    "queue",
    "archive",
    "delete",
    "migrate-rollouts",
    "migrate-nfs-db",
    "unarchive",
    "cloud",
    "exec-server",
    "features",
    "help",
    "execpolicy",
    "responses-api-proxy",
];

/// A running Codex session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The system's process number.
    pub pid: u32,
    /// What it is.
    pub kind: SessionKind,
    /// The folder it works in.
    pub folder: Option<String>,
    /// When it started.
    pub started_at: Timestamp,
    /// Whether it runs on a login from before the last switch.
    pub stale: bool,
    /// The profile whose login was live when it read it, as far as the history of switches tells.
    pub profile: Option<ProfileId>,
    /// What can be done about it: nothing if it is not stale.
    pub choices: Vec<SessionChoice>,
}

/// The processes that may be Codex and work in this home. A process that hides its environment counts as one of ours.
pub fn observe(processes: &dyn Processes, home: &CodexHome) -> Vec<Process> {
    let same = |path: &Path| path == home.root() || files::canonical(path).is_ok_and(|real| real == home.root());
    let mut found = processes.list();
    found.retain(|process| match (&process.codex_home, &process.home) {
        // A relative path is relative to the folder it was started in, which may have changed since.
        (Some(path), _) if path.is_relative() => process.folder.as_ref().is_none_or(|folder| same(&folder.join(path))),
        (Some(path), _) => same(path),
        (None, Some(user_home)) => same(&user_home.join(".codex")),
        (None, None) => true,
    });
    found
}

/// The sessions among the processes of one home, newest first. `history` holds its switches, newest first.
pub fn classify(processes: &[Process], history: &[SwitchRecord]) -> Vec<Running> {
    let kinds: Vec<_> = processes.iter().filter_map(|process| Some((process, kind(process)?))).collect();
    let daemon = kinds.iter().filter(|(_, kind)| *kind == SessionKind::Daemon).map(|(process, _)| process.started_at).max();
    let mut sessions: Vec<_> = kinds
        .into_iter()
        .map(|(process, kind)| {
            // Without a daemon an interactive session can only run by itself.
            let (kind, read_at) = match (kind, daemon) {
                (SessionKind::Interactive, Some(daemon)) => (SessionKind::Interactive, daemon),
                (SessionKind::Interactive, None) => (SessionKind::Standalone, process.started_at),
                (kind, _) => (kind, process.started_at),
            };
            let stale = history.first().is_some_and(|last| read_at < last.at);
            Running {
                pid: process.pid,
                kind,
                folder: process.folder.as_ref().map(|folder| folder.display().to_string()),
                started_at: process.started_at,
                stale,
                profile: live_at(history, read_at),
                choices: if stale { choices(kind) } else { Vec::new() },
            }
        })
        .collect();
    sorting::by_key(&mut sessions, |session| (std::cmp::Reverse(session.started_at), session.pid));
    sessions
}

/// What can be done about a session that runs on the old login. None of it kills anything.
fn choices(kind: SessionKind) -> Vec<SessionChoice> {
    match kind {
        SessionKind::Daemon | SessionKind::Interactive => vec![SessionChoice::Leave, SessionChoice::WhenIdle, SessionChoice::Restart],
        // These take the new login when they are started anew; "when idle" is to be told of their end.
        SessionKind::Standalone | SessionKind::Exec | SessionKind::AppServer => vec![SessionChoice::Leave, SessionChoice::WhenIdle],
    }
}

/// The profile that was live at a time, as far as the switches tell, which are newest first.
pub fn live_at(history: &[SwitchRecord], time: Timestamp) -> Option<ProfileId> {
    match history.iter().find(|record| record.at <= time) {
        Some(record) => record.to.clone(),
        None => history.last().and_then(|oldest| oldest.from.clone()),
    }
}

/// What a process is; `None` if it is no session: a wrapper, a helper, a short command, another program.
fn kind(process: &Process) -> Option<SessionKind> {
    if !is_codex(process) {
        return None;
    }
    let arguments: Vec<&str> = process.arguments.iter().skip(1).map(String::as_str).collect();
    // Codex starts itself under such names as a helper; a remote session uses no login of this machine.
    if arguments.iter().any(|word| word.starts_with("--codex-run-as") || *word == "--remote" || word.starts_with("--remote=")) {
        return None;
    }
    let mut words = words(&arguments);
    match words.next() {
        Some("exec" | "e" | "review") => Some(SessionKind::Exec),
        Some("mcp-server") => Some(SessionKind::AppServer),
        Some("app-server") => match words.next() {
            // `daemon pid-update-loop` and the like serve nobody.
            Some(_) => None,
            None if is_daemon(&arguments) => Some(SessionKind::Daemon),
            None => Some(SessionKind::AppServer),
        },
        Some(word) if NO_SESSION.contains(&word) => None,
        _ if arguments.iter().any(|word| matches!(*word, "--help" | "-h" | "--version" | "-V")) => None,
        _ if arguments.contains(&"--no-daemon") => Some(SessionKind::Standalone),
        // A prompt, `resume`, `fork`, or nothing at all.
        _ => Some(SessionKind::Interactive),
    }
}

fn is_daemon(arguments: &[&str]) -> bool {
    let listens = arguments.windows(2).any(|pair| pair[0] == "--listen" && pair[1].starts_with("unix:"));
    listens || arguments.iter().any(|word| *word == "--managed-daemon" || word.starts_with("--listen=unix:"))
}

/// The native program, by the name it was started under; not its npm wrapper (`node …/codex.js`), not `codex-lab`.
fn is_codex(process: &Process) -> bool {
    let started_as = process.arguments.first().map(Path::new).or(process.program.as_deref());
    let Some(name) = started_as.and_then(Path::file_name).and_then(|name| name.to_str()) else { return false };
    let name = name.strip_suffix(".exe").unwrap_or(name);
    name == "codex" || name.strip_prefix("codex-").is_some_and(|rest| rest.starts_with("x86_64-") || rest.starts_with("aarch64-"))
}

/// The words that are neither options nor their values.
fn words<'a>(arguments: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let mut value_follows = false;
    arguments.iter().copied().filter(move |word| {
        let is_value = std::mem::replace(&mut value_follows, VALUED.contains(word));
        !is_value && !word.starts_with('-')
    })
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
mod tests;
