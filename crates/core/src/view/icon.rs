//! What the tray's icon tells: how much is left, and what is to be known besides. Each differs in shape, not in colour alone.

use jiff::Timestamp;

use crate::model::profile::ProfileKind;
use crate::model::quota::WindowNote;
use crate::model::snapshot::{LiveState, ProfileRow, ProfileState, Snapshot, VaultState};

/// The steps of a level. More of them would not be seen, and would be drawn anew more often.
pub const STEPS: u8 = 8;

/// The tray's icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Icon {
    /// How full the mark is.
    pub level: Level,
    /// What stands beside it.
    pub sign: Option<Sign>,
}

/// How full the mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// No login is live.
    NoLogin,
    /// A login is live, and nobody knows what is left of it.
    Unknown,
    /// So many of [`STEPS`] are left of the live profile's scarcest window; none only where nothing is left.
    Left(u8),
}

/// What stands beside the mark; where there are several, the first of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// Something waits for the user.
    Attention,
    /// Nothing is left of the live profile.
    UsedUp,
    /// The live profile is paused.
    Paused,
    /// One profile serves everything.
    Forced,
}

impl Icon {
    /// Every icon there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let levels = || [Level::NoLogin, Level::Unknown].into_iter().chain((0..=STEPS).map(Level::Left));
        let signs = [None, Some(Sign::Attention), Some(Sign::UsedUp), Some(Sign::Paused), Some(Sign::Forced)];
        signs.into_iter().flat_map(move |sign| levels().map(move |level| Self { level, sign }))
    }
}

/// The icon for a snapshot.
pub fn icon(snapshot: &Snapshot, now: Timestamp) -> Icon {
    let live = snapshot.profiles.iter().find(|row| row.live);
    let level = match snapshot.live.state {
        LiveState::None => Level::NoLogin,
        _ => live.map_or(Level::Unknown, left),
    };
    Icon { level, sign: sign(snapshot, live, level, now) }
}

fn left(live: &ProfileRow) -> Level {
    match live.quota.lowest().filter(|_| live.kind == ProfileKind::Chatgpt) {
        None => Level::Unknown,
        Some(lowest) if lowest.note == WindowNote::ResetUnverified => Level::Unknown,
        // Rounded up: a last drop is seen.
        Some(lowest) => {
            let steps = (u16::from(lowest.left_percent.rounded_up()) * u16::from(STEPS)).div_ceil(100);
            Level::Left(u8::try_from(steps).map_or(STEPS, |steps| steps.min(STEPS)))
        }
    }
}

fn sign(snapshot: &Snapshot, live: Option<&ProfileRow>, level: Level, now: Timestamp) -> Option<Sign> {
    let is = |states: &[ProfileState]| live.is_some_and(|row| states.contains(&row.state));
    let waits = matches!(snapshot.live.state, LiveState::Unreadable | LiveState::Elsewhere)
        || is(&[ProfileState::NeedsSignIn, ProfileState::Unreadable])
        || snapshot.vault.state != VaultState::Open
        || !snapshot.problems.is_empty();
    if waits {
        Some(Sign::Attention)
    } else if level == Level::Left(0) {
        Some(Sign::UsedUp)
    } else if is(&[ProfileState::Paused]) {
        Some(Sign::Paused)
    } else {
        snapshot.routing.forced(now).map(|_| Sign::Forced)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::failure::{Code, Failure};
    use crate::model::routing::Force;
    use crate::view::samples::{id, now, quota, snapshot};

    fn drawn(snapshot: &Snapshot) -> (Level, Option<Sign>) {
        let Icon { level, sign } = icon(snapshot, now().timestamp());
        (level, sign)
    }

    #[test]
    fn the_icon_follows_the_live_login() {
        for (state, expected) in [
            (LiveState::None, (Level::NoLogin, None)),
            (LiveState::Profile, (Level::Left(5), None)),
            (LiveState::Unreadable, (Level::Left(5), Some(Sign::Attention))),
            (LiveState::Elsewhere, (Level::Left(5), Some(Sign::Attention))),
        ] {
            let mut shown = snapshot();
            shown.profiles[0].quota = quota(&[(300, 40.0, 60)]);
            shown.live.state = state;
            assert_eq!(drawn(&shown), expected, "{state:?}");
        }
        let mut shown = snapshot();
        (shown.live.state, shown.profiles[0].live) = (LiveState::Unknown, false);
        assert_eq!(drawn(&shown), (Level::Unknown, None));
    }

    #[test]
    fn the_level_is_what_is_left_of_the_live_profiles_scarcest_window() {
        for (windows, expected) in [
            (&[][..], (Level::Unknown, None)),
            (&[(300, 0.0, 60)], (Level::Left(8), None)),
            (&[(300, 10.0, 60), (10_080, 50.0, 60)], (Level::Left(4), None)),
            (&[(300, 10.0, 60), (10_080, 51.0, 60)], (Level::Left(4), None)),
            (&[(300, 81.0, 60), (10_080, 51.0, 60)], (Level::Left(2), None)),
            (&[(300, 99.5, 60), (10_080, 81.0, 60)], (Level::Left(1), None)),
            (&[(300, 100.0, 60), (10_080, 81.0, 60)], (Level::Left(0), Some(Sign::UsedUp))),
            (&[(300, 100.0, -60)], (Level::Unknown, None)),
            (&[(300, 100.0, -60), (10_080, 81.0, 60)], (Level::Left(2), None)),
        ] {
            let mut shown = snapshot();
            shown.profiles[0].quota = quota(windows);
            shown.profiles[1].quota = quota(&[(300, 100.0, 60)]);
            assert_eq!(drawn(&shown), expected, "{windows:?}");
            shown.profiles[0].kind = ProfileKind::ApiKey;
            assert_eq!(drawn(&shown), (Level::Unknown, None), "a key has no windows");
            shown.live.state = LiveState::None;
            assert_eq!(drawn(&shown).0, Level::NoLogin);
        }
    }

    #[test]
    fn what_asks_for_most_stands_beside_the_mark() {
        let mut shown = snapshot();
        shown.profiles[1].state = ProfileState::NeedsSignIn;
        assert_eq!(drawn(&shown).1, None, "who is not live asks for nothing here");
        let mut force = Force { profile: id(2), until: Some(now().timestamp()), strict: true };
        shown.routing.force = Some(force.clone());
        assert_eq!(drawn(&shown).1, None, "it is over");
        force.until = None;
        shown.routing.force = Some(force);
        assert_eq!(drawn(&shown).1, Some(Sign::Forced));
        shown.profiles[0].state = ProfileState::Paused;
        assert_eq!(drawn(&shown).1, Some(Sign::Paused));
        shown.profiles[0].quota = quota(&[(300, 100.0, 60)]);
        assert_eq!(drawn(&shown).1, Some(Sign::UsedUp));
        let change: [fn(&mut Snapshot); 3] = [
            |shown| shown.profiles[0].state = ProfileState::NeedsSignIn,
            |shown| shown.vault.state = VaultState::Locked,
            |shown| shown.problems.push(Failure::new(Code::Storage, "A file was set aside.")),
        ];
        for change in change {
            let mut shown = shown.clone();
            change(&mut shown);
            assert_eq!(drawn(&shown).1, Some(Sign::Attention));
        }
    }

    #[test]
    fn all_icons_are_named_once() {
        let all: Vec<Icon> = Icon::all().collect();
        assert_eq!(all.len(), all.iter().collect::<HashSet<_>>().len());
        assert_eq!(all.len(), 5 * (2 + usize::from(STEPS) + 1));
    }
}
