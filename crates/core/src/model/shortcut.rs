//! The shortcut that opens the window: what became of it on this desktop, and why there is none.

use serde::Serialize;

use super::quota::ShortText;
use crate::failure::{Code, Failure};

/// The shortcut, as far as one process knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct ShortcutView {
    /// What became of it.
    pub state: ShortcutState,
    /// The key that opens the window, in the desktop's words, where it says which.
    pub trigger: Option<ShortText>,
    /// Why no key does.
    pub failure: Option<Failure>,
}

/// What became of the shortcut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ShortcutState {
    /// It is not wanted, or this process does not look after it.
    #[default]
    Off,
    /// The desktop was asked for a key, and may be asking the user.
    Asking,
    /// The desktop has it.
    On,
    /// It is wanted, and there is none: see the failure.
    Failed,
}

/// Why there is no shortcut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unbound {
    /// This desktop, or this system, binds no keys for apps.
    #[error("this desktop binds no keys for apps")]
    Nowhere,
    /// The user or the desktop said no.
    #[error("the desktop gave no key")]
    Declined,
    /// Who should bind it does not answer, or answers what makes no sense.
    #[error("the desktop does not answer as it should")]
    NoAnswer,
    /// The desktop took it back.
    #[error("the desktop took the key back")]
    TakenBack,
}

impl ShortcutView {
    /// The desktop was asked.
    pub fn asking() -> Self {
        Self { state: ShortcutState::Asking, ..Self::default() }
    }

    /// The desktop has it, and calls its key so: what is no short text is left out.
    pub fn bound(trigger: &str) -> Self {
        Self { state: ShortcutState::On, trigger: ShortText::parse(trigger), failure: None }
    }

    /// There is none.
    pub fn unbound(why: Unbound) -> Self {
        Self { state: ShortcutState::Failed, trigger: None, failure: Some(why.into()) }
    }
}

impl From<Unbound> for Failure {
    fn from(why: Unbound) -> Self {
        let again = "Switch the setting off and on to ask again.";
        let failure = |message: &str| Self::new(Code::NotPossibleNow, message);
        match why {
            Unbound::Nowhere => failure("This desktop gives no keys to apps, so no shortcut opens the window."),
            Unbound::Declined => failure("The desktop gave no key, so no shortcut opens the window.").hint(again),
            Unbound::NoAnswer => {
                failure("The desktop was asked for a key and did not answer as it should, so no shortcut opens the window.").hint(again)
            }
            Unbound::TakenBack => failure("The desktop took the key back, so no shortcut opens the window.").hint(again),
        }
        .hint("docs/deep-links.md says how to bind a key by hand.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_shown_is_said_of_the_key() {
        let long = "Ctrl+".repeat(20);
        for (told, shown) in [("Ctrl+Alt+C", Some("Ctrl+Alt+C")), ("", None), (&long, None), ("Ctrl\n+C", None)] {
            let view = ShortcutView::bound(told);
            assert_eq!((view.state, view.trigger.as_ref().map(ShortText::as_str)), (ShortcutState::On, shown), "{told:?}");
        }
    }

    #[test]
    fn whoever_gets_no_key_is_told_the_way_without_one() {
        for why in [Unbound::Nowhere, Unbound::Declined, Unbound::NoAnswer, Unbound::TakenBack] {
            let failure = ShortcutView::unbound(why).failure.unwrap();
            assert!(failure.hints.last().unwrap().contains("docs/deep-links.md"), "{failure:?}");
            assert_eq!(failure.hints.len() == 1, why == Unbound::Nowhere, "{failure:?}");
        }
    }
}
