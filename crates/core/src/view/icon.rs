//! Which of the tray's icons is shown. They differ in shape, not in colour alone.

use crate::model::profile::ProfileKind;
use crate::model::quota::{Percent, WindowNote};
use crate::model::snapshot::{LiveState, ProfileState, Snapshot};

/// Below this the mark is no longer full.
const HALF: Percent = Percent::whole(50);

/// The tray's icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconState {
    /// A login is live, with at least half of its scarcest window left, or as far as is known: the mark, filled.
    Ready,
    /// Less than half is left: the mark, filled halfway.
    Half,
    /// Less than the low threshold: a quarter.
    Low,
    /// Less than the critical threshold, or nothing: a last drop.
    Empty,
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
        level(snapshot)
    }
}

fn level(snapshot: &Snapshot) -> IconState {
    let live = snapshot.profiles.iter().find(|profile| profile.live && profile.kind == ProfileKind::Chatgpt);
    match live.and_then(|profile| profile.quota.lowest()).map(|lowest| (lowest.note, lowest.left_percent)) {
        Some((WindowNote::Critical | WindowNote::Empty, _)) => IconState::Empty,
        Some((WindowNote::Low, _)) => IconState::Low,
        Some((WindowNote::Fine, left)) if left < HALF => IconState::Half,
        _ => IconState::Ready,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Code, Failure};
    use crate::view::samples::{quota, snapshot};

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
    fn the_icon_shows_what_is_left_of_the_live_profiles_scarcest_window() {
        for (windows, expected) in [
            (&[][..], IconState::Ready),
            (&[(300, 10.0, 60), (10_080, 50.0, 60)], IconState::Ready),
            (&[(300, 10.0, 60), (10_080, 51.0, 60)], IconState::Half),
            (&[(300, 81.0, 60), (10_080, 51.0, 60)], IconState::Low),
            (&[(300, 96.0, 60), (10_080, 81.0, 60)], IconState::Empty),
            (&[(300, 100.0, 60)], IconState::Empty),
            (&[(300, 100.0, -60)], IconState::Ready),
        ] {
            let mut shown = snapshot();
            shown.profiles[0].quota = quota(windows);
            shown.profiles[1].quota = quota(&[(300, 100.0, 60)]);
            assert_eq!(icon(&shown), expected, "{windows:?}");
            shown.live.state = LiveState::None;
            assert_eq!(icon(&shown), IconState::NoLogin);
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
