//! News: what the user is told once, by a notification or by a hook; and how it is known that something was told already.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::block::BlockKind;
use super::lifetime::later;
use super::profile::ProfileId;
use super::quota::{Minutes, Percent};

/// What nobody knows the end of is not told again within this time.
const AGAIN_AFTER: Duration = Duration::from_secs(10 * 60);
/// The same where nobody has quota, which is worse and lasts longer.
const NOBODY_AGAIN_AFTER: Duration = Duration::from_secs(60 * 60);

/// Something worth telling once. It names profiles by their ids: who words it knows their names, or hides them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum News {
    /// Less is left of a window than a threshold.
    Low {
        /// Whose.
        profile: ProfileId,
        /// The window's length.
        minutes: Minutes,
        /// What is left.
        left: Percent,
        /// Whether it is the critical threshold.
        critical: bool,
        /// When the window starts anew, if known.
        resets_at: Option<Timestamp>,
    },
    /// Nothing is left of a window.
    Exhausted {
        /// Whose.
        profile: ProfileId,
        /// The window's length.
        minutes: Minutes,
        /// When it starts anew, if known.
        resets_at: Option<Timestamp>,
    },
    /// No profile has quota left.
    AllExhausted {
        /// The first to come back, if known.
        first: Option<ProfileId>,
        /// When, if known.
        until: Option<Timestamp>,
    },
    /// A profile stands in for another that could not serve.
    FellBack {
        /// The one that could not.
        from: ProfileId,
        /// The one that does.
        to: ProfileId,
        /// Why, if it rests for a reason.
        why: Option<BlockKind>,
        /// Until when it rests, if known.
        until: Option<Timestamp>,
    },
    /// A window that was low has started anew.
    Reset {
        /// Whose.
        profile: ProfileId,
        /// The window's length.
        minutes: Minutes,
        /// The reset that was awaited, if one was known.
        reset: Option<Timestamp>,
    },
    /// A window was started ahead of need.
    Primed {
        /// Whose.
        profile: ProfileId,
        /// The window's length.
        minutes: Minutes,
        /// When it ends now, if known.
        resets_at: Option<Timestamp>,
    },
    /// A profile's login is gone for good.
    SignInNeeded {
        /// Whose.
        profile: ProfileId,
    },
}

/// What news is about. The order is that of a summary: the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Nobody has quota left.
    AllExhausted,
    /// A login is gone.
    SignIn,
    /// What is left of a window.
    Quota,
    /// Who stands in.
    FellBack,
    /// A window starts anew.
    Reset,
    /// A window was started.
    Primed,
}

/// What one notification tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bulletin {
    /// One thing.
    One(News),
    /// Several at once, the worst first.
    Many {
        /// What.
        news: Vec<News>,
        /// Whether it waited for quiet hours to end.
        waited: bool,
    },
}

/// What makes two pieces of news the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsKey {
    /// About what.
    pub topic: Topic,
    /// About whom; `None` for all.
    pub profile: Option<ProfileId>,
    /// Who stands in.
    pub other: Option<ProfileId>,
    /// The window's length; `None` if it is about no window.
    pub minutes: Option<Minutes>,
    /// The reset that ends it, if known.
    pub reset: Option<Timestamp>,
    /// How bad it is: of one window, only what is worse is news. 1 is low, 2 critical, 3 exhausted; 0 has no degrees.
    pub level: u8,
}

/// What was told, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub key: NewsKey,
    /// When.
    pub at: Timestamp,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::AllExhausted, Self::SignIn, Self::Quota, Self::FellBack, Self::Reset, Self::Primed];

    /// The topic as it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllExhausted => "all_exhausted",
            Self::SignIn => "sign_in",
            Self::Quota => "quota",
            Self::FellBack => "fell_back",
            Self::Reset => "reset",
            Self::Primed => "primed",
        }
    }

    /// The topic of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.as_str() == text)
    }
}

impl News {
    /// What makes it the same as other news.
    pub fn key(&self) -> NewsKey {
        let (topic, profile, minutes, reset, level) = match self {
            Self::Low { profile, minutes, critical, resets_at, .. } => {
                (Topic::Quota, Some(profile), Some(*minutes), *resets_at, if *critical { 2 } else { 1 })
            }
            Self::Exhausted { profile, minutes, resets_at } => (Topic::Quota, Some(profile), Some(*minutes), *resets_at, 3),
            Self::AllExhausted { until, .. } => (Topic::AllExhausted, None, None, *until, 0),
            Self::FellBack { from, until, .. } => (Topic::FellBack, Some(from), None, *until, 0),
            Self::Reset { profile, minutes, reset } => (Topic::Reset, Some(profile), Some(*minutes), *reset, 0),
            Self::Primed { profile, minutes, resets_at } => (Topic::Primed, Some(profile), Some(*minutes), *resets_at, 0),
            Self::SignInNeeded { profile } => (Topic::SignIn, Some(profile), None, None, 0),
        };
        let other = if let Self::FellBack { to, .. } = self { Some(to.clone()) } else { None };
        NewsKey { topic, profile: profile.cloned(), other, minutes, reset, level }
    }

    /// Whom it is about; `None` for all.
    pub fn profile(&self) -> Option<&ProfileId> {
        match self {
            Self::Low { profile, .. }
            | Self::Exhausted { profile, .. }
            | Self::FellBack { from: profile, .. }
            | Self::Reset { profile, .. }
            | Self::Primed { profile, .. }
            | Self::SignInNeeded { profile } => Some(profile),
            Self::AllExhausted { .. } => None,
        }
    }

    /// Whether it does not wait for quiet hours to end: without the user, work stands still.
    pub fn is_urgent(&self) -> bool {
        matches!(self, Self::AllExhausted { .. } | Self::SignInNeeded { .. })
    }

    /// Whether it has passed by itself: what it tells of was to end before now.
    pub fn is_over(&self, now: Timestamp) -> bool {
        match self {
            Self::Low { resets_at, .. } | Self::Exhausted { resets_at, .. } => resets_at.is_some_and(|at| at <= now),
            Self::AllExhausted { until, .. } | Self::FellBack { until, .. } => until.is_some_and(|at| at <= now),
            Self::Reset { .. } | Self::Primed { .. } | Self::SignInNeeded { .. } => false,
        }
    }
}

impl Bulletin {
    /// All it tells.
    pub fn news(&self) -> &[News] {
        match self {
            Self::One(news) => std::slice::from_ref(news),
            Self::Many { news, .. } => news,
        }
    }

    /// Whether it is to stay on the screen until it is read.
    pub fn is_urgent(&self) -> bool {
        self.news().iter().any(News::is_urgent)
    }
}

impl NewsKey {
    /// Whether it is no news any more, after what was told.
    pub fn was_told(&self, told: &[Told], now: Timestamp) -> bool {
        told.iter().filter(|told| self.is_about(&told.key)).any(|told| self.is_said_by(told, now))
    }

    /// Whether the two are of one window, or otherwise of one matter.
    pub fn is_about(&self, other: &Self) -> bool {
        (self.topic, &self.profile, &self.other, self.minutes) == (other.topic, &other.profile, &other.other, other.minutes)
    }

    /// Whether two resets of this window are one: a provider tells the same reset some seconds apart, and a window that has just
    /// been reset ends a whole length later.
    pub fn has_same_reset(&self, other: &Self) -> bool {
        let (Some(ours), Some(theirs)) = (self.reset, other.reset) else { return self.reset == other.reset };
        let half = self.minutes.map_or(0, |minutes| i64::from(minutes.get()) * 30);
        ours.duration_since(theirs).as_secs().saturating_abs() < half
    }

    fn is_said_by(&self, told: &Told, now: Timestamp) -> bool {
        let within = |time: Duration| told.at <= now && now < later(told.at, time);
        match self.topic {
            // Until the login is there again, which strikes it off the ledger.
            Topic::SignIn => true,
            Topic::AllExhausted => told.key.reset.map_or_else(|| self.reset.is_none() && within(NOBODY_AGAIN_AFTER), |reset| now < reset),
            Topic::FellBack => told.key.reset.is_some_and(|reset| now < reset) || within(AGAIN_AFTER),
            Topic::Quota if told.key.level < self.level => false,
            Topic::Quota | Topic::Reset | Topic::Primed => {
                let length = Duration::from_secs(self.minutes.map_or(0, |minutes| u64::from(minutes.get()) * 60));
                match (self.reset, told.key.reset) {
                    (Some(_), Some(_)) => self.has_same_reset(&told.key),
                    // Where one of them was not known, it is the window that was told of within its length.
                    (None, Some(reset)) => now < reset || self.topic == Topic::Reset && within(length),
                    _ => within(length),
                }
            }
        }
    }
}
