//! The opening of a WebSocket: from profile to profile until the provider opens one, and only then for the client.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use tokio::sync::watch;

use super::super::attempt::{Failed, refused, transport};
use super::super::classify::Asked;
use super::super::forward::{Body, Forward, own};
use super::super::guard::Admitted;
use super::super::house::Pass;
use super::super::intake::{Ask, short};
use super::super::patience::{Patience, Wait};
use super::super::rescue::{self, NoneLeft as Rescued};
use super::super::serve::no_pass;
use super::super::server::{Answered, ConversationEnds};
use super::bridge::Bridge;
use super::handshake::{accept, accepted, onward};
use crate::base::upstream::{Duplex, Upgraded};
use crate::model::profile::ProfileId;
use crate::model::remedy::Again;
use crate::model::trouble::{TransportTrouble, Trouble};
use crate::route::NoneLeft;
use crate::route::walk::Before;

/// Codex gives an upgrade 15 s: the second profile is to have its try within that.
const PATIENCE: Duration = Duration::from_secs(7);
/// For the same reason longer pauses are not waited out here: the next profile opens.
const PAUSE: Duration = Duration::from_secs(1);

/// A client's request for a WebSocket.
#[derive(Debug, Clone)]
pub(super) struct Knock {
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) ask: Ask,
    /// The part of the session that this connection is for: each thread has its own (codex-runtime.md 2.1, 3).
    pub(super) thread: String,
}

/// A WebSocket of the provider.
pub(super) struct Opened {
    pub(super) line: Line,
    pub(super) head: HeaderMap,
    pub(super) stream: Box<dyn Duplex>,
}

/// Whose WebSocket it is.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) profile: ProfileId,
    pub(super) pass: Pass,
}

/// What came of asking for one.
pub(super) enum Opening {
    Opened(Opened),
    /// Nobody has one now, and it is worth waiting: turns do that.
    Later,
    Refused(Response<Bytes>),
}

/// Opens a WebSocket for a client, or says why there is none. What Codex makes of it decides how that is said (codex-runtime.md
/// 2.2): 429 and 400 end its turn with the reason; after 426 it goes on over HTTP at once; after anything else it tries for some
/// seconds, and then goes on over HTTP.
pub(in super::super) async fn answer(forward: &Forward, admitted: Admitted, headers: HeaderMap) -> Answered<Body> {
    let Some(accept) = accept(&headers).filter(|_| !forward.http_only.load(Ordering::Relaxed)) else {
        return Answered::With(own(rescue::no_socket()));
    };
    let ask = Ask { launch: admitted.launch, ..Ask::of_headers(&headers) };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).and_then(short);
    let thread = text("thread-id").or_else(|| text("x-client-request-id")).or_else(|| ask.session.clone());
    // Without a name it is known for as long as this connection is.
    let thread = thread.unwrap_or_else(|| format!("{:016x}", forward.random()));
    let knock = Knock { target: admitted.target, headers, ask, thread };
    let opened = match open(forward, &knock).await {
        Opening::Opened(opened) => Some(opened),
        Opening::Later => None,
        Opening::Refused(refusal) => return Answered::With(own(refusal)),
    };
    let Some(response) = accepted(&accept, opened.as_ref().map(|opened| (&opened.head, &opened.line.profile))) else {
        return Answered::With(own(rescue::none_left(&Rescued::Unreachable, forward.clock.now())));
    };
    let forward = forward.clone();
    let conversation = move |client: Box<dyn Duplex>, stop: watch::Receiver<bool>| -> ConversationEnds {
        Box::pin(async move { Bridge::new(forward, knock, client, opened, stop).await.run().await })
    };
    Answered::Switching(response.map(Body::own), Box::new(conversation))
}

/// Opens a WebSocket of the provider for a thread, from where its detour has come.
pub(super) async fn open(forward: &Forward, knock: &Knock) -> Opening {
    let Forward { house, desk, clock, detours, .. } = forward;
    let thread = knock.thread.as_str();
    let mut detour = detours.of(thread, clock.now());
    let ask = Ask { model: detour.model.clone().or_else(|| knock.ask.model.clone()), ..knock.ask.clone() };
    let before = Before { tried: &detour.tried, connected: None };
    let question = match forward.question(&ask).await {
        Ok(question) => question,
        Err(answer) => return Opening::Refused(answer),
    };
    let mut walk = desk.decide_after(question.clone(), before, clock.now(), forward.random());
    // Whether it was the way to the provider each time, and never the provider.
    let mut out_of_reach = true;
    loop {
        let lease = match desk.next(&mut walk, clock.now()) {
            Ok(lease) => lease,
            Err(none) => {
                let patience = Patience::of_turn(detour.began());
                if patience.with(&none, forward.first_rested(&question), forward.waits_for_reset(), clock.now()) != Wait::Not {
                    return Opening::Later;
                }
                house.changed(&ask, Some(&none));
                detours.over(thread);
                return Opening::Refused(nobody(forward, &none, out_of_reach));
            }
        };
        let profile = lease.chosen().profile.clone();
        let failed = match open_on(forward, knock, &profile).await {
            Ok(opened) => {
                house.heard(&profile, &ask, &opened.head);
                // The turns that come have leases of their own.
                return Opening::Opened(opened);
            }
            Err(failed) => failed,
        };
        tracing::info!(profile = %profile.as_str(), trouble = failed.trouble.code(), "a connection did not open");
        if let Some(told) = &failed.told {
            house.heard(&profile, &ask, told.headers());
        }
        let remedy = lease.fails(&failed.trouble, clock.now());
        house.changed(&ask, None);
        if !remedy.next {
            return Opening::Refused(match (&failed.trouble, failed.told) {
                // It may be that only WebSockets do not get through.
                (Trouble::NoWebSocket | Trouble::EdgeBlocked, _) => rescue::no_socket(),
                (_, Some(told)) => *told,
                (_, None) => rescue::none_left(&Rescued::Unreachable, clock.now()),
            });
        }
        out_of_reach &= failed.trouble == Trouble::Transport(TransportTrouble::Connect);
        // Should the client run out of patience, it goes on from here when it asks again.
        detour.tried(&profile);
        detours.keep(thread, detour.clone());
    }
}

/// Has one profile open it, with as many tries as its troubles allow.
async fn open_on(forward: &Forward, knock: &Knock, profile: &ProfileId) -> Result<Opened, Failed> {
    let mut pass = forward.house.pass(profile).await.map_err(|failure| no_pass(&failure))?;
    let (mut tries, mut renewed) = (0_u8, false);
    loop {
        let failed = match attempt(forward, knock, profile, &pass).await {
            Ok((head, stream)) => return Ok(Opened { line: Line { profile: profile.clone(), pass }, head, stream }),
            Err(failed) => failed,
        };
        let are_new = renewed || forward.detours.is_new(profile, &pass.token, forward.clock.now());
        let trouble = if are_new { failed.trouble.with_new_tokens() } else { failed.trouble };
        let failed = Failed { trouble, ..failed };
        match failed.trouble.remedy(None, forward.clock.now()).again {
            Again::After { times, pause } if tries < times && pause <= PAUSE => {
                tokio::time::sleep(forward.jittered(pause * 2_u32.saturating_pow(u32::from(tries)))).await;
                tries += 1;
            }
            Again::WithNewTokens if !renewed => {
                renewed = true;
                pass = forward.renewed(profile, &pass).await?;
            }
            _ => return Err(failed),
        }
    }
}

async fn attempt(forward: &Forward, knock: &Knock, profile: &ProfileId, pass: &Pass) -> Result<(HeaderMap, Box<dyn Duplex>), Failed> {
    let failed = |trouble| Failed { trouble, told: None };
    let mut random = [0; 16];
    forward.entropy.fill(&mut random);
    let asking = onward(&knock.target, &knock.headers, profile, pass, random).ok_or(failed(Trouble::RequestBad))?;
    let (request, expected) = asking.split();
    match tokio::time::timeout(PATIENCE, forward.upstream.upgrade(request)).await {
        Ok(Ok(Upgraded::Open(head, stream))) if expected.is_met_by(head.headers()) => Ok((head.into_parts().0.headers, stream)),
        Ok(Ok(Upgraded::Open(..))) => Err(failed(Trouble::Garbage)),
        Ok(Ok(Upgraded::Refused(answer))) => {
            let (head, rest) = answer.into_parts();
            Err(refused(Asked::Upgrade, head, rest, forward.clock.now()).await)
        }
        Ok(Err(error)) => Err(failed(transport(&error))),
        Err(_) => Err(failed(Trouble::Transport(TransportTrouble::Timeout))),
    }
}

/// Nobody is left. Where it was the provider each time, HTTP may still get through; where the network is away, Codex does well to
/// ask again for some seconds before it gives WebSockets up.
fn nobody(forward: &Forward, none: &NoneLeft, out_of_reach: bool) -> Response<Bytes> {
    match none {
        NoneLeft::Failed if !out_of_reach => rescue::no_socket(),
        none => rescue::none_left(&Rescued::from(none), forward.clock.now()),
    }
}
