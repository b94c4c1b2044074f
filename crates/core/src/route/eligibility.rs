//! May a profile take a request? One function for choosing and for explaining, so that both say the same.

use jiff::Timestamp;

use super::candidate::Candidate;
use crate::model::block::{BlockKind, BlockState};
use crate::model::model_name::ModelName;
use crate::model::profile::ProfileKind;
use crate::model::quota::Family;
use crate::model::routing::RoutingSettings;
use crate::model::verdict::{Rank, Reason};

/// What a profile is judged for.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The family of the model.
    pub family: &'a Family,
    /// The model; nothing: any.
    pub model: Option<&'a ModelName>,
    /// Whether the session is at home there: it is no new work.
    pub at_home: bool,
    /// Whether the user has named the profile for this.
    pub insisted: bool,
    /// Settings.
    pub settings: &'a RoutingSettings,
    /// The moment.
    pub now: Timestamp,
}

/// Judges a profile: each reason against it is noted, and the rank is how gladly it is given new work if there is none.
pub fn judge(candidate: &Candidate, at: &Circumstances<'_>, mut note: impl FnMut(Reason)) -> Rank {
    let rank = judge_account(candidate, at, &mut note).max(judge_windows(candidate, at, &mut note));
    rank.max(judge_blocks(candidate, at, &mut note))
}

/// Whether nothing speaks against it, and its rank.
pub fn eligible(candidate: &Candidate, at: &Circumstances<'_>) -> Option<Rank> {
    let mut refused = false;
    let rank = judge(candidate, at, |_| refused = true);
    (!refused).then_some(rank)
}

fn judge_account(candidate: &Candidate, at: &Circumstances<'_>, note: &mut impl FnMut(Reason)) -> Rank {
    let settings = at.settings;
    for (speaks_against, reason) in [
        (candidate.paused, Reason::Paused),
        (candidate.needs_sign_in, Reason::NeedsSignIn),
        (candidate.vault_locked, Reason::VaultLocked),
        (candidate.details.drain && !at.at_home, Reason::Draining),
    ] {
        if speaks_against {
            note(reason);
        }
    }
    match candidate.kind {
        ProfileKind::Chatgpt => Rank::Preferred,
        ProfileKind::ApiKey => {
            if !settings.api_key_fallback && !at.insisted {
                note(Reason::ApiKeyNotAllowed);
            }
            // A cap holds whoever insists: it is there so that nothing surprises.
            if settings.api_key_spend_cap_cents.is_some_and(|cap| candidate.spent.cents(at.now) >= cap) {
                note(Reason::OverSpendCap);
            }
            Rank::Paid
        }
    }
}

fn judge_windows(candidate: &Candidate, at: &Circumstances<'_>, note: &mut impl FnMut(Reason)) -> Rank {
    let (low, critical) = at.settings.thresholds(candidate.details.thresholds);
    let mut rank = Rank::Preferred;
    for window in candidate.windows(at.family) {
        let of_window = match (window.left(at.now), window.resets_at) {
            (0, Some(resets_at)) if window.verified && !candidate.has_credits => {
                note(Reason::Exhausted { minutes: window.minutes, resets_at: Some(resets_at) });
                Rank::LastResort
            }
            // Empty for all that is known; but nobody would ever find out otherwise.
            (0, _) => Rank::LastResort,
            (left, _) if left < critical => Rank::LastResort,
            (left, _) if left < low => Rank::Spared,
            _ => Rank::Preferred,
        };
        rank = rank.max(of_window);
    }
    rank
}

fn judge_blocks(candidate: &Candidate, at: &Circumstances<'_>, note: &mut impl FnMut(Reason)) -> Rank {
    let mut rank = Rank::Preferred;
    for block in candidate.blocks.iter().filter(|block| block.scope.covers(at.family, at.model)) {
        // A workspace that is gone is gone for all of its accounts.
        if block.shared && block.kind != BlockKind::WorkspaceGone && has_its_own(candidate, at) {
            continue;
        }
        match block.state(at.now) {
            BlockState::Over | BlockState::HalfOpen => {}
            BlockState::OnTrial => note(Reason::OnTrial { kind: block.kind }),
            BlockState::Holds(_) if !block.kind.refuses() => rank = Rank::LastResort,
            BlockState::Holds(_) if block.kind == BlockKind::ModelNotSupported => note(Reason::ModelNotSupported),
            BlockState::Holds(until) if block.shared && block.kind != BlockKind::WorkspaceGone => note(Reason::WorkspaceOut { until }),
            BlockState::Holds(until) => note(Reason::Blocked { kind: block.kind, until }),
        }
    }
    rank
}

/// Whether it has windows of its own with something left, and so needs none of the workspace's credits.
fn has_its_own(candidate: &Candidate, at: &Circumstances<'_>) -> bool {
    let windows = candidate.windows(at.family);
    !windows.is_empty() && windows.iter().all(|window| window.left(at.now) > 0)
}
