//! The client for every request: one connection is used for many, straight or through a proxy. It is hyper's own; what else a client
//! for everything does would cost each answer as much as reading it.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::{self, Error};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use super::https::{CONNECT_TIMEOUT, HttpError, Use};

/// An idle connection is kept this long.
const IDLE: Duration = Duration::from_secs(90);

/// Why a connector gives up.
type Source = Box<dyn std::error::Error + Send + Sync>;
/// A connection to the provider's host, or to a proxy.
type Wire = MaybeHttpsStream<TokioIo<TcpStream>>;
/// Until there is one.
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, Source>> + Send>>;

/// The client. Its connections belong to whoever has asked first.
#[derive(Clone)]
pub(super) struct Client(legacy::Client<Connector, Full<Bytes>>);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// Sets it up; `tls` names no protocols yet.
    pub(super) fn new(tls: ClientConfig, proxies: Matcher, wanted: Use) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // A tunnel is asked for in HTTP/1.1.
        let to_proxy = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http().enable_http1().wrap_connector(tcp.clone());
        let way = Way { tcp, to_proxy, proxies: Arc::new(proxies) };
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let connector = match wanted {
            Use::Requests => connector.enable_http2().wrap_connector(way),
            Use::Sockets => connector.wrap_connector(way),
        };
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.timer(TokioTimer::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).http2_adaptive_window(true);
        Self(builder.build(Connector(connector)))
    }

    /// Sends a request; any status is an answer.
    pub(super) async fn send(&self, request: Request<Bytes>, host: &str) -> Result<Response<Incoming>, HttpError> {
        if request.uri().authority().is_none() {
            return Err(HttpError::Request);
        }
        self.0.request(request.map(Full::new)).await.map_err(|error| classify(host, error))
    }
}

fn classify(host: &str, error: Error) -> HttpError {
    let host = host.to_owned();
    if is_late(&error) {
        HttpError::Timeout { host }
    } else if error.is_connect() {
        HttpError::Connect { host, source: error.into() }
    } else {
        HttpError::Broken { host, source: error.into() }
    }
}

fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    let late = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| cause.downcast_ref().is_some_and(late))
}

/// All of the way to a host, which may take only so long.
#[derive(Clone)]
struct Connector(HttpsConnector<Way>);

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Wire>;
    type Error = Source;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Source>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, host: Uri) -> Self::Future {
        let connecting = self.0.call(host);
        Box::pin(async move {
            let in_time = tokio::time::timeout(CONNECT_TIMEOUT, connecting).await;
            in_time.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
        })
    }
}

/// The way to a host without what is spoken on it: straight, or through the proxy that is set for it.
#[derive(Clone)]
struct Way {
    tcp: HttpConnector,
    to_proxy: HttpsConnector<HttpConnector>,
    proxies: Arc<Matcher>,
}

impl Service<Uri> for Way {
    type Response = Wire;
    type Error = Source;
    type Future = Connecting<Wire>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Source>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, host: Uri) -> Self::Future {
        let Some(proxy) = self.proxies.intercept(&host) else {
            let connecting = self.tcp.call(host);
            return Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) });
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy.clone());
        if let Some(name) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(name.clone());
        }
        Box::pin(async move { Ok(tunnel.call(host).await?) })
    }
}
