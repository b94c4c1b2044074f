//! Keeping idle logins alive: which is next, with jitter, and never one that another tool owns. The user may turn it off.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::Want;
use crate::engine::background::{self, Ground, Leave};
use crate::engine::{Engine, Shared, blocking, held};
use crate::failure::Failure;
use crate::model::auth_document::{AuthDocument, Credential};
use crate::model::background::Purpose;
use crate::model::lifetime::later;
use crate::model::profile::{Profile, ProfileId};
use crate::store::rotation::{LoginStamp, refresh_token};

/// The lock of a login that is renewed elsewhere is waited for this long.
const PATIENCE: Duration = Duration::from_secs(20);
/// An access token is renewed this long before it ends, and up to as much again by jitter: before Codex would do it.
const BEFORE_END: SignedDuration = SignedDuration::from_mins(10);
/// A login that nobody has renewed for this long is renewed even if its access token lasts longer, less up to a day of jitter.
const IDLE_LIMIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const IDLE_JITTER: SignedDuration = SignedDuration::from_hours(24);

/// When a login wants to be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    ends_at: Timestamp,
    last_refresh: Option<Timestamp>,
}

/// What was read of each login, as long as its file stays the same.
pub(super) type Known = HashMap<ProfileId, (LoginStamp, Option<Term>)>;

impl Engine {
    /// Renews a login in the background.
    pub(in crate::engine) async fn keep_alive(&self, id: &ProfileId) {
        let renewed = async {
            let seen = self.stored_refresh_token(id).await?;
            if self.may_ask(id, background::ISSUER, Purpose::KeepAlive, Leave::Budget).await? {
                self.fly(id, Want::Renewed(seen)).await?;
            }
            Ok::<(), Failure>(())
        };
        if let Err(failure) = renewed.await {
            tracing::warn!(code = ?failure.code, %failure, "a login could not be kept alive");
        }
        if let Err(failure) = self.publish().await {
            tracing::warn!(%failure, "looking again failed");
        }
    }

    /// What could not be written into the live login when it was renewed.
    pub(in crate::engine) async fn write_back_again(&self) {
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

/// The login to renew next in the background, and when that is due; `None`: none, as things are.
pub(in crate::engine) fn next_keep_alive(shared: &Shared, ground: &Ground, now: Timestamp) -> Option<(ProfileId, Timestamp)> {
    if !ground.settings.keep_alive {
        return None;
    }
    let mut known = held(&shared.tokens.terms);
    known.retain(|id, _| ground.profiles.iter().any(|profile| profile.id == *id));
    let ours = || ground.profiles.iter().filter(|profile| is_ours_to_keep(profile));
    for profile in ours() {
        let stamp = shared.profiles.login_stamp(profile);
        if known.get(&profile.id).is_none_or(|(seen, _)| *seen != stamp) {
            // A vault that is not open is no reason to remember anything.
            match shared.profiles.login_of(profile) {
                Ok(login) => drop(known.insert(profile.id.clone(), (stamp, term(&login)))),
                Err(_) => drop(known.remove(&profile.id)),
            }
        }
    }
    let terms = ours().filter_map(|profile| {
        let waits = shared.tokens.rests.until(&profile.id, now).max(ground.free_at(&profile.id, Purpose::KeepAlive, 1));
        Some((&profile.id, (known.get(&profile.id)?.1)?, waits))
    });
    most_urgent(now, terms).map(|(id, at)| (id.clone(), at))
}

fn write_back(shared: &Shared, id: &ProfileId) -> Result<(), Failure> {
    let _lock = shared.profiles.lock_login(id, "its login is being written", PATIENCE)?;
    let login = shared.profiles.login(id)?;
    shared.switch().write_back(&login)?;
    Ok(())
}

/// Whether it is on us to keep a login alive: its token is not refused, and no other tool owns it.
fn is_ours_to_keep(profile: &Profile) -> bool {
    !profile.needs_sign_in && profile.imported_from.is_none()
}

/// `None` for what cannot be renewed.
fn term(login: &AuthDocument) -> Option<Term> {
    let Credential::OAuth(tokens) = login.credential() else { return None };
    refresh_token(login).filter(|_| !tokens.refresh_token.is_empty())?;
    Some(Term { ends_at: tokens.ends_at(), last_refresh: tokens.last_refresh })
}

/// The login that is due first, and when; of several that are due now the one that ends first. None is before its rest is over.
fn most_urgent<'a>(
    now: Timestamp,
    terms: impl Iterator<Item = (&'a ProfileId, Term, Option<Timestamp>)>,
) -> Option<(&'a ProfileId, Timestamp)> {
    let due = terms.map(|(id, term, rests)| (id, term, due_at(term, spread(id)).max(rests.unwrap_or(Timestamp::MIN))));
    due.min_by_key(|(id, term, at)| ((*at).max(now), term.ends_at, (*id).clone())).map(|(id, _, at)| (id, at))
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
        let all = || ids.iter().zip(terms).map(|(id, term)| (id, term, None));
        assert_eq!(most_urgent(at(now), all()).map(|(id, _)| id), Some(&ids[1]));
        assert!(most_urgent(at(now), all().skip(2)).is_some_and(|(_, at)| at > Timestamp::from_second(now).unwrap()));
        let resting = all().map(|(id, term, _)| (id, term, (*id == ids[1]).then(|| at(now + 9))));
        assert_eq!(most_urgent(at(now), resting).map(|(id, _)| id), Some(&ids[0]));
        assert_eq!(most_urgent(at(now), all().take(0)), None);
    }

    #[test]
    fn every_profile_has_its_own_place_in_the_spread() {
        let places: Vec<_> = (0..100).map(|number| spread(&ProfileId::parse(&format!("{number:016x}")).unwrap())).collect();
        assert!(places.iter().all(|place| (0.0..=1.0).contains(place)));
        assert!(places.iter().any(|place| *place < 0.2) && places.iter().any(|place| *place > 0.8));
    }
}
