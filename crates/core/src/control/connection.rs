//! One client: its lines are read, at most so many at once are worked on, and what it is told waits until it reads.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use serde_json::value::to_raw_value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;

use super::VERSION;
use super::calls::hello;
use super::envelope::{Id, Incoming, RpcError, answer, read};
use super::frame::{FRAME_LIMIT, Frame, Frames};
use super::methods::{self, Ask};
use super::telling::{Control, Told};

/// Bytes that are read at once.
const CHUNK: usize = 16 << 10;
/// Calls of one connection that are worked on at once; the rest stays unread.
const IN_FLIGHT: u32 = 64;
/// Bytes of their frames at once; a call counts for at least a share of this.
const ROOM: u32 = 2 << 20;
/// Answers that wait to be written; each is of a call that still counts.
const ANSWERS: usize = 16;
/// A client that reads nothing for this long while something is to be said is let go.
const WRITE_PATIENCE: Duration = Duration::from_secs(60);
/// A client on the socket that has not said hello by then, or that leaves a line without its end for as long, is let go.
pub(super) const READ_PATIENCE: Duration = Duration::from_secs(60);

/// What the writer is given.
enum Out {
    Line(Bytes),
    Told(Told),
    /// With the answer to whoever subscribes, so that nothing newer comes before it.
    Snapshots(Bytes, Option<watch::Receiver<Option<Bytes>>>),
}

impl Control {
    /// Speaks with one client until it is gone, or until `stop` says so. What it has asked for is answered first. `patience` is for its
    /// hello, and for the end of each line; without one it is waited for, however long.
    pub(super) async fn converse<R, W>(&self, from: R, to: W, stop: watch::Receiver<bool>, patience: Option<Duration>)
    where
        R: AsyncRead + Unpin + Send,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (out, lines) = mpsc::channel(ANSWERS);
        let mut writing = tokio::spawn(write(to, lines));
        let reader = Reader { control: self, out, room: Arc::new(Semaphore::new(ROOM as usize)), greeted: false, patience };
        tokio::select! {
            () = reader.run(from, stop) => drop(writing.await),
            // Nobody reads any more: what is worked on is finished, and its answers go nowhere.
            _ = &mut writing => {}
        }
    }
}

struct Reader<'a> {
    control: &'a Control,
    out: mpsc::Sender<Out>,
    room: Arc<Semaphore>,
    greeted: bool,
    patience: Option<Duration>,
}

impl Reader<'_> {
    async fn run<R: AsyncRead + Unpin>(mut self, mut from: R, mut stop: watch::Receiver<bool>) {
        let (mut frames, mut chunk) = (Frames::default(), vec![0; CHUNK]);
        let (came, mut line_began) = (Instant::now(), None);
        loop {
            let waiting_since = if self.greeted { line_began } else { Some(came) };
            let read = tokio::select! {
                read = from.read(&mut chunk) => Ok(read),
                _ = stop.wait_for(|stop| *stop) => return,
                late = self.is_late(waiting_since) => Err(late),
            };
            let read = match read {
                Ok(read) => read,
                Err(late) => {
                    let _ = self.refuse(None, &late).await;
                    return;
                }
            };
            let Ok(count @ 1..) = read else { break };
            let mut bytes = &chunk[..count];
            while !bytes.is_empty() {
                if let Some(frame) = frames.next(&mut bytes) {
                    line_began = None;
                    if self.take(frame).await.is_none() {
                        return;
                    }
                }
            }
            line_began = frames.is_begun().then(|| line_began.unwrap_or_else(Instant::now));
        }
        // The last line need not have an end.
        if let Some(frame) = frames.last() {
            let _ = self.take(frame).await;
        }
    }

    /// Comes when what is waited for since then has not come in time; what the client is told.
    async fn is_late(&self, waiting_since: Option<Instant>) -> RpcError {
        let (Some(since), Some(patience)) = (waiting_since, self.patience) else { return std::future::pending().await };
        tokio::time::sleep_until(since + patience).await;
        tracing::debug!(greeted = self.greeted, "a control client is let go, which says too little");
        let what = if self.greeted { "the line had no end" } else { "there was no initialize" };
        RpcError::invalid_request(format!("{what} within {} seconds", patience.as_secs()))
    }

    /// `None`: nobody reads the answers any more.
    async fn take(&mut self, frame: Frame) -> Option<()> {
        let frame = match frame {
            Frame::Whole(frame) => frame,
            Frame::TooLong => {
                return self.refuse(None, &RpcError::invalid_request(format!("a line has at most {FRAME_LIMIT} bytes"))).await;
            }
        };
        let (id, method, params) = match read(&frame) {
            Ok(Incoming::Call { id, method, params }) => (id, method, params),
            // `initialized` asks for nothing, and what nobody could answer is not done.
            Ok(Incoming::Notice) => return Some(()),
            Err(refused) => return self.refuse(refused.id.as_ref(), &refused.error).await,
        };
        if method == "initialize" {
            let greeting = if self.greeted { Err(RpcError::invalid_request("Already initialized")) } else { hello(params, self.control) };
            return match greeting.and_then(|hello| to_raw_value(&hello).map_err(|error| RpcError::of_params(&error))) {
                Ok(hello) => {
                    self.greeted = true;
                    self.say(Out::Line(answer(Some(&id), Ok(&hello)))).await?;
                    self.say(Out::Told(self.control.told())).await
                }
                Err(error) => self.refuse(Some(&id), &error).await,
            };
        }
        if !self.greeted {
            return self.refuse(Some(&id), &RpcError::invalid_request("Not initialized").with(json!({ "protocolVersion": VERSION }))).await;
        }
        match methods::read(&method, params, &self.control.shared.engine.snapshot()) {
            Ok(ask) => self.begin(id, ask, frame.len()).await,
            Err(error) => self.refuse(Some(&id), &error).await,
        }
    }

    /// Works on a call beside the others, as soon as there is room for it.
    async fn begin(&self, id: Id, ask: Ask, length: usize) -> Option<()> {
        let weight = u32::try_from(length).unwrap_or(ROOM).clamp(ROOM / IN_FLIGHT, ROOM);
        let place = Arc::clone(&self.room).acquire_many_owned(weight).await.ok()?;
        let (control, out) = (self.control.clone(), self.out.clone());
        tokio::spawn(async move {
            // First: what changes from here on is told later.
            let snapshots = match ask {
                Ask::Subscribe => Some(Some(control.snapshots())),
                Ask::Unsubscribe => Some(None),
                _ => None,
            };
            let result = Box::pin(control.call(ask)).await;
            let line = answer(Some(&id), result.as_deref());
            let said = match snapshots {
                Some(snapshots) => Out::Snapshots(line, snapshots),
                None => Out::Line(line),
            };
            // Nobody reads it any more where this fails.
            let _ = out.send(said).await;
            drop(place);
        });
        Some(())
    }

    async fn refuse(&self, id: Option<&Id>, error: &RpcError) -> Option<()> {
        self.say(Out::Line(answer(id, Err(error)))).await
    }

    async fn say(&self, said: Out) -> Option<()> {
        self.out.send(said).await.ok()
    }
}

/// Writes what is to be said, until nobody says anything any more, or nobody reads.
async fn write<W: AsyncWrite + Unpin>(mut to: W, mut lines: mpsc::Receiver<Out>) {
    let (mut told, mut snapshots) = (None, None);
    loop {
        let line = tokio::select! {
            line = lines.recv() => match line {
                Some(Out::Line(line)) => Some(line),
                Some(Out::Told(now)) => {
                    told = Some(now);
                    None
                }
                Some(Out::Snapshots(line, now)) => {
                    snapshots = now;
                    Some(line)
                }
                None => return,
            },
            line = next_told(&mut told) => line,
            line = next_snapshot(&mut snapshots) => line,
        };
        let Some(line) = line else { continue };
        let written = async {
            to.write_all(&line).await?;
            to.flush().await
        };
        if !matches!(tokio::time::timeout(WRITE_PATIENCE, written).await, Ok(Ok(()))) {
            tracing::debug!("a control client is gone, or reads nothing");
            return;
        }
    }
}

async fn next_told(told: &mut Option<Told>) -> Option<Bytes> {
    let line = match told {
        Some(told) => told.next().await,
        None => std::future::pending().await,
    };
    if line.is_none() {
        *told = None;
    }
    line
}

async fn next_snapshot(snapshots: &mut Option<watch::Receiver<Option<Bytes>>>) -> Option<Bytes> {
    let Some(latest) = snapshots else { return std::future::pending().await };
    if latest.changed().await.is_err() {
        *snapshots = None;
        return None;
    }
    latest.borrow_and_update().clone()
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
