//! A block: a profile rests, with a kind, an end and the evidence for it. It ends by evidence: its reset passes, or a trial goes well.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::model_name::ModelName;
use super::quota::Family;

/// No block outlasts this without a trial: the longest window there is has 30 days.
const LONGEST: Duration = Duration::from_secs(40 * 24 * 60 * 60);
/// A trial that has not ended after this long is given up.
const TRIAL_LIMIT: Duration = Duration::from_secs(10 * 60);
/// How long a block that is over is remembered, so that the next of its kind lasts longer.
const MEMORY: Duration = Duration::from_secs(10 * 60);
/// Rests double at most this often.
const STRIKES_LIMIT: u8 = 10;
/// Characters of the evidence.
const EVIDENCE_LIMIT: usize = 40;

/// Why a profile rests, for what, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Of which sort.
    pub kind: BlockKind,
    /// For what.
    pub scope: BlockScope,
    /// Since when.
    pub since: Timestamp,
    /// How it ends.
    pub ends: BlockEnd,
    /// The trouble it was made from: [`Trouble::code`](super::trouble::Trouble::code).
    pub evidence: String,
    /// How often it came back before anything went well.
    #[serde(default)]
    pub strikes: u8,
    /// Another profile of the same workspace met it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// Since when one request tries whether it is over. Not kept: a trial ends with its process.
    #[serde(skip)]
    pub on_trial: Option<Timestamp>,
}

/// The sorts of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// The allowance is used up.
    Exhausted,
    /// The workspace's credits are used up.
    OutOfCredits,
    /// The organisation's limit is reached.
    OrganizationLimit,
    /// The plan has no Codex.
    NotIncluded,
    /// Too many requests in a short time.
    RateLimited,
    /// New tokens were refused.
    LoginRefused,
    /// Only a new sign-in helps.
    SignedOut,
    /// The workspace is no more.
    WorkspaceGone,
    /// The account may not use a model.
    ModelNotSupported,
    /// Refused without a reason.
    Forbidden,
    /// The last attempt ended in a failure of the provider or of the way there. Refuses nothing: others go first for a while.
    Unreliable,
}

impl BlockKind {
    /// Whether the profile is not used at all while the block holds.
    pub fn refuses(self) -> bool {
        self != Self::Unreliable
    }

    /// Whether a new sign-in may end it.
    pub fn is_of_the_login(self) -> bool {
        use BlockKind::{Forbidden, LoginRefused, ModelNotSupported, NotIncluded, SignedOut, WorkspaceGone};
        matches!(self, SignedOut | LoginRefused | Forbidden | NotIncluded | WorkspaceGone | ModelNotSupported)
    }

    /// A rest that doubles stays below this, unless the provider asked for more.
    fn longest_rest(self) -> Duration {
        let minutes = match self {
            Self::Unreliable => 2,
            Self::RateLimited => 15,
            Self::Exhausted => 6 * 60,
            _ => 24 * 60,
        };
        Duration::from_secs(minutes * 60)
    }
}

/// What of a profile rests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of", content = "name")]
pub enum BlockScope {
    /// All of it.
    Profile,
    /// All of it, and its siblings in the workspace as far as they have nothing of their own left.
    Workspace,
    /// One family of models.
    Family(Family),
    /// One model.
    Model(ModelName),
}

impl BlockScope {
    /// Whether a request of this family and model falls under it.
    pub fn covers(&self, family: &Family, model: Option<&ModelName>) -> bool {
        match self {
            Self::Profile | Self::Workspace => true,
            Self::Family(ours) => ours == family,
            Self::Model(ours) => Some(ours) == model,
        }
    }
}

/// How a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockEnd {
    /// By itself: the reset that was told passes.
    At(Timestamp),
    /// By a trial that goes well; one may be made from then on.
    Trial {
        /// When the rest is over.
        from: Timestamp,
    },
    /// By a new sign-in.
    SignIn,
}

/// Where a block stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockState {
    /// In force, until then if that is known.
    Holds(Option<Timestamp>),
    /// One request may try whether it is over.
    HalfOpen,
    /// One request is trying.
    OnTrial,
    /// No more.
    Over,
}

/// A moment that much later; the end of time at most.
pub(crate) fn later(now: Timestamp, rest: Duration) -> Timestamp {
    let rest = SignedDuration::try_from(rest).unwrap_or(SignedDuration::MAX);
    now.checked_add(rest).unwrap_or(Timestamp::MAX)
}

impl Block {
    /// A block of its own.
    pub fn new(kind: BlockKind, scope: BlockScope, ends: BlockEnd, evidence: &str, now: Timestamp) -> Self {
        let evidence = evidence.chars().take(EVIDENCE_LIMIT).collect();
        Self { kind, scope, since: now, ends: bounded(ends, now), evidence, strikes: 0, shared: false, on_trial: None }
    }

    /// Where it stands.
    pub fn state(&self, now: Timestamp) -> BlockState {
        match self.ends {
            BlockEnd::SignIn => BlockState::Holds(None),
            BlockEnd::At(until) if now >= until => BlockState::Over,
            BlockEnd::At(until) => BlockState::Holds(Some(until)),
            BlockEnd::Trial { from } if now < from => BlockState::Holds(Some(from)),
            BlockEnd::Trial { .. } => match self.on_trial {
                // A clock that was set back makes a trial seem to be ahead: that one is given up too.
                Some(since) if since <= now && now < later(since, TRIAL_LIMIT) => BlockState::OnTrial,
                _ => BlockState::HalfOpen,
            },
        }
    }

    /// When its state changes next by itself.
    pub fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.state(now) {
            BlockState::Holds(until) => until,
            BlockState::OnTrial => self.on_trial.map(|since| later(since, TRIAL_LIMIT)),
            BlockState::HalfOpen | BlockState::Over => None,
        }
    }

    /// Whether it is over for so long that it says nothing about the next one.
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        matches!(self.ends, BlockEnd::At(until) if now >= later(until, MEMORY))
    }

    /// Whether both are about the same thing.
    pub fn is_alike(&self, other: &Self) -> bool {
        (self.kind, &self.scope) == (other.kind, &other.scope)
    }

    /// This block where an earlier one like it is still remembered: the rest is longer each time, but counted once for requests
    /// that fail side by side.
    pub fn after(mut self, earlier: &Self) -> Self {
        let now = self.since;
        let side_by_side = matches!(earlier.state(now), BlockState::Holds(_));
        self.strikes = earlier.strikes.saturating_add(u8::from(!side_by_side)).min(STRIKES_LIMIT);
        // Met by itself at least once: a sibling's word does not make less of it.
        self.shared &= earlier.shared;
        let told = self.kind == BlockKind::Exhausted && matches!(self.ends, BlockEnd::At(_));
        if !told {
            self.ends = lengthened(self.ends, self.strikes, self.kind.longest_rest(), now);
            if side_by_side {
                self.ends = the_later(self.ends, earlier.ends);
            }
        }
        self
    }

    /// A block as it was stored, where what it says is possible.
    pub fn restored(mut self, now: Timestamp) -> Option<Self> {
        let plain = self.evidence.len() <= EVIDENCE_LIMIT && self.evidence.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        self.strikes = self.strikes.min(STRIKES_LIMIT);
        self.ends = bounded(self.ends, now);
        (plain && !self.is_forgotten(now)).then_some(self)
    }
}

fn bounded(ends: BlockEnd, now: Timestamp) -> BlockEnd {
    let latest = later(now, LONGEST);
    match ends {
        BlockEnd::At(until) => BlockEnd::At(until.min(latest)),
        BlockEnd::Trial { from } => BlockEnd::Trial { from: from.min(latest) },
        BlockEnd::SignIn => BlockEnd::SignIn,
    }
}

fn lengthened(ends: BlockEnd, strikes: u8, longest: Duration, now: Timestamp) -> BlockEnd {
    let longer = |until: Timestamp| {
        let rest = Duration::try_from(until.duration_since(now)).unwrap_or_default();
        let doubled = rest.saturating_mul(1 << strikes.min(STRIKES_LIMIT)).min(longest).max(rest);
        later(now, doubled)
    };
    match ends {
        BlockEnd::At(until) => BlockEnd::At(longer(until)),
        BlockEnd::Trial { from } => BlockEnd::Trial { from: longer(from) },
        BlockEnd::SignIn => BlockEnd::SignIn,
    }
}

fn the_later(ours: BlockEnd, theirs: BlockEnd) -> BlockEnd {
    match (ours, theirs) {
        (BlockEnd::At(ours), BlockEnd::At(theirs)) => BlockEnd::At(ours.max(theirs)),
        (BlockEnd::Trial { from: ours }, BlockEnd::Trial { from: theirs }) => BlockEnd::Trial { from: ours.max(theirs) },
        (ours, _) => ours,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn block(kind: BlockKind, ends: BlockEnd, second: i64) -> Block {
        Block::new(kind, BlockScope::Profile, ends, "x", at(second))
    }

    #[test]
    fn a_block_ends_in_its_own_way() {
        let told = block(BlockKind::Exhausted, BlockEnd::At(at(100)), 0);
        assert_eq!(told.state(at(99)), BlockState::Holds(Some(at(100))));
        assert_eq!(told.state(at(100)), BlockState::Over);
        let mut tried = block(BlockKind::Forbidden, BlockEnd::Trial { from: at(100) }, 0);
        assert_eq!(tried.state(at(99)), BlockState::Holds(Some(at(100))));
        assert_eq!(tried.state(at(100)), BlockState::HalfOpen);
        tried.on_trial = Some(at(100));
        assert_eq!(tried.state(at(101)), BlockState::OnTrial);
        assert_eq!(tried.changes_at(at(101)), Some(at(700)));
        assert_eq!(tried.state(at(700)), BlockState::HalfOpen, "the trial was lost");
        tried.on_trial = Some(at(9_000));
        assert_eq!(tried.state(at(101)), BlockState::HalfOpen, "the clock was set back");
        assert_eq!(block(BlockKind::SignedOut, BlockEnd::SignIn, 0).state(Timestamp::MAX), BlockState::Holds(None));
    }

    #[test]
    fn a_rest_that_comes_back_is_longer_and_bounded() {
        let rest = |second| block(BlockKind::RateLimited, BlockEnd::At(at(second + 20)), second);
        let mut last = rest(0);
        let mut rests = Vec::new();
        for _ in 0..9 {
            let BlockEnd::At(until) = last.ends else { panic!("{last:?}") };
            rests.push(until.as_second() - last.since.as_second());
            last = rest(until.as_second()).after(&last);
        }
        assert_eq!(rests, [20, 40, 80, 160, 320, 640, 900, 900, 900]);
        let long = block(BlockKind::RateLimited, BlockEnd::At(at(3600)), 0);
        let again = block(BlockKind::RateLimited, BlockEnd::At(at(7200)), 3600).after(&long);
        assert_eq!(again.ends, BlockEnd::At(at(7200)), "what the provider asks for is never cut");
    }

    #[test]
    fn failures_side_by_side_count_once() {
        let first = block(BlockKind::Forbidden, BlockEnd::Trial { from: at(600) }, 0);
        let mut last = first;
        for second in 1..10 {
            last = block(BlockKind::Forbidden, BlockEnd::Trial { from: at(second + 600) }, second).after(&last);
        }
        assert_eq!((last.strikes, last.ends), (0, BlockEnd::Trial { from: at(609) }));
        let back = block(BlockKind::Forbidden, BlockEnd::Trial { from: at(1300) }, 700).after(&last);
        assert_eq!((back.strikes, back.ends), (1, BlockEnd::Trial { from: at(1900) }));
    }

    #[test]
    fn a_reset_that_was_told_is_taken_as_told() {
        let first = block(BlockKind::Exhausted, BlockEnd::At(at(100)), 0);
        let second = block(BlockKind::Exhausted, BlockEnd::At(at(150)), 110).after(&first);
        assert_eq!(second.ends, BlockEnd::At(at(150)));
        let sooner = block(BlockKind::Exhausted, BlockEnd::At(at(120)), 111).after(&second);
        assert_eq!(sooner.ends, BlockEnd::At(at(120)), "the latest word counts");
    }

    #[test]
    fn no_block_is_for_ever_or_out_of_time() {
        for ends in [BlockEnd::At(Timestamp::MAX), BlockEnd::Trial { from: Timestamp::MAX }] {
            let until = block(BlockKind::Exhausted, ends, 0).changes_at(at(0)).unwrap();
            assert_eq!(until, at(40 * 24 * 3600));
            let mut end = Block::new(BlockKind::Forbidden, BlockScope::Profile, ends, "x", Timestamp::MAX);
            end.strikes = 255;
            assert_eq!(end.clone().after(&end).changes_at(Timestamp::MIN), Some(Timestamp::MAX));
        }
    }

    #[test]
    fn what_was_stored_is_checked() {
        let good = block(BlockKind::Forbidden, BlockEnd::Trial { from: at(600) }, 0);
        let stored = serde_json::to_string(&good).unwrap();
        assert_eq!(serde_json::from_str::<Block>(&stored).unwrap().restored(at(1)), Some(good.clone()));
        let planted = Block { evidence: "Bearer x".into(), ..good.clone() };
        assert_eq!(planted.restored(at(1)), None);
        let over = Block { ends: BlockEnd::At(at(10)), ..good.clone() };
        assert!(over.clone().restored(at(11)).is_some());
        assert_eq!(over.restored(at(700)), None);
        let wild = Block { ends: BlockEnd::At(Timestamp::MAX), strikes: 255, ..good };
        let tame = wild.restored(at(0)).unwrap();
        assert_eq!((tame.ends, tame.strikes), (BlockEnd::At(at(40 * 24 * 3600)), 10));
    }
}
