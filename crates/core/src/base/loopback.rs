//! Asking our own gateway: on this machine alone, past every proxy, bounded.

use std::time::Duration;

use http::header::AUTHORIZATION;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;

use super::secret::Secret;

/// Our own answers are short.
const LIMIT: usize = 1 << 20;
/// Nothing on this machine takes longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum LoopbackError {
    /// Nobody listens there.
    #[error("nobody answers on that port")]
    Connect(#[from] std::io::Error),
    /// What listens there speaks no HTTP, or broke off.
    #[error("the answer makes no sense")]
    Broken,
    /// What listens there does not know the key: it is not our gateway.
    #[error("the answer is a refusal ({0})")]
    Refused(u16),
    /// It took too long.
    #[error("there was no answer in time")]
    Timeout,
}

/// Asks for a path on a port of 127.0.0.1.
pub async fn get(port: u16, path: &str, key: &Secret) -> Result<Vec<u8>, LoopbackError> {
    tokio::time::timeout(PATIENCE, ask(port, path, key)).await.unwrap_or(Err(LoopbackError::Timeout))
}

/// Whether anybody listens on a port of 127.0.0.1. Nothing is said to whoever does.
pub async fn is_listened_on(port: u16) -> bool {
    let connected = tokio::time::timeout(PATIENCE, TcpStream::connect(("127.0.0.1", port))).await;
    matches!(connected, Ok(Ok(_)))
}

async fn ask(port: u16, path: &str, key: &Secret) -> Result<Vec<u8>, LoopbackError> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| LoopbackError::Broken)?;
    let mut token = http::HeaderValue::from_str(&format!("Bearer {}", key.expose())).map_err(|_| LoopbackError::Broken)?;
    token.set_sensitive(true);
    let request = http::Request::get(path).header("host", format!("127.0.0.1:{port}")).header(AUTHORIZATION, token);
    let request = request.body(Empty::<bytes::Bytes>::new()).map_err(|_| LoopbackError::Broken)?;
    let asked = async move {
        let answer = sender.send_request(request).await.map_err(|_| LoopbackError::Broken)?;
        if !answer.status().is_success() {
            return Err(LoopbackError::Refused(answer.status().as_u16()));
        }
        let body = Limited::new(answer.into_body(), LIMIT).collect().await.map_err(|_| LoopbackError::Broken)?;
        Ok(body.to_bytes().to_vec())
    };
    tokio::pin!(asked, connection);
    tokio::select! {
        answered = &mut asked => answered,
        // It ends before the answer is read whole.
        _ = &mut connection => asked.await,
    }
}
