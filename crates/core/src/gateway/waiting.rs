//! An answer that begins before there is anybody to give it: where every profile is used up, the client hears signs of life until
//! one is back, and then the answer.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response};
use http_body::Frame;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::body::Body;
use super::forward::{Forward, Walked};
use super::heard::Heard;
use super::intake::{Ask, Intake};
use super::patience::{Patience, Wait};
use super::relay::{Broken, Relay};
use super::rescue;
use crate::route::NoneLeft;

/// Codex gives a stream up that tells nothing for 300 s; comments do not count (codex-runtime.md 2.4).
pub(super) const BEAT: Duration = Duration::from_secs(30);
/// So often it is looked whether somebody is back before it was to be expected.
const LOOK: Duration = Duration::from_secs(20);
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// The body of such an answer.
pub struct Waiting {
    coming: Option<Pin<Box<dyn Future<Output = Come> + Send>>>,
    said: VecDeque<Bytes>,
    then: Option<Box<Relay<Heard>>>,
    beat: Interval,
}

/// What has come after all.
enum Come {
    /// An answer.
    Answer(Box<Relay<Heard>>),
    /// A failure, as an event.
    Failure(Bytes),
}

/// The head and the body of an answer that will come, for a request that nobody serves until then.
pub(super) fn answer(forward: Forward, intake: Intake, patience: Patience, until: Timestamp) -> Response<Body> {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let coming = Box::pin(come(forward, intake, patience, until));
    let waiting = Waiting { coming: Some(coming), said: VecDeque::new(), then: None, beat };
    let mut response = Response::new(Body::Waiting(waiting));
    response.headers_mut().insert(CONTENT_TYPE, EVENT_STREAM);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Waits until somebody serves, or nobody will.
async fn come(forward: Forward, intake: Intake, patience: Patience, mut until: Timestamp) -> Come {
    loop {
        let rested = forward.rested(&intake.ask, until, patience).await;
        let (none, rested, told) = match rested {
            Rested::Until(next) => {
                until = next;
                continue;
            }
            Rested::Nobody(none) => (none, None, None),
            Rested::Refused(answer) => return Come::Failure(rescue::failed(&answer)),
            Rested::Back => match forward.walk(&intake, patience).await {
                Walked::Answered(response) => return come_in(response).await,
                Walked::Rests(next) => {
                    until = next;
                    continue;
                }
                Walked::Nobody(none, rested, told) => (none, rested, told),
            },
        };
        match patience.with(&none, rested, forward.waits_for_reset(), forward.clock.now()) {
            Wait::Silently(next) | Wait::Telling(next) => until = next,
            Wait::Not => {
                forward.house.changed(&intake.ask, Some(&none));
                return Come::Failure(rescue::failed(&forward.nobody(&none, told)));
            }
        }
    }
}

/// How it is after a while.
pub(super) enum Rested {
    /// Somebody is back.
    Back,
    /// Nobody is yet; the first is then.
    Until(Timestamp),
    /// Nobody will be.
    Nobody(NoneLeft),
    /// It cannot be told.
    Refused(Response<Bytes>),
}

impl Forward {
    /// Sleeps for a while, until then at most, and looks who is back.
    pub(super) async fn rested(&self, ask: &Ask, until: Timestamp, patience: Patience) -> Rested {
        let look = self.clock.now().checked_add(LOOK).unwrap_or(until);
        self.until(until.min(look)).await;
        let question = match self.question(ask).await {
            Ok(question) => Arc::new(question),
            Err(answer) => return Rested::Refused(answer),
        };
        let now = self.clock.now();
        let walk = self.desk.decide(Arc::clone(&question), now, self.random());
        match self.desk.peek(&walk, now) {
            Ok(_) => Rested::Back,
            Err(none) => match patience.with(&none, self.first_rested(&question), self.waits_for_reset(), now) {
                Wait::Silently(next) | Wait::Telling(next) => Rested::Until(next),
                Wait::Not => Rested::Nobody(none),
            },
        }
    }
}

async fn come_in(response: Response<Body>) -> Come {
    let (head, body) = response.into_parts();
    let is_stream =
        |headers: &HeaderMap| headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(EVENT_STREAM.as_bytes()));
    match body {
        Body::Relayed(relay) if head.status.is_success() => Come::Answer(Box::new(relay)),
        Body::Own(own) => {
            let Ok(bytes) = own.collect().await;
            let bytes = bytes.to_bytes();
            // A failure in a stream is told as it came.
            if is_stream(&head.headers) {
                return Come::Failure(bytes);
            }
            Come::Failure(rescue::failed(&Response::from_parts(head, bytes)))
        }
        Body::Relayed(_) | Body::Waiting(_) => Come::Failure(rescue::failed(&Response::from_parts(head, Bytes::new()))),
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("waits", &self.coming.is_some()).finish_non_exhaustive()
    }
}

impl http_body::Body for Waiting {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = self.get_mut();
        if let Some(coming) = &mut this.coming {
            match coming.as_mut().poll(context) {
                Poll::Pending => return this.beat.poll_tick(context).map(|_| Some(Ok(Frame::data(rescue::sign_of_life())))),
                Poll::Ready(Come::Answer(relay)) => this.then = Some(relay),
                Poll::Ready(Come::Failure(event)) => this.said.push_back(event),
            }
            this.coming = None;
        }
        if let Some(said) = this.said.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(said))));
        }
        match &mut this.then {
            Some(relay) => Pin::new(&mut **relay).poll_frame(context),
            None => Poll::Ready(None),
        }
    }
}
