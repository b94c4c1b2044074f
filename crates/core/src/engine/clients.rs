//! Connecting clients to the gateway for good, undoing it, and how they stand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Engine, Shared, blocking, held, serving};
use crate::api::table::{ClientChange, Reply};
use crate::base::environment::Environment;
use crate::base::locks::FileLock;
use crate::base::stamp::{Stamp, stamp};
use crate::clients::config_file::ConfigFile;
use crate::clients::connection::{self, Before, Connected, Disconnected, Edited, Standing, Touched};
use crate::clients::error::{ClientError, plain};
use crate::clients::notes::{Note, Notes};
use crate::clients::target::Target;
use crate::codex::home::CodexHome;
use crate::failure::{Code, Failure, shown};
use crate::model::client::{Client, ClientRow, ClientState};
use crate::store::gateway_key;
use crate::store::home::Home;
use crate::store::state::{State, StateError};

/// What connecting passes.
pub const CONNECTING: &[&str] = &["client.noted", "client.connected"];
/// What the undoing passes.
pub const DISCONNECTING: &[&str] = &["client.disconnected", "client.forgotten"];

/// The fact that holds the notes.
const NOTES: &str = "clients";
/// Another process of ours connects within this.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a file is read anew that somebody changes meanwhile.
const TRIES: usize = 3;

/// How clients stood at the last look, so that only what has changed is read again.
#[derive(Debug, Default)]
pub(super) struct Looks(Mutex<BTreeMap<Client, (Seen, ClientRow)>>);

/// Why nothing was changed; a client's own trouble is told apart, for it may pass.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Other(#[from] Failure),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Client(error) => error.into(),
            Refusal::Other(failure) => failure,
        }
    }
}

/// Everything that a row is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    path: PathBuf,
    stamp: Option<Stamp>,
    is_found: bool,
    notes: Option<String>,
}

impl Engine {
    /// Has a client send its requests to the gateway from now on.
    pub(super) async fn connect_client(&self, client: Client, replace: bool, dry_run: bool) -> Result<Reply, Failure> {
        let turn = self.shared.turn.lock().await;
        let shared = Arc::clone(&self.shared);
        let change = blocking(move || {
            let _lock = lock(&shared)?;
            patiently(|| connect(&shared, client, gateway_port(&shared)?, replace, dry_run))
        })
        .await?;
        drop(turn);
        self.told(vec![change]).await
    }

    /// Undoes that for one client, or for all.
    pub(super) async fn disconnect_clients(&self, client: Option<Client>, dry_run: bool) -> Result<Reply, Failure> {
        let turn = self.shared.turn.lock().await;
        let shared = Arc::clone(&self.shared);
        let changes = blocking(move || {
            let _lock = lock(&shared)?;
            let (port, notes) = (gateway_port(&shared)?, notes(&shared)?);
            let Some(client) = client else {
                // Those of other homes too.
                let noted = notes.all().iter().map(|note| Target::at(note.client, &note.path, port));
                let here = Client::ALL.into_iter().filter_map(|client| target(&shared, client, port, &notes).ok());
                let targets: BTreeMap<_, _> = noted.chain(here).map(|target| ((target.client, target.path.clone()), target)).collect();
                let mut changes = Vec::new();
                for target in targets.values().filter(|target| is_connected(target, &notes)) {
                    changes.push(patiently(|| disconnect(&shared, target, dry_run))?);
                }
                return Ok(changes);
            };
            let target = target(&shared, client, port, &notes)?;
            Ok(vec![patiently(|| disconnect(&shared, &target, dry_run))?])
        })
        .await?;
        drop(turn);
        self.told(changes).await
    }

    async fn told(&self, changes: Vec<ClientChange>) -> Result<Reply, Failure> {
        Ok(Reply::Clients { snapshot: Box::new((*self.publish().await?).clone()), changes })
    }
}

/// How clients stand. Runs with every look: a file is read only if it, or what is noted of it, has changed.
pub(super) fn rows(shared: &Shared) -> Result<Vec<ClientRow>, Failure> {
    let (port, noted) = (gateway_port(shared)?, shared.state.fact(NOTES)?);
    let notes = Notes::parse(noted.as_deref());
    let mut looks = held(&shared.clients.0);
    let mut rows = Vec::new();
    for client in Client::ALL {
        let Ok(target) = target(shared, client, port, &notes) else { continue };
        let seen = Seen { stamp: stamp(&target.path), is_found: target.is_found(), notes: noted.clone(), path: target.path.clone() };
        let row = match looks.get(&client) {
            Some((before, row)) if *before == seen => row.clone(),
            _ => row(&target, seen.is_found, &notes),
        };
        looks.insert(client, (seen, row.clone()));
        rows.push(row);
    }
    Ok(rows)
}

/// Files whose change may change how a client stands.
pub(super) fn watched(shared: &Shared) -> Vec<PathBuf> {
    // Where a file lies is another question than what is in it.
    const ANY_PORT: u16 = 1;
    let targets = Client::ALL.into_iter().filter_map(|client| target(shared, client, ANY_PORT, &Notes::default()).ok());
    targets.flat_map(|target| target.watched()).collect()
}

/// What the doctor is told of one client that is, or was, connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClientSeen {
    /// Which.
    pub(super) client: Client,
    /// Its file.
    pub(super) path: String,
    /// What keeps it from working as it should.
    pub(super) wrong: Option<Failure>,
}

/// The clients that are, or were, connected.
pub(super) fn examine(shared: &Shared) -> Result<Vec<ClientSeen>, Failure> {
    let port = gateway_port(shared)?;
    let rows = rows(shared)?.into_iter().filter_map(|row| {
        let wrong = match row.state {
            ClientState::NotFound | ClientState::NotConnected => return None,
            ClientState::ChangedSince => Some(changed_since(&row)),
            ClientState::Connected => examine_connected(shared, &row, port).err(),
        };
        Some(ClientSeen { client: row.client, path: row.path, wrong })
    });
    Ok(rows.collect())
}

fn examine_connected(shared: &Shared, row: &ClientRow, port: u16) -> Result<(), Failure> {
    let mut target = target(shared, row.client, port, &notes(shared)?)?;
    let file = ConfigFile::read(&target.path)?;
    if !target.is_up_to_date(file.text()) {
        let message = format!("{} is connected to another address than the gateway's, which is on port {port}.", row.client);
        return Err(Failure::new(Code::ClientConfig, message).hint(format!("Connect it again: codex-lab connect {}", row.client.word())));
    }
    target.check(file.text(), true)?;
    target.remarks(&shared.ports.environment).into_iter().next().map_or(Ok(()), Err)
}

fn changed_since(row: &ClientRow) -> Failure {
    let message = format!("{} was connected, and {} has been changed since: it may go past the gateway.", row.client, row.path);
    Failure::new(Code::ClientConfig, message).hint("Connect it again, or disconnect it: what others have changed stays.")
}

fn row(target: &Target, is_found: bool, notes: &Notes) -> ClientRow {
    let note = notes.of(target.client, &target.path);
    let touched = note.map_or(&[][..], |note| &note.touched);
    // What cannot be read is told when it is to be changed, and by the doctor where it was.
    let standing = match ConfigFile::read(&target.path) {
        Ok(file) => target.standing(file.text(), touched),
        Err(_) if note.is_some() => Standing::Changed,
        Err(_) => Standing::Apart,
    };
    let state = match standing {
        Standing::Apart if !is_found => ClientState::NotFound,
        standing => state(standing),
    };
    let since = note.filter(|_| standing != Standing::Apart).map(|note| note.since);
    ClientRow { client: target.client, state, path: shown(&target.path), since }
}

fn connect(shared: &Shared, client: Client, port: u16, replace: bool, dry_run: bool) -> Result<ClientChange, Refusal> {
    let mut notes = notes(shared)?;
    let mut target = target(shared, client, port, &notes)?;
    if !target.is_found() {
        return Err(target.not_found().into());
    }
    let file = ConfigFile::read(&target.path)?;
    file.is_replaceable()?;
    target.check(file.text(), replace)?;
    let noted = notes.of(client, &target.path);
    let known = noted.map(|note| (&note.made, note.touched.as_slice()));
    let refused = |source| ClientError::Connection { path: target.path.clone(), source };
    let Connected { edited, made, touched } =
        connection::connect(target.syntax, file.text(), &target.settings, known, replace).map_err(refused)?;
    let undone = connection::disconnect(target.syntax, edited.text.as_deref(), &made, &touched).map_err(refused)?;
    if !dry_run {
        if client == Client::Opencode {
            make_key(shared)?;
        }
        // From now on a client's configuration names it.
        written(shared, serving::keep_port(&shared.state, port))?;
        let was_connected = target.standing(file.text(), noted.map_or(&[], |note| &note.touched)) == Standing::Connected;
        let since = noted.filter(|_| was_connected).map_or_else(|| shared.ports.clock.now(), |note| note.since);
        // Before the file: what was changed without a note could not be undone exactly.
        notes.put(Note { client, path: target.path.clone(), since, made, touched });
        write_notes(shared, &notes, &target.path)?;
        shared.ports.checkpoint.reached("client.noted");
        if edited.text.as_deref() != file.text() {
            file.replace(edited.text.as_deref())?;
        }
        shared.ports.checkpoint.reached("client.connected");
    }
    Ok(ClientChange {
        client,
        path: shown(&target.path),
        state: ClientState::Connected,
        whole_file: file.text().is_none(),
        put_in: edited.put_in,
        taken_out: edited.taken_out,
        puts_back: undone.edited.put_in,
        remarks: target.remarks(&shared.ports.environment),
    })
}

/// Whether there is anything to undo, or to be said of it.
fn is_connected(target: &Target, notes: &Notes) -> bool {
    notes.of(target.client, &target.path).is_some() || row(target, true, notes).state != ClientState::NotConnected
}

fn disconnect(shared: &Shared, target: &Target, dry_run: bool) -> Result<ClientChange, Refusal> {
    let (client, path) = (target.client, target.path.as_path());
    let (mut notes, file) = (notes(shared)?, ConfigFile::read(path)?);
    let refused = |source| ClientError::Connection { path: path.to_path_buf(), source };
    let noted = notes.of(client, path).map(|note| (note.made.clone(), note.touched.clone()));
    let known = match noted {
        None if target.standing(file.text(), &[]) == Standing::Connected => {
            // Our notes are lost. What it looks like is taken out all the same.
            let known = connection::connect(target.syntax, file.text(), &target.settings, None, true).map_err(refused)?;
            Some((known.made, known.touched))
        }
        noted => noted,
    };
    let (made, touched) = known.unwrap_or((connection::Made::Nothing, Vec::new()));
    let Disconnected { edited, left } = connection::disconnect(target.syntax, file.text(), &made, &touched).map_err(refused)?;
    let remarks: Vec<_> = left.iter().map(|left| left_alone(path, left)).collect();
    let Edited { text, put_in, taken_out } = edited;
    let whole_file = text.is_none() && file.text().is_some();
    if !dry_run {
        if text.as_deref() != file.text() {
            file.replace(text.as_deref())?;
        }
        shared.ports.checkpoint.reached("client.disconnected");
        if notes.of(client, path).is_some() {
            notes.remove(client, path);
            write_notes(shared, &notes, path)?;
        }
        shared.ports.checkpoint.reached("client.forgotten");
    }
    let state = if left.is_empty() { ClientState::NotConnected } else { ClientState::ChangedSince };
    Ok(ClientChange { client, path: shown(path), state, whole_file, put_in, taken_out, puts_back: Vec::new(), remarks })
}

fn left_alone(path: &Path, touched: &Touched) -> Failure {
    let (path, key) = (shown(path), touched.key.join("."));
    let failure = Failure::new(Code::ClientConfig, format!("{key} in {path} was changed since, so it was left as it is."));
    match &touched.before {
        Before::Absent(_) => failure.hint(format!("Before it was connected, {key} was not set.")),
        Before::Text(before) => failure.hint(format!("Before it was connected, {key} was {}.", plain(before))),
    }
}

/// Connected clients that are led to another port than the gateway's, and their files. Changes nothing, and needs no engine.
pub(super) fn outdated(
    home: &Home,
    codex: &CodexHome,
    environment: &Environment,
    state: &State,
) -> Result<Vec<(Client, PathBuf)>, Failure> {
    let port = serving::port(state, environment)?;
    let notes = Notes::parse(state.fact(NOTES)?.as_deref());
    let mut outdated = Vec::new();
    for client in Client::ALL {
        let Ok(target) = target_in(home, codex, environment, client, port, &notes) else { continue };
        let Some(note) = notes.of(client, &target.path) else { continue };
        let Ok(file) = ConfigFile::read(&target.path) else { continue };
        let is_ours = target.standing(file.text(), &note.touched) == Standing::Connected;
        if is_ours && !target.is_up_to_date(file.text()) {
            outdated.push((client, target.path));
        }
    }
    Ok(outdated)
}

fn target(shared: &Shared, client: Client, port: u16, notes: &Notes) -> Result<Target, ClientError> {
    target_in(&shared.home, &shared.codex, &shared.ports.environment, client, port, notes)
}

fn target_in(
    home: &Home,
    codex: &CodexHome,
    environment: &Environment,
    client: Client,
    port: u16,
    notes: &Notes,
) -> Result<Target, ClientError> {
    let mut target = match client {
        Client::Codex => Target::codex(codex.root(), port),
        Client::Opencode => Target::opencode(environment, &home.gateway_key(), port)?,
    };
    // Another of its files may have come since; what was changed is the one that was.
    let noted = target.watched().into_iter().find(|path| notes.of(client, path).is_some() && stamp(path).is_some());
    target.path = noted.unwrap_or(target.path);
    Ok(target)
}

/// The port that clients are told.
fn gateway_port(shared: &Shared) -> Result<u16, Failure> {
    serving::port(&shared.state, &shared.ports.environment)
}

/// opencode does not even start if the file is missing that its configuration names.
fn make_key(shared: &Shared) -> Result<(), Failure> {
    if gateway_key::read(&shared.home)?.is_some() {
        return Ok(());
    }
    // Whoever serves makes one by itself, and is the only one to do so meanwhile.
    let _lock = FileLock::acquire(&shared.home.gateway_lock(), "to make the gateway's key", PATIENCE)?;
    gateway_key::read_or_make(&shared.home, &*shared.ports.entropy)?;
    Ok(())
}

fn notes(shared: &Shared) -> Result<Notes, Failure> {
    Ok(Notes::parse(shared.state.fact(NOTES)?.as_deref()))
}

fn write_notes(shared: &Shared, notes: &Notes, path: &Path) -> Result<(), Failure> {
    let text = notes.text().ok_or_else(|| {
        Failure::new(Code::InvalidInput, format!("The path {} is not Unicode.", shown(path))).hint("Use a folder with a plain name.")
    })?;
    written(shared, shared.state.set_fact(NOTES, &text))
}

/// SQLite says of a full or read-only disk that something failed; the disk itself says what.
fn written(shared: &Shared, result: Result<(), StateError>) -> Result<(), Failure> {
    result.map_err(|error| shared.home.try_disk().err().map_or_else(|| error.into(), Failure::from))
}

fn lock(shared: &Shared) -> Result<FileLock, Failure> {
    Ok(FileLock::acquire(&shared.home.lock("clients"), "to connect a client", PATIENCE)?)
}

/// Another program may write the file at the same moment.
fn patiently<T>(mut work: impl FnMut() -> Result<T, Refusal>) -> Result<T, Failure> {
    for _ in 1..TRIES {
        match work() {
            Err(Refusal::Client(ClientError::Restless { .. })) => {}
            done => return done.map_err(Failure::from),
        }
    }
    work().map_err(Failure::from)
}

fn state(standing: Standing) -> ClientState {
    match standing {
        Standing::Apart => ClientState::NotConnected,
        Standing::Connected => ClientState::Connected,
        Standing::Changed => ClientState::ChangedSince,
    }
}
