//! Everything that is done in the background, by one loop: what is wished for is gathered, `chores::due` says what is done now.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::background::Ground;
use super::quota::{Asked, next_ask};
use super::tokens::next_keep_alive;
use super::{Engine, Shared, blocking};
use crate::chores::due::{self, Chore, Plan, Rules, Wish};
use crate::failure::Failure;
use crate::model::lifetime::later;
use crate::model::spending::Month;

/// Between two looks at logs and at what is due, unless something is due earlier.
const TICK: Duration = Duration::from_secs(30);
const SHORTEST_TICK: Duration = Duration::from_secs(1);
/// Waiting took so much longer by the clock than by the machine's own measure: it slept.
const SLEPT: SignedDuration = SignedDuration::from_secs(60);
/// What is kept for too long is looked for this often.
const THIN_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// A clock that was wrong by less loses no sum.
const MONTH: SignedDuration = SignedDuration::from_hours(31 * 24);
/// The fact that says when that was done last, in milliseconds since 1970.
const THINNED: &str = "last_thinned";

impl Engine {
    /// Does the chores until dropped: logins are kept alive, quota is kept up to date, weeks are started. Only a long-lived front end
    /// runs it.
    pub async fn tend(&self) {
        let mut wait = SHORTEST_TICK;
        loop {
            let (slept_from, measured_from) = (self.shared.ports.clock.now(), Instant::now());
            tokio::time::sleep(wait).await;
            let now = self.shared.ports.clock.now();
            if woke_up(now.duration_since(slept_from), measured_from.elapsed()) {
                self.begin_to_ask();
            }
            wait = match self.do_chores().await {
                Ok(next) => pause(next, self.shared.ports.clock.now()),
                Err(failure) => {
                    tracing::warn!(code = ?failure.code, %failure, "the chores could not be looked at");
                    TICK
                }
            };
        }
    }

    /// Does what is due now. When something is due next; `None`: nothing is, as things are.
    pub async fn do_chores(&self) -> Result<Option<Timestamp>, Failure> {
        self.write_back_again().await;
        self.look_at_local_quota().await?;
        let plan = self.plan_chores().await?;
        if plan.now.is_empty() {
            return Ok(plan.next);
        }
        for chore in plan.now {
            // One that fails keeps no other from being done.
            if let Err(failure) = self.do_chore(&chore).await {
                tracing::warn!(?chore, code = ?failure.code, %failure, "a chore was not done");
            }
        }
        self.save_quota().await?;
        let after = self.plan_chores().await?;
        Ok(if after.now.is_empty() { after.next } else { Some(self.shared.ports.clock.now()) })
    }

    async fn plan_chores(&self) -> Result<Plan, Failure> {
        let engine = self.clone();
        blocking(move || {
            let shared = &engine.shared;
            let now = shared.ports.clock.now();
            let ground = Ground::read(shared, now)?;
            let mut wishes: Vec<Wish> = vec![(Chore::Thin, thin_at(shared.state.fact(THINNED)?.as_deref(), now))];
            wishes.extend(next_keep_alive(shared, &ground, now).map(|(id, at)| (Chore::KeepAlive(id), at)));
            wishes.extend(next_ask(shared, &ground, now).map(|(id, at)| (Chore::Ask(id), at)));
            wishes.extend(engine.next_primes(&ground, now)?.into_iter().map(|(id, at)| (Chore::Prime(id), at)));
            let mut random = [0; 2];
            shared.ports.entropy.fill(&mut random);
            let rules = Rules {
                conservative: ground.settings.conservative,
                since: engine.asks_since(),
                last_request_at: shared.state.last_request_at()?,
                jitter: f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX),
            };
            Ok(due::due(wishes, rules, now))
        })
        .await
    }

    async fn do_chore(&self, chore: &Chore) -> Result<(), Failure> {
        match chore {
            Chore::Thin => {
                let shared = Arc::clone(&self.shared);
                return blocking(move || thin(&shared)).await;
            }
            Chore::KeepAlive(id) => self.keep_alive(id).await,
            Chore::Prime(id) => self.prime_on(id).await?,
            Chore::Ask(id) => {
                if let Asked::Nothing(error) = self.poll_usage(id).await? {
                    tracing::debug!(%error, "the usage endpoint told nothing");
                }
            }
        }
        Ok(())
    }
}

/// Drops what is kept for too long, or in too much detail for its age.
fn thin(shared: &Shared) -> Result<(), Failure> {
    let now = shared.ports.clock.now();
    shared.state.set_fact(THINNED, &now.as_millisecond().to_string())?;
    shared.state.thin_quota_history(now)?;
    shared.state.thin_requests(now)?;
    shared.state.thin_primes()?;
    shared.state.thin_activity(now)?;
    shared.state.thin_spending(Month::of(now.checked_sub(MONTH).unwrap_or(now)))?;
    Ok(())
}

/// When that is due. A last time in the future was noted before the clock was set back, and says nothing.
fn thin_at(last: Option<&str>, now: Timestamp) -> Timestamp {
    let last = last.and_then(|text| Timestamp::from_millisecond(text.parse().ok()?).ok());
    last.filter(|last| *last <= now).map_or(now, |last| later(last, THIN_EVERY))
}

/// How long to sleep until something is due. Logs are looked at all the while.
fn pause(next: Option<Timestamp>, now: Timestamp) -> Duration {
    next.map_or(TICK, |next| Duration::try_from(next.duration_since(now)).unwrap_or_default()).clamp(SHORTEST_TICK, TICK)
}

/// Whether the machine slept while a task did.
fn woke_up(by_clock: SignedDuration, measured: Duration) -> bool {
    by_clock.saturating_sub(SignedDuration::try_from(measured).unwrap_or(SignedDuration::MAX)) > SLEPT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_that_took_longer_by_the_clock_was_sleep() {
        for (by_clock, measured, slept) in
            [(30, 30, false), (90, 30, false), (91, 30, true), (-500, 30, false), (i64::MAX, 0, true), (i64::MIN, 30, false)]
        {
            assert_eq!(woke_up(SignedDuration::from_secs(by_clock), Duration::from_secs(measured)), slept, "{by_clock}");
        }
    }

    #[test]
    fn pauses_are_a_second_to_half_a_minute() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (next, seconds) in
            [(None, 30), (Some(at(0)), 1), (Some(at(100)), 1), (Some(at(120)), 20), (Some(at(900)), 30), (Some(Timestamp::MAX), 30)]
        {
            assert_eq!(pause(next, at(100)).as_secs(), seconds, "{next:?}");
        }
    }

    #[test]
    fn thinning_is_daily_and_a_clock_set_back_does_not_stop_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (last, due) in [(None, 1000), (Some("nonsense"), 1000), (Some("900000"), 900 + 86_400), (Some("9000000"), 1000)] {
            assert_eq!(thin_at(last, at(1000)), at(due), "{last:?}");
        }
    }
}
