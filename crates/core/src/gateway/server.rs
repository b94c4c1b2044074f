//! The listener: loopback alone, a bounded number of connections, and an end that lets running answers finish.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::gather::{Busy, Gather};
use crate::base::upstream::Duplex;

/// Each running turn holds one, and idle clients hold some.
const CONNECTIONS: usize = 4096;
/// Codex sends what it knows of the work tree in a header.
const HEAD_LIMIT: usize = 256 << 10;
/// A client that has connected sends its head within this.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// How often connections that have ended are cleared away. More often than any other timer here: a runtime that sleeps until a later
/// one wakes itself, at the cost of two system calls, each time that a request sets an earlier.
const SWEEP: Duration = Duration::from_secs(10);
/// Before accepting again where the system has no more descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// Why a body ends early: the client's connection is cut then.
pub type Cut = Box<dyn std::error::Error + Send + Sync>;

/// A request whose body is still on its way.
pub type Incoming = Request<hyper::body::Incoming>;

/// What follows on a connection that speaks another protocol from now on. It ends soon after it is told to stop.
pub type Conversation = Box<dyn FnOnce(Box<dyn Duplex>, watch::Receiver<bool>) -> ConversationEnds + Send>;
/// Until a conversation is over.
pub type ConversationEnds = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How a request is answered.
pub enum Answered<B> {
    /// With this.
    With(Response<B>),
    /// With a change of protocol: this is the head, and the conversation comes after it.
    Switching(Response<B>, Conversation),
}

/// Whoever answers.
pub trait Answers: Clone + Send + 'static {
    /// The body of an answer.
    type Body: http_body::Body<Data = Bytes, Error = Cut> + Send + 'static;

    /// Answers one request. Dropped where the client goes away.
    fn answer(&self, request: Incoming) -> impl Future<Output = Answered<Self::Body>> + Send;
}

/// A port of this machine that nobody else can reach.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    port: u16,
}

impl Listener {
    /// Takes the port; 0 takes any.
    pub async fn bind(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// The port that was taken.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers until `stop` says so; then accepts nothing new, and waits for what runs, at most for `grace`.
    pub async fn serve<A: Answers>(self, answers: A, stop: watch::Receiver<bool>, grace: Duration) {
        let (arrivals, arrived) = mpsc::unbounded_channel();
        tokio::join!(self.accept(vec![arrivals], stop.clone()), attend(arrived, answers, stop, grace));
    }

    /// The same, on a thread of its own for each of `answers`: no connection ever changes its thread, and none waits for whatever
    /// else this process does.
    pub async fn serve_on_threads<A: Answers>(self, answers: Vec<A>, stop: watch::Receiver<bool>, grace: Duration) -> io::Result<()> {
        let (mut arrivals, mut ends) = (Vec::new(), Vec::new());
        for answers in answers {
            let (sender, arrived) = mpsc::unbounded_channel();
            let (ended, end) = oneshot::channel::<Infallible>();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
            let stop = stop.clone();
            thread::Builder::new().name("gateway".to_owned()).spawn(move || {
                runtime.block_on(attend(arrived, answers, stop, grace));
                drop(ended);
            })?;
            arrivals.push(sender);
            ends.push(end);
        }
        self.accept(arrivals, stop).await;
        for end in ends {
            // Nothing is ever sent: it ends with its thread.
            let _ = end.await;
        }
        Ok(())
    }

    /// Hands connections out in turn.
    async fn accept(self, arrivals: Vec<mpsc::UnboundedSender<Arrival>>, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        for next in arrivals.iter().cycle() {
            let arrival = async { (Arc::clone(&places).acquire_owned().await, self.listener.accept().await) };
            let (place, accepted) = tokio::select! {
                arrival = arrival => arrival,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            let stream = accepted.and_then(|(stream, _)| {
                // Small events must not wait for more.
                let _ = stream.set_nodelay(true);
                stream.into_std()
            });
            match stream {
                Ok(stream) => drop(next.send(Arrival { stream, place })),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }
}

/// A connection that was accepted, with its place among all.
struct Arrival {
    stream: std::net::TcpStream,
    place: Result<OwnedSemaphorePermit, AcquireError>,
}

/// Answers on the connections that arrive. When no more do, waits for what runs, at most for `grace`.
async fn attend<A: Answers>(mut arrived: mpsc::UnboundedReceiver<Arrival>, answers: A, stop: watch::Receiver<bool>, grace: Duration) {
    let (mut connections, busy) = (JoinSet::new(), Busy::default());
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        while connections.try_join_next().is_some() {}
        let arrival = tokio::select! {
            arrival = arrived.recv() => arrival,
            _ = sweep.tick(), if !connections.is_empty() => continue,
        };
        let Some(Arrival { stream, place }) = arrival else { break };
        match TcpStream::from_std(stream) {
            Ok(stream) => {
                let (answers, busy, stop) = (answers.clone(), busy.clone(), stop.clone());
                connections.spawn(async move {
                    converse(stream, answers, busy, stop).await;
                    drop(place);
                });
            }
            Err(error) => tracing::warn!(%error, "a connection could not be watched"),
        }
    }
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, drained).await.is_err() {
        tracing::info!("the gateway stops with answers still running");
    }
}

/// Answers the requests of one connection, and stays with it where it changes its protocol.
async fn converse<A: Answers>(stream: TcpStream, answers: A, busy: Busy, mut stop: watch::Receiver<bool>) {
    let (switches, mut switched) = mpsc::channel(1);
    let stream = Gather::new(stream, busy.clone());
    let service = service_fn(move |mut request| {
        let (answers, switches, answering) = (answers.clone(), switches.clone(), busy.one_more());
        // Its room is given back once the head of the answer is there; in place, each stream would keep it to its end.
        Box::pin(async move {
            let _answering = answering;
            let upgrade = hyper::upgrade::on(&mut request);
            Ok::<_, Infallible>(match answers.answer(request).await {
                Answered::With(response) => response,
                Answered::Switching(response, conversation) => {
                    // There is one switch on a connection at most.
                    let _ = switches.try_send((upgrade, conversation));
                    response
                }
            })
        })
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(HEAD_LIMIT);
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(connection);
    let stopped = async { drop(stop.wait_for(|stop| *stop).await) };
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = stopped => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a client's connection ended early");
    }
    if let Ok((upgrade, conversation)) = switched.try_recv()
        && let Ok(upgraded) = upgrade.await
    {
        conversation(Box::new(TokioIo::new(upgraded)), stop).await;
    }
}
