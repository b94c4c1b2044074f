//! Mending: what is safe to mend without asking. Found without an engine, so that a dry run touches nothing: a start mends by itself.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::clients;
use super::super::{Engine, blocking};
use super::traces;
use crate::api::table::Request;
use crate::base::autostart::{self, AutostartError, Listing};
use crate::base::environment::Environment;
use crate::base::files::{self, FileError};
use crate::base::locks;
use crate::codex::home::CodexHome;
use crate::codex::{journal, live};
use crate::failure::{Code, Failure, shown};
use crate::model::client::Client;
use crate::store::home::Home;
use crate::store::repair;
use crate::store::state::State;

/// Something that can be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Others may read or change this file or folder.
    Permissions(PathBuf),
    /// A half-written file whose writer is gone.
    HalfWritten(PathBuf),
    /// A switch was cut off.
    Switch(PathBuf),
    /// The list of profiles is damaged or gone, and is brought back from its newest good copy, else from the profiles' folders.
    Index(PathBuf),
    /// A list of the desktop's names a program that is not there any more, and the app is here now.
    Entry(Listing, PathBuf, PathBuf),
    /// A connected client goes to another port than the gateway's.
    Client(Client, PathBuf),
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// What the doctor calls it.
    pub topic: &'static str,
    /// What was done, or would be.
    pub message: String,
    /// The file.
    pub path: String,
    /// Whether it was done.
    pub done: bool,
    /// Why it was not.
    pub failure: Option<Failure>,
}

/// Why what can be mended cannot be found.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Entry(#[from] AutostartError),
}

impl Mend {
    /// As a row, not done yet.
    pub fn row(&self) -> Mended {
        let (topic, path, message) = match self {
            Self::Permissions(path) => ("permissions", path, "only you may read and change it".to_owned()),
            Self::HalfWritten(path) => ("temporary files", path, "removed: its writer is gone".to_owned()),
            Self::Switch(path) => ("switch", path, "the switch that was cut off is finished, or taken back".to_owned()),
            Self::Index(path) => ("profiles", path, "brought back from its newest good copy; what is there is set aside".to_owned()),
            Self::Entry(_, path, program) => ("autostart", path, format!("names {} now", shown(program))),
            Self::Client(client, path) => ("client", path, format!("{client} is connected to the gateway's port again")),
        };
        Mended { topic, message, path: shown(path), done: false, failure: None }
    }
}

/// Everything that can be mended in this environment. `beside` is one of our own programs. Changes nothing; a home that cannot be used
/// has nothing to mend.
pub async fn look(environment: &Environment, beside: Option<PathBuf>) -> Result<Vec<Mend>, Failure> {
    let environment = environment.clone();
    blocking(move || {
        let Ok(home) = Home::find(&environment) else { return Ok(Vec::new()) };
        let codex = CodexHome::find(&environment).ok();
        let mut mends = on_disk(&home, codex.as_ref(), &environment, beside.as_deref()).map_err(|error| match error {
            LookError::File(error) => Failure::from(error),
            LookError::Entry(error) => entry_failure(&error),
        })?;
        // A state that cannot be read is the doctor's to tell.
        if let (Some(codex), Ok(Some(state))) = (codex, State::look(&home)) {
            let outdated = clients::outdated(&home, &codex, &environment, &state).unwrap_or_default();
            mends.extend(outdated.into_iter().map(|(client, path)| Mend::Client(client, path)));
        }
        Ok(mends)
    })
    .await
}

/// Mends what is mended before the engine is opened.
pub async fn before_start(environment: &Environment, mends: Vec<Mend>) -> Result<Vec<Mended>, Failure> {
    let environment = environment.clone();
    blocking(move || Ok(mends.iter().filter_map(|mend| Some(outcome(mend, on_the_disk(mend, &environment)?))).collect())).await
}

impl Engine {
    /// Mends the rest; says, too, what the engine's start has mended of it.
    pub async fn mend(&self, mends: Vec<Mend>) -> Result<Vec<Mended>, Failure> {
        let (mut mended, home) = (Vec::new(), self.home().clone());
        for mend in &mends {
            let home = home.clone();
            let result = match mend {
                Mend::Switch(_) => blocking(move || if journal::is_there(&home)? { Err(not_mended()) } else { Ok(()) }).await,
                Mend::Index(_) => blocking(move || if repair::is_index_lost(&home)? { Err(not_mended()) } else { Ok(()) }).await,
                Mend::Client(client, _) => {
                    let connect = Request::ConnectClient { client: *client, replace: false, dry_run: false };
                    Box::pin(self.handle(connect)).await.map(drop)
                }
                Mend::Permissions(_) | Mend::HalfWritten(_) | Mend::Entry(..) => continue,
            };
            mended.push(outcome(mend, result));
        }
        Ok(mended)
    }
}

fn on_disk(home: &Home, codex: Option<&CodexHome>, environment: &Environment, beside: Option<&Path>) -> Result<Vec<Mend>, LookError> {
    let traces = traces::in_home(home)?;
    let mut open = traces.open;
    // Codex itself keeps it from others.
    let login = codex.and_then(|codex| live::place(codex).ok());
    open.extend(login.filter(|path| files::is_private(path).is_ok_and(|private| !private)));
    let mut mends: Vec<_> = open.into_iter().map(Mend::Permissions).collect();
    mends.extend(traces.half_written.into_iter().map(Mend::HalfWritten));
    // One that goes on at this moment is nobody's to finish.
    if journal::is_there(home)? && !locks::is_held(&home.lock("switch")).unwrap_or(true) {
        mends.push(Mend::Switch(journal::path(home)));
    }
    if repair::is_index_lost(home)? {
        mends.push(Mend::Index(home.index()));
    }
    let app = autostart::app_program(environment, beside);
    let stale = autostart::listed(environment)?.into_iter().filter(autostart::Listed::is_stale);
    mends.extend(stale.filter_map(|entry| Some(Mend::Entry(entry.listing, entry.place, app.clone()?))));
    Ok(mends)
}

/// `None`: it is mended later.
fn on_the_disk(mend: &Mend, environment: &Environment) -> Option<Result<(), Failure>> {
    Some(match mend {
        Mend::Permissions(path) => files::make_private(path).map_err(Failure::from),
        Mend::HalfWritten(path) => files::remove(path).map_err(Failure::from),
        Mend::Entry(listing, _, program) => autostart::put(environment, *listing, program).map_err(|error| entry_failure(&error)),
        Mend::Switch(_) | Mend::Index(_) | Mend::Client(..) => return None,
    })
}

fn outcome(mend: &Mend, result: Result<(), Failure>) -> Mended {
    Mended { done: result.is_ok(), failure: result.err(), ..mend.row() }
}

fn not_mended() -> Failure {
    Failure::new(Code::NotPossibleNow, "The start could not mend it; the findings say why.").hint("Mend what they name, and try again.")
}

pub(in crate::engine) fn entry_failure(error: &AutostartError) -> Failure {
    let failure = Failure::new(Code::Storage, format!("The desktop's list of programs cannot be changed: {error}."));
    failure.hint("Correct the permissions of that folder and try again.")
}
