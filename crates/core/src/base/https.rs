//! The only door to the network: TLS against the system's trust store, bounded bodies, no redirects.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, HeaderValue};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use rustls::client::danger::ServerCertVerifier;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use thiserror::Error;

use super::client::Client;
use super::environment::Environment;
use super::files::{self, FileError};
use super::proxies::Proxies;
use super::unverified::AnyCertificate;

/// A connection comes about within this.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A whole answer may take this long.
const TIMEOUT: Duration = Duration::from_secs(30);
/// No answer the app asks for itself is near this size.
const BODY_LIMIT: usize = 4 << 20;
/// A file of root certificates is at most this long; the largest bundles in use are near 250 KiB.
const CA_FILE_LIMIT: u64 = 4 << 20;

/// Sends one request and reads the whole answer.
#[async_trait]
pub trait Http: fmt::Debug + Send + Sync {
    /// Any status is an answer; only the lack of one is an error.
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, HttpError>;
}

/// Why there is no answer. Neither URL nor body is in it.
#[derive(Debug, Error)]
pub enum HttpError {
    /// No connection came about: network, DNS, proxy.
    #[error("no connection to {host}")]
    Connect {
        /// The host asked for.
        host: String,
        /// The client's own words.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer did not end in time.
    #[error("{host} did not answer in time")]
    Timeout {
        /// The host asked for.
        host: String,
    },
    /// The answer broke off.
    #[error("the answer of {host} broke off")]
    Broken {
        /// The host asked for.
        host: String,
        /// The client's own words.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer is larger than any that is asked for.
    #[error("the answer of {host} is too large")]
    TooLarge {
        /// The host asked for.
        host: String,
    },
    /// The request names no host.
    #[error("the request is not valid HTTP")]
    Request,
    /// The client could not be set up: the system's certificates cannot be used.
    #[error("there is no client to send it with")]
    SetUp(#[source] HttpsSetupError),
}

/// Why the client could not be made.
#[derive(Debug, Error)]
pub enum HttpsSetupError {
    /// A CA file that is set cannot be read.
    #[error("the certificate file named by {variable} cannot be read")]
    CaFile {
        /// The environment variable that names it.
        variable: &'static str,
        /// What is wrong with the file.
        #[source]
        source: FileError,
    },
    /// A CA file that is set holds no certificate.
    #[error("{} holds no certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The proxy named in the environment is no URL.
    #[error("the proxy named by {variable} is not a valid address")]
    Proxy {
        /// The environment variable that names it.
        variable: &'static str,
    },
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[from] rustls::Error),
}

/// The real client. It is set up when it is first needed: to read the system's certificates takes longer than most of what
/// is done without a network.
#[derive(Debug)]
pub struct Https {
    roots: Vec<CertificateDer<'static>>,
    proxies: Proxies,
    any_certificate: bool,
    clients: [OnceLock<Client>; 2],
}

/// What a client is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    /// Requests that are answered, in whichever HTTP the host prefers.
    Requests,
    /// Connections that become a WebSocket, which HTTP/2 has no way for.
    Sockets,
}

impl Https {
    /// Honours `SSL_CERT_FILE` and `CODEX_CA_CERTIFICATE` (roots added to the system's) and
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, as the Codex CLI does (codex-auth.md 2.5).
    pub fn new(environment: &Environment) -> Result<Self, HttpsSetupError> {
        let (roots, proxies) = (extra_roots(environment)?, Proxies::of(environment)?);
        Ok(Self { roots, proxies, any_certificate: false, clients: Default::default() })
    }

    /// The same, but any certificate will do: whoever is in between can read and change everything. Only for one call of the
    /// terminal program whose user has asked for it.
    pub fn without_verification(environment: &Environment) -> Result<Self, HttpsSetupError> {
        Ok(Self { any_certificate: true, ..Self::new(environment)? })
    }

    /// The same, with connections of its own.
    pub(super) fn apart(&self) -> Self {
        let (roots, proxies) = (self.roots.clone(), self.proxies.clone());
        Self { roots, proxies, any_certificate: self.any_certificate, clients: Default::default() }
    }

    pub(super) fn client(&self, wanted: Use) -> Result<&Client, HttpsSetupError> {
        let place = &self.clients[wanted as usize];
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let client = Client::new(self.tls()?, self.proxies.matcher(), wanted);
        Ok(place.get_or_init(|| client))
    }

    fn tls(&self) -> Result<rustls::ClientConfig, HttpsSetupError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = if self.any_certificate {
            Arc::new(AnyCertificate(Arc::clone(&provider)))
        } else {
            Arc::new(rustls_platform_verifier::Verifier::new_with_extra_roots(self.roots.clone(), Arc::clone(&provider))?)
        };
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
    }
}

#[async_trait]
impl Http for Https {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, HttpError> {
        let host = request.uri().host().unwrap_or("the server").to_owned();
        let mut request = request.map(Bytes::from);
        // As the Codex CLI's own client says it with every request.
        request.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        let client = self.client(Use::Requests).map_err(HttpError::SetUp)?;
        let answer = tokio::time::timeout(TIMEOUT, whole(client, request, &host)).await;
        answer.unwrap_or_else(|_| Err(HttpError::Timeout { host }))
    }
}

async fn whole(client: &Client, request: http::Request<Bytes>, host: &str) -> Result<http::Response<Vec<u8>>, HttpError> {
    let (head, body) = client.send(request, host).await?.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|source| {
        let host = host.to_owned();
        if source.is::<LengthLimitError>() { HttpError::TooLarge { host } } else { HttpError::Broken { host, source } }
    })?;
    Ok(http::Response::from_parts(head, body.to_bytes().into()))
}

fn extra_roots(environment: &Environment) -> Result<Vec<CertificateDer<'static>>, HttpsSetupError> {
    let mut roots = Vec::new();
    for variable in ["SSL_CERT_FILE", "CODEX_CA_CERTIFICATE"] {
        let Some(path) = environment.path(variable) else { continue };
        // Distributions install the bundle as a link; the user named it, so it is followed.
        let unreadable = |source| HttpsSetupError::CaFile { variable, source };
        let resolved = files::canonical(&path).map_err(unreadable)?;
        let text = files::read(&resolved, CA_FILE_LIMIT).map_err(unreadable)?.unwrap_or_default();
        let before = roots.len();
        roots.extend(CertificateDer::pem_slice_iter(&text).flatten());
        if roots.len() == before {
            return Err(HttpsSetupError::NoCertificate { path });
        }
    }
    Ok(roots)
}

#[cfg(test)]
#[path = "https_tests.rs"]
mod tests;
