//! What the user notes about a profile: how it is shown, and how routing may use it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Characters of a label.
pub const LABEL_LIMIT: usize = 40;
/// Characters of a note.
pub const NOTE_LIMIT: usize = 500;
/// The weight of a profile whose weight nobody has set.
pub const USUAL_WEIGHT: u8 = 10;

/// The user's own remarks on a profile. None of it is secret. Label, colour and note are shown wherever the profile is; weight,
/// drain and thresholds are obeyed by routing, `prime` by priming.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
#[ts(export)]
pub struct ProfileDetails {
    /// Shown beside the name; at most 40 characters, none of them a control character.
    pub label: Option<String>,
    /// Marks its row.
    pub colour: Option<Colour>,
    /// For the user alone; at most 500 characters.
    pub note: Option<String>,
    /// Its share of new sessions under the weighted strategy, 0 to 100; 0 only where nothing else is left.
    pub weight: u8,
    /// Finishes what runs and takes nothing new.
    pub drain: bool,
    /// No notification is shown of it alone.
    pub muted: bool,
    /// When it is spared, and when it is a last resort.
    pub thresholds: Thresholds,
    /// Whether its week is started as soon as the last one is over, with the least request there is.
    pub prime: bool,
}

/// What is left of a quota window, in percent, below which a profile is spared. `None`: as set for all profiles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
#[ts(export)]
pub struct Thresholds {
    /// No new sessions below this, while others have more.
    pub low: Option<u8>,
    /// A last resort below this; under `low`.
    pub critical: Option<u8>,
}

/// Colours that stay apart for colour-blind eyes, light and dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Colour {
    /// Blue.
    Blue,
    /// Orange.
    Orange,
    /// Green.
    Green,
    /// Pink.
    Pink,
    /// Yellow.
    Yellow,
    /// Grey.
    Grey,
}

/// Why remarks are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DetailsError {
    /// Longer than 40 characters.
    #[error("the label is longer than {LABEL_LIMIT} characters")]
    LabelTooLong,
    /// Longer than 500 characters.
    #[error("the note is longer than {NOTE_LIMIT} characters")]
    NoteTooLong,
    /// A character that is not shown, such as a line feed in a label.
    #[error("there is a control character in the text")]
    ControlCharacter,
    /// Above 100.
    #[error("the weight is above 100")]
    WeightTooLarge,
    /// A threshold above 100.
    #[error("a threshold is above 100 percent")]
    ThresholdTooLarge,
    /// Critical is not below low.
    #[error("the critical threshold ({critical} %) is not below the low threshold ({low} %)")]
    CriticalNotBelowLow {
        /// As given.
        low: u8,
        /// As given.
        critical: u8,
    },
}

impl Default for ProfileDetails {
    fn default() -> Self {
        Self {
            label: None,
            colour: None,
            note: None,
            weight: USUAL_WEIGHT,
            drain: false,
            muted: false,
            thresholds: Thresholds::default(),
            prime: false,
        }
    }
}

impl ProfileDetails {
    /// Nothing was noted.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The same, with texts trimmed and empty ones dropped, if all of it can be accepted.
    pub fn checked(mut self) -> Result<Self, DetailsError> {
        let tidy = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        self.label = tidy(self.label);
        self.note = tidy(self.note);
        let longer = |text: &Option<String>, limit| text.as_ref().is_some_and(|text| text.chars().count() > limit);
        let unseen = |text: &Option<String>, but: char| text.as_ref().is_some_and(|text| text.chars().any(|c| c.is_control() && c != but));
        let Thresholds { low, critical } = self.thresholds;
        if longer(&self.label, LABEL_LIMIT) {
            Err(DetailsError::LabelTooLong)
        } else if longer(&self.note, NOTE_LIMIT) {
            Err(DetailsError::NoteTooLong)
        } else if unseen(&self.label, ' ') || unseen(&self.note, '\n') {
            Err(DetailsError::ControlCharacter)
        } else if self.weight > 100 {
            Err(DetailsError::WeightTooLarge)
        } else if low.max(critical) > Some(100) {
            Err(DetailsError::ThresholdTooLarge)
        } else {
            match (low, critical) {
                (Some(low), Some(critical)) if critical >= low => Err(DetailsError::CriticalNotBelowLow { low, critical }),
                _ => Ok(self),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(change: impl FnOnce(&mut ProfileDetails)) -> Result<ProfileDetails, DetailsError> {
        let mut details = ProfileDetails::default();
        change(&mut details);
        details.checked()
    }

    #[test]
    fn bad_remarks_are_refused_each_for_its_reason() {
        let cases = [
            (details(|it| it.label = Some("x".repeat(41))), DetailsError::LabelTooLong),
            (details(|it| it.note = Some("x".repeat(501))), DetailsError::NoteTooLong),
            (details(|it| it.label = Some("a\nb".into())), DetailsError::ControlCharacter),
            (details(|it| it.note = Some("a\u{1b}[0mb".into())), DetailsError::ControlCharacter),
            (details(|it| it.weight = 101), DetailsError::WeightTooLarge),
            (details(|it| it.thresholds.critical = Some(101)), DetailsError::ThresholdTooLarge),
            (
                details(|it| it.thresholds = Thresholds { low: Some(10), critical: Some(10) }),
                DetailsError::CriticalNotBelowLow { low: 10, critical: 10 },
            ),
        ];
        for (given, expected) in cases {
            assert_eq!(given.unwrap_err(), expected);
        }
    }

    #[test]
    fn good_remarks_are_tidied() {
        let tidy = details(|it| {
            it.label = Some("  Büro ".into());
            it.note = Some(" ".into());
            it.thresholds = Thresholds { low: Some(20), critical: Some(5) };
        });
        let tidy = tidy.unwrap();
        assert_eq!((tidy.label.as_deref(), tidy.note), (Some("Büro"), None));
        assert!(ProfileDetails::default().is_default());
    }

    #[test]
    fn fields_that_are_missing_have_their_usual_value() {
        let details: ProfileDetails = serde_json::from_str(r#"{"drain":true}"#).unwrap();
        assert_eq!(details, ProfileDetails { drain: true, ..ProfileDetails::default() });
    }
}
