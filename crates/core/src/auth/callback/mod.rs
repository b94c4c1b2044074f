//! Where the browser comes back to: a listener on this machine's loopback, for one sign-in.

mod answer;
mod page;
pub mod request;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

pub use answer::{Callback, PasteError, Refusal, of_pasted};
pub use page::Page;

use crate::base::secret::Secret;
use request::{HEAD_LIMIT, Head};

/// A browser sends its few hundred bytes at once.
const READ_PATIENCE: Duration = Duration::from_secs(5);
/// Sending one page through loopback.
const WRITE_PATIENCE: Duration = Duration::from_secs(2);
/// More open connections than this wait in the system's queue.
const CONNECTION_LIMIT: usize = 32;

/// Listens for the callback. Dropping it closes the port.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    port: u16,
    state: Arc<Secret>,
    connections: JoinSet<()>,
    visits_in: mpsc::Sender<Visit>,
    visits: mpsc::Receiver<Visit>,
    closing: watch::Sender<bool>,
}

/// Somebody came to the callback address. Dropped without a page, the browser gets an empty answer.
#[derive(Debug)]
pub struct Visit {
    /// What came.
    pub callback: Callback,
    page: oneshot::Sender<Page>,
}

impl Visit {
    /// Shows the page.
    pub fn answer(self, page: Page) {
        // A browser that has gone away needs no page.
        let _ = self.page.send(page);
    }
}

/// Why there is no listener.
#[derive(Debug, Error)]
pub enum BindError {
    /// Other programs hold all the ports; they are left alone.
    #[error("all callback ports are in use")]
    AllBusy,
    /// The system refuses for another reason.
    #[error("the callback port cannot be opened")]
    Io(#[source] io::Error),
}

impl Listener {
    /// Takes the first free one of `ports` on 127.0.0.1. Only a callback with this `state` will be taken for ours.
    /// Whoever holds a port is not disturbed; the Codex CLI would send it `GET /cancel`.
    pub async fn bind(ports: &[u16], state: Secret) -> Result<Self, BindError> {
        for &port in ports {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
                Ok(socket) => {
                    let port = socket.local_addr().map_err(BindError::Io)?.port();
                    let (visits_in, visits) = mpsc::channel(1);
                    let (connections, closing) = (JoinSet::new(), watch::Sender::new(false));
                    return Ok(Self { socket, port, state: Arc::new(state), connections, visits_in, visits, closing });
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => tracing::debug!(port, "a callback port is in use"),
                Err(error) => return Err(BindError::Io(error)),
            }
        }
        Err(BindError::AllBusy)
    }

    /// The port that was taken.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next visit to the callback address. Everything else is answered here. May be dropped and called again.
    pub async fn next(&mut self) -> Visit {
        loop {
            tokio::select! {
                Some(visit) = self.visits.recv() => return visit,
                Some(_) = self.connections.join_next() => {}
                accepted = self.socket.accept(), if self.connections.len() < CONNECTION_LIMIT => match accepted {
                    Ok((stream, _)) => self.serve(stream),
                    // Out of file descriptors, say: waiting gives others the time to close some.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                },
            }
        }
    }

    fn serve(&mut self, stream: TcpStream) {
        let (port, state, visits, closing) = (self.port, Arc::clone(&self.state), self.visits_in.clone(), self.closing.subscribe());
        self.connections.spawn(async move {
            // A visitor that breaks off is nobody's loss.
            let _ = converse(stream, port, &state, &visits, closing).await;
        });
    }

    /// Closes the port, once the pages that were answered have gone out.
    pub async fn close(self) {
        let Self { socket, mut connections, visits, closing, .. } = self;
        drop((socket, visits));
        closing.send_replace(true);
        // Each connection ends by its own time limit.
        while connections.join_next().await.is_some() {}
    }
}

/// One connection: one request, one answer.
async fn converse(
    mut stream: TcpStream,
    port: u16,
    state: &Secret,
    visits: &mpsc::Sender<Visit>,
    mut closing: watch::Receiver<bool>,
) -> io::Result<()> {
    let head = tokio::select! {
        head = tokio::time::timeout(READ_PATIENCE, read_head(&mut stream)) => head,
        // Browsers open spare connections and send nothing; they must not hold up the end.
        _ = closing.wait_for(|closing| *closing) => return Ok(()),
    };
    let head = match head {
        Ok(head) => head?,
        Err(_) => Head::TooSlow,
    };
    let page = match request::route(&head, port) {
        Ok(query) => {
            let (page, shown) = oneshot::channel();
            let visit = Visit { callback: Callback::of_query(query, state), page };
            if visits.send(visit).await.is_err() {
                return Ok(());
            }
            match shown.await {
                Ok(page) => page,
                Err(_) => return Ok(()),
            }
        }
        Err(page) => page,
    };
    tokio::time::timeout(WRITE_PATIENCE, async {
        stream.write_all(&page.response()).await?;
        stream.shutdown().await?;
        // A close with unread bytes would reset the connection and lose the page.
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        Ok(())
    })
    .await
    .unwrap_or(Ok(()))
}

async fn read_head(stream: &mut TcpStream) -> io::Result<Head> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        if let Some(head) = request::parse(&bytes) {
            return Ok(head);
        }
        if bytes.len() >= HEAD_LIMIT {
            return Ok(Head::TooLarge);
        }
        let mut next = (&mut *stream).take((HEAD_LIMIT - bytes.len()) as u64);
        if next.read_buf(&mut bytes).await? == 0 {
            return Ok(Head::Garbage);
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
