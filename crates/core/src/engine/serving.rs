//! Serving the gateway: one process of a home at a time, on a port that stays the same.

use std::iter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{Engine, blocking, held};
use crate::base::environment::Environment;
use crate::base::files;
use crate::base::locks::{FileLock, LockError};
use crate::base::loopback;
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::gateway::door::Door;
use crate::gateway::forward::Forward;
use crate::gateway::guard;
use crate::gateway::house::House;
use crate::gateway::server::Listener;
use crate::model::launch::LaunchReport;
use crate::model::snapshot::{GatewayState, GatewayView};
use crate::store::gateway_key;
use crate::store::home::Home;
use crate::store::state::{State, StateError};

/// The port that is taken where nobody has chosen one and nothing else has it.
const USUAL_PORT: u16 = 4517;
/// The variable that names another one for that.
const USUAL_PORT_VARIABLE: &str = "CODEX_LAB_GATEWAY_PORT";
/// The fact that names the port, once one was taken: clients' configurations name it too.
const PORT: &str = "gateway_port";
/// The file that says who serves, and where.
const SERVER: &str = "gateway.json";
const SERVER_LIMIT: u64 = 4 << 10;
/// Enough for all that one user asks for, and no more connections to the provider than that.
const THREADS: usize = 2;
/// Between two looks for a gateway that is about to start.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How to serve.
#[derive(Debug, Clone, Copy)]
pub struct Serving {
    /// The port to take from now on; without one, the same as last time.
    pub port: Option<u16>,
    /// How long running answers may take when it ends.
    pub grace: Duration,
}

/// Where a gateway is reached.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// On 127.0.0.1.
    pub port: u16,
    /// Opens it.
    pub key: Secret,
}

#[derive(Debug, Serialize, Deserialize)]
struct Server {
    pid: u32,
    port: u16,
}

impl Engine {
    /// Serves the gateway until `stop` says so. Refused where another process of this home does.
    pub async fn serve(&self, serving: Serving, stop: watch::Receiver<bool>) -> Result<(), Failure> {
        let path = self.shared.home.gateway_lock();
        let lock = blocking(move || Ok(FileLock::acquire(&path, "the gateway is served", Duration::ZERO))).await?;
        match lock {
            Ok(lock) => self.serve_under(lock, serving, stop).await,
            Err(LockError::Busy { .. }) => Err(self.served_elsewhere().await),
            Err(error) => Err(error.into()),
        }
    }

    /// The same, but waits until no other process does. Ends when `stop` says so, even while it waits.
    pub async fn serve_when_free(&self, serving: Serving, mut stop: watch::Receiver<bool>) -> Result<(), Failure> {
        self.show_gateway(GatewayView { state: GatewayState::Waiting, ..GatewayView::default() }).await;
        let path = self.shared.home.gateway_lock();
        let lock = tokio::select! {
            lock = FileLock::wait(&path) => lock?,
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        };
        self.serve_under(lock, serving, stop).await
    }

    /// The gateway of this home, whoever serves it; waits up to `patience` for one that is about to start.
    pub async fn gateway(&self, patience: Duration) -> Result<Gateway, Failure> {
        let found = tokio::time::timeout(patience, async {
            loop {
                if let Some(gateway) = self.known_gateway().await?
                    && loopback::get(gateway.port, "/launch/none", &gateway.key).await.is_ok()
                {
                    return Ok(gateway);
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
        found.await.unwrap_or_else(|_| {
            Err(Failure::new(Code::GatewayDown, "Codex Lab's gateway cannot be reached.")
                .hint("Start Codex Lab, or run `codex-lab serve` in another terminal."))
        })
    }

    /// What became of a launch so far.
    pub async fn launch_report(&self, gateway: &Gateway, launch: &str) -> Result<LaunchReport, Failure> {
        let told = loopback::get(gateway.port, &format!("{}{launch}", guard::LAUNCH), &gateway.key).await?;
        serde_json::from_slice(&told)
            .map_err(|_| Failure::new(Code::Internal, "The gateway's answer makes no sense.").hint("Please report this."))
    }

    async fn serve_under(&self, lock: FileLock, serving: Serving, stop: watch::Receiver<bool>) -> Result<(), Failure> {
        let served = self.serve_now(serving, stop).await;
        let state = if served.is_ok() { GatewayState::Off } else { GatewayState::Failed };
        self.show_gateway(GatewayView { state, port: None, failure: served.as_ref().err().cloned() }).await;
        drop(lock);
        served
    }

    async fn serve_now(&self, serving: Serving, stop: watch::Receiver<bool>) -> Result<(), Failure> {
        let listener = self.listen(serving.port).await?;
        let port = listener.port();
        let shared = Arc::clone(&self.shared);
        let key = blocking(move || Ok(gateway_key::read_or_make(&shared.home, &*shared.ports.entropy)?)).await?;
        self.begin_routing().await?;
        let shared = &self.shared;
        let forward = Forward {
            http_only: Arc::clone(&shared.routing.http_only),
            ..Forward::new(
                Arc::new(self.clone()) as Arc<dyn House>,
                Arc::clone(&shared.ports.upstream),
                shared.routing.desk.clone(),
                Arc::clone(&shared.ports.clock),
                Arc::clone(&shared.ports.entropy),
            )
        };
        let path = self.server_file();
        let server = Server { pid: std::process::id(), port };
        let text = serde_json::to_vec(&server).unwrap_or_default();
        blocking(move || Ok(files::write_private(&path, &text)?)).await?;
        self.show_gateway(GatewayView { state: GatewayState::Serving, port: Some(port), failure: None }).await;
        let door = || Door::new(Forward { upstream: forward.upstream.apart(), ..forward.clone() }, key.clone(), port);
        let served = listener.serve_on_threads(iter::repeat_with(door).take(THREADS).collect(), stop, serving.grace).await;
        // Whether it went well or not: this process decides nothing from here on.
        self.end_routing().await?;
        self.save_quota().await?;
        served.map_err(|error| {
            tracing::error!(%error, "the gateway has no threads");
            Failure::new(Code::NotPossibleNow, "The system has no threads left for the gateway.").hint("End some programs and try again.")
        })
    }

    /// Takes the port, and remembers it for clients whose configuration names it.
    async fn listen(&self, wanted: Option<u16>) -> Result<Listener, Failure> {
        let shared = Arc::clone(&self.shared);
        let known = blocking(move || Ok(kept_port(&shared.state)?)).await?;
        let port = wanted.or(known).map_or_else(|| usual_port(&self.shared.ports.environment), Ok)?;
        let listener = match Listener::bind(port).await {
            Ok(listener) => listener,
            // No client knows a port yet.
            Err(_) if wanted.or(known).is_none() => Listener::bind(0).await.map_err(|error| port_taken(port, &error))?,
            Err(error) => return Err(port_taken(port, &error)),
        };
        if known != Some(listener.port()) {
            let (shared, port) = (Arc::clone(&self.shared), listener.port().to_string());
            blocking(move || Ok(shared.state.set_fact(PORT, &port)?)).await?;
        }
        Ok(listener)
    }

    async fn known_gateway(&self) -> Result<Option<Gateway>, Failure> {
        let (shared, path) = (Arc::clone(&self.shared), self.server_file());
        blocking(move || {
            let server = files::read_text(&path, SERVER_LIMIT)?.and_then(|text| serde_json::from_str::<Server>(&text).ok());
            let Some(server) = server else { return Ok(None) };
            Ok(gateway_key::read(&shared.home)?.map(|key| Gateway { port: server.port, key }))
        })
        .await
    }

    async fn served_elsewhere(&self) -> Failure {
        let path = self.server_file();
        let read = blocking(move || Ok(files::read_text(&path, SERVER_LIMIT)?)).await.ok().flatten();
        let server = read.and_then(|text| serde_json::from_str::<Server>(&text).ok());
        let message = match server {
            Some(Server { pid, port }) => format!("Another Codex Lab, process {pid}, serves the gateway already, on port {port}."),
            None => "Another Codex Lab serves the gateway already.".to_owned(),
        };
        Failure::new(Code::AlreadyServing, message).hint("There is nothing to do: every client uses that one.")
    }

    fn server_file(&self) -> PathBuf {
        server_file(&self.shared.home)
    }

    async fn show_gateway(&self, view: GatewayView) {
        *held(&self.shared.gateway) = view;
        if let Err(failure) = self.publish().await {
            tracing::warn!(code = ?failure.code, %failure, "looking again failed");
        }
    }
}

/// Where it is said who serves the gateway of a home.
pub(super) fn server_file(home: &Home) -> PathBuf {
    home.runtime().join(SERVER)
}

/// The process that served last, by such a file.
pub(super) fn server_of(path: &Path) -> Option<u32> {
    #[derive(Deserialize)]
    struct Named {
        pid: u32,
    }
    let text = files::read_text(path, SERVER_LIMIT).ok()??;
    serde_json::from_str::<Named>(&text).ok().map(|server| server.pid)
}

/// The port that is taken where nobody has chosen one: the environment's, else ours.
pub(super) fn usual_port(environment: &Environment) -> Result<u16, Failure> {
    let Some(named) = environment.get(USUAL_PORT_VARIABLE) else { return Ok(USUAL_PORT) };
    named.to_str().and_then(|port| port.parse().ok()).filter(|port| *port > 0).ok_or_else(|| {
        Failure::new(
            Code::InvalidInput,
            format!("The environment has what cannot be: {USUAL_PORT_VARIABLE} is not a port from 1 to 65535."),
        )
        .hint(format!("Correct or unset {USUAL_PORT_VARIABLE}, then start Codex Lab again."))
    })
}

/// The port that clients' configurations name, or will name.
pub(super) fn port(state: &State, environment: &Environment) -> Result<u16, Failure> {
    kept_port(state)?.map_or_else(|| usual_port(environment), Ok)
}

/// The port that clients' configurations name, once one was taken or a client was connected.
pub(super) fn kept_port(state: &State) -> Result<Option<u16>, StateError> {
    Ok(state.fact(PORT)?.and_then(|port| port.parse().ok()))
}

/// From now on the gateway takes this port, unless one is kept already.
pub(super) fn keep_port(state: &State, port: u16) -> Result<(), StateError> {
    if kept_port(state)?.is_some() { Ok(()) } else { state.set_fact(PORT, &port.to_string()) }
}

fn port_taken(port: u16, error: &std::io::Error) -> Failure {
    tracing::warn!(%error, port, "the gateway's port cannot be taken");
    Failure::new(Code::GatewayPortBusy, format!("Port {port} on this machine is used by another program, so the gateway cannot start."))
        .hint("End that program, or choose another port with `codex-lab serve --port NUMBER`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_may_name_the_usual_port() {
        let usual = |value: &str| usual_port(&Environment::of("/nowhere", [(USUAL_PORT_VARIABLE, value.into())]));
        for (value, expected) in [("", 4517), ("8080", 8080), ("1", 1), ("65535", 65535)] {
            assert_eq!(usual(value).unwrap(), expected, "{value}");
        }
        for value in ["0", "65536", "-1", "80 ", "http", "4517.0"] {
            let refused = usual(value).unwrap_err();
            assert!(refused.code == Code::InvalidInput && refused.message.contains(USUAL_PORT_VARIABLE), "{value}: {refused}");
        }
    }
}
