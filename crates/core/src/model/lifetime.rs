//! How long tokens are good for. Times from outside may be nonsense: all arithmetic saturates, and doubt means stale.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::auth_document::TokenSet;

/// A login is renewed this long before its access token ends; Codex does the same (codex-auth.md 3.2).
pub const EARLY: Duration = Duration::from_secs(5 * 60);
/// An access token that does not say when it ends is trusted for this long after it was written.
const UNKNOWN_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// Clocks of two machines may differ by this much.
const SKEW: Duration = Duration::from_secs(5 * 60);

impl TokenSet {
    /// When the access token ends, as far as anyone can tell.
    pub fn ends_at(&self) -> Timestamp {
        let assumed = || self.last_refresh.map_or(Timestamp::MIN, |written| later(written, UNKNOWN_LIFETIME));
        self.expires_at.unwrap_or_else(assumed)
    }

    /// Whether the access token is good for [`EARLY`] at least. Tokens from the future were written before the clock was
    /// set back, so their age is unknown: they count as stale.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.fresh_until() > now && self.last_refresh.is_none_or(|written| written <= later(now, SKEW))
    }

    /// Up to when [`Self::is_fresh`] can be true.
    pub fn fresh_until(&self) -> Timestamp {
        self.ends_at().checked_sub(signed(EARLY)).unwrap_or(Timestamp::MIN)
    }

    /// Whether the access token is still taken by the provider, though it may be time to renew it.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.ends_at() > now
    }
}

/// `at` and `by`, or the end of time.
pub fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(signed(by)).unwrap_or(Timestamp::MAX)
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::auth_document::{AuthDocument, Credential};
    use crate::model::samples::login;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn tokens(expires_at: Option<Timestamp>, last_refresh: Option<Timestamp>) -> TokenSet {
        let document: AuthDocument = login("ada", "w", 1);
        let Credential::OAuth(tokens) = document.credential() else { panic!() };
        TokenSet { expires_at, last_refresh, ..tokens.clone() }
    }

    #[test]
    fn fresh_is_what_lasts_five_minutes_more() {
        let now = at(1_000_000);
        let cases = [
            (Some(at(1_000_301)), Some(at(999_000)), true, true),
            (Some(at(1_000_300)), Some(at(999_000)), false, true),
            (Some(at(1_000_001)), None, false, true),
            (Some(at(1_000_000)), None, false, false),
            // Opaque tokens: an hour after they were written.
            (None, Some(at(1_000_000 - 3299)), true, true),
            (None, Some(at(1_000_000 - 3301)), false, true),
            (None, Some(at(1_000_000 - 3600)), false, false),
            (None, None, false, false),
            // The clock was set back since they were written.
            (Some(at(2_000_000)), Some(at(1_000_301)), false, true),
            (Some(at(2_000_000)), Some(at(1_000_300)), true, true),
            // Nonsense from outside.
            (Some(Timestamp::MAX), Some(Timestamp::MIN), true, true),
            (Some(Timestamp::MIN), Some(Timestamp::MAX), false, false),
            (None, Some(Timestamp::MAX), false, true),
            (None, Some(Timestamp::MIN), false, false),
        ];
        for (number, (expires_at, last_refresh, fresh, alive)) in cases.into_iter().enumerate() {
            let tokens = tokens(expires_at, last_refresh);
            assert_eq!((tokens.is_fresh(now), tokens.is_alive(now)), (fresh, alive), "case {number}");
        }
        for extreme in [Timestamp::MIN, Timestamp::MAX] {
            let _ = tokens(Some(extreme), Some(extreme)).is_fresh(extreme);
        }
    }
}
