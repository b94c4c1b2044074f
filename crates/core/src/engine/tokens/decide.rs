//! What to do with a profile's tokens. Decides; does nothing.

/// What is known under the profile's lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Default))]
pub(super) struct Facts {
    /// Good for five minutes at least.
    pub(super) fresh: bool,
    /// Still taken by the provider.
    pub(super) alive: bool,
    /// The caller wants other tokens than these, fresh or not.
    pub(super) unwanted: bool,
    /// The provider has refused this very refresh token for good.
    pub(super) refused: bool,
    /// The last tries failed, and the next is not due.
    pub(super) resting: bool,
    /// Codex may be renewing these tokens right now.
    pub(super) codex_may_spend: bool,
    /// What comes back could be saved.
    pub(super) savable: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Hand these out.
    Use,
    /// Spend the refresh token.
    Refresh,
    /// Say no.
    Refuse(Why),
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Only a new sign-in helps.
    Refused,
    /// The next try is not due.
    Resting,
    /// Codex uses this login and renews it.
    CodexMaySpend,
    /// A renewed login could not be saved, and would be lost.
    NotSavable,
}

/// A token that is still taken is handed out wherever renewing it has to wait.
pub(super) fn decide(facts: Facts) -> Decision {
    if facts.fresh && !facts.unwanted {
        return Decision::Use;
    }
    let obstacle = match facts {
        Facts { refused: true, .. } => Why::Refused,
        Facts { resting: true, .. } => Why::Resting,
        Facts { codex_may_spend: true, .. } => Why::CodexMaySpend,
        Facts { savable: false, .. } => Why::NotSavable,
        _ => return Decision::Refresh,
    };
    if facts.alive && !facts.unwanted { Decision::Use } else { Decision::Refuse(obstacle) }
}

/// Whether Codex may spend the live login's refresh token at any moment. It does so from five minutes before the end on,
/// whenever a turn needs a token, and asks nobody (codex-auth.md 3.2, 3.5). Earlier only a 401 makes it.
pub(super) fn codex_may_spend(fresh: bool, turn_running: bool) -> bool {
    !fresh && turn_running
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_one_answer() {
        let fine = Facts { fresh: true, alive: true, savable: true, ..Facts::default() };
        let due = Facts { fresh: false, ..fine };
        let dead = Facts { alive: false, ..due };
        let cases = [
            (fine, Decision::Use),
            (Facts { refused: true, resting: true, codex_may_spend: true, savable: false, ..fine }, Decision::Use),
            (Facts { unwanted: true, ..fine }, Decision::Refresh),
            (Facts { unwanted: true, refused: true, ..fine }, Decision::Refuse(Why::Refused)),
            (due, Decision::Refresh),
            (dead, Decision::Refresh),
            (Facts { refused: true, ..due }, Decision::Use),
            (Facts { refused: true, ..dead }, Decision::Refuse(Why::Refused)),
            (Facts { resting: true, ..due }, Decision::Use),
            (Facts { resting: true, ..dead }, Decision::Refuse(Why::Resting)),
            (Facts { codex_may_spend: true, ..due }, Decision::Use),
            (Facts { codex_may_spend: true, ..dead }, Decision::Refuse(Why::CodexMaySpend)),
            (Facts { savable: false, ..due }, Decision::Use),
            (Facts { savable: false, ..dead }, Decision::Refuse(Why::NotSavable)),
            (Facts { savable: false, unwanted: true, ..fine }, Decision::Refuse(Why::NotSavable)),
        ];
        for (facts, decision) in cases {
            assert_eq!(decide(facts), decision, "{facts:?}");
        }
    }

    #[test]
    fn codex_is_left_alone_only_while_it_works_on_tokens_that_end() {
        assert!(codex_may_spend(false, true));
        assert!(!codex_may_spend(true, true) && !codex_may_spend(false, false) && !codex_may_spend(true, false));
    }
}
