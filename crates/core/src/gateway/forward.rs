//! One request's way: from profile to profile until one serves it. A request is sent again only while no byte of an answer has
//! gone back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;

use super::attempt::Begun;
pub use super::body::Body;
use super::detour::Detours;
pub use super::foreign::Foreign;
use super::heads;
use super::heard::Heard;
use super::house::House;
use super::intake::{Ask, Intake};
use super::patience::{Patience, Wait};
use super::relay::{Hears as _, Relay};
use super::rescue::{self, NoneLeft as Rescued};
use super::serve::Served;
use super::{usage, waiting, whole};
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::upstream::Upstream;
use crate::model::profile::ProfileId;
use crate::model::trouble::Trouble;
use crate::route::NoneLeft;
use crate::route::lease::{Desk, Lease};
use crate::route::walk::Question;

/// Between two looks at the desk.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// How far a request has come.
pub(super) enum Walked {
    /// It has its answer.
    Answered(Response<Body>),
    /// Nobody is left. When the first is back that was only asked too often comes along, and the provider's own fault, if it was one.
    Nobody(NoneLeft, Option<Timestamp>, Option<Box<Response<Bytes>>>),
    /// It begins anew then: who alone can serve it rests until then.
    Rests(Timestamp),
}

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
    /// Where numbers of chance come from: drawing each from the system would take longer than deciding does.
    pub chance: Arc<AtomicU64>,
}

impl Forward {
    /// Sends requests on, WebSockets included; nothing is remembered yet.
    pub fn new(house: Arc<dyn House>, upstream: Arc<dyn Upstream>, desk: Desk, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let (foreign, detours) = (Foreign::default(), Detours::default());
        let mut seed = [0; 8];
        entropy.fill(&mut seed);
        let chance = Arc::new(AtomicU64::new(u64::from_le_bytes(seed)));
        Self { house, upstream, desk, clock, entropy, foreign, detours, http_only: Arc::default(), chance }
    }

    /// Has a request served, or says why nobody serves it.
    pub async fn forward(&self, intake: Intake) -> Response<Body> {
        let patience = Patience::new(&intake, self.clock.now());
        loop {
            let (none, rested, told) = match self.walk(&intake, patience).await {
                Walked::Answered(response) => return response,
                Walked::Rests(until) => {
                    self.until(until).await;
                    continue;
                }
                Walked::Nobody(none, rested, told) => (none, rested, told),
            };
            match patience.with(&none, rested, self.waits_for_reset(), self.clock.now()) {
                Wait::Silently(until) => self.until(until).await,
                Wait::Telling(until) => {
                    self.house.changed(&intake.ask, Some(&none));
                    return waiting::answer(self.clone(), intake, patience, until);
                }
                Wait::Not => {
                    self.house.changed(&intake.ask, Some(&none));
                    return own(self.nobody(&none, told));
                }
            }
        }
    }

    /// Goes from profile to profile.
    pub(super) async fn walk(&self, intake: &Intake, patience: Patience) -> Walked {
        let question = match self.question(&intake.ask).await {
            Ok(question) => Arc::new(question),
            Err(answer) => return Walked::Answered(own(answer)),
        };
        let mut walk = self.desk.decide(Arc::clone(&question), self.clock.now(), self.random());
        let mut told = None;
        loop {
            let mut lease = match self.desk.next(&mut walk, self.clock.now()) {
                Ok(lease) => lease,
                Err(none) => return Walked::Nobody(none, self.first_rested(&question), told),
            };
            let profile = lease.chosen().profile.clone();
            let home = lease.instead_of().filter(|_| intake.is_bound()).cloned();
            if let Some(until) = home.as_ref().and_then(|home| self.back_soon(&question, home, patience)) {
                return Walked::Rests(until);
            }
            let failed = match self.serve(&lease, intake).await {
                Ok(served) => {
                    lease.serves(self.clock.now());
                    self.house.served(&profile, &intake.ask, lease.instead_of());
                    return Walked::Answered(self.answered(served, &profile, intake, lease));
                }
                Err(failed) => failed,
            };
            tracing::info!(profile = %profile.as_str(), trouble = failed.trouble.code(), "an attempt came to nothing");
            // Refusals tell of quota, too.
            if let Some(told) = &failed.told {
                self.house.heard(&profile, &intake.ask, told.headers());
            }
            let remedy = lease.fails(&failed.trouble, self.clock.now());
            self.house.changed(&intake.ask, None);
            if let (Trouble::EncryptedContentInvalid, Some(home)) = (&failed.trouble, &home) {
                return Walked::Answered(own(self.sealed_for(&question, home)));
            }
            if !remedy.next {
                let unreachable = || rescue::none_left(&Rescued::Unreachable, self.clock.now());
                let told = failed.told.map_or_else(unreachable, |told| *told);
                return Walked::Answered(own(if intake.wants_whole() { whole::refusal(told) } else { told }));
            }
            // Of what one account may not do, nothing is told.
            told = failed.told.filter(|told| told.status().is_server_error()).or(told);
        }
    }

    /// What is asked, in the words of routing; where that cannot be told, the answer.
    pub(super) async fn question(&self, ask: &Ask) -> Result<Question, Response<Bytes>> {
        self.house.question(ask).await.map_err(|failure| {
            tracing::error!(code = ?failure.code, %failure, "a request could not be placed");
            rescue::not_placed(&failure)
        })
    }

    fn answered(&self, served: Served, profile: &ProfileId, intake: &Intake, lease: Lease) -> Response<Body> {
        let Begun { head, held, rest, events, ending, seen } = match served {
            Served::Begun(begun) => begun,
            Served::Whole(mut response) => {
                self.house.heard(profile, &intake.ask, response.headers());
                if lease.is_paid()
                    && let Some(used) = usage::reported(response.body())
                {
                    self.house.spent(profile, used);
                }
                *response.headers_mut() = heads::backward(response.headers(), profile);
                return own(response);
            }
        };
        self.house.heard(profile, &intake.ask, &head.headers);
        let mut heard = Heard::new(self, Arc::clone(&intake.ask), lease);
        for event in &seen {
            heard.event(event);
        }
        let relay = match events {
            Some(events) => Relay::stream(held, rest, events, ending, heard),
            None => Relay::plain(rest, heard),
        };
        let mut response = Response::new(Body::Relayed(relay));
        *response.status_mut() = head.status;
        *response.headers_mut() = heads::backward(&head.headers, profile);
        response
    }

    /// Nobody is left. A fault of the provider is told as it told it; else what its accounts told stays here.
    pub(super) fn nobody(&self, none: &NoneLeft, told: Option<Box<Response<Bytes>>>) -> Response<Bytes> {
        match (none, told) {
            (NoneLeft::Failed, Some(told)) => *told,
            (none, _) => rescue::none_left(&Rescued::from(none), self.clock.now()),
        }
    }

    /// Whether requests wait for a reset where nobody has anything left.
    pub(super) fn waits_for_reset(&self) -> bool {
        self.desk.with(|router| router.roster.settings().wait_for_reset)
    }

    /// Sleeps until then.
    pub(super) async fn until(&self, until: Timestamp) {
        let pause = Duration::try_from(until.duration_since(self.clock.now())).unwrap_or_default();
        // A clock that goes differently from the system's must not make anyone busy.
        tokio::time::sleep(pause.max(LEAST_PAUSE)).await;
    }

    /// A number of chance for drawing lots, which mix it; no secret.
    pub(super) fn random(&self) -> u64 {
        self.chance.fetch_add(0xd134_2543_de82_ef95, Ordering::Relaxed)
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
    let mut response = response.map(Body::own);
    // Its body is whole now, and may be shorter than it was.
    for name in [http::header::CONTENT_LENGTH, http::header::TRANSFER_ENCODING, http::header::CONNECTION, http::header::SET_COOKIE] {
        response.headers_mut().remove(name);
    }
    // What one profile may not do is not the client's: it would take it for its own key.
    if matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::PAYMENT_REQUIRED) {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}
