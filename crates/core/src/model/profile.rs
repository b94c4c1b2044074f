//! A profile: an account the user can switch to. Nothing in it is secret.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::details::ProfileDetails;
use super::name::ProfileName;
use super::subject::Subject;
use crate::base::entropy::{Entropy, random_hex};

/// Names a profile for good; the name may change. 16 lower-case hex digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct ProfileId([u8; DIGITS]);

/// Digits of an id.
const DIGITS: usize = 16;

impl ProfileId {
    /// A new id.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut digits = [b'0'; DIGITS];
        digits.iter_mut().zip(random_hex(entropy, DIGITS / 2).bytes()).for_each(|(digit, random)| *digit = random);
        Self(digits)
    }

    /// Checks an id from outside.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes().try_into().ok().map(Self)?;
        digits.0.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)).then_some(digits)
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProfileId").field(&self.as_str()).finish()
    }
}

/// A text that is no profile id.
#[derive(Debug, thiserror::Error)]
#[error("a profile id has 16 hex digits")]
pub struct NoProfileId;

impl TryFrom<String> for ProfileId {
    type Error = NoProfileId;
    fn try_from(text: String) -> Result<Self, NoProfileId> {
        Self::parse(&text).ok_or(NoProfileId)
    }
}

impl From<ProfileId> for String {
    fn from(id: ProfileId) -> Self {
        id.as_str().to_owned()
    }
}

/// How an account signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ProfileKind {
    /// With ChatGPT: a subscription.
    Chatgpt,
    /// With an OpenAI API key: paid by use.
    ApiKey,
}

/// An account the user can switch to, as the index keeps it. The order of profiles is the index's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Stays the same for the profile's life.
    pub id: ProfileId,
    /// Also the name of its folder.
    pub name: ProfileName,
    /// How it signs in.
    pub kind: ProfileKind,
    /// Whose account it is.
    pub subject: Subject,
    /// For display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// For display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The user keeps it out of use for now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// The provider refused its tokens for good; only a new sign-in helps.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_sign_in: bool,
    /// The fingerprint of the refresh token that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_token: Option<String>,
    /// What the user has noted about it.
    #[serde(default, skip_serializing_if = "ProfileDetails::is_default")]
    pub details: ProfileDetails,
    /// Another tool's store that this login was imported from: that tool may still refresh it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
    /// When it was added.
    pub added_at: Timestamp,
    /// When it last became the live login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_live_at: Option<Timestamp>,
    /// Fields of newer versions, kept.
    #[serde(flatten)]
    pub unknown: serde_json::Map<String, serde_json::Value>,
}
