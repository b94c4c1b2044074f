//! One attempt to have a request served with one profile's tokens: sent, and its answer judged before any of it goes back.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use jiff::Timestamp;

use super::classify::{self, Asked, BODY_LIMIT};
use super::guard::Kind;
use super::heads;
use super::house::Pass;
use super::intake::{self, Intake};
use super::relay::Ending;
use super::sse::{Event, Events, Weight, weight};
use crate::base::https::HttpError;
use crate::base::upstream::{Streamed, Upstream};
use crate::model::profile::ProfileId;
use crate::model::trouble::{TransportTrouble, Trouble};
use crate::route::lease::Lease;

/// A stream that tells nothing for this long before its answer begins is as good as none: Codex itself waits as long
/// (codex-runtime.md 2.4).
pub const SILENCE: Duration = Duration::from_secs(300);
/// A refusal's body is small and comes at once; what has come by then has to do.
const REFUSAL: Duration = Duration::from_secs(10);
/// Events before an answer are small; whoever sends more of them is passed on as it is.
const HELD_LIMIT: usize = 1 << 20;

/// An answer that may go back.
#[derive(Debug)]
pub struct Begun {
    /// Its status and headers, as the provider sent them.
    pub head: http::response::Parts,
    /// What was held back of its body.
    pub held: VecDeque<Bytes>,
    /// The rest.
    pub rest: Streamed,
    /// How far it was read, where it is a stream of events.
    pub events: Option<Events>,
    /// How it would have ended by now.
    pub ending: Ending,
    /// The events that were held back.
    pub seen: Vec<Event>,
}

/// An attempt that came to nothing.
#[derive(Debug)]
pub struct Failed {
    /// What that means.
    pub trouble: Trouble,
    /// What the provider said; empty where it said nothing. The event that it failed with goes along.
    pub told: Option<Box<Response<Bytes>>>,
}

/// Sends a request with the tokens of a lease's profile, and waits until its answer has begun.
pub async fn attempt(
    upstream: &dyn Upstream,
    intake: &Intake,
    body: Option<&Bytes>,
    lease: &Lease,
    pass: &Pass,
    now: Timestamp,
) -> Result<Begun, Failed> {
    let request = request(intake, body, &lease.chosen().profile, pass).ok_or(Failed { trouble: Trouble::RequestBad, told: None })?;
    let answer = match tokio::time::timeout(SILENCE, upstream.send(request)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(Failed { trouble: transport(&error), told: None }),
        Err(_) => return Err(Failed { trouble: Trouble::Transport(TransportTrouble::Timeout), told: None }),
    };
    let (head, rest) = answer.into_parts();
    if !head.status.is_success() {
        return Err(refused(Asked::Http, head, rest, now).await);
    }
    if intake.admitted.kind != Kind::Turn {
        if let Some(trouble) = classify::answer(Asked::Http, head.status, &head.headers, b"", now) {
            return Err(Failed { trouble, told: None });
        }
        return Ok(Begun { head, held: VecDeque::new(), rest, events: None, ending: Ending::Whole, seen: Vec::new() });
    }
    if !may_be_stream(&head.headers) {
        // A page of some network's, most likely.
        return Err(Failed { trouble: Trouble::Garbage, told: None });
    }
    // The last event of an API key's answer has all of the answer in it, and what that costs.
    let events = if lease.is_paid() { Events::keeping(intake::BODY_LIMIT) } else { Events::default() };
    hold(head, rest, events, now).await
}

fn request(intake: &Intake, body: Option<&Bytes>, profile: &ProfileId, pass: &Pass) -> Option<Request<Bytes>> {
    let mut request = Request::new(body.unwrap_or(&intake.body).clone());
    *request.method_mut() = intake.method.clone();
    *request.uri_mut() = format!("{}{}", pass.base, intake.admitted.target).parse().ok()?;
    *request.headers_mut() = heads::onward(&intake.headers, profile, body.is_none());
    authorize(request.headers_mut(), pass)?;
    Some(request)
}

/// Puts a profile's tokens on a request.
pub(super) fn authorize(headers: &mut HeaderMap, pass: &Pass) -> Option<()> {
    let mut token = HeaderValue::from_maybe_shared(Bytes::from(format!("Bearer {}", pass.token.expose()))).ok()?;
    token.set_sensitive(true);
    headers.insert(AUTHORIZATION, token);
    if let Some(account) = &pass.account {
        headers.insert(heads::ACCOUNT, HeaderValue::from_str(account).ok()?);
    }
    Some(())
}

fn may_be_stream(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// A refusal, with as much of its body as can be told from.
pub(super) async fn refused(asked: Asked, head: http::response::Parts, mut rest: Streamed, now: Timestamp) -> Failed {
    let mut body = Vec::new();
    while body.len() < BODY_LIMIT {
        match tokio::time::timeout(REFUSAL, rest.frame()).await {
            Ok(Some(Ok(frame))) => body.extend_from_slice(frame.data_ref().map_or(&[][..], |piece| piece)),
            _ => break,
        }
    }
    body.truncate(BODY_LIMIT);
    let trouble = classify::answer(asked, head.status, &head.headers, &body, now).unwrap_or(Trouble::Garbage);
    let mut told = Response::new(Bytes::from(body));
    *told.status_mut() = head.status;
    *told.headers_mut() = head.headers;
    Failed { trouble, told: Some(Box::new(told)) }
}

/// Holds a stream back until something of an answer comes, or its end.
async fn hold(head: http::response::Parts, mut rest: Streamed, mut events: Events, now: Timestamp) -> Result<Begun, Failed> {
    let cut = |trouble| Failed { trouble: Trouble::Transport(trouble), told: None };
    let (mut held, mut size, mut seen) = (VecDeque::new(), 0_usize, Vec::new());
    loop {
        let piece = match tokio::time::timeout(SILENCE, rest.frame()).await {
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            Ok(Some(Err(_)) | None) => return Err(cut(TransportTrouble::Cut)),
            Err(_) => return Err(cut(TransportTrouble::Timeout)),
        };
        size = size.saturating_add(piece.len());
        let mut ending = Ending::Cut;
        let mut begins = size > HELD_LIMIT;
        for event in events.take(&piece) {
            match weight(&event.kind) {
                Weight::Preamble => {}
                Weight::Answer => begins = true,
                Weight::End => {
                    begins = true;
                    ending = Ending::Whole;
                }
                // After a part of the answer it belongs to the client.
                Weight::Failure if begins => ending = Ending::Failed,
                Weight::Failure => {
                    let trouble = classify::event(&event.json, now).unwrap_or(Trouble::ServerError { retry_after: None });
                    held.push_back(piece);
                    let mut told = whole(head, &held);
                    told.extensions_mut().insert(event);
                    return Err(Failed { trouble, told: Some(Box::new(told)) });
                }
            }
            seen.push(event);
        }
        held.push_back(piece);
        if begins {
            return Ok(Begun { head, held, rest, events: Some(events), ending, seen });
        }
    }
}

/// A stream that has failed before its answer, as it came.
fn whole(head: http::response::Parts, held: &VecDeque<Bytes>) -> Response<Bytes> {
    let mut told = Response::new(Bytes::from(held.iter().flatten().copied().collect::<Vec<u8>>()));
    *told.status_mut() = StatusCode::OK;
    *told.headers_mut() = head.headers;
    told
}

/// A request that found no answer.
pub(super) fn transport(error: &HttpError) -> Trouble {
    Trouble::Transport(match error {
        HttpError::Timeout { .. } => TransportTrouble::Timeout,
        HttpError::Broken { .. } | HttpError::TooLarge { .. } => TransportTrouble::Cut,
        HttpError::Connect { .. } | HttpError::Request | HttpError::SetUp(_) => TransportTrouble::Connect,
    })
}
