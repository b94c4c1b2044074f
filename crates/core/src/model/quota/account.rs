//! What the provider says of an account beside its windows: plan, credits, spend limit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::text::ShortText;
use super::window::{Percent, is_from_the_future};

/// What a reading says of one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Told<T> {
    /// Not a word: what was known stays.
    #[default]
    Unsaid,
    /// That there is none.
    Nothing,
    /// This.
    Is(T),
}

impl<T> Told<T> {
    /// What was said, if it was something.
    pub fn said(&self) -> Option<&T> {
        match self {
            Self::Is(said) => Some(said),
            Self::Unsaid | Self::Nothing => None,
        }
    }
}

impl<T> From<Option<T>> for Told<T> {
    /// Of a source that keeps silent about what there is none of.
    fn from(said: Option<T>) -> Self {
        said.map_or(Self::Unsaid, Self::Is)
    }
}

/// Credits that are used when the windows are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Credits {
    /// Whether there are any.
    pub has_credits: bool,
    /// Whether they never end.
    pub unlimited: bool,
    /// How much, as the provider writes it.
    pub balance: Option<ShortText>,
    /// Whether the limit on their use is reached; `None` if not said.
    #[serde(default)]
    pub overage_limit_reached: Option<bool>,
}

/// A limit on what one member of a workspace may spend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct SpendLimit {
    /// Whether it is reached.
    pub reached: bool,
    /// The limit, as the provider writes it.
    pub limit: Option<ShortText>,
    /// How much of it is used.
    pub used_percent: Option<Percent>,
    /// When it starts anew.
    #[ts(type = "string | null")]
    pub resets_at: Option<Timestamp>,
}

/// Which limit is reached: an open set (codex-runtime.md 4.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(from = "ShortText", into = "ShortText")]
#[ts(as = "String")]
pub enum LimitReached {
    /// A window is empty.
    RateLimit,
    /// The workspace has no credits left; the owner is told.
    OwnerCreditsDepleted,
    /// The workspace has no credits left; a member is told.
    MemberCreditsDepleted,
    /// The workspace's limit is reached; the owner is told.
    OwnerUsageLimit,
    /// The workspace's limit is reached; a member is told.
    MemberUsageLimit,
    /// One that came later than this version.
    Other(ShortText),
}

const KNOWN: [(&str, LimitReached); 5] = [
    ("rate_limit_reached", LimitReached::RateLimit),
    ("workspace_owner_credits_depleted", LimitReached::OwnerCreditsDepleted),
    ("workspace_member_credits_depleted", LimitReached::MemberCreditsDepleted),
    ("workspace_owner_usage_limit_reached", LimitReached::OwnerUsageLimit),
    ("workspace_member_usage_limit_reached", LimitReached::MemberUsageLimit),
];

impl LimitReached {
    /// The provider's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(word) => word.as_str(),
            known => KNOWN.iter().find(|(_, limit)| limit == known).map_or("", |(word, _)| word),
        }
    }

    /// Whether only bought credits help, whatever the windows say.
    pub fn is_out_of_credits(&self) -> bool {
        matches!(self, Self::OwnerCreditsDepleted | Self::MemberCreditsDepleted)
    }
}

impl From<ShortText> for LimitReached {
    fn from(word: ShortText) -> Self {
        KNOWN.iter().find(|(known, _)| *known == word.as_str()).map_or(Self::Other(word), |(_, limit)| limit.clone())
    }
}

impl From<LimitReached> for ShortText {
    fn from(limit: LimitReached) -> Self {
        match limit {
            LimitReached::Other(word) => word,
            known => Self::known(KNOWN.iter().find(|(_, limit)| *limit == known).map_or("rate_limit_reached", |(word, _)| word)),
        }
    }
}

/// All that is known of an account beside its windows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Its plan: an open set.
    pub plan: Noted<ShortText>,
    /// Its credits.
    pub credits: Noted<Credits>,
    /// Its own spend limit.
    pub spend_limit: Noted<SpendLimit>,
    /// How many times its windows can be reset on request.
    pub reset_credits: Noted<u32>,
    /// The limit that is reached.
    pub limit_reached: Noted<LimitReached>,
}

impl Account {
    /// Takes what another process of ours was told later.
    pub fn take_later(&mut self, other: &Self) {
        self.plan.take_later(&other.plan);
        self.credits.take_later(&other.credits);
        self.spend_limit.take_later(&other.spend_limit);
        self.reset_credits.take_later(&other.reset_credits);
        self.limit_reached.take_later(&other.limit_reached);
    }

    /// What was noted before the clock was set back gives way to whatever is told next.
    pub fn notice_clock(&mut self, now: Timestamp) {
        self.plan.notice_clock(now);
        self.credits.notice_clock(now);
        self.spend_limit.notice_clock(now);
        self.reset_credits.notice_clock(now);
        self.limit_reached.notice_clock(now);
    }
}

/// One thing that is known, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Noted<T> {
    /// What; `None` if there is none, or nobody has said.
    pub is: Option<T>,
    /// When it was said.
    pub at: Timestamp,
}

impl<T> Default for Noted<T> {
    fn default() -> Self {
        Self { is: None, at: Timestamp::UNIX_EPOCH }
    }
}

impl<T: PartialEq + Clone> Noted<T> {
    /// Takes what was said at a time, unless a later word is known. Whether it says something new.
    pub(super) fn take(&mut self, told: &Told<T>, at: Timestamp) -> bool {
        let is = match told {
            Told::Unsaid => return false,
            Told::Nothing => None,
            Told::Is(said) => Some(said.clone()),
        };
        if at < self.at {
            return false;
        }
        self.at = at;
        let differs = self.is != is;
        self.is = is;
        differs
    }

    fn take_later(&mut self, other: &Self) {
        if self.at < other.at {
            *self = other.clone();
        }
    }

    fn notice_clock(&mut self, now: Timestamp) {
        if is_from_the_future(self.at, now) {
            self.at = Timestamp::UNIX_EPOCH;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn every_word_for_a_limit_survives() {
        let words = KNOWN.iter().map(|(word, _)| *word).chain(["spend_ceiling_reached"]);
        for word in words {
            let limit = LimitReached::from(ShortText::parse(word).unwrap());
            assert_eq!(limit.as_str(), word);
            assert_eq!(ShortText::from(limit.clone()).as_str(), word);
            assert_eq!(limit.is_out_of_credits(), word.ends_with("credits_depleted"));
            let stored = serde_json::to_string(&limit).unwrap();
            assert_eq!(serde_json::from_str::<LimitReached>(&stored).unwrap(), limit);
        }
    }

    #[test]
    fn the_later_word_counts_and_silence_says_nothing() {
        let mut noted = Noted::default();
        assert!(noted.take(&Told::Is(1), at(10)));
        assert!(!noted.take(&Told::Unsaid, at(20)) && !noted.take(&Told::Is(2), at(9)) && !noted.take(&Told::Nothing, at(9)));
        assert_eq!((noted.is, noted.at), (Some(1), at(10)));
        assert!(!noted.take(&Told::Is(1), at(30)));
        assert_eq!(noted.at, at(30));
        assert!(noted.take(&Told::Nothing, at(31)));
        assert_eq!(noted.is, None);
    }
}
