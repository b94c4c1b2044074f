//! "Prime now": the user wants a week started at once. The ledger and the two readings hold for the user, too.

use std::time::Duration;

use crate::api::table::Reply;
use crate::base::progress::{Far, Underway, Work};
use crate::engine::Engine;
use crate::engine::background::Leave;
use crate::engine::quota::Asked;
use crate::failure::{Code, Failure};
use crate::model::prime::{Hindrance, PrimeByHand};
use crate::model::profile::ProfileId;
use crate::prime::plan::{self, ByHand, Step};
use crate::prime::recognise::APART;

/// Readings that are made for it at most.
const LOOKS: u8 = 2;

impl Engine {
    /// Starts a profile's week because the user says so. Refused where it runs, or where nobody can tell.
    pub(in crate::engine) async fn prime_now(&self, id: &ProfileId) -> Result<Reply, Failure> {
        for look in 0..=LOOKS {
            let known = self.gather(Some(id)).await?;
            if let Some(hindrance) = known.hindrance_for_user(id) {
                return Err(refused(hindrance));
            }
            let now = self.shared.ports.clock.now();
            if known.is_under_way(id, now) {
                return Err(refused(Hindrance::AlreadyPrimed));
            }
            // What became of an earlier request is settled first.
            if let Step::Judge { anchor, resets_at } = known.step(id, now) {
                self.judge(id, anchor, resets_at).await?;
            }
            match plan::by_hand(&known.sight(id), now) {
                ByHand::Start { anchor } => {
                    let record = self.start_week(id, anchor, Leave::User).await?.map_err(refused)?;
                    return Ok(Reply::Primed { record: Box::new(record) });
                }
                ByHand::Runs { until } => return Err(refused(Hindrance::Running { until })),
                ByHand::Look(_) if look == LOOKS => break,
                ByHand::Look(pause) => self.look_by_hand(id, pause).await?,
            }
        }
        Err(refused(Hindrance::Unclear { until: None }))
    }

    /// What "prime now" would come to, before anybody is asked; refused as it would be.
    pub(in crate::engine) async fn would_prime_now(&self, id: &ProfileId) -> Result<PrimeByHand, Failure> {
        let known = self.gather(Some(id)).await?;
        let now = self.shared.ports.clock.now();
        match known.would_by_hand(id, now) {
            PrimeByHand::Refused { why } => Err(refused(why)),
            _ if known.is_under_way(id, now) => Err(refused(Hindrance::AlreadyPrimed)),
            would => Ok(would),
        }
    }

    async fn look_by_hand(&self, id: &ProfileId, pause: Duration) -> Result<(), Failure> {
        if !pause.is_zero() {
            let ports = &self.shared.ports;
            let _underway = Underway::begin(&ports.progress, Work::SecondReading, Far::Until(ports.clock.now() + pause));
            tokio::time::sleep(pause).await;
        }
        // The user wants the week started, unless it runs: a token is needed for that.
        match self.look_at_week(id, APART, Leave::User, true).await? {
            Some(Asked::Told(_)) => Ok(()),
            Some(Asked::Nothing(error)) => {
                tracing::info!(%error, "the usage endpoint told nothing");
                Err(Failure::new(Code::Provider, "The provider does not tell whether the week has started, so nothing was sent.")
                    .hint("Try again in a few minutes."))
            }
            _ => Err(refused(Hindrance::Unclear { until: None })),
        }
    }
}

fn refused(hindrance: Hindrance) -> Failure {
    let failure = Failure::new(Code::NotPossibleNow, format!("Nothing was sent: {hindrance}."));
    match hindrance {
        Hindrance::AlreadyPrimed | Hindrance::GivenUp => failure.hint("`codex-lab prime --history` shows what was done."),
        Hindrance::Unclear { .. } => failure.hint("Try again in a minute: it takes two readings that are a minute apart."),
        Hindrance::NeedsSignIn => failure.hint("Sign in to it again first."),
        Hindrance::VaultLocked => failure.hint("Unlock the vault first."),
        Hindrance::Paused => failure.hint("Take it back into use first."),
        _ => failure.hint("`codex-lab prime` shows what would be done about every profile."),
    }
}
