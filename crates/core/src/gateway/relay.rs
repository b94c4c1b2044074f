//! An answer on its way to the client: the pieces that were held back, then the rest as it comes. It is read as it passes, and
//! how it ended is told once.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::sse::{Event, Events, Weight, weight};
use crate::base::upstream::Streamed;

/// What is told of a stream as it passes.
pub trait Hears: Send + Unpin + 'static {
    /// An event that says something about the account, or ends the answer.
    fn event(&mut self, event: &Event);
    /// A piece of an answer that is no stream of events.
    fn piece(&mut self, piece: &[u8]);
    /// The stream has ended. Called once; never where the client went away.
    fn ended(&mut self, ending: Ending);
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With the event that ends an answer.
    Whole,
    /// With an event that says that the answer failed.
    Failed,
    /// Without either.
    Cut,
}

/// The body of a relayed answer.
pub struct Relay<H> {
    held: VecDeque<Bytes>,
    rest: Streamed,
    events: Option<Events>,
    ending: Ending,
    hears: H,
    told: bool,
}

/// The provider's connection broke: the client's is cut too, so that it sees what happened.
#[derive(Debug, thiserror::Error)]
#[error("the provider's answer broke off")]
pub struct Broken;

impl<H> fmt::Debug for Relay<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("held", &self.held.len()).field("ending", &self.ending).finish_non_exhaustive()
    }
}

impl<H: Hears> Relay<H> {
    /// An answer that is no stream of events.
    pub fn plain(rest: Streamed, hears: H) -> Self {
        Self { held: VecDeque::new(), rest, events: None, ending: Ending::Whole, hears, told: false }
    }

    /// A stream of events: these pieces first, which `events` has seen already.
    pub fn stream(held: VecDeque<Bytes>, rest: Streamed, events: Events, ending: Ending, hears: H) -> Self {
        Self { held, rest, events: Some(events), ending, hears, told: false }
    }

    fn pass(&mut self, piece: &Bytes) {
        let Some(events) = &mut self.events else { return self.hears.piece(piece) };
        for event in events.take(piece) {
            match weight(&event.kind) {
                Weight::End => self.ending = Ending::Whole,
                Weight::Failure => self.ending = Ending::Failed,
                Weight::Answer => continue,
                Weight::Preamble => {}
            }
            self.hears.event(&event);
        }
    }

    fn end(&mut self, ending: Ending) {
        if !std::mem::replace(&mut self.told, true) {
            self.hears.ended(ending);
        }
    }
}

impl<H: Hears> Body for Relay<H> {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(piece) = self.held.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        let this = &mut *self;
        let frame = match Pin::new(&mut this.rest).poll_frame(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(frame) => frame,
        };
        match frame {
            Some(Ok(frame)) => {
                if let Some(piece) = frame.data_ref() {
                    let piece = piece.clone();
                    this.pass(&piece);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "the provider's answer broke off");
                this.end(Ending::Cut);
                Poll::Ready(Some(Err(Broken)))
            }
            None => {
                let ending = this.ending;
                this.end(ending);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.told && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.held.is_empty() { self.rest.size_hint() } else { SizeHint::default() }
    }
}
