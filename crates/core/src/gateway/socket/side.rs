//! One side of a bridge: messages go out in order as fast as they are taken, and come in one by one.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Sink, Stream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::super::intake::BODY_LIMIT;
use crate::base::upstream::Duplex;

/// Thousands of sockets are open at a time, and most events are small.
const READ_AHEAD: usize = 8 << 10;
/// For the last words, and for the other side to take its leave.
const LEAVE: Duration = Duration::from_secs(2);

/// What came in: a message, what is wrong with the connection, or its end.
pub(super) type Came = Option<Result<Message, Error>>;

/// What is read of a connection at once, and kept of one message at most.
pub fn bounds() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_AHEAD)
        // Each message is passed on at once.
        .write_buffer_size(0)
        .max_message_size(Some(BODY_LIMIT))
        .max_frame_size(Some(BODY_LIMIT))
}

/// One end of a WebSocket.
pub(super) struct Side {
    socket: WebSocketStream<Box<dyn Duplex>>,
    out: VecDeque<Message>,
    unflushed: bool,
}

impl Side {
    /// A connection whose handshake is done.
    pub(super) async fn new(stream: Box<dyn Duplex>, role: Role) -> Self {
        let socket = WebSocketStream::from_raw_socket(stream, role, Some(bounds())).await;
        Self { socket, out: VecDeque::new(), unflushed: false }
    }

    /// To be sent after all that was said before.
    pub(super) fn say(&mut self, message: Message) {
        self.out.push_back(message);
    }

    /// Whether all was taken: only then is more read for this side, so that a slow one slows the other down.
    pub(super) fn is_clear(&self) -> bool {
        self.out.is_empty() && !self.unflushed
    }

    /// Sends what it can.
    pub(super) fn poll_out(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut socket = Pin::new(&mut self.socket);
        while !self.out.is_empty() {
            match socket.as_mut().poll_ready(context) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
            let Some(message) = self.out.pop_front() else { break };
            self.unflushed = true;
            socket.as_mut().start_send(message)?;
        }
        if self.unflushed {
            match socket.poll_flush(context) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                other => return other,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// The next message.
    pub(super) fn poll_in(&mut self, context: &mut Context<'_>) -> Poll<Came> {
        Pin::new(&mut self.socket).poll_next(context)
    }

    /// Says what is left to say, takes its leave, and waits a little for the other end to do the same: who hangs up with something
    /// unread takes back what was sent last.
    pub(super) async fn leave(mut self, frame: Option<CloseFrame>) {
        self.say(Message::Close(frame));
        let mut said = false;
        let left = std::future::poll_fn(|context| {
            if !said {
                match self.poll_out(context) {
                    Poll::Ready(Ok(())) => said = true,
                    Poll::Ready(Err(_)) => return Poll::Ready(()),
                    Poll::Pending => {}
                }
            }
            loop {
                match self.poll_in(context) {
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
            }
        });
        let _ = tokio::time::timeout(LEAVE, left).await;
    }

    /// Lets the other end go, which has taken its leave, and is to hear that this was heard.
    pub(super) async fn let_go(mut self) {
        let gone = std::future::poll_fn(|context| {
            loop {
                match self.poll_in(context) {
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
            }
        });
        let _ = tokio::time::timeout(LEAVE, gone).await;
    }
}
