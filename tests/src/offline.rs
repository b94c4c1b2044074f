//! Real ports, but for a network that is not there: what must not connect cannot, and no certificates are loaded.

use std::sync::Arc;

use async_trait::async_trait;
use codex_lab_core::base::browser::SystemBrowser;
use codex_lab_core::base::clock::SystemClock;
use codex_lab_core::base::entropy::OsEntropy;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::https::{Http, HttpError};
use codex_lab_core::base::keyring::NoKeyring;
use codex_lab_core::base::ports::{NoCheckpoint, Ports};
use codex_lab_core::base::processes::SystemProcesses;
use codex_lab_core::base::progress::NoProgress;
use codex_lab_core::base::upstream::NoUpstream;

/// The ports for these variables.
pub fn ports(environment: Environment) -> Ports {
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
        environment: Arc::new(environment),
    }
}

#[derive(Debug)]
struct NoNetwork;

#[async_trait]
impl Http for NoNetwork {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, HttpError> {
        Err(HttpError::Timeout { host: request.uri().host().unwrap_or_default().to_owned() })
    }
}
