//! Which of the tray's icons is shown. They differ in shape, not in colour alone.

use crate::model::snapshot::{LiveState, ProfileState, Snapshot};

/// The tray's icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconState {
    /// A login is live: the mark, filled.
    Ready,
    /// No login is live: the mark's outline.
    NoLogin,
    /// Something waits for the user: the mark with an exclamation mark.
    Attention,
}

/// The icon for a snapshot.
pub fn icon(snapshot: &Snapshot) -> IconState {
    let live_is_broken = matches!(snapshot.live.state, LiveState::Unreadable | LiveState::Elsewhere)
        || snapshot
            .profiles
            .iter()
            .any(|profile| profile.live && matches!(profile.state, ProfileState::NeedsSignIn | ProfileState::Unreadable));
    if live_is_broken || !snapshot.problems.is_empty() {
        IconState::Attention
    } else if snapshot.live.state == LiveState::None {
        IconState::NoLogin
    } else {
        IconState::Ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Code, Failure};
    use crate::view::samples::snapshot;

    #[test]
    fn the_icon_follows_the_live_login() {
        for (state, expected) in [
            (LiveState::None, IconState::NoLogin),
            (LiveState::Profile, IconState::Ready),
            (LiveState::Unknown, IconState::Ready),
            (LiveState::Unreadable, IconState::Attention),
            (LiveState::Elsewhere, IconState::Attention),
        ] {
            let mut shown = snapshot();
            shown.live.state = state;
            assert_eq!(icon(&shown), expected, "{state:?}");
        }
    }

    #[test]
    fn only_the_live_profile_and_problems_ask_for_attention() {
        let mut shown = snapshot();
        shown.profiles[1].state = ProfileState::NeedsSignIn;
        assert_eq!(icon(&shown), IconState::Ready);
        shown.profiles[0].state = ProfileState::NeedsSignIn;
        assert_eq!(icon(&shown), IconState::Attention);

        let mut shown = snapshot();
        shown.live.state = LiveState::None;
        shown.problems.push(Failure::new(Code::Storage, "A file was set aside."));
        assert_eq!(icon(&shown), IconState::Attention);
    }
}
