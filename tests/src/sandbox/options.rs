//! How a sandbox starts, how it is reached, and what it may refuse.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::account::SandboxAccount;
use super::authority::AuthorityError;

/// How a sandbox starts.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Who it knows; [`SandboxAccount::trio`] by default.
    pub accounts: Vec<SandboxAccount>,
    /// The plain port; 0 = any free one.
    pub port: u16,
    /// Loopback ports a sign-in may redirect to; `None` = any. 1455 and 1457 by default, as upstream.
    pub redirect_ports: Option<Vec<u16>>,
    /// This account signs in by itself: no picker, no device approval.
    pub auto_approve: Option<String>,
    /// Seconds between two polls that a device is told to keep.
    pub device_interval: u32,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self { accounts: SandboxAccount::trio(), port: 0, redirect_ports: Some(vec![1455, 1457]), auto_approve: None, device_interval: 1 }
    }
}

/// Why the sandbox does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The system gives no randomness.
    #[error("no randomness from the system")]
    Entropy(#[source] getrandom::Error),
    /// A port could not be opened, or the folder with the certificate not be written.
    #[error("the sandbox could not start")]
    Start(#[from] io::Error),
    /// The certificate authority.
    #[error("the sandbox has no certificates")]
    Authority(#[from] AuthorityError),
    /// The sandbox's own threads are gone.
    #[error("the sandbox has stopped")]
    Stopped,
    /// A name that no account has.
    #[error("the sandbox has no account named {0:?}")]
    UnknownAccount(Box<str>),
    /// A user code that no device waits with.
    #[error("no device waits with this user code")]
    UnknownCode,
    /// What was waited for did not happen.
    #[error("nothing like it came within {waited:?}; the last requests were: {seen:?}")]
    TimedOut {
        /// How long it was waited for.
        waited: Duration,
        /// The last requests, as `method host/path (account) status`.
        seen: Vec<String>,
    },
}

/// How to reach a running sandbox; also the content of the ready file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reach {
    /// The plain port as a URL.
    pub url: String,
    /// The proxy as a URL.
    pub proxy: String,
    /// The PEM file with the certificate to trust.
    pub ca: PathBuf,
    /// The key for `/_sandbox/*`, in header `x-sandbox-key`.
    pub control_key: String,
}

impl Reach {
    /// The environment a client needs: everything but loopback goes to the proxy.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let ca = self.ca.display().to_string();
        vec![
            ("HTTPS_PROXY", self.proxy.clone()),
            ("CODEX_CA_CERTIFICATE", ca.clone()),
            ("SSL_CERT_FILE", ca),
            ("NO_PROXY", "localhost,127.0.0.1".to_owned()),
        ]
    }

    /// Writes the ready file. Whoever waits for it never sees half of it.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.persist(path)?;
        Ok(())
    }

    /// Reads a ready file.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    }
}
