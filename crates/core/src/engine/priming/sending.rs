//! Starting one week: the claim, the model, the request to the end of its answer, and what is noted on the way.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http_body_util::BodyExt as _;
use serde_json::Value;

use super::{Engine, Started};
use crate::base::https::HttpError;
use crate::base::upstream::Streamed;
use crate::engine::background::{self, Leave};
use crate::engine::tokens::Bearer;
use crate::engine::{blocking, held};
use crate::failure::Failure;
use crate::gateway::sse::{Events, Weight, weight};
use crate::model::background::Purpose;
use crate::model::lifetime::later;
use crate::model::prime::{Hindrance, PrimeTrouble};
use crate::model::profile::ProfileId;
use crate::prime::models::{self, Cheap};
use crate::prime::request;
use crate::store::primes::{PrimeClaim, PrimeEnd};
use jiff::Timestamp;

/// Where tests end the process, in the order of what is done. `prime-sent` is noted and not yet sent; `prime-judged` is reached by a
/// later look.
pub const PLACES: [&str; 8] =
    ["prime-wanted", "prime-claimed", "prime-sent", "prime-asked", "prime-answering", "prime-answered", "prime-noted", "prime-judged"];
/// An answer of two letters takes seconds.
const LONGEST: Duration = Duration::from_secs(3 * 60);
/// An answer that is larger is not read to its end.
const SIZE_LIMIT: usize = 4 << 20;
/// A list of models is good for this long.
const LIST_HOLDS: Duration = Duration::from_secs(24 * 60 * 60);

impl Engine {
    /// Starts the week named by `anchor`, if the ledger lets this process. What the ledger says of it afterwards.
    pub(super) async fn start_week(&self, id: &ProfileId, anchor: Timestamp, leave: Leave) -> Result<Started, Failure> {
        self.tried(id);
        self.reached("prime-wanted");
        let (shared, profile) = (Arc::clone(&self.shared), id.clone());
        let by_user = leave == Leave::User;
        let claimed = blocking(move || Ok(shared.state.claim_prime(&profile, anchor, by_user, shared.ports.clock.now())?)).await?;
        let claim = match claimed {
            Ok(claim) => claim,
            Err(hindrance) => return Ok(Err(hindrance)),
        };
        self.reached("prime-claimed");
        match self.try_week(&claim, leave).await? {
            Some(end) => {
                self.reached("prime-answered");
                let (shared, claim) = (Arc::clone(&self.shared), claim.clone());
                blocking(move || Ok(shared.state.note_prime_end(&claim, &end, shared.ports.clock.now())?)).await?;
                self.reached("prime-noted");
            }
            // Another process has it now, or the budget is used up: nothing was sent.
            None => return Ok(Err(Hindrance::AlreadyPrimed)),
        }
        let (shared, claim) = (Arc::clone(&self.shared), claim);
        let record = blocking(move || Ok(shared.state.prime_near(&claim.profile, Some(claim.anchor))?)).await?;
        Ok(record.ok_or(Hindrance::AlreadyPrimed))
    }

    /// How the try ended; `None`: nothing was sent, and nothing is to be noted.
    async fn try_week(&self, claim: &PrimeClaim, leave: Leave) -> Result<Option<PrimeEnd>, Failure> {
        let id = &claim.profile;
        let ended = |trouble| Ok(Some(PrimeEnd { trouble: Some(trouble), ..PrimeEnd::default() }));
        let Ok(Some(bearer)) = self.bearer_for_week(id, leave).await else { return ended(PrimeTrouble::NoToken) };
        let models = self.models(id, &bearer, leave).await?;
        let refused =
            claim.before.as_ref().filter(|(trouble, _)| *trouble == PrimeTrouble::Refused).and_then(|(_, model)| model.as_deref());
        let Some(cheap) = models::choose(&models, refused) else { return ended(PrimeTrouble::NoModel) };
        let Some(question) = request::question(cheap, &bearer.token, bearer.account_id.as_deref()) else {
            return ended(PrimeTrouble::NoToken);
        };
        if !self.may_ask(id, background::BACKEND, Purpose::Prime, leave).await? {
            return Ok(None);
        }
        let (shared, claim, model) = (Arc::clone(&self.shared), claim.clone(), cheap.model.clone());
        if !blocking(move || Ok(shared.state.note_prime_sent(&claim, &model, shared.ports.clock.now())?)).await? {
            return Ok(None);
        }
        self.reached("prime-sent");
        let asked = async {
            match self.shared.ports.upstream.send(question).await {
                Ok(answer) if answer.status() == StatusCode::OK => {
                    self.reached("prime-asked");
                    drained(answer.into_body(), || self.reached("prime-answering")).await
                }
                Ok(answer) => Err(of_status(answer.status())),
                Err(HttpError::Connect { .. } | HttpError::Request | HttpError::SetUp(_)) => Err(PrimeTrouble::Unreachable),
                Err(_) => Err(PrimeTrouble::BrokeOff),
            }
        };
        let end = tokio::time::timeout(LONGEST, asked).await.unwrap_or(Err(PrimeTrouble::BrokeOff));
        Ok(Some(end.unwrap_or_else(|trouble| PrimeEnd { trouble: Some(trouble), ..PrimeEnd::default() })))
    }

    /// The models of an account, the cheapest first; none where they are not to be had.
    async fn models(&self, id: &ProfileId, bearer: &Bearer, leave: Leave) -> Result<Vec<Cheap>, Failure> {
        let now = self.shared.ports.clock.now();
        let known = held(&self.shared.priming.models).get(id).filter(|(at, _)| *at <= now && now < later(*at, LIST_HOLDS)).cloned();
        if let Some((_, models)) = known {
            return Ok(models);
        }
        let Some(question) = request::list(&bearer.token, bearer.account_id.as_deref()) else { return Ok(Vec::new()) };
        if !self.may_ask(id, background::BACKEND, Purpose::Models, leave).await? {
            return Ok(Vec::new());
        }
        let answer = self.shared.ports.http.send(question).await;
        let models = answer.ok().filter(|answer| answer.status() == StatusCode::OK).map(|answer| models::cheapest_first(answer.body()));
        let models = models.unwrap_or_default();
        if !models.is_empty() {
            held(&self.shared.priming.models).insert(id.clone(), (now, models.clone()));
        }
        Ok(models)
    }

    pub(super) fn reached(&self, place: &'static str) {
        self.shared.ports.checkpoint.reached(place);
    }
}

/// Reads an answer to its end: one that is given up earlier does not start the week (codex-runtime.md 7). `begun` is told of its first
/// piece.
async fn drained(mut body: Streamed, begun: impl FnOnce()) -> Result<PrimeEnd, PrimeTrouble> {
    let mut begun = Some(begun);
    let (mut events, mut size) = (Events::default(), 0_usize);
    loop {
        let Some(Ok(frame)) = body.frame().await else { return Err(PrimeTrouble::BrokeOff) };
        if let Some(begun) = begun.take() {
            begun();
        }
        let piece = frame.into_data().unwrap_or_default();
        size = size.saturating_add(piece.len());
        if size > SIZE_LIMIT {
            return Err(PrimeTrouble::BrokeOff);
        }
        for event in events.take(&piece) {
            match weight(&event.kind) {
                Weight::End => {
                    let told: Value = serde_json::from_slice(&event.json).unwrap_or_default();
                    let tokens = |key: &str| told["response"]["usage"][key].as_u64().and_then(|count| u32::try_from(count).ok());
                    return Ok(PrimeEnd { trouble: None, input_tokens: tokens("input_tokens"), output_tokens: tokens("output_tokens") });
                }
                // What the turn had done by then, nobody can tell.
                Weight::Failure => return Err(PrimeTrouble::ServerTrouble),
                Weight::Preamble | Weight::Answer => {}
            }
        }
    }
}

fn of_status(status: StatusCode) -> PrimeTrouble {
    match status {
        StatusCode::TOO_MANY_REQUESTS => PrimeTrouble::LimitReached,
        StatusCode::UNAUTHORIZED | StatusCode::PAYMENT_REQUIRED | StatusCode::FORBIDDEN => PrimeTrouble::NotAllowed,
        status if status.is_client_error() => PrimeTrouble::Refused,
        status if status.is_server_error() => PrimeTrouble::ServerTrouble,
        _ => PrimeTrouble::BrokeOff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: String) -> Streamed {
        http_body_util::Full::from(text).map_err(|never| match never {}).boxed_unsync()
    }

    #[tokio::test]
    async fn an_answer_is_read_to_its_end() {
        let ended = |input, output| Ok(PrimeEnd { trouble: None, input_tokens: input, output_tokens: output });
        for (text, expected) in [
            (
                "data: {\"type\":\"response.created\"}\n\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":9,\"output_tokens\":2}}}\n\n",
                ended(Some(9), Some(2)),
            ),
            ("data: {\"type\":\"response.completed\"}\n\n", ended(None, None)),
            ("data: {\"type\":\"response.created\"}\n\n", Err(PrimeTrouble::BrokeOff)),
            ("<html>", Err(PrimeTrouble::BrokeOff)),
            ("", Err(PrimeTrouble::BrokeOff)),
            ("data: {\"type\":\"response.failed\"}\n\n", Err(PrimeTrouble::ServerTrouble)),
        ] {
            assert_eq!(drained(sent(text.to_owned()), || {}).await, expected, "{text}");
        }
        let endless = "data: {\"type\":\"response.output_text.delta\"}\n\n".repeat(SIZE_LIMIT / 40);
        assert_eq!(drained(sent(endless), || {}).await, Err(PrimeTrouble::BrokeOff));
    }

    #[test]
    fn a_status_says_what_went_wrong() {
        for (status, trouble) in [
            (400, PrimeTrouble::Refused),
            (404, PrimeTrouble::Refused),
            (401, PrimeTrouble::NotAllowed),
            (402, PrimeTrouble::NotAllowed),
            (403, PrimeTrouble::NotAllowed),
            (429, PrimeTrouble::LimitReached),
            (503, PrimeTrouble::ServerTrouble),
            (204, PrimeTrouble::BrokeOff),
            (302, PrimeTrouble::BrokeOff),
        ] {
            assert_eq!(of_status(StatusCode::from_u16(status).unwrap()), trouble, "{status}");
        }
    }
}
