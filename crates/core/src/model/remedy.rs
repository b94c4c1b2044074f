//! What follows from a trouble: may the same profile try again, may the next one serve, and which block it makes.

use std::time::Duration;

use jiff::Timestamp;

use super::block::{Block, BlockEnd, BlockKind, BlockScope, later};
use super::model_name::ModelName;
use super::trouble::{LoginRefusal, TransportTrouble, Trouble};

/// A pause longer than this is not waited out within a request: the next profile serves.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What to do about a trouble. Where neither `again` nor `next` helps, the provider's answer is the client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Whether the same profile tries again, before any other does.
    pub again: Again,
    /// Whether another profile may serve the request.
    pub next: bool,
    /// The rest that the profile takes.
    pub block: Option<Block>,
}

/// How the same profile tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Not at all.
    No,
    /// This often, after a pause that doubles each time.
    After {
        /// How often at most.
        times: u8,
        /// The first pause, before jitter.
        pause: Duration,
    },
    /// Once, with new tokens.
    WithNewTokens,
    /// Once, without the encrypted parts of the conversation.
    WithoutEncrypted,
    /// Once, over HTTP.
    OverHttp,
}

/// A limit by the minute is over soon.
const SHORT: Duration = Duration::from_secs(20);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

impl Trouble {
    /// What follows from it for the profile that met it, and for a request of this model.
    pub fn remedy(&self, model: Option<&ModelName>, now: Timestamp) -> Remedy {
        let (again, next) = (self.again(), self.may_go_on());
        let block = self.rest(model, now).map(|(kind, scope, ends)| Block::new(kind, scope, ends, self.code(), now));
        Remedy { again, next, block }
    }

    fn again(&self) -> Again {
        let after = |times, told: Option<Duration>, pause: Duration| match told {
            Some(told) if told > PATIENCE => Again::No,
            told => Again::After { times, pause: told.unwrap_or(pause) },
        };
        match self {
            Self::TooManyRequests { retry_after } => after(1, *retry_after, Duration::from_secs(1)),
            Self::Overloaded { retry_after } => after(3, *retry_after, Duration::from_millis(500)),
            Self::SlowDown { retry_after } => after(2, *retry_after, Duration::from_secs(1)),
            Self::ServerError { retry_after } => after(2, *retry_after, Duration::from_millis(200)),
            Self::EdgeBlocked => after(2, None, Duration::from_secs(1)),
            Self::Transport(TransportTrouble::Connect | TransportTrouble::Cut) => after(2, None, Duration::from_millis(200)),
            Self::Garbage => after(1, None, Duration::from_millis(200)),
            Self::LoginRefused(LoginRefusal::Refreshable) => Again::WithNewTokens,
            Self::EncryptedContentInvalid => Again::WithoutEncrypted,
            Self::NoWebSocket => Again::OverHttp,
            _ => Again::No,
        }
    }

    fn may_go_on(&self) -> bool {
        match self {
            Self::UsageLimit { .. }
            | Self::CreditsDepleted
            | Self::NotIncluded
            | Self::OrganizationLimit
            | Self::TooManyRequests { .. }
            | Self::LoginRefused(_)
            | Self::WorkspaceGone
            | Self::ModelNotSupported
            | Self::Forbidden
            // It is about the model, and another profile rarely helps; yet Codex would give the turn up.
            | Self::Overloaded { .. }
            | Self::ServerError { .. }
            | Self::Transport(_)
            | Self::Garbage => true,
            // The same network asks for all profiles: more of them would only make it worse.
            Self::EdgeBlocked
            | Self::SlowDown { .. }
            // The request would fare no better elsewhere, or the client itself has to begin anew.
            | Self::ClientTooOld
            | Self::RequestBad
            | Self::PolicyRefused
            | Self::ContextTooLong
            | Self::EncryptedContentInvalid
            | Self::PreviousResponseNotFound
            | Self::ConnectionLimit
            | Self::NoWebSocket => false,
        }
    }

    fn rest(&self, model: Option<&ModelName>, now: Timestamp) -> Option<(BlockKind, BlockScope, BlockEnd)> {
        let trial = |rest| BlockEnd::Trial { from: later(now, rest) };
        let soon = |rest| BlockEnd::At(later(now, rest));
        Some(match self {
            Self::UsageLimit { family, resets_at } => {
                let ends = resets_at.filter(|at| *at > now).map_or_else(|| trial(15 * MINUTE), BlockEnd::At);
                (BlockKind::Exhausted, BlockScope::Family(family.clone()), ends)
            }
            Self::CreditsDepleted => (BlockKind::OutOfCredits, BlockScope::Workspace, trial(30 * MINUTE)),
            Self::OrganizationLimit => (BlockKind::OrganizationLimit, BlockScope::Workspace, trial(30 * MINUTE)),
            Self::NotIncluded => (BlockKind::NotIncluded, BlockScope::Profile, trial(6 * HOUR)),
            Self::TooManyRequests { retry_after } => {
                (BlockKind::RateLimited, BlockScope::Profile, soon(retry_after.unwrap_or(SHORT).min(HOUR)))
            }
            Self::LoginRefused(LoginRefusal::StillRefused) => (BlockKind::LoginRefused, BlockScope::Profile, trial(10 * MINUTE)),
            Self::LoginRefused(LoginRefusal::ForGood) => (BlockKind::SignedOut, BlockScope::Profile, BlockEnd::SignIn),
            Self::WorkspaceGone => (BlockKind::WorkspaceGone, BlockScope::Workspace, trial(6 * HOUR)),
            Self::ModelNotSupported => (BlockKind::ModelNotSupported, BlockScope::Model(model?.clone()), trial(24 * HOUR)),
            Self::Forbidden => (BlockKind::Forbidden, BlockScope::Profile, trial(10 * MINUTE)),
            Self::ServerError { .. } | Self::Transport(_) | Self::Garbage => (BlockKind::Unreliable, BlockScope::Profile, soon(MINUTE / 2)),
            // New tokens come before any rest.
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::quota::Family;

    /// `again`, `next`, and the block: kind, scope, and how it ends.
    type Row = (Trouble, Again, bool, Option<(BlockKind, BlockScope, BlockEnd)>);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn every_trouble_has_its_remedy() {
        use Again::{After, No, OverHttp, WithNewTokens, WithoutEncrypted};
        use BlockScope::{Model, Profile, Workspace};
        let model = ModelName::parse("gpt-6-luna").unwrap();
        let main = || BlockScope::Family(Family::main());
        let spark = Family::parse("codex-bengalfox").unwrap();
        let trial = |minutes: i64| BlockEnd::Trial { from: at(1000 + minutes * 60) };
        let until = |seconds: i64| BlockEnd::At(at(1000 + seconds));
        let told = |seconds| Some(Duration::from_secs(seconds));
        let unreliable = || Some((BlockKind::Unreliable, Profile, until(30)));
        let after = |times, millis| After { times, pause: Duration::from_millis(millis) };
        let limit = |family: &Family, resets_at| Trouble::UsageLimit { family: family.clone(), resets_at };
        let rows: Vec<Row> = vec![
            (limit(&Family::main(), Some(at(5000))), No, true, Some((BlockKind::Exhausted, main(), until(4000)))),
            (limit(&Family::main(), None), No, true, Some((BlockKind::Exhausted, main(), trial(15)))),
            (limit(&Family::main(), Some(at(999))), No, true, Some((BlockKind::Exhausted, main(), trial(15)))),
            (limit(&spark, Some(at(1001))), No, true, Some((BlockKind::Exhausted, BlockScope::Family(spark.clone()), until(1)))),
            (Trouble::CreditsDepleted, No, true, Some((BlockKind::OutOfCredits, Workspace, trial(30)))),
            (Trouble::OrganizationLimit, No, true, Some((BlockKind::OrganizationLimit, Workspace, trial(30)))),
            (Trouble::NotIncluded, No, true, Some((BlockKind::NotIncluded, Profile, trial(360)))),
            (Trouble::TooManyRequests { retry_after: None }, after(1, 1000), true, Some((BlockKind::RateLimited, Profile, until(20)))),
            (Trouble::TooManyRequests { retry_after: told(3) }, after(1, 3000), true, Some((BlockKind::RateLimited, Profile, until(3)))),
            (Trouble::TooManyRequests { retry_after: told(60) }, No, true, Some((BlockKind::RateLimited, Profile, until(60)))),
            (Trouble::TooManyRequests { retry_after: told(100_000) }, No, true, Some((BlockKind::RateLimited, Profile, until(3600)))),
            (Trouble::LoginRefused(LoginRefusal::Refreshable), WithNewTokens, true, None),
            (Trouble::LoginRefused(LoginRefusal::StillRefused), No, true, Some((BlockKind::LoginRefused, Profile, trial(10)))),
            (Trouble::LoginRefused(LoginRefusal::ForGood), No, true, Some((BlockKind::SignedOut, Profile, BlockEnd::SignIn))),
            (Trouble::WorkspaceGone, No, true, Some((BlockKind::WorkspaceGone, Workspace, trial(360)))),
            (Trouble::ModelNotSupported, No, true, Some((BlockKind::ModelNotSupported, Model(model.clone()), trial(24 * 60)))),
            (Trouble::ClientTooOld, No, false, None),
            (Trouble::EdgeBlocked, after(2, 1000), false, None),
            (Trouble::Forbidden, No, true, Some((BlockKind::Forbidden, Profile, trial(10)))),
            (Trouble::RequestBad, No, false, None),
            (Trouble::PolicyRefused, No, false, None),
            (Trouble::ContextTooLong, No, false, None),
            (Trouble::EncryptedContentInvalid, WithoutEncrypted, false, None),
            (Trouble::Overloaded { retry_after: None }, after(3, 500), true, None),
            (Trouble::Overloaded { retry_after: told(60) }, No, true, None),
            (Trouble::SlowDown { retry_after: None }, after(2, 1000), false, None),
            (Trouble::ServerError { retry_after: None }, after(2, 200), true, unreliable()),
            (Trouble::ServerError { retry_after: told(5) }, after(2, 5000), true, unreliable()),
            (Trouble::Transport(TransportTrouble::Connect), after(2, 200), true, unreliable()),
            (Trouble::Transport(TransportTrouble::Cut), after(2, 200), true, unreliable()),
            (Trouble::Transport(TransportTrouble::Timeout), No, true, unreliable()),
            (Trouble::Garbage, after(1, 200), true, unreliable()),
            (Trouble::PreviousResponseNotFound, No, false, None),
            (Trouble::ConnectionLimit, No, false, None),
            (Trouble::NoWebSocket, OverHttp, false, None),
        ];
        for (trouble, again, next, block) in rows {
            let remedy = trouble.remedy(Some(&model), at(1000));
            let made = remedy.block.as_ref().map(|block| (block.kind, block.scope.clone(), block.ends));
            assert_eq!((remedy.again, remedy.next, made), (again, next, block), "{trouble:?}");
            if let Some(block) = remedy.block {
                assert_eq!((block.evidence.as_str(), block.since), (trouble.code(), at(1000)));
                assert_eq!(block.clone().restored(at(1000)), Some(block), "{trouble:?} can be kept");
            }
        }
    }

    #[test]
    fn a_model_that_nobody_named_is_blocked_for_nobody() {
        let remedy = Trouble::ModelNotSupported.remedy(None, at(0));
        assert_eq!((remedy.next, remedy.block), (true, None));
    }

    #[test]
    fn tokens_are_renewed_once() {
        let first = Trouble::LoginRefused(LoginRefusal::Refreshable);
        assert_eq!(first.remedy(None, at(0)).again, Again::WithNewTokens);
        assert_eq!(first.with_new_tokens().remedy(None, at(0)).again, Again::No);
        assert_eq!(Trouble::Forbidden.with_new_tokens(), Trouble::Forbidden);
    }
}
