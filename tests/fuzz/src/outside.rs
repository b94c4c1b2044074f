//! A network that gives one answer, and the other ports that a parser does not notice.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use codex_lab_core::base::clock::Clock;
use codex_lab_core::base::entropy::Entropy;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::https::{Http, HttpError};
use codex_lab_core::base::keyring::NoKeyring;
use codex_lab_core::base::ports::{Browser, NoCheckpoint, Ports};
use codex_lab_core::base::processes::SystemProcesses;
use codex_lab_core::base::progress::NoProgress;
use codex_lab_core::base::upstream::NoUpstream;
use jiff::Timestamp;

/// What the provider may answer with, chosen by the input's first byte.
const STATUSES: [u16; 8] = [200, 200, 200, 400, 401, 403, 429, 500];

/// The first byte chooses the status; the rest is the body.
pub(crate) fn status_and_body(bytes: &[u8]) -> (u16, &[u8]) {
    let (choice, body) = bytes.split_first().unwrap_or((&0, &[]));
    (STATUSES[usize::from(*choice) % STATUSES.len()], body)
}

/// A provider with one answer, which may be anything.
pub(crate) struct OneAnswer(Mutex<Option<(u16, Vec<u8>)>>);

impl OneAnswer {
    /// See [`status_and_body`].
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let (status, body) = status_and_body(bytes);
        Self::new(status, body)
    }

    pub(crate) fn new(status: u16, body: &[u8]) -> Self {
        Self(Mutex::new(Some((status, body.to_vec()))))
    }

    /// All ports, with this network.
    pub(crate) fn ports(self) -> Ports {
        Ports {
            clock: Arc::new(Still),
            entropy: Arc::new(Zeros),
            http: Arc::new(self),
            upstream: Arc::new(NoUpstream),
            keyring: Arc::new(NoKeyring),
            browser: Arc::new(NoBrowser),
            processes: Arc::new(SystemProcesses),
            checkpoint: Arc::new(NoCheckpoint),
            progress: Arc::new(NoProgress),
            environment: Arc::new(Environment::default()),
        }
    }
}

impl fmt::Debug for OneAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneAnswer")
    }
}

#[async_trait]
impl Http for OneAnswer {
    async fn send(&self, _request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, HttpError> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (status, body) = answer.ok_or_else(|| HttpError::Timeout { host: "auth.openai.com".into() })?;
        let mut response = http::Response::new(body);
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
        Ok(response)
    }
}

/// The outcome of work that never has to wait, since its network answers at once.
pub(crate) fn now<R>(work: impl Future<Output = R>) -> R {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it waits for something that is not there"),
    }
}

/// An unsigned JWT with anything for claims.
pub(crate) fn jwt(claims: &[u8]) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

#[derive(Debug)]
pub(crate) struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

#[derive(Debug)]
struct NoBrowser;

#[async_trait]
impl Browser for NoBrowser {
    async fn open(&self, _url: &str) -> bool {
        false
    }
}
