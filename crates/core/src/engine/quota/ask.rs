//! Asking the usage endpoint: when the schedule says so, with a token that is good already, by one process at a time. Nothing is
//! renewed for it, and no answer changes what is known of a sign-in.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::chores::budget;
use crate::engine::background::{self, Ground, Leave};
use crate::engine::tokens::{self, Bearer};
use crate::engine::{Engine, Shared, blocking, held};
use crate::failure::Failure;
use crate::model::background::Purpose;
use crate::model::lifetime::later;
use crate::model::profile::{Profile, ProfileId, ProfileKind};
use crate::model::quota::{Changed, Percent, Quota};
use crate::quota::schedule::{self, Facts, Rules};
use crate::quota::usage::{self, UsageError};

/// What came of asking about a profile.
#[derive(Debug)]
pub enum Asked {
    /// The provider told, and this changed.
    Told(Changed),
    /// It was not time yet; then it is, or never as things are.
    NotNow(Option<Timestamp>),
    /// There is no token that is still good, and none is renewed for this.
    NoToken,
    /// The provider told nothing. The book and the profile's state stay as they are.
    Nothing(UsageError),
}

impl Engine {
    /// Asks the usage endpoint about a profile, if the schedule lets it now.
    pub async fn poll_usage(&self, id: &ProfileId) -> Result<Asked, Failure> {
        let (shared, profile) = (Arc::clone(&self.shared), id.clone());
        let now = self.shared.ports.clock.now();
        let due = blocking(move || Ok(next(&shared, &Ground::read(&shared, now)?, |other| *other == profile, now).map(|(_, at)| at)));
        match due.await? {
            Some(at) if at <= now => {}
            later => return Ok(Asked::NotNow(later)),
        }
        let (shared, profile) = (Arc::clone(&self.shared), id.clone());
        let bearer = blocking(move || claim(&shared, &profile, now)).await?;
        match bearer {
            Claim::Ours(bearer) => self.ask(id, &bearer).await,
            Claim::NoToken => Ok(Asked::NoToken),
            Claim::Others => Ok(Asked::NotNow(Some(later(now, schedule::FLOOR)))),
        }
    }

    /// Asks the usage endpoint about a profile's week, whatever the schedule says, but not within `floor` of the last question. `bearer`
    /// is a token that is good already.
    pub(in crate::engine) async fn look_at_usage(
        &self,
        id: &ProfileId,
        bearer: &Bearer,
        floor: Duration,
        leave: Leave,
    ) -> Result<Asked, Failure> {
        let (shared, profile) = (Arc::clone(&self.shared), id.clone());
        let now = self.shared.ports.clock.now();
        let ours = blocking(move || {
            Ok(shared.state.claim_quota_ask(&profile, floor, now)?
                && background::claim(&shared, &profile, background::BACKEND, Purpose::PrimeLook, leave)?)
        });
        if ours.await? { self.ask(id, bearer).await } else { Ok(Asked::NotNow(Some(later(now, floor)))) }
    }

    /// Takes what other processes of ours and Codex's session logs say since the last look.
    pub(in crate::engine) async fn look_at_local_quota(&self) -> Result<(), Failure> {
        self.hear_quota().await?;
        self.follow_session_logs().await.map(drop)
    }

    /// Takes what other processes of ours have noted of quota since. Nobody is asked.
    pub async fn hear_quota(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            shared.quotas.take_later(shared.state.quota()?);
            Ok(())
        })
        .await
    }

    async fn ask(&self, id: &ProfileId, bearer: &Bearer) -> Result<Asked, Failure> {
        let account = bearer.account_id.as_deref();
        let answered = match usage::request(&bearer.token, account) {
            Ok(question) => match self.shared.ports.http.send(question).await {
                Ok(answer) => usage::read(&answer, account, self.shared.ports.clock.now()),
                Err(error) => Err(UsageError::NoAnswer(error)),
            },
            Err(error) => Err(error),
        };
        let now = self.shared.ports.clock.now();
        let pause_until = answered.as_ref().err().and_then(UsageError::pause).map(|pause| later(now, pause));
        let (shared, profile, told) = (Arc::clone(&self.shared), id.clone(), answered.is_ok());
        blocking(move || Ok(shared.state.note_quota_answer(&profile, told, pause_until)?)).await?;
        match answered {
            Ok(seen) => Ok(Asked::Told(self.observe(id, &seen))),
            Err(error) => Ok(Asked::Nothing(error)),
        }
    }
}

enum Claim {
    Ours(Bearer),
    NoToken,
    Others,
}

/// The right to ask now, and the token to ask with.
fn claim(shared: &Shared, id: &ProfileId, now: Timestamp) -> Result<Claim, Failure> {
    let profile = shared.profiles.get(id)?;
    let stamp = shared.profiles.login_stamp(&profile);
    let Some(bearer) = tokens::living(shared, &profile, now) else {
        held(&shared.quotas.asking).tokenless.insert(id.clone(), (stamp, now));
        return Ok(Claim::NoToken);
    };
    let ours = shared.state.claim_quota_ask(id, schedule::FLOOR, now)?
        && background::claim(shared, id, background::BACKEND, Purpose::Quota, Leave::Budget)?;
    Ok(if ours { Claim::Ours(bearer) } else { Claim::Others })
}

/// About whom to ask next, and when.
pub(in crate::engine) fn next_ask(shared: &Shared, ground: &Ground, now: Timestamp) -> Option<(ProfileId, Timestamp)> {
    next(shared, ground, |_| true, now)
}

fn next(shared: &Shared, ground: &Ground, of: impl Fn(&ProfileId) -> bool, now: Timestamp) -> Option<(ProfileId, Timestamp)> {
    let last_asked_at = ground.asks.values().map(|asked| asked.at).filter(|at| *at <= later(now, schedule::SPACING)).max();
    let rules = Rules { conservative: ground.settings.conservative, last_asked_at };
    let profiles = ground.profiles.iter().filter(|profile| of(&profile.id));
    let facts = profiles.map(|profile| (&profile.id, facts(shared, ground, profile, now)));
    schedule::next(facts, rules, now).map(|(id, at)| (id.clone(), at))
}

fn facts(shared: &Shared, ground: &Ground, profile: &Profile, now: Timestamp) -> Facts {
    let quotas = &shared.quotas;
    let traffic_at = held(&quotas.traffic).get(&profile.id).copied();
    let asked = ground.asks.get(&profile.id);
    let asked_at = asked.map(|asked| asked.at);
    let book = quotas.book(&profile.id);
    let usable = profile.kind == ProfileKind::Chatgpt && !profile.needs_sign_in && !profile.paused;
    let asking = held(&quotas.asking);
    // A new login is looked at at once; one in a vault that was locked, after a while.
    let tokenless = || {
        let seen = asking.tokenless.get(&profile.id).filter(|(_, at)| *at <= now && now < later(*at, schedule::FLOOR));
        seen.is_some_and(|(stamp, _)| *stamp == shared.profiles.login_stamp(profile))
    };
    Facts {
        askable: usable && !tokenless(),
        asked_at,
        failures: asked.map_or(0, |asked| asked.failures),
        pause_until: asked.and_then(|asked| asked.pause_until),
        traffic_at,
        lowest: book.all_windows().map(|(_, window)| window.left_percent(now)).min(),
        reset_at: next_reset(&book, asked_at.max(traffic_at)),
        since: asking.since,
        pace: budget::pace(ground.settings.background_budget),
        free_at: ground.free_at(&profile.id, Purpose::Quota, 1),
        jitter: tokens::spread(&profile.id),
    }
}

/// The reset that is worth a look soon after it: the first since a time, of a window that is in use.
fn next_reset(book: &Quota, since: Option<Timestamp>) -> Option<Timestamp> {
    let used = book.all_windows().filter(|(_, window)| window.used_percent > Percent::NONE);
    used.filter_map(|(_, window)| window.resets_at).filter(|at| since.is_none_or(|since| *at > since)).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::quota::{Family, FamilyReading, Minutes, Observation, QuotaSource, WindowReading};

    #[test]
    fn the_next_reset_is_one_of_a_window_in_use_that_nobody_has_looked_at_since() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut book = Quota::default();
        let mut seen = Observation::new(at(100), QuotaSource::Usage);
        for (name, used, resets_at) in [("old", 50, 200), ("codex", 1, 400), ("later", 100, 500), ("unused", 0, 300)] {
            let window = WindowReading { minutes: Minutes::WEEK, used_percent: Percent::whole(used), resets_at: Some(at(resets_at)) };
            seen.add(Family::parse(name).unwrap(), FamilyReading { windows: vec![window], ..FamilyReading::default() });
        }
        book.take(&seen);
        for (since, reset) in [(None, Some(200)), (Some(199), Some(200)), (Some(200), Some(400)), (Some(450), Some(500)), (Some(500), None)]
        {
            assert_eq!(next_reset(&book, since.map(at)), reset.map(at), "{since:?}");
        }
    }
}
