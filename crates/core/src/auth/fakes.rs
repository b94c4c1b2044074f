//! The outside, for tests of this folder: a scripted network, a still clock, countable randomness.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::environment::Environment;
use crate::base::https::{Http, HttpError};
use crate::base::keyring::NoKeyring;
use crate::base::ports::{Browser, NoCheckpoint, Ports};
use crate::base::processes::SystemProcesses;
use crate::base::progress::NoProgress;
use crate::base::upstream::NoUpstream;

/// Gives its answers in order, and remembers what it was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct FakeHttp(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    answers: VecDeque<Option<(u16, Vec<u8>)>>,
    sent: Vec<Sent>,
}

/// A request as it was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: http::HeaderMap,
    pub(super) body: String,
}

impl FakeHttp {
    /// The next answer.
    pub(super) fn answer(self, status: u16, body: &str) -> Self {
        self.0.lock().unwrap().answers.push_back(Some((status, body.as_bytes().to_vec())));
        self
    }

    /// Next, no connection.
    pub(super) fn no_answer(self) -> Self {
        self.0.lock().unwrap().answers.push_back(None);
        self
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.0.lock().unwrap().sent.clone()
    }
}

#[async_trait]
impl Http for FakeHttp {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, HttpError> {
        let answer = {
            let mut script = self.0.lock().unwrap();
            script.sent.push(Sent {
                method: request.method().to_string(),
                url: request.uri().to_string(),
                headers: request.headers().clone(),
                body: String::from_utf8(request.body().clone()).unwrap(),
            });
            script.answers.pop_front()
        };
        match answer {
            Some(Some((status, body))) => Ok(http::Response::builder().status(status).body(body).unwrap()),
            Some(None) => Err(HttpError::Timeout { host: "auth.openai.com".into() }),
            // A question beyond the script is never answered: the test's own time-out or event ends the wait.
            None => std::future::pending().await,
        }
    }
}

/// Bytes that differ from one call to the next.
#[derive(Debug, Default)]
pub(super) struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_795_000_000).unwrap()
    }
}

/// Opens nothing; says that it did, or did not.
#[derive(Debug, Clone)]
pub(super) struct FakeBrowser {
    pub(super) works: bool,
    pub(super) opened: Arc<AtomicUsize>,
}

#[async_trait]
impl Browser for FakeBrowser {
    async fn open(&self, _url: &str) -> bool {
        self.opened.fetch_add(1, Ordering::SeqCst);
        self.works
    }
}

/// A browser that works.
pub(super) fn browser(works: bool) -> FakeBrowser {
    FakeBrowser { works, opened: Arc::default() }
}

/// All ports faked around this network.
pub(super) fn ports(http: FakeHttp) -> Ports {
    Ports {
        clock: Arc::new(Still),
        entropy: Arc::new(Counting::default()),
        http: Arc::new(http),
        upstream: Arc::new(NoUpstream),
        keyring: Arc::new(NoKeyring),
        browser: Arc::new(browser(true)),
        processes: Arc::new(SystemProcesses),
        checkpoint: Arc::new(NoCheckpoint),
        progress: Arc::new(NoProgress),
        environment: Arc::new(Environment::default()),
    }
}

/// An unsigned JWT.
pub(super) fn jwt(payload: &Value) -> String {
    format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload.to_string()))
}

/// The token endpoint's answer for this user in this workspace.
pub(super) fn tokens(user: &str, workspace: &str) -> String {
    let id = jwt(&json!({"email": "ada@example.com",
        "https://api.openai.com/auth": {"chatgpt_user_id": user, "chatgpt_account_id": workspace, "chatgpt_plan_type": "plus"}}));
    json!({"id_token": id, "access_token": "planted-access", "refresh_token": "planted-refresh"}).to_string()
}
