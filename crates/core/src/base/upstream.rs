//! Requests whose answers are handed on as they come: streams of any length, and connections of another protocol.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use tokio::io::{AsyncRead, AsyncWrite};

use super::https::{HttpError, Https, Use, classify};

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
        let client = self.streaming().map_err(HttpError::SetUp)?;
        let answer = client.send(request, &host).await?;
        Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync()))
    }

    async fn upgrade(&self, request: Request<()>) -> Result<Upgraded, HttpError> {
        let host = host(&request);
        let request = reqwest::Request::try_from(request.map(|()| Vec::new())).map_err(HttpError::Request)?;
        let client = self.client(Use::Socket).map_err(HttpError::SetUp)?;
        let answer = client.execute(request).await.map_err(|error| classify(&host, error))?;
        if answer.status() != http::StatusCode::SWITCHING_PROTOCOLS {
            let answer: Response<reqwest::Body> = answer.into();
            return Ok(Upgraded::Refused(answer.map(|body| body.map_err(|error| error.without_url().into()).boxed_unsync())));
        }
        let mut head = Response::new(());
        *head.status_mut() = answer.status();
        head.headers_mut().clone_from(answer.headers());
        let stream = answer.upgrade().await.map_err(|error| classify(&host, error))?;
        Ok(Upgraded::Open(head, Box::new(stream)))
    }

    fn apart(&self) -> Arc<dyn Upstream> {
        Arc::new(Self::apart(self))
    }
}

fn host<T>(request: &Request<T>) -> String {
    request.uri().host().unwrap_or("the server").to_owned()
}
