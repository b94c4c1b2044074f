//! One request's way: from profile to profile until one serves it. A request is sent again only while no byte of an answer has
//! gone back.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::{Either, Full};

use super::attempt::{Begun, Failed, attempt};
use super::detour::Detours;
pub use super::foreign::Foreign;
use super::guard::Kind;
use super::heads;
use super::heard::Heard;
use super::house::{House, Pass};
use super::intake::{Ask, Intake};
use super::relay::{Hears as _, Relay};
use super::rescue::{self, NoneLeft as Rescued};
use super::strip::{self, Stripped};
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::upstream::Upstream;
use crate::failure::{Code, Failure};
use crate::model::profile::ProfileId;
use crate::model::remedy::Again;
use crate::model::trouble::{LoginRefusal, TransportTrouble, Trouble};
use crate::route::NoneLeft;
use crate::route::lease::{Desk, Lease};
use crate::route::walk::Question;

/// The body of an answer: our own, or one that is relayed.
pub type Body = Either<Full<Bytes>, Relay<Heard>>;

/// Sends requests on.
#[derive(Debug, Clone)]
pub struct Forward {
    /// The engine.
    pub house: Arc<dyn House>,
    /// The way out.
    pub upstream: Arc<dyn Upstream>,
    /// Who serves.
    pub desk: Desk,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// What another account has sealed, by session.
    pub foreign: Foreign,
    /// Turns on their way from one connection to the next.
    pub detours: Detours,
    /// Whether there are no WebSockets; it may change at any time.
    pub http_only: Arc<AtomicBool>,
}

impl Forward {
    /// Sends requests on, WebSockets included; nothing is remembered yet.
    pub fn new(house: Arc<dyn House>, upstream: Arc<dyn Upstream>, desk: Desk, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let (foreign, detours) = (Foreign::default(), Detours::default());
        Self { house, upstream, desk, clock, entropy, foreign, detours, http_only: Arc::default() }
    }

    /// Has a request served, or says why nobody serves it.
    pub async fn forward(&self, intake: Intake) -> Response<Body> {
        let question = match self.question(&intake.ask).await {
            Ok(question) => question,
            Err(answer) => return own(answer),
        };
        let mut walk = self.desk.decide(question, self.clock.now(), self.random());
        let mut told = None;
        loop {
            let mut lease = match self.desk.next(&mut walk, self.clock.now()) {
                Ok(lease) => lease,
                Err(none) => {
                    self.house.changed(&intake.ask, Some(&none));
                    return self.nobody(&none, told);
                }
            };
            let profile = lease.chosen().profile.clone();
            match self.serve(&profile, &intake).await {
                Ok(begun) => {
                    lease.serves(self.clock.now());
                    self.house.served(&profile, &intake.ask, lease.instead_of());
                    return self.relayed(begun, &profile, &intake, lease);
                }
                Err(failed) => {
                    tracing::info!(profile = %profile.as_str(), trouble = failed.trouble.code(), "an attempt came to nothing");
                    // Refusals tell of quota, too.
                    if let Some(told) = &failed.told {
                        self.house.heard(&profile, &intake.ask, told.headers());
                    }
                    let remedy = lease.fails(&failed.trouble, self.clock.now());
                    self.house.changed(&intake.ask, None);
                    if !remedy.next {
                        return failed
                            .told
                            .map_or_else(|| own(rescue::none_left(&Rescued::Unreachable, self.clock.now())), |told| own(*told));
                    }
                    // Of what one account may not do, nothing is told.
                    told = failed.told.filter(|told| told.status().is_server_error()).or(told);
                }
            }
        }
    }

    /// What is asked, in the words of routing; where that cannot be told, the answer.
    pub(super) async fn question(&self, ask: &Ask) -> Result<Question, Response<Bytes>> {
        self.house.question(ask).await.map_err(|failure| {
            tracing::error!(code = ?failure.code, %failure, "a request could not be placed");
            rescue::not_placed(&failure)
        })
    }

    /// Has one profile serve it, with as many tries as its troubles allow.
    async fn serve(&self, profile: &ProfileId, intake: &Intake) -> Result<Begun, Failed> {
        let mut pass = self.house.pass(profile).await.map_err(|failure| no_pass(&failure))?;
        let mut body = self.body(intake)?;
        let (mut tries, mut renewed, mut stripped) = (0_u8, false, false);
        loop {
            let failed = match attempt(&*self.upstream, intake, body.as_ref(), profile, &pass, self.clock.now()).await {
                Ok(begun) => return Ok(begun),
                Err(failed) => failed,
            };
            let trouble = if renewed { failed.trouble.clone().with_new_tokens() } else { failed.trouble.clone() };
            let failed = Failed { trouble, ..failed };
            match failed.trouble.remedy(None, self.clock.now()).again {
                Again::After { times, pause } if tries < times => {
                    tokio::time::sleep(self.jittered(pause * 2_u32.saturating_pow(u32::from(tries)))).await;
                    tries += 1;
                }
                Again::WithNewTokens if !renewed => {
                    renewed = true;
                    pass = self.renewed(profile, &pass).await?;
                }
                Again::WithoutEncrypted if !stripped => {
                    stripped = true;
                    let Some(without) = self.without_sealed(intake, body.as_ref()) else { return Err(failed) };
                    body = Some(without);
                }
                _ => return Err(failed),
            }
        }
    }

    /// Other tokens than these, which were refused.
    pub(super) async fn renewed(&self, profile: &ProfileId, refused: &Pass) -> Result<Pass, Failed> {
        let pass = self.house.renewed(profile, refused).await.map_err(|failure| no_pass(&failure))?;
        self.detours.renewed(profile, &pass.token, self.clock.now());
        Ok(pass)
    }

    /// The body that goes out, where it is not the one that came.
    fn body(&self, intake: &Intake) -> Result<Option<Bytes>, Failed> {
        if intake.admitted.kind != Kind::Turn {
            return Ok(None);
        }
        let bad = || Failed { trouble: Trouble::RequestBad, told: None };
        let marks = intake.ask.session.as_deref().and_then(|session| self.foreign.of(session));
        if intake.ask.is_codex && marks.is_none() {
            return Ok(None);
        }
        let plain = intake.plain().map_err(|_| bad())?;
        let fitted = if intake.ask.is_codex { plain.into_owned() } else { strip::fitted(&plain).ok_or_else(bad)? };
        Ok(Some(match marks.map(|marks| strip::strip(&fitted, Some(&marks))) {
            Some(Stripped::Without(without, _)) => without.into(),
            _ => fitted.into(),
        }))
    }

    /// The body without what another account has sealed, which is remembered for the session.
    fn without_sealed(&self, intake: &Intake, body: Option<&Bytes>) -> Option<Bytes> {
        let plain = match body {
            Some(body) => body.to_vec(),
            None => intake.plain().ok()?.into_owned(),
        };
        match strip::strip(&plain, None) {
            Stripped::Without(without, marks) => {
                if let Some(session) = &intake.ask.session {
                    self.foreign.remember(session, marks.into_iter().collect());
                }
                Some(without.into())
            }
            Stripped::Nothing | Stripped::Bound => None,
        }
    }

    fn relayed(&self, begun: Begun, profile: &ProfileId, intake: &Intake, lease: Lease) -> Response<Body> {
        let Begun { head, held, rest, events, ending, seen } = begun;
        self.house.heard(profile, &intake.ask, &head.headers);
        let mut heard = Heard::new(self, intake.ask.clone(), lease);
        for event in &seen {
            heard.event(event);
        }
        let relay = match events {
            Some(events) => Relay::stream(held, rest, events, ending, heard),
            None => Relay::plain(rest, heard),
        };
        let mut response = Response::new(Either::Right(relay));
        *response.status_mut() = head.status;
        *response.headers_mut() = heads::backward(&head.headers, profile);
        response
    }

    /// Nobody is left. A fault of the provider is told as it told it; else what its accounts told stays here.
    fn nobody(&self, none: &NoneLeft, told: Option<Box<Response<Bytes>>>) -> Response<Body> {
        let now = self.clock.now();
        own(match (none, told) {
            (NoneLeft::Failed, Some(told)) => *told,
            (none, _) => rescue::none_left(&Rescued::from(none), now),
        })
    }

    /// A number of chance.
    pub(super) fn random(&self) -> u64 {
        let mut random = [0; 8];
        self.entropy.fill(&mut random);
        u64::from_le_bytes(random)
    }

    /// A pause that many clients do not take alike.
    pub(super) fn jittered(&self, pause: Duration) -> Duration {
        let mut byte = [0];
        self.entropy.fill(&mut byte);
        // Between three and five quarters of it.
        pause * (384 + u32::from(byte[0])) / 512
    }
}

/// An answer of our own, or one that was read whole.
pub(super) fn own(response: Response<Bytes>) -> Response<Body> {
    let status = response.status();
    let mut response = response.map(|body| Either::Left(Full::new(body)));
    // Its body is whole now, and may be shorter than it was.
    for name in [http::header::CONTENT_LENGTH, http::header::TRANSFER_ENCODING, http::header::CONNECTION, http::header::SET_COOKIE] {
        response.headers_mut().remove(name);
    }
    debug_assert_ne!(status, StatusCode::UNAUTHORIZED, "a profile's refusal is not the client's");
    response
}

/// A profile without tokens, as routing sees it.
pub(super) fn no_pass(failure: &Failure) -> Failed {
    let trouble = match failure.code {
        Code::NeedsSignIn => Trouble::LoginRefused(LoginRefusal::ForGood),
        Code::Network => Trouble::Transport(TransportTrouble::Connect),
        _ => Trouble::LoginRefused(LoginRefusal::StillRefused),
    };
    Failed { trouble, told: None }
}
