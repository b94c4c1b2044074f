//! The words of routing: why a profile serves, and why it does not. English.

use jiff::Timestamp;

use super::times::{span, window};
use crate::model::block::BlockKind;
use crate::model::routing::Strategy;
use crate::model::verdict::{Choice, Rank, Reason, Verdict};

/// A reason as the end of "work: …".
pub fn reason(reason: &Reason, now: Timestamp) -> String {
    match reason {
        Reason::Paused => "paused by you".to_owned(),
        Reason::NeedsSignIn => "its login is no longer accepted: sign in again".to_owned(),
        Reason::VaultLocked => "the logins are locked: unlock them first".to_owned(),
        Reason::Draining => "draining: it finishes what runs and takes nothing new".to_owned(),
        Reason::Blocked { kind, until } => format!("{}{}", block(*kind), ending(*kind, *until, now)),
        Reason::OnTrial { kind } => format!("{}; another request is just trying whether that is over", block(*kind)),
        Reason::Exhausted { minutes, resets_at } => format!("its {} limit is used up{}", window(*minutes), back(*resets_at, now)),
        Reason::WorkspaceOut { until } => format!("its workspace has no credits left{}", tried(*until, now)),
        Reason::ModelNotSupported => "its account may not use this model".to_owned(),
        Reason::NotInFolderSet => "the folder is bound to other profiles".to_owned(),
        Reason::RoleWall => "it stands on the other side of a wall".to_owned(),
        Reason::ForcedElsewhere => "another profile was named for this".to_owned(),
        Reason::ApiKeyNotAllowed => "API keys do not stand in unless you allow it in Settings".to_owned(),
        Reason::OverSpendCap => "this month's spend cap for API keys is reached".to_owned(),
        Reason::AlreadyTried => "tried for this request already".to_owned(),
    }
}

/// A verdict as the end of "work: …".
pub fn verdict(verdict: &Verdict, now: Timestamp) -> String {
    match verdict {
        Verdict::Eligible { rank } => rank_words(*rank).to_owned(),
        Verdict::Refused(reasons) => reasons.iter().map(|it| reason(it, now)).collect::<Vec<_>>().join("; "),
    }
}

/// Why a profile was chosen, as the end of "work: …".
pub fn choice(choice: Choice) -> &'static str {
    match choice {
        Choice::SessionPin => "you tied this session to it",
        Choice::LaunchPin => "the session was started on it",
        Choice::Folder => "the folder is bound to it",
        Choice::Forced => "it serves everything for now",
        Choice::Sticky => "the session is at home there",
        Choice::Bucket => "the last session with this repository and model was there",
        Choice::Strategy => "the strategy's choice for a new session",
        Choice::Fallback => "the strategy's choice after others could not serve",
    }
}

/// What a strategy does, as the end of "a new session gets …".
pub fn strategy(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::StickyBest => "the profile with most left in its scarcest window",
        Strategy::SoonestReset => "the profile whose longest window starts anew first, as what is not used by then is lost",
        Strategy::RoundRobin => "the profile that had none for longest",
        Strategy::LeastUsed => "the profile with the fewest requests on their way",
        Strategy::Random => "any profile",
        Strategy::Weighted => "any profile, more often one that weighs more",
        Strategy::Priority => "the first profile in order",
    }
}

fn rank_words(rank: Rank) -> &'static str {
    match rank {
        Rank::Preferred => "ready",
        Rank::Spared => "ready, but spared: below its low threshold",
        Rank::LastResort => "a last resort: little left, running on credits, or it has just failed",
        Rank::Paid => "ready, but paid by use",
    }
}

/// What a block is about.
pub fn block(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Exhausted => "its limit is used up",
        BlockKind::OutOfCredits => "its workspace has no credits left",
        BlockKind::OrganizationLimit => "its organisation has reached a limit",
        BlockKind::NotIncluded => "its plan does not include Codex",
        BlockKind::RateLimited => "it had too many requests in a short time",
        BlockKind::LoginRefused => "its renewed login was refused",
        BlockKind::SignedOut => "its login is no longer accepted: sign in again",
        BlockKind::WorkspaceGone => "its workspace has been deactivated",
        BlockKind::ModelNotSupported => "its account may not use this model",
        BlockKind::Forbidden => "OpenAI refused it without a reason",
        BlockKind::Unreliable => "its last attempt failed",
    }
}

fn ending(kind: BlockKind, until: Option<Timestamp>, now: Timestamp) -> String {
    match kind {
        BlockKind::Exhausted | BlockKind::RateLimited | BlockKind::Unreliable => back(until, now),
        _ => tried(until, now),
    }
}

fn back(until: Option<Timestamp>, now: Timestamp) -> String {
    until.map(|until| format!("; back in {}", span(until.duration_since(now)))).unwrap_or_default()
}

fn tried(until: Option<Timestamp>, now: Timestamp) -> String {
    until.map(|until| format!("; tried again in {}", span(until.duration_since(now)))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn reasons_are_sentences_with_their_times() {
        for (given, expected) in [
            (Reason::Exhausted { minutes: 300, resets_at: Some(at(3_700)) }, "its 5-hour limit is used up; back in 1 h 2 min"),
            (Reason::Exhausted { minutes: 10_080, resets_at: None }, "its weekly limit is used up"),
            (
                Reason::Blocked { kind: BlockKind::RateLimited, until: Some(at(20)) },
                "it had too many requests in a short time; back in 20 s",
            ),
            (
                Reason::Blocked { kind: BlockKind::NotIncluded, until: Some(at(21_600)) },
                "its plan does not include Codex; tried again in 6 h",
            ),
            (Reason::Blocked { kind: BlockKind::SignedOut, until: None }, "its login is no longer accepted: sign in again"),
            (Reason::WorkspaceOut { until: Some(at(1_800)) }, "its workspace has no credits left; tried again in 30 min"),
        ] {
            assert_eq!(reason(&given, at(0)), expected);
        }
        let both = Verdict::Refused(vec![Reason::Paused, Reason::AlreadyTried]);
        assert_eq!(verdict(&both, at(0)), "paused by you; tried for this request already");
        assert_eq!(verdict(&Verdict::Eligible { rank: Rank::Preferred }, at(0)), "ready");
    }
}
