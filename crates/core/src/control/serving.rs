//! Serving the control interface: one process of a home at a time on the socket, and anybody on standard input and output.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::VERSION;
use super::connection::READ_PATIENCE;
use super::listener::{self, CONNECTIONS, ListenError, Listener};
use super::telling::Control;
use crate::base::files;
use crate::base::locks::{FileLock, LockError};
use crate::failure::{Code, Failure};

/// Who serves, and where, is said in so many bytes.
const SERVER_LIMIT: u64 = 4 << 10;
/// What clients have asked for may take this long when it ends.
const GRACE: Duration = Duration::from_secs(5);
/// Before accepting again where the system has no more descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// What to do where another process of this home serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Give up.
    Never,
    /// Serve when that one ends.
    UntilFree,
}

/// Where the control interface is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlView {
    /// The process.
    pub pid: u32,
    /// The path of the socket, or the name of the pipe.
    pub address: PathBuf,
    /// The version that is spoken.
    pub protocol_version: u32,
}

impl Control {
    /// Serves the socket until `stop` says so; `begun` hears where, once clients can connect.
    pub async fn serve(&self, wait: Wait, begun: impl FnOnce(&ControlView), stop: watch::Receiver<bool>) -> Result<(), Failure> {
        let path = self.shared.engine.home().control_lock();
        let mut ended = stop.clone();
        let _lock = match wait {
            Wait::UntilFree => tokio::select! {
                lock = FileLock::wait(&path) => lock?,
                _ = ended.wait_for(|stop| *stop) => return Ok(()),
            },
            Wait::Never => match blocking(move || FileLock::acquire(&path, "the control interface is served", Duration::ZERO)).await? {
                Ok(lock) => lock,
                Err(LockError::Busy { .. }) => return Err(self.served_elsewhere().await),
                Err(error) => return Err(error.into()),
            },
        };
        let home = self.shared.engine.home();
        let address = listener::place(&home.runtime(), self.shared.engine.environment());
        let listener = Listener::bind(&address).map_err(|error| not_reached(&error))?;
        let view = ControlView { pid: std::process::id(), address, protocol_version: VERSION };
        self.write_view(&view).await?;
        begun(&view);
        tokio::select! {
            () = self.tell() => {}
            () = self.accept(&listener, stop) => {}
        }
        drop(listener);
        self.clear(view).await
    }

    /// Speaks with the one client on standard input and output, or on whatever is like them, until it is gone or `stop` says so.
    pub async fn speak<R, W>(&self, from: R, to: W, stop: watch::Receiver<bool>)
    where
        R: AsyncRead + Unpin + Send,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        tokio::select! {
            () = self.tell() => {}
            () = self.converse(from, to, stop, None) => {}
        }
    }

    async fn accept(&self, listener: &Listener, stop: watch::Receiver<bool>) {
        let (places, mut connections, mut ended) = (Arc::new(Semaphore::new(CONNECTIONS)), JoinSet::new(), stop.clone());
        loop {
            let arrival = async { (Arc::clone(&places).acquire_owned().await, listener.accept().await) };
            let (place, accepted) = tokio::select! {
                arrival = arrival => arrival,
                Some(_) = connections.join_next() => continue,
                _ = ended.wait_for(|stop| *stop) => break,
            };
            match accepted {
                Ok((from, to)) => {
                    let (control, stop) = (self.clone(), stop.clone());
                    connections.spawn(async move {
                        control.converse(from, to, stop, Some(READ_PATIENCE)).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a control client could not be let in");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
        let drained = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, drained).await.is_err() {
            tracing::info!("the control interface stops with calls still running");
        }
    }

    async fn write_view(&self, view: &ControlView) -> Result<(), Failure> {
        let (path, text) = (self.server_file(), serde_json::to_vec(view).unwrap_or_default());
        Ok(blocking(move || files::write_private(&path, &text)).await??)
    }

    /// Takes away what says that somebody serves. What is left of a killed process is in nobody's way.
    async fn clear(&self, view: ControlView) -> Result<(), Failure> {
        let path = self.server_file();
        blocking(move || {
            files::remove(&path)?;
            if cfg!(unix) { files::remove(&view.address) } else { Ok(()) }
        })
        .await??;
        Ok(())
    }

    async fn served_elsewhere(&self) -> Failure {
        let path = self.server_file();
        let read = blocking(move || files::read_text(&path, SERVER_LIMIT)).await.ok().and_then(Result::ok).flatten();
        let message = match read.and_then(|text| serde_json::from_str::<ControlView>(&text).ok()) {
            Some(view) => format!("Another Codex Lab, process {}, serves the control interface already.", view.pid),
            None => "Another Codex Lab serves the control interface already.".to_owned(),
        };
        Failure::new(Code::AlreadyServing, message).hint("There is nothing to do: every client uses that one.")
    }

    fn server_file(&self) -> PathBuf {
        self.shared.engine.home().control_server()
    }
}

/// Runs work that waits for files off the async threads.
async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a task of the control interface ended early");
        Failure::new(Code::Internal, "Something went wrong inside Codex Lab.").hint("Please report this; the log has more.")
    })
}

fn not_reached(error: &ListenError) -> Failure {
    tracing::warn!(%error, "the control interface is not served");
    let failure = match error {
        ListenError::Foreign { path } => {
            Failure::new(Code::StorageDenied, format!("{} belongs to another user, or is no socket.", crate::failure::shown(path)))
        }
        ListenError::File(_) => Failure::new(Code::Storage, "The control interface's folder cannot be used."),
        ListenError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Failure::new(Code::StorageDenied, "The control interface's socket cannot be made here.")
        }
        ListenError::Io(_) => Failure::new(Code::Storage, "The control interface's socket cannot be made."),
    };
    failure.hint("Look at what lies there, and take it away if nobody needs it.")
}
