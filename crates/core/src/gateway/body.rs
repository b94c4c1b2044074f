//! The bodies of answers: our own, one that is relayed, and one that has to be waited for.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::Full;

use super::heard::Heard;
use super::relay::Relay;
use super::server::Cut;
use super::waiting::Waiting;

/// The body of an answer.
pub enum Body {
    /// In one piece.
    Own(Full<Bytes>),
    /// The provider's, as it comes.
    Relayed(Relay<Heard>),
    /// The provider's, once there is a profile to serve it.
    Waiting(Waiting),
}

impl Body {
    /// In one piece.
    pub(super) fn own(bytes: Bytes) -> Self {
        Self::Own(Full::new(bytes))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own(_) => "Own",
            Self::Relayed(_) => "Relayed",
            Self::Waiting(_) => "Waiting",
        })
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.get_mut() {
            Self::Own(body) => Pin::new(body).poll_frame(context).map_err(Into::into),
            Self::Relayed(body) => Pin::new(body).poll_frame(context).map_err(Into::into),
            Self::Waiting(body) => Pin::new(body).poll_frame(context).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(body) => body.is_end_stream(),
            Self::Relayed(body) => body.is_end_stream(),
            Self::Waiting(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(body) => body.size_hint(),
            Self::Relayed(body) => body.size_hint(),
            Self::Waiting(body) => body.size_hint(),
        }
    }
}
