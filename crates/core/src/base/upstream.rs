//! Requests whose answers are handed on as they come: streams of any length, and connections of another protocol.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::https::{HttpError, Https, Use};

/// The body of an answer, as it comes.
pub type Streamed = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// Sends requests on.
#[async_trait]
pub trait Upstream: fmt::Debug + Send + Sync {
    /// Sends a request; its answer's head comes back, with a body that is still on its way. Any status is an answer.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Streamed>, HttpError>;

    /// Asks for a connection of another protocol. The request has the headers of an upgrade.
    async fn upgrade(&self, request: Request<()>) -> Result<Upgraded, HttpError>;

    /// The same with connections of its own. A connection belongs to the thread that has made it, and is slow for others.
    fn apart(&self) -> Arc<dyn Upstream>;
}

/// What a request for another protocol came to.
pub enum Upgraded {
    /// It is open. The body of the head is empty.
    Open(Response<()>, Box<dyn Duplex>),
    /// It was refused with an ordinary answer.
    Refused(Response<Streamed>),
}

/// Both directions of a connection.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Reaches nobody.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoUpstream;

#[async_trait]
impl Upstream for NoUpstream {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Streamed>, HttpError> {
        Err(HttpError::Timeout { host: host(&request) })
    }

    async fn upgrade(&self, request: Request<()>) -> Result<Upgraded, HttpError> {
        Err(HttpError::Timeout { host: host(&request) })
    }

    fn apart(&self) -> Arc<dyn Upstream> {
        Arc::new(*self)
    }
}

#[async_trait]
impl Upstream for Https {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Streamed>, HttpError> {
        let host = host(&request);
        let client = self.client(Use::Requests).map_err(HttpError::SetUp)?;
        client.send(request, &host).await.map(streamed)
    }

    async fn upgrade(&self, request: Request<()>) -> Result<Upgraded, HttpError> {
        let host = host(&request);
        let client = self.client(Use::Sockets).map_err(HttpError::SetUp)?;
        let mut answer = client.send(request.map(|()| Bytes::new()), &host).await?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Upgraded::Refused(streamed(answer)));
        }
        let connection = hyper::upgrade::on(&mut answer).await.map_err(|error| HttpError::Broken { host, source: error.into() })?;
        Ok(Upgraded::Open(answer.map(|_| ()), Box::new(TokioIo::new(connection))))
    }

    fn apart(&self) -> Arc<dyn Upstream> {
        Arc::new(Self::apart(self))
    }
}

fn streamed(answer: Response<Incoming>) -> Response<Streamed> {
    answer.map(|body| body.map_err(Into::into).boxed_unsync())
}

fn host<T>(request: &Request<T>) -> String {
    request.uri().host().unwrap_or("the server").to_owned()
}
