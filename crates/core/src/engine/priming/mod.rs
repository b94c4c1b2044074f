//! Weekly priming in the engine: what is known is gathered, `prime::plan` says what is next, and it is done.
//!
//! claimed in the ledger → a token, a model → noted as sent → the request, to the end of its answer → noted → judged by readings.

mod by_hand;
mod facts;
mod sending;
mod telling;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use super::background::{self, Ground, Leave};
use super::quota::Asked;
use super::tokens::{self, Bearer};
use super::{Engine, blocking, held};
use crate::failure::Failure;
use crate::model::background::Purpose;
use crate::model::event::Event;
use crate::model::news::News;
use crate::model::prime::{Hindrance, PrimeRecord};
use crate::model::profile::ProfileId;
use crate::model::quota::Minutes;
use crate::prime::models::Cheap;
use crate::prime::plan::Step;
use crate::prime::recognise::Sight;
use crate::quota::schedule::FLOOR;
pub use sending::PLACES;

/// What this process knows of weeks. The ledger in the state decides between processes.
#[derive(Debug, Default)]
pub(super) struct Priming {
    sights: Mutex<HashMap<ProfileId, Sight>>,
    /// When something was last tried, whatever came of it.
    tried: Mutex<HashMap<ProfileId, Timestamp>>,
    /// The models of each account, and when they were listed.
    models: Mutex<BTreeMap<ProfileId, (Timestamp, Vec<Cheap>)>>,
}

impl Engine {
    /// The profiles for which something is to be done, and when. Blocks.
    pub(super) fn next_primes(&self, ground: &Ground, now: Timestamp) -> Result<Vec<(ProfileId, Timestamp)>, Failure> {
        let steps = self.know(ground, |_| false, now)?.steps(now);
        Ok(steps.into_iter().filter_map(|(id, step)| Some((id, step.due(now)?))).collect())
    }

    /// Does whatever is next about a profile's week.
    pub(super) async fn prime_on(&self, id: &ProfileId) -> Result<(), Failure> {
        for _look_then_judge in 0..2 {
            match self.step(id).await? {
                Step::Nothing(_) | Step::Wait { .. } => return Ok(()),
                Step::Judge { anchor, resets_at } => return self.judge(id, anchor, resets_at).await,
                Step::Prime { anchor } => return self.start_week(id, anchor, Leave::Budget).await.map(drop),
                Step::Look { due } => {
                    self.look_at_week(id, FLOOR, Leave::Budget, due).await?;
                }
            }
            // One request at a time: the next one is another chore.
            if matches!(self.step(id).await?, Step::Prime { .. } | Step::Look { .. }) {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn step(&self, id: &ProfileId) -> Result<Step, Failure> {
        Ok(self.gather(None).await?.step(id, self.shared.ports.clock.now()))
    }

    async fn judge(&self, id: &ProfileId, anchor: Timestamp, resets_at: Option<Timestamp>) -> Result<(), Failure> {
        let (shared, profile) = (Arc::clone(&self.shared), id.clone());
        let judged = blocking(move || Ok(shared.state.judge_prime(&profile, anchor, resets_at, shared.ports.clock.now())?));
        if judged.await? && resets_at.is_some() {
            self.reached("prime-judged");
            // Who tells of it finds it in the ledger too, should this process end now or another one be the desktop's.
            self.announce(Event::News(News::Primed { profile: id.clone(), minutes: Minutes::WEEK, resets_at }));
        }
        Ok(())
    }

    /// Asks for one more reading; `None`: there is nothing to ask with, or no leave. A token is renewed only where the week is to be
    /// started, never to read alone.
    async fn look_at_week(&self, id: &ProfileId, floor: Duration, leave: Leave, due: bool) -> Result<Option<Asked>, Failure> {
        self.tried(id);
        let bearer = if due { self.bearer_for_week(id, leave).await? } else { self.living_bearer(id).await? };
        let Some(bearer) = bearer else { return Ok(None) };
        Ok(Some(self.look_at_usage(id, &bearer, floor, leave).await?))
    }

    /// A token for starting a week; it is renewed where that is needed, which is a request of its own.
    async fn bearer_for_week(&self, id: &ProfileId, leave: Leave) -> Result<Option<Bearer>, Failure> {
        let living = self.living_bearer(id).await?;
        if living.is_some() || !self.may_ask(id, background::ISSUER, Purpose::KeepAlive, leave).await? {
            return Ok(living);
        }
        self.access_token(id).await.map(Some)
    }

    /// A token that is good already.
    async fn living_bearer(&self, id: &ProfileId) -> Result<Option<Bearer>, Failure> {
        let (shared, profile) = (Arc::clone(&self.shared), id.clone());
        blocking(move || Ok(tokens::living(&shared, &shared.profiles.get(&profile)?, shared.ports.clock.now()))).await
    }

    fn tried(&self, id: &ProfileId) {
        held(&self.shared.priming.tried).insert(id.clone(), self.shared.ports.clock.now());
    }
}

/// The outcome of a try: the record, or why there was none.
type Started = Result<PrimeRecord, Hindrance>;
