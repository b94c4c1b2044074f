//! Keeping idle logins alive: one at a time, spaced, with jitter, never one that another tool owns. The user may turn it off.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{Want, lane};
use crate::engine::{Engine, Shared, blocking};
use crate::failure::Failure;
use crate::model::auth_document::{AuthDocument, Credential};
use crate::model::lifetime::later;
use crate::model::profile::{Profile, ProfileId};
use crate::store::rotation::{LoginStamp, refresh_token};
use crate::store::settings;

/// Between two looks at what is due, before jitter. One login is renewed per look, so this spaces them too.
const TICK: Duration = Duration::from_secs(30);
/// Two processes that both keep logins alive stay this far apart.
const SPACING: Duration = Duration::from_secs(20);
/// An access token is renewed this long before it ends, and up to as much again by jitter: before Codex would do it.
const BEFORE_END: SignedDuration = SignedDuration::from_mins(10);
/// A login that nobody has renewed for this long is renewed even if its access token lasts longer, less up to a day of jitter.
const IDLE_LIMIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const IDLE_JITTER: SignedDuration = SignedDuration::from_hours(24);
/// The fact that says when the last login was renewed in the background, in milliseconds since 1970.
const LAST: &str = "last_kept_alive";

/// When a login wants to be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Term {
    ends_at: Timestamp,
    last_refresh: Option<Timestamp>,
}

/// What was read of each login, as long as its file stays the same.
type Known = HashMap<ProfileId, (LoginStamp, Option<Term>)>;

impl Engine {
    /// Keeps logins alive and quota up to date until dropped. Only a long-lived front end runs it.
    pub async fn tend(&self) {
        tokio::join!(self.tend_logins(), self.tend_quota());
    }

    async fn tend_logins(&self) {
        let mut known = Known::new();
        loop {
            tokio::time::sleep(lane::jittered(&*self.shared.ports.entropy, TICK)).await;
            self.write_back_again().await;
            match self.due(std::mem::take(&mut known)).await {
                Ok((found, due)) => {
                    known = found;
                    if let Some(id) = due {
                        self.keep_alive(&id).await;
                    }
                }
                Err(failure) => tracing::warn!(code = ?failure.code, %failure, "looking for logins to keep alive failed"),
            }
        }
    }

    async fn due(&self, mut known: Known) -> Result<(Known, Option<ProfileId>), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let now = shared.ports.clock.now();
            // Settings that cannot be read are no leave to contact anyone.
            if !settings::read(&shared.home)?.keep_alive || !spaced(now, shared.state.fact(LAST)?.as_deref()) {
                return Ok((known, None));
            }
            let profiles = shared.profiles.list()?;
            known.retain(|id, _| profiles.iter().any(|profile| profile.id == *id));
            for profile in profiles.iter().filter(|profile| is_ours_to_keep(profile)) {
                let stamp = shared.profiles.login_stamp(profile);
                if known.get(&profile.id).is_none_or(|(seen, _)| *seen != stamp) {
                    // A vault that is not open is no reason to remember anything.
                    match shared.profiles.login_of(profile) {
                        Ok(login) => drop(known.insert(profile.id.clone(), (stamp, term(&login)))),
                        Err(_) => drop(known.remove(&profile.id)),
                    }
                }
            }
            let resting = |id: &ProfileId| shared.tokens.rests.until(id, now).is_some();
            let candidates = profiles.iter().filter(|profile| is_ours_to_keep(profile) && !resting(&profile.id));
            let terms = candidates.filter_map(|profile| Some((&profile.id, (known.get(&profile.id)?.1)?)));
            let due = most_urgent(now, terms).cloned();
            Ok((known, due))
        })
        .await
    }

    async fn keep_alive(&self, id: &ProfileId) {
        let renewed = async {
            let seen = self.stored_refresh_token(id).await?;
            self.note_last().await?;
            self.fly(id, Want::Renewed(seen)).await.map(drop)
        };
        if let Err(failure) = renewed.await {
            tracing::warn!(code = ?failure.code, %failure, "a login could not be kept alive");
        }
        if let Err(failure) = self.publish().await {
            tracing::warn!(%failure, "looking again failed");
        }
    }

    async fn note_last(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(shared.state.set_fact(LAST, &shared.ports.clock.now().as_millisecond().to_string())?)).await
    }

    /// What could not be written into the live login when it was renewed.
    async fn write_back_again(&self) {
        let shared = Arc::clone(&self.shared);
        let waiting = shared.tokens.unwritten();
        if waiting.is_empty() {
            return;
        }
        let result = blocking(move || {
            for id in waiting {
                write_back(&shared, &id)?;
                shared.tokens.written(&id);
            }
            Ok(())
        });
        if let Err(failure) = result.await {
            tracing::warn!(code = ?failure.code, %failure, "a renewed login could not be written into the live one yet");
        }
    }
}

fn write_back(shared: &Shared, id: &ProfileId) -> Result<(), Failure> {
    let _lock = shared.profiles.lock_login(id, "its login is being written", SPACING)?;
    let login = shared.profiles.login(id)?;
    shared.switch().write_back(&login)?;
    Ok(())
}

/// Whether it is on us to keep a login alive: its token is not refused, and no other tool owns it.
fn is_ours_to_keep(profile: &Profile) -> bool {
    !profile.needs_sign_in && profile.imported_from.is_none()
}

/// Whether the last login renewed in the background is long enough ago; one in the future was noted before the clock was set back.
fn spaced(now: Timestamp, last: Option<&str>) -> bool {
    let last = last.and_then(|text| Timestamp::from_millisecond(text.parse().ok()?).ok());
    last.is_none_or(|last| last > now || later(last, SPACING) <= now)
}

/// `None` for what cannot be renewed.
fn term(login: &AuthDocument) -> Option<Term> {
    let Credential::OAuth(tokens) = login.credential() else { return None };
    refresh_token(login).filter(|_| !tokens.refresh_token.is_empty())?;
    Some(Term { ends_at: tokens.ends_at(), last_refresh: tokens.last_refresh })
}

/// The login that is due, if one is; of several the one that ends first.
fn most_urgent<'a>(now: Timestamp, terms: impl Iterator<Item = (&'a ProfileId, Term)>) -> Option<&'a ProfileId> {
    let due = terms.filter(|(id, term)| due_at(*term, spread(id)) <= now);
    due.min_by_key(|(id, term)| (term.ends_at, (*id).clone())).map(|(id, _)| id)
}

fn due_at(term: Term, spread: f64) -> Timestamp {
    let earlier = |at: Timestamp, by: SignedDuration| at.checked_sub(by).unwrap_or(Timestamp::MIN);
    let before_end = earlier(term.ends_at, BEFORE_END + BEFORE_END.mul_f64(spread));
    let idle = term.last_refresh.map_or(Timestamp::MAX, |last| earlier(later(last, IDLE_LIMIT), IDLE_JITTER.mul_f64(spread)));
    before_end.min(idle)
}

/// A number in 0..1 that is each profile's own and stays the same: jitter that does not move while one waits for it.
pub(in crate::engine) fn spread(id: &ProfileId) -> f64 {
    let digest = Sha256::digest(id.as_str().as_bytes());
    f64::from(u16::from_le_bytes([digest[0], digest[1]])) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn term(ends_at: i64, last_refresh: i64) -> Term {
        Term { ends_at: at(ends_at), last_refresh: Some(at(last_refresh)) }
    }

    #[test]
    fn a_login_is_due_before_its_token_ends_or_when_it_was_idle_for_a_week() {
        let now = 100 * DAY;
        let cases = [
            (term(now + 601, now), 0.0, false),
            (term(now + 600, now), 0.0, true),
            (term(now + 1200, now), 1.0, true),
            (term(now + 1201, now), 1.0, false),
            (term(now - 9 * DAY, now), 0.0, true),
            (term(now + 30 * DAY, now - 7 * DAY), 0.0, true),
            (term(now + 30 * DAY, now - 7 * DAY + 1), 0.0, false),
            (term(now + 30 * DAY, now - 6 * DAY), 1.0, true),
            (Term { ends_at: Timestamp::MAX, last_refresh: None }, 0.5, false),
            (Term { ends_at: Timestamp::MIN, last_refresh: Some(Timestamp::MAX) }, 1.0, true),
        ];
        for (number, (term, spread, due)) in cases.into_iter().enumerate() {
            assert_eq!(due_at(term, spread) <= at(now), due, "case {number}");
        }
    }

    #[test]
    fn of_several_the_one_that_ends_first_goes_first() {
        let ids: Vec<_> = (1..=3).map(|number| ProfileId::parse(&format!("{number:016x}")).unwrap()).collect();
        let now = 100 * DAY;
        let terms = [term(now + 300, now), term(now - 50, now), term(now + 5 * DAY, now)];
        let all = || ids.iter().zip(terms);
        assert_eq!(most_urgent(at(now), all()), Some(&ids[1]));
        assert_eq!(most_urgent(at(now), all().skip(2)), None);
    }

    #[test]
    fn background_refreshes_are_spaced_and_a_clock_set_back_does_not_stop_them() {
        let ms = |second: i64| (second * 1000).to_string();
        for (last, free) in [(1000, false), (981, false), (980, true), (1001, true)] {
            assert_eq!(spaced(at(1000), Some(&ms(last))), free, "{last}");
        }
        assert!(spaced(at(1000), None) && spaced(at(1000), Some("nonsense")));
    }

    #[test]
    fn every_profile_has_its_own_place_in_the_spread() {
        let places: Vec<_> = (0..100).map(|number| spread(&ProfileId::parse(&format!("{number:016x}")).unwrap())).collect();
        assert!(places.iter().all(|place| (0.0..=1.0).contains(place)));
        assert!(places.iter().any(|place| *place < 0.2) && places.iter().any(|place| *place > 0.8));
    }
}
