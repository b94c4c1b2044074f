//! May a profile take a request, and if not, why. Each reason has a sentence in `view/why`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::block::BlockKind;

/// What is decided of one profile for one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may take it.
    Eligible {
        /// How gladly it is given new work.
        rank: Rank,
    },
    /// It may not, for all of these.
    Refused(Vec<Reason>),
}

/// How gladly a profile is given new work; the first goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Nothing speaks against it.
    Preferred,
    /// Below its low threshold: no new sessions while others have more.
    Spared,
    /// Below its critical threshold, running on credits, or just met by a failure: when nothing else is left.
    LastResort,
    /// Costs money by use: after all that is paid for already.
    Paid,
}

/// Why a profile does not take a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The user keeps it out of use.
    Paused,
    /// Its login is refused for good.
    NeedsSignIn,
    /// Its login cannot be opened now.
    VaultLocked,
    /// It finishes what runs and takes nothing new.
    Draining,
    /// It rests.
    Blocked {
        /// Why.
        kind: BlockKind,
        /// Until when, if that is known.
        #[ts(type = "string | null")]
        until: Option<Timestamp>,
    },
    /// One request is just trying whether its block is over.
    OnTrial {
        /// Which block.
        kind: BlockKind,
    },
    /// A window is used up.
    Exhausted {
        /// The window's length.
        minutes: u32,
        /// When it starts anew.
        #[ts(type = "string | null")]
        resets_at: Option<Timestamp>,
    },
    /// The workspace that it shares with others has no credits left, and it has nothing of its own.
    WorkspaceOut {
        /// Until when, if that is known.
        #[ts(type = "string | null")]
        until: Option<Timestamp>,
    },
    /// Its account may not use the model.
    ModelNotSupported,
    /// The folder is bound to others.
    NotInFolderSet,
    /// It stands on the other side of a role wall.
    RoleWall,
    /// The session, the launch, the folder or the user insists on another one.
    ForcedElsewhere,
    /// API keys do not stand in for subscriptions unless the user allows it.
    ApiKeyNotAllowed,
    /// What may be spent is spent.
    OverSpendCap,
    /// It has had its try at this request.
    AlreadyTried,
}

impl Reason {
    /// When it goes away by itself: `Some(None)` where it does, but nobody knows when; `None` where only the user can help.
    pub fn passes(&self) -> Option<Option<Timestamp>> {
        match self {
            Self::Blocked { kind: BlockKind::SignedOut, .. } => None,
            Self::Blocked { until, .. } | Self::WorkspaceOut { until } => Some(*until),
            Self::Exhausted { resets_at, .. } => Some(*resets_at),
            Self::OnTrial { .. } => Some(None),
            _ => None,
        }
    }
}

impl Verdict {
    /// Whether it may take the request.
    pub fn is_eligible(&self) -> bool {
        matches!(self, Self::Eligible { .. })
    }
}

/// Why the profile that serves was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The user tied this session to it.
    SessionPin,
    /// The session was started on it.
    LaunchPin,
    /// The folder is bound to it.
    Folder,
    /// It serves everything for now.
    Forced,
    /// The session is at home there.
    Sticky,
    /// The last session with this repository and model was.
    Bucket,
    /// The strategy's choice for a new session.
    Strategy,
    /// The strategy's choice after others had failed or refused.
    Fallback,
}
