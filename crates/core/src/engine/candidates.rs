//! Profiles as routing sees them, put together from the index, the vault, the quota books and the state: blocks, and what API keys
//! have cost.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Shared, spending};
use crate::failure::Failure;
use crate::model::profile::{Profile, ProfileKind};
use crate::model::quota::{Account, Confidence, LimitReached, Quota, QuotaWindow};
use crate::model::subject::Subject;
use crate::route::candidate::{Allowance, Candidate};
use crate::store::glance::Look;
use crate::store::profiles::StoreError;

/// All profiles, in the user's order. Blocks until files have been read.
pub(super) fn candidates(shared: &Shared, now: Timestamp) -> Result<Vec<Candidate>, Failure> {
    let profiles = shared.profiles.list()?;
    let look = shared.profiles.look(&profiles);
    let mut blocks = shared.state.blocks(now)?;
    spending::look(shared)?;
    let spent = shared.spending.spent(now);
    let all = profiles.iter().map(|profile| {
        let mut candidate = candidate(profile, login(shared, &look, profile));
        take_quota(&mut candidate, &shared.quotas.book(&profile.id), now);
        candidate.blocks = blocks.remove(&profile.id).unwrap_or_default();
        if profile.kind == ProfileKind::ApiKey {
            candidate.spent = spent;
        }
        candidate
    });
    Ok(all.collect())
}

/// Takes over what is known of a profile's quota.
pub(super) fn take_quota(candidate: &mut Candidate, book: &Quota, now: Timestamp) {
    let windows = |family| book.windows(family).map(|window| allowance(window, now)).collect();
    candidate.allowances = book.families().map(|(family, _)| (family.clone(), windows(family))).collect();
    candidate.has_credits = has_credits(book.account());
}

/// Whether a login can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Login {
    There,
    /// The vault gives nothing now.
    Locked,
    /// Gone or damaged.
    Lost,
}

fn login(shared: &Shared, look: &Look, profile: &Profile) -> Login {
    match shared.profiles.look_at(look, profile) {
        Ok(()) => Login::There,
        Err(StoreError::Vault(_)) => Login::Locked,
        Err(_) => Login::Lost,
    }
}

fn candidate(profile: &Profile, login: Login) -> Candidate {
    let workspace = match &profile.subject {
        Subject::ChatGpt { workspace, .. } => Some(Arc::from(workspace.as_str())),
        Subject::ApiKey { .. } => None,
    };
    Candidate {
        workspace,
        paused: profile.paused,
        needs_sign_in: profile.needs_sign_in || login == Login::Lost,
        vault_locked: login == Login::Locked,
        details: profile.details.clone(),
        ..Candidate::new(profile.id.clone(), profile.kind)
    }
}

fn allowance(window: &QuotaWindow, now: Timestamp) -> Allowance {
    Allowance {
        minutes: window.minutes.get(),
        left_percent: window.left_percent(now).rounded_up(),
        resets_at: window.resets_at,
        // An old number still holds: within a window, nothing comes back. One from before the clock was set back may be of any window.
        verified: window.confidence(now) > Confidence::Unverified && window.observed_at > Timestamp::UNIX_EPOCH,
    }
}

fn has_credits(account: &Account) -> bool {
    let spent = account.spend_limit.is.as_ref().is_some_and(|limit| limit.reached)
        || account.limit_reached.is.as_ref().is_some_and(LimitReached::is_out_of_credits);
    let credits = account.credits.is.as_ref();
    !spent && credits.is_some_and(|it| (it.has_credits || it.unlimited) && it.overage_limit_reached != Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::profile::ProfileId;
    use crate::model::quota::{Credits, Family, FamilyReading, Minutes, Observation, Percent, QuotaSource, Told, WindowReading};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn taken(book: &Quota, now: i64) -> Candidate {
        let mut candidate = Candidate::new(ProfileId::parse("0123456789abcdef").unwrap(), ProfileKind::Chatgpt);
        take_quota(&mut candidate, book, at(now));
        candidate
    }

    fn seen(family: &str, used: f64) -> Observation {
        let mut seen = Observation::new(at(1_000), QuotaSource::Header);
        let window = WindowReading { minutes: Minutes::WEEK, used_percent: Percent::of(used).unwrap(), resets_at: Some(at(90_000)) };
        seen.add(Family::parse(family).unwrap(), FamilyReading { windows: vec![window], ..FamilyReading::default() });
        seen
    }

    #[test]
    fn what_is_left_is_rounded_up_so_that_nothing_is_nothing() {
        for (used, now, left, verified) in [
            (100.0, 1_000, 0, true),
            (99.99, 1_000, 1, true),
            (99.0, 1_000, 1, true),
            (61.5, 80_000, 39, true),
            (0.0, 1_000, 100, true),
            (100.0, 90_000, 100, false),
        ] {
            let mut book = Quota::default();
            book.take(&seen("codex", used));
            let window = taken(&book, now).windows(&Family::main())[0];
            assert_eq!((window.minutes, window.left_percent, window.verified), (10_080, left, verified), "{used} at {now}");
        }
    }

    #[test]
    fn families_stay_apart_and_a_clock_that_was_set_back_verifies_nothing() {
        let mut book = Quota::default();
        book.take(&seen("codex", 10.0));
        book.take(&seen("codex_bengalfox", 100.0));
        let candidate = taken(&book, 1_000);
        let left = |family: &str| candidate.windows(&Family::parse(family).unwrap())[0].left_percent;
        assert_eq!((left("codex"), left("codex_bengalfox")), (90, 0));
        book.notice_clock(at(100));
        assert!(!taken(&book, 100).windows(&Family::main())[0].verified);
        assert!(taken(&Quota::default(), 0).allowances.is_empty());
    }

    #[test]
    fn credits_count_as_long_as_they_may_be_used() {
        let credits = |has_credits, unlimited, overage| Credits { has_credits, unlimited, balance: None, overage_limit_reached: overage };
        for (credits, limit, expected) in [
            (None, None, false),
            (Some(credits(true, false, None)), None, true),
            (Some(credits(false, true, Some(false))), None, true),
            (Some(credits(false, false, None)), None, false),
            (Some(credits(true, false, Some(true))), None, false),
            (Some(credits(true, false, None)), Some(LimitReached::MemberCreditsDepleted), false),
            (Some(credits(true, false, None)), Some(LimitReached::RateLimit), true),
        ] {
            let mut seen = seen("codex", 100.0);
            (seen.credits, seen.limit_reached) = (Told::from(credits.clone()), Told::from(limit.clone()));
            let mut book = Quota::default();
            book.take(&seen);
            assert_eq!(taken(&book, 1_000).has_credits, expected, "{credits:?} {limit:?}");
        }
    }
}
