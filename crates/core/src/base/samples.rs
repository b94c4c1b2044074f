//! The outside for tests: the real one, but for a network and a keyring that are not there.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::browser::SystemBrowser;
use super::clock::SystemClock;
use super::entropy::OsEntropy;
use super::environment::Environment;
use super::https::{Http, HttpError};
use super::keyring::NoKeyring;
use super::ports::{NoCheckpoint, Ports};
use super::processes::SystemProcesses;
use super::progress::{Far, NoProgress, Progress, Work};
use super::upstream::NoUpstream;

#[derive(Debug)]
struct NoNetwork;

#[async_trait]
impl Http for NoNetwork {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, HttpError> {
        Err(HttpError::Timeout { host: request.uri().host().unwrap_or_default().to_owned() })
    }
}

/// Ports for a user whose home is this folder.
pub(crate) fn ports(user_home: &Path) -> Ports {
    Ports {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        http: Arc::new(NoNetwork),
        upstream: Arc::new(NoUpstream),
        keyring: Arc::new(NoKeyring),
        browser: Arc::new(SystemBrowser),
        processes: Arc::new(SystemProcesses),
        checkpoint: Arc::new(NoCheckpoint),
        progress: Arc::new(NoProgress),
        environment: Arc::new(Environment::of(user_home, [])),
    }
}

/// All that was told of long work, in order; `None` where something was over.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Vec<Option<(Work, Far)>>>);

impl Told {
    /// What was told until now.
    pub(crate) fn all(&self) -> Vec<Option<(Work, Far)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hear(&self, told: Option<(Work, Far)>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    }
}

impl Progress for Told {
    fn at(&self, work: Work, far: Far) {
        self.hear(Some((work, far)));
    }

    fn over(&self) {
        self.hear(None);
    }
}
