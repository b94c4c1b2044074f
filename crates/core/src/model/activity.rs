//! Activity: everything Codex Lab did, as one timeline. Each entry says who, from where, why and until when.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::activity_filter::{ActivityFilter, LARGEST_PAGE, Place, SEARCH_LIMIT, USUAL_PAGE};
use super::background::Purpose;
use super::decision::{Chosen, Decision};
use super::news::Topic;
use super::prime::PrimeTrouble;
use super::profile::ProfileId;
use super::verdict::{Choice, Reason, Verdict};
use crate::failure::Code;

/// The sorts of entries: what a user filters by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ActivityKind {
    /// The live login was changed.
    Switch,
    /// Another profile stood in, or none could.
    Fallback,
    /// A profile rests, or does not any more.
    Block,
    /// A sign-in.
    SignIn,
    /// A login was renewed, or could not be.
    Renewal,
    /// A profile was imported, removed or brought back.
    Profile,
    /// A week was started ahead of need.
    Prime,
    /// The user was told something.
    Notice,
    /// Who serves a session: an everyday decision.
    Choice,
    /// A request in the background: everyday, too.
    Background,
}

impl ActivityKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Switch,
        Self::Fallback,
        Self::Block,
        Self::SignIn,
        Self::Renewal,
        Self::Profile,
        Self::Prime,
        Self::Notice,
        Self::Choice,
        Self::Background,
    ];

    /// Its name where it is typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Switch => "switch",
            Self::Fallback => "fallback",
            Self::Block => "block",
            Self::SignIn => "sign-in",
            Self::Renewal => "renewal",
            Self::Profile => "profile",
            Self::Prime => "prime",
            Self::Notice => "notice",
            Self::Choice => "choice",
            Self::Background => "background",
        }
    }

    /// Whether there is so much of it that it is shown only where it is asked for.
    pub fn is_everyday(self) -> bool {
        matches!(self, Self::Choice | Self::Background)
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Happened {
    /// Another login is live.
    Switched,
    /// A profile stood in for another.
    FellBack,
    /// No profile could serve.
    NobodyLeft,
    /// A profile was given a session.
    Chosen,
    /// A profile began to rest.
    BlockBegan,
    /// It does not rest any more.
    BlockEnded,
    /// A sign-in made a profile.
    Added,
    /// A sign-in renewed a profile.
    SignedIn,
    /// A sign-in ended without a profile.
    SignInFailed,
    /// A login was renewed.
    Renewed,
    /// It could not be renewed for now.
    RenewalFailed,
    /// It will never be renewed: a new sign-in is needed.
    RenewalRefused,
    /// An import made a profile.
    Imported,
    /// An import brought a newer login.
    Updated,
    /// A profile was forgotten here.
    Removed,
    /// Its login was ended at the provider, too.
    SignedOut,
    /// A removed profile came back.
    BroughtBack,
    /// The request that starts a week is on its way, or was; whether the week runs is still to be seen.
    PrimeSent,
    /// The week runs.
    Primed,
    /// It does not, as far as anyone can tell.
    PrimeFailed,
    /// The user was told something.
    Told,
    /// The provider was asked something in the background.
    Asked,
}

impl Happened {
    const ALL: [Self; 22] = [
        Self::Switched,
        Self::FellBack,
        Self::NobodyLeft,
        Self::Chosen,
        Self::BlockBegan,
        Self::BlockEnded,
        Self::Added,
        Self::SignedIn,
        Self::SignInFailed,
        Self::Renewed,
        Self::RenewalFailed,
        Self::RenewalRefused,
        Self::Imported,
        Self::Updated,
        Self::Removed,
        Self::SignedOut,
        Self::BroughtBack,
        Self::PrimeSent,
        Self::Primed,
        Self::PrimeFailed,
        Self::Told,
        Self::Asked,
    ];

    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Switched => "switched",
            Self::FellBack => "fell_back",
            Self::NobodyLeft => "nobody_left",
            Self::Chosen => "chosen",
            Self::BlockBegan => "block_began",
            Self::BlockEnded => "block_ended",
            Self::Added => "added",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::Renewed => "renewed",
            Self::RenewalFailed => "renewal_failed",
            Self::RenewalRefused => "renewal_refused",
            Self::Imported => "imported",
            Self::Updated => "updated",
            Self::Removed => "removed",
            Self::SignedOut => "signed_out",
            Self::BroughtBack => "brought_back",
            Self::PrimeSent => "prime_sent",
            Self::Primed => "primed",
            Self::PrimeFailed => "prime_failed",
            Self::Told => "told",
            Self::Asked => "asked",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == text)
    }

    /// The sort it belongs to.
    pub fn kind(self) -> ActivityKind {
        match self {
            Self::Switched => ActivityKind::Switch,
            Self::FellBack | Self::NobodyLeft => ActivityKind::Fallback,
            Self::Chosen => ActivityKind::Choice,
            Self::BlockBegan | Self::BlockEnded => ActivityKind::Block,
            Self::Added | Self::SignedIn | Self::SignInFailed => ActivityKind::SignIn,
            Self::Renewed | Self::RenewalFailed | Self::RenewalRefused => ActivityKind::Renewal,
            Self::Imported | Self::Updated | Self::Removed | Self::SignedOut | Self::BroughtBack => ActivityKind::Profile,
            Self::PrimeSent | Self::Primed | Self::PrimeFailed => ActivityKind::Prime,
            Self::Told => ActivityKind::Notice,
            Self::Asked => ActivityKind::Background,
        }
    }

    /// Whether something went wrong.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::NobodyLeft | Self::SignInFailed | Self::RenewalFailed | Self::RenewalRefused | Self::PrimeFailed)
    }
}

/// Why it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(tag = "of", rename_all = "snake_case")]
#[ts(export)]
pub enum ActivityWhy {
    /// The user did it.
    ByHand,
    /// The profile before was removed.
    WasRemoved,
    /// Something spoke against the profile that it was taken from, or against this one.
    Reason {
        /// What.
        reason: Reason,
    },
    /// Why a profile was chosen.
    Choice {
        /// By what.
        choice: Choice,
    },
    /// What went wrong when a week was started.
    Prime {
        /// What.
        trouble: PrimeTrouble,
    },
    /// The last week was over.
    WeekOver,
    /// What a request was for.
    Purpose {
        /// What.
        purpose: Purpose,
    },
    /// What the user was told about.
    News {
        /// Of what.
        topic: Topic,
        /// See [`NewsKey::level`](super::news::NewsKey::level).
        level: u8,
        /// The window's length, if it is about one.
        minutes: Option<u32>,
    },
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct ActivityEntry {
    /// Names it for good.
    pub key: String,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Of which sort.
    pub kind: ActivityKind,
    /// What.
    pub what: Happened,
    /// The profile before; `None` where there was none.
    pub from: Option<ProfileId>,
    /// The profile it is about, or that it went to; `None` where there is none.
    pub to: Option<ProfileId>,
    /// Why, if that is known.
    pub why: Option<ActivityWhy>,
    /// Until when it lasts, if it lasts and that is known.
    #[ts(type = "string | null")]
    pub until: Option<Timestamp>,
    /// The session it was for.
    pub session: Option<String>,
    /// The model it was about.
    pub model: Option<String>,
    /// Why it failed.
    pub code: Option<Code>,
    /// How many times it happened alike.
    pub times: u32,
}

impl ActivityEntry {
    /// An entry of which nothing more is known.
    pub fn of(key: String, at: Timestamp, what: Happened, to: Option<ProfileId>) -> Self {
        let kind = what.kind();
        Self { key, at, kind, what, from: None, to, why: None, until: None, session: None, model: None, code: None, times: 1 }
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        Place { at: self.at.as_millisecond(), key: self.key.clone() }
    }

    /// The newest first; never the same for two entries.
    pub fn order(&self, other: &Self) -> Ordering {
        (other.at.as_millisecond(), &other.key).cmp(&(self.at.as_millisecond(), &self.key))
    }

    /// Whether a profile has to do with it.
    pub fn is_about(&self, profile: &ProfileId) -> bool {
        [&self.from, &self.to].contains(&&Some(profile.clone()))
    }

    /// A decision of routing: somebody stood in, nobody could, or an everyday one.
    pub fn of_decision(key: String, decision: Decision) -> Self {
        let found = |profile: &ProfileId| {
            let judged = decision.verdicts.iter().find(|judged| judged.profile == *profile)?;
            let Verdict::Refused(reasons) = &judged.verdict else { return None };
            reasons.iter().find(|reason| **reason != Reason::AlreadyTried).or(reasons.first()).copied()
        };
        let from = decision.instead_of.clone().or_else(|| decision.tried.first().cloned());
        let (what, to, why, until) = match &decision.chosen {
            None => {
                let refused = decision.verdicts.iter().filter_map(|judged| found(&judged.profile));
                let back = refused.filter_map(|reason| reason.passes().flatten().map(|until| (until, reason)));
                let first = back.min_by_key(|(until, _)| *until);
                (Happened::NobodyLeft, None, first.map(|(_, reason)| ActivityWhy::Reason { reason }), first.map(|(until, _)| until))
            }
            Some(chosen) if from.as_ref().is_some_and(|from| stands_in(&decision, from, chosen)) => {
                let reason = from.as_ref().and_then(found);
                let until = reason.and_then(|reason| reason.passes().flatten());
                (Happened::FellBack, Some(chosen.profile.clone()), reason.map(|reason| ActivityWhy::Reason { reason }), until)
            }
            Some(chosen) => (Happened::Chosen, Some(chosen.profile.clone()), Some(ActivityWhy::Choice { choice: chosen.choice }), None),
        };
        let from = from.filter(|_| what != Happened::Chosen);
        let model = decision.model.map(|model| model.as_str().to_owned());
        Self { from, why, until, session: decision.session, model, times: decision.times, ..Self::of(key, decision.at, what, to) }
    }
}

/// Whether that is no wish of the user's, but need.
fn stands_in(decision: &Decision, from: &ProfileId, chosen: &Chosen) -> bool {
    let wished = matches!(chosen.choice, Choice::SessionPin | Choice::LaunchPin | Choice::Folder | Choice::Forced);
    *from != chosen.profile && (!wished || decision.tried.contains(from))
}

#[cfg(test)]
#[path = "activity_tests.rs"]
mod tests;
