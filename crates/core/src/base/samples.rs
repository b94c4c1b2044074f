//! The outside for tests: the real one, but for a network and a keyring that are not there.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use super::browser::SystemBrowser;
use super::clock::SystemClock;
use super::entropy::OsEntropy;
use super::environment::Environment;
use super::https::{Http, HttpError};
use super::keyring::NoKeyring;
use super::ports::{NoCheckpoint, Ports};
use super::processes::SystemProcesses;
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
        environment: Arc::new(Environment::of(user_home, [])),
    }
}
