//! Priming as plain values: what became of each try to start a week, and what speaks against one.

pub mod ledger;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::profile::ProfileId;

/// How far the start of a window has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PrimeState {
    /// One process is about to send the request; nothing has gone out.
    Reserved,
    /// The request may have gone out. Whether the window runs is still to be seen.
    Sent,
    /// The window's reset stands still: it runs.
    Verified,
    /// It does not run, as far as anyone can tell.
    Failed,
}

impl PrimeState {
    const ALL: [Self; 4] = [Self::Reserved, Self::Sent, Self::Verified, Self::Failed];

    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Sent => "sent",
            Self::Verified => "verified",
            Self::Failed => "failed",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Why a window could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PrimeTrouble {
    /// There was no token to send it with.
    NoToken,
    /// The account's list of models was not to be had, or had none to choose.
    NoModel,
    /// The provider found fault with the request, or with its model.
    Refused,
    /// A limit of the account is reached.
    LimitReached,
    /// The account was not let through.
    NotAllowed,
    /// Nobody answered.
    Unreachable,
    /// The provider could not answer.
    ServerTrouble,
    /// The answer broke off before its end, so that nobody can tell what it did.
    BrokeOff,
    /// The answer came whole, and the reset still moves with the clock.
    StillSlides,
}

impl PrimeTrouble {
    const ALL: [Self; 9] = [
        Self::NoToken,
        Self::NoModel,
        Self::Refused,
        Self::LimitReached,
        Self::NotAllowed,
        Self::Unreachable,
        Self::ServerTrouble,
        Self::BrokeOff,
        Self::StillSlides,
    ];

    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::NoModel => "no_model",
            Self::Refused => "refused",
            Self::LimitReached => "limit_reached",
            Self::NotAllowed => "not_allowed",
            Self::Unreachable => "unreachable",
            Self::ServerTrouble => "server_trouble",
            Self::BrokeOff => "broke_off",
            Self::StillSlides => "still_slides",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.as_str() == text)
    }

    /// Whether the window may have started all the same.
    pub fn leaves_doubt(self) -> bool {
        matches!(self, Self::BrokeOff | Self::ServerTrouble)
    }
}

/// What became of one window of one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct PrimeRecord {
    /// Whose window.
    pub profile: ProfileId,
    /// The reset as it slid when the window was claimed last: about when it ends if it was started then. It names the window, by
    /// the provider's clock alone.
    #[ts(type = "string")]
    pub anchor: Timestamp,
    /// How far it has come.
    pub state: PrimeState,
    /// Tries so far.
    pub attempts: u32,
    /// Whether the user asked for it by hand.
    pub by_user: bool,
    /// When the last try was claimed.
    #[ts(type = "string")]
    pub reserved_at: Timestamp,
    /// When the last request was about to go out.
    #[ts(type = "string | null")]
    pub sent_at: Option<Timestamp>,
    /// When its answer had ended, well or badly.
    #[ts(type = "string | null")]
    pub ended_at: Option<Timestamp>,
    /// When the next try is due; `None`: there is none for this window.
    #[ts(type = "string | null")]
    pub next_at: Option<Timestamp>,
    /// The model that was asked.
    pub model: Option<String>,
    /// Tokens that went in, as the provider counts them.
    pub input_tokens: Option<u32>,
    /// Tokens that came out.
    pub output_tokens: Option<u32>,
    /// Where the reset stands, once it stands.
    #[ts(type = "string | null")]
    pub resets_at: Option<Timestamp>,
    /// What went wrong last.
    pub trouble: Option<PrimeTrouble>,
}

/// Why a profile's window is not started now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Hindrance {
    /// The user has not asked for it.
    #[error("it is not switched on")]
    NotOptedIn,
    /// An API key has no windows.
    #[error("an API key has no week")]
    ApiKey,
    /// The user keeps the profile out of use.
    #[error("the profile is paused")]
    Paused,
    /// It finishes what runs and takes nothing new.
    #[error("the profile takes nothing new")]
    Draining,
    /// Only a new sign-in helps.
    #[error("the profile needs sign-in")]
    NeedsSignIn,
    /// Its login cannot be opened now.
    #[error("the vault is locked")]
    VaultLocked,
    /// Another tool owns the login.
    #[error("another tool holds this login too")]
    OwnedElsewhere,
    /// It rests.
    #[error("the profile rests")]
    Blocked,
    /// A window is used up.
    #[error("a window is used up")]
    Exhausted,
    /// A session is at work with it.
    #[error("a session is at work with it")]
    InUse,
    /// Nothing is sent in the background.
    #[error("nothing is sent in the background")]
    Conservative,
    /// The day's requests are used up.
    #[error("the day's requests are used up")]
    OverBudget {
        /// When there is one again.
        #[ts(type = "string")]
        until: Timestamp,
    },
    /// The plan has no weekly window.
    #[error("the plan has no week")]
    NoWindow,
    /// Nobody can tell yet whether the window runs.
    #[error("it is not clear yet whether the week runs")]
    Unclear {
        /// When it is looked at again; `None`: with the next reading there is.
        #[ts(type = "string | null")]
        until: Option<Timestamp>,
    },
    /// The window runs.
    #[error("the week runs")]
    Running {
        /// Up to when.
        #[ts(type = "string")]
        until: Timestamp,
    },
    /// It was started already, or another process is at it.
    #[error("the week was started already")]
    AlreadyPrimed,
    /// The last try failed; the next is due then.
    #[error("the last try failed")]
    Resting {
        /// When.
        #[ts(type = "string")]
        until: Timestamp,
    },
    /// All tries have failed: it is left alone until the next window.
    #[error("all tries have failed, until the next week")]
    GivenUp,
    /// It waits so that it does not end together with another profile's.
    #[error("it keeps its distance to another profile's week")]
    Apart {
        /// Up to when.
        #[ts(type = "string")]
        until: Timestamp,
    },
}

/// What comes of a start by hand, as far as is known without asking anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum PrimeByHand {
    /// The week has not started: it is looked at once more, if that is needed, and started.
    Starts,
    /// Nobody can tell: it is looked at twice, a minute apart, and started if it has not.
    Looks,
    /// Nothing is sent.
    Refused {
        /// Why.
        why: Hindrance,
    },
}

/// What would be done about one profile now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct PrimePreview {
    /// Which profile.
    pub profile: ProfileId,
    /// Its name.
    pub name: String,
    /// Whether the user has asked for it.
    pub opted_in: bool,
    /// Why nothing is sent now; `None`: the request would go out now.
    pub hindrance: Option<Hindrance>,
    /// What the user would get by asking for it now.
    pub by_hand: PrimeByHand,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_the_state_survive() {
        for state in PrimeState::ALL {
            assert_eq!(PrimeState::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for trouble in PrimeTrouble::ALL {
            assert_eq!(PrimeTrouble::parse(trouble.as_str()), Some(trouble));
            assert_eq!(serde_json::to_value(trouble).unwrap(), trouble.as_str());
        }
        assert_eq!((PrimeState::parse("primed"), PrimeTrouble::parse("")), (None, None));
    }
}
