//! Undoing every change outside the home: programs that run, connected clients, entries of the desktop's lists. The live login is
//! Codex's own and stays as it is. The home itself goes only on request, and only when nothing outside leads to it any more.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::doctor::mending::entry_failure;
use super::{Engine, Shared, blocking};
use crate::api::table::{Reply, Request};
use crate::base::autostart::{self, Listing};
use crate::base::ports::Process;
use crate::base::progress::{Far, Underway, Work};
use crate::base::{files, locks, processes};
use crate::failure::{Code, Failure, shown};

/// The app lets running answers end first, and a serving terminal for longer.
const ENDS_WITHIN: Duration = Duration::from_secs(35);
/// Between two looks whether it has.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A change that is undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undoing {
    /// What it is about.
    pub what: Undone,
    /// The file, or the process.
    pub place: String,
    /// What is, or would be, done.
    pub message: String,
    /// Whether it was done.
    pub done: bool,
    /// Why it was not, or what was left.
    pub failure: Option<Failure>,
}

/// The sorts of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undone {
    /// A program of ours runs.
    Program,
    /// A client is connected.
    Client,
    /// The desktop knows the app.
    Entry,
    /// The home, with every login in it.
    Home,
    /// The vault's key in the system's keyring.
    Key,
}

impl Engine {
    /// What would be undone; the home and its key too where `home` says so. Changes nothing.
    pub async fn uninstall_plan(&self, home: bool) -> Result<Vec<Undoing>, Failure> {
        let mut plan: Vec<_> = running(&self.shared).await?.into_iter().map(Running::row).collect();
        plan.extend(self.disconnect(true).await);
        let shared = Arc::clone(&self.shared);
        plan.extend(blocking(move || Ok(entries(&shared, true))).await?);
        if home {
            let shared = Arc::clone(&self.shared);
            plan.extend(blocking(move || home_rows(&shared)).await?);
        }
        Ok(plan)
    }

    /// Undoes everything outside the home. What cannot be undone is in its row; the rest is done all the same.
    pub async fn uninstall(&self) -> Result<Vec<Undoing>, Failure> {
        let mut done = Vec::new();
        // First: an app that runs would put itself on the desktop's lists again.
        for running in running(&self.shared).await? {
            // A Codex that somebody works with goes through that one.
            let result = if running.role == Role::Session { Err(runs_on()) } else { self.end(running.pid).await };
            done.push(Undoing { done: result.is_ok(), failure: result.err(), ..running.row() });
        }
        let _underway = Underway::begin(&self.shared.ports.progress, Work::Undo, Far::Unknown);
        done.extend(self.disconnect(false).await);
        let shared = Arc::clone(&self.shared);
        done.extend(blocking(move || Ok(entries(&shared, false))).await?);
        Ok(done)
    }

    /// Deletes the home with every login in it, and the vault's key in the keyring. Call it only after [`Self::uninstall`] has undone
    /// everything, and use the engine no more.
    pub async fn delete_home(self) -> Result<Vec<Undoing>, Failure> {
        let shared = Arc::clone(&self.shared);
        let _underway = Underway::begin(&shared.ports.progress, Work::DeleteHome, Far::Unknown);
        blocking(move || {
            must_be_ours_alone(&shared)?;
            let root = shared.home.root();
            let mut rows = home_rows(&shared)?;
            let key = shared.profiles.vault().keyring_entry()?;
            files::remove_folder(root)?;
            for row in &mut rows {
                // The key is of no use without the home; with it, everything would be.
                let result = match (&row.what, &key) {
                    (Undone::Key, Some(key)) => shared.ports.keyring.delete(key).map_err(|error| key_stays(&error)),
                    _ => Ok(()),
                };
                (row.done, row.failure) = (result.is_ok(), result.err());
            }
            Ok(rows)
        })
        .await
    }

    /// Asks a program to end, and waits until it has.
    async fn end(&self, pid: u32) -> Result<(), Failure> {
        let ports = &self.shared.ports;
        let _underway = Underway::begin(&ports.progress, Work::EndProgram, Far::Until(ports.clock.now() + ENDS_WITHIN));
        end(pid).await
    }

    async fn disconnect(&self, dry_run: bool) -> Vec<Undoing> {
        let changes = match Box::pin(self.handle(Request::DisconnectClient { client: None, dry_run })).await {
            Ok(Reply::Clients { changes, .. }) => changes,
            Ok(_) => Vec::new(),
            Err(failure) => {
                let (place, message) = ("clients".to_owned(), "configurations are as they were before they were connected".to_owned());
                return vec![Undoing { what: Undone::Client, place, message, done: false, failure: Some(failure) }];
            }
        };
        let rows = changes.into_iter().map(|change| Undoing {
            what: Undone::Client,
            message: format!("{}'s configuration is as it was before it was connected", change.client),
            place: change.path,
            done: !dry_run,
            failure: change.remarks.into_iter().next(),
        });
        rows.collect()
    }
}

/// A program of ours that runs.
#[derive(Debug, Clone, Copy)]
struct Running {
    pid: u32,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    App,
    Gateway,
    Control,
    /// `codex-lab run`, which serves the gateway for what it has started.
    Session,
}

impl Running {
    fn row(self) -> Undoing {
        let message = match self.role {
            Role::App => "the app is quit",
            Role::Gateway => "the gateway is ended",
            Role::Control => "the control interface is ended",
            Role::Session => "the session that was started with `codex-lab run` is yours to end",
        };
        let place = format!("process {}", self.pid);
        Undoing { what: Undone::Program, place, message: message.to_owned(), done: false, failure: None }
    }
}

/// The app of this home, and whoever serves the gateway or the control interface of this home.
async fn running(shared: &Arc<Shared>) -> Result<Vec<Running>, Failure> {
    let app = app(shared).await;
    let shared = Arc::clone(shared);
    blocking(move || {
        let (home, mut found) = (&shared.home, Vec::new());
        found.extend(app.map(|pid| Running { pid, role: Role::App }));
        let served = [
            (home.gateway_lock(), super::serving::server_file(home), Role::Gateway),
            (home.control_lock(), home.control_server(), Role::Control),
        ];
        for (lock, said, role) in served {
            if !locks::is_held(&lock)? {
                continue;
            }
            let pid = locks::holder(&lock).or_else(|| super::serving::server_of(&said)).ok_or_else(|| unknown(&lock))?;
            if pid == std::process::id() || found.iter().any(|known| known.pid == pid) {
                continue;
            }
            // What a file says may be long ago, and the number another program's by now.
            let process = shared.ports.processes.list().into_iter().find(|process| process.pid == pid && is_ours(process));
            let process = process.ok_or_else(|| unknown(&lock))?;
            let verb = process.arguments.iter().skip(1).find(|word| !word.starts_with('-'));
            found.push(Running { pid, role: if verb.is_some_and(|verb| verb == "run") { Role::Session } else { role } });
        }
        Ok(found)
    })
    .await
}

fn is_ours(process: &Process) -> bool {
    let started = process.arguments.first().map(Path::new);
    let names = process.program.as_deref().into_iter().chain(started).filter_map(|path| path.file_name()?.to_str());
    names.into_iter().any(|name| name.starts_with("codex-lab"))
}

fn unknown(lock: &Path) -> Failure {
    Failure::new(
        Code::NotPossibleNow,
        format!("A Codex Lab of this home runs and holds {}; which process it is cannot be told.", shown(lock)),
    )
    .hint("Quit the app from its tray icon, or end `codex-lab serve` with Ctrl-C; then uninstall again.")
}

fn runs_on() -> Failure {
    Failure::new(Code::NotPossibleNow, "A Codex session that was started with `codex-lab run` goes on.")
        .hint("End that session, and uninstall again.")
}

#[cfg(all(unix, not(target_os = "macos")))]
async fn app(shared: &Shared) -> Option<u32> {
    let app = crate::base::session_bus::look(&shared.ports.environment).await?.app?;
    // There is one app on a desktop, and it may be another home's.
    let state = files::canonical(&shared.home.state()).ok()?;
    processes::has_open(app, &state).then_some(app)
}

/// Elsewhere the app is known as whoever serves the gateway.
#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn app(_shared: &Shared) -> Option<u32> {
    None
}

async fn end(pid: u32) -> Result<(), Failure> {
    let stays = || {
        Failure::new(Code::NotPossibleNow, format!("Process {pid} does not end."))
            .hint("Quit the app from its tray icon, or end `codex-lab serve` with Ctrl-C; then uninstall again.")
    };
    if !processes::ask_to_end(pid) {
        return Err(stays());
    }
    let gone = async {
        while processes::lives(pid) {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(ENDS_WITHIN, gone).await.map_err(|_| stays())
}

fn entries(shared: &Shared, dry_run: bool) -> Vec<Undoing> {
    let environment = &shared.ports.environment;
    let row = |place: &Path, message: &str, result: Result<(), Failure>| Undoing {
        what: Undone::Entry,
        place: shown(place),
        message: message.to_owned(),
        done: result.is_ok() && !dry_run,
        failure: result.err(),
    };
    match autostart::listed(environment) {
        Err(error) => vec![row(Path::new(""), "the desktop's list of programs", Err(entry_failure(&error)))],
        Ok(listed) => listed
            .iter()
            .map(|entry| {
                let message = match entry.listing {
                    Listing::Start => "the app no longer starts with the desktop",
                    Listing::Name => "the desktop no longer opens codex-lab:// links with the app",
                };
                let taken = if dry_run { Ok(()) } else { autostart::take_off(environment, entry.listing) };
                row(&entry.place, message, taken.map_err(|error| entry_failure(&error)))
            })
            .collect(),
    }
}

/// Refuses to delete a folder that holds anything of others.
fn must_be_ours_alone(shared: &Shared) -> Result<(), Failure> {
    let (root, codex) = (shared.home.root(), shared.codex.root());
    let user = shared.ports.environment.user_home();
    // The home's own links are resolved, so theirs are, too.
    let is_inside = |path: &Path| path.starts_with(root) || files::canonical(path).is_ok_and(|path| path.starts_with(root));
    if user.is_some_and(is_inside) || is_inside(codex) || !shared.home.strangers()?.is_empty() {
        return Err(Failure::new(Code::BadHome, format!("{} holds other files than Codex Lab's, too, and is not deleted.", shown(root)))
            .hint("Delete what is Codex Lab's in it by hand."));
    }
    Ok(())
}

fn home_rows(shared: &Shared) -> Result<Vec<Undoing>, Failure> {
    let row = |what, place: String, message: String| Undoing { what, place, message, done: false, failure: None };
    let count = shared.profiles.list().map_or(0, |profiles| profiles.len());
    let logins = if count == 1 { "the login".to_owned() } else { format!("all {count} logins") };
    let mut rows = vec![row(Undone::Home, shown(shared.home.root()), format!("the home is deleted, with {logins} in it"))];
    if let Some(key) = shared.profiles.vault().keyring_entry()? {
        rows.push(row(Undone::Key, format!("{} {}", key.service, key.account), "the vault's key is taken out of the keyring".to_owned()));
    }
    Ok(rows)
}

fn key_stays(error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::VaultDenied, format!("The vault's key stays in the keyring: {error}. It opens nothing any more."))
        .hint("Delete the entry `Codex Lab` with your desktop's keyring program.")
}
