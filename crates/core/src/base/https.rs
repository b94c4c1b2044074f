//! The only door to the network: TLS against the system's trust store, bounded bodies, no redirects.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use rustls::client::danger::ServerCertVerifier;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use thiserror::Error;

use super::environment::Environment;
use super::files::{self, FileError};
use super::proxies::Proxies;
use super::streaming::Streaming;
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
    /// The request could not be built.
    #[error("the request is not valid HTTP")]
    Request(#[source] reqwest::Error),
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
    #[error("the proxy in the environment is not a valid address")]
    Proxy(#[source] reqwest::Error),
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[from] rustls::Error),
    /// The client could not be built.
    #[error("the HTTPS client could not be set up")]
    Client(#[source] reqwest::Error),
}

/// The real client. It is set up when it is first needed: to read the system's certificates takes longer than most of what
/// is done without a network.
#[derive(Debug)]
pub struct Https {
    roots: Vec<CertificateDer<'static>>,
    proxies: Proxies,
    any_certificate: bool,
    clients: [OnceLock<reqwest::Client>; 2],
    streaming: OnceLock<Streaming>,
}

/// What a client is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    /// Answers that are read whole.
    Whole,
    /// Connections that become a WebSocket, which HTTP/2 has no way for.
    Socket,
}

impl Https {
    /// Honours `SSL_CERT_FILE` and `CODEX_CA_CERTIFICATE` (roots added to the system's) and
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, as the Codex CLI does (codex-auth.md 2.5).
    pub fn new(environment: &Environment) -> Result<Self, HttpsSetupError> {
        let (roots, proxies) = (extra_roots(environment)?, Proxies::of(environment)?);
        Ok(Self { roots, proxies, any_certificate: false, clients: Default::default(), streaming: OnceLock::new() })
    }

    /// The same, but any certificate will do: whoever is in between can read and change everything. Only for one call of the
    /// terminal program whose user has asked for it.
    pub fn without_verification(environment: &Environment) -> Result<Self, HttpsSetupError> {
        Ok(Self { any_certificate: true, ..Self::new(environment)? })
    }

    /// The same, with connections of its own.
    pub(super) fn apart(&self) -> Self {
        let (roots, proxies) = (self.roots.clone(), self.proxies.clone());
        Self { roots, proxies, any_certificate: self.any_certificate, clients: Default::default(), streaming: OnceLock::new() }
    }

    /// For answers that are streamed and may take hours.
    pub(super) fn streaming(&self) -> Result<&Streaming, HttpsSetupError> {
        if let Some(streaming) = self.streaming.get() {
            return Ok(streaming);
        }
        let streaming = Streaming::new(self.tls()?, self.proxies.matcher());
        Ok(self.streaming.get_or_init(|| streaming))
    }

    pub(super) fn client(&self, wanted: Use) -> Result<&reqwest::Client, HttpsSetupError> {
        let place = &self.clients[wanted as usize];
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let client = self.set_up(wanted)?;
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

    fn set_up(&self, wanted: Use) -> Result<reqwest::Client, HttpsSetupError> {
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls()?)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .no_proxy();
        let builder = match wanted {
            Use::Whole => builder.timeout(TIMEOUT),
            Use::Socket => builder.tcp_nodelay(true).http1_only(),
        };
        let builder = self.proxies.named()?.into_iter().fold(builder, reqwest::ClientBuilder::proxy);
        builder.build().map_err(HttpsSetupError::Client)
    }
}

#[async_trait]
impl Http for Https {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, HttpError> {
        let host = request.uri().host().unwrap_or("the server").to_owned();
        let request = reqwest::Request::try_from(request).map_err(HttpError::Request)?;
        let client = self.client(Use::Whole).map_err(HttpError::SetUp)?;
        let mut response = client.execute(request).await.map_err(|error| classify(&host, error))?;
        let mut answer = http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            headers.clone_from(response.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| classify(&host, error))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(HttpError::TooLarge { host });
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = answer.body(body).unwrap_or_default();
        *answer.version_mut() = response.version();
        Ok(answer)
    }
}

pub(super) fn classify(host: &str, error: reqwest::Error) -> HttpError {
    let host = host.to_owned();
    let source = error.without_url();
    if source.is_timeout() {
        HttpError::Timeout { host }
    } else if source.is_connect() {
        HttpError::Connect { host, source: source.into() }
    } else {
        HttpError::Broken { host, source: source.into() }
    }
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
