//! All that the tray shows, as one value.

use std::time::Duration;

use jiff::Zoned;

use super::icon::{Icon, icon};
use super::menu::{Menu, menu};
use super::words;
use crate::model::prime::PrimePreview;
use crate::model::snapshot::Snapshot;

/// The words of a menu may name a day, and the clock may be set: what is shown is never older than this.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// All that the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tray {
    /// The menu.
    pub menu: Menu,
    /// The icon.
    pub icon: Icon,
    /// What is said to who points at the icon, a few lines.
    pub tip: String,
}

/// The tray for a snapshot; `primes` is what would be done about weeks, `now` is where the user lives.
pub fn tray(snapshot: &Snapshot, primes: &[PrimePreview], now: &Zoned) -> Tray {
    Tray { menu: menu(snapshot, primes, now), icon: icon(snapshot, now.timestamp()), tip: tip(snapshot, now) }
}

/// How long it can be shown unless the snapshot changes.
pub fn lasts(snapshot: &Snapshot, now: &Zoned) -> Duration {
    let force = snapshot.routing.forced(now.timestamp()).and_then(|force| force.until);
    let left = force.and_then(|until| Duration::try_from(until.duration_since(now.timestamp())).ok());
    left.map_or(LONGEST, |left| left.min(LONGEST))
}

/// The live login, what is left of it, and who serves everything.
pub(super) fn tip(snapshot: &Snapshot, now: &Zoned) -> String {
    let mut lines = vec![words::live(snapshot, now)];
    lines.extend(words::live_quota(snapshot, now));
    lines.extend(snapshot.routing.forced(now.timestamp()).map(|force| words::forced(force, snapshot)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::routing::Force;
    use crate::view::samples::{id, now, quota, snapshot};

    #[test]
    fn who_points_at_the_icon_is_told_what_is_left() {
        let mut shown = snapshot();
        shown.profiles[0].quota = quota(&[(300, 38.0, 3_600), (10_080, 82.0, 5 * 86_400)]);
        shown.routing.force = Some(Force { profile: id(2), until: None, strict: false });
        for (private, expected) in [
            (
                false,
                "Codex uses main — plus\n5h 62 % left, resets 15:13\nweek 18 % left, resets Thu 14:13\nThe gateway sends all to backup",
            ),
            (
                true,
                "Codex uses profile 1 — plus\n5h 62 % left, resets 15:13\nweek 18 % left, resets Thu 14:13\nThe gateway sends all to profile 2",
            ),
        ] {
            shown.settings.private_notifications = private;
            assert_eq!(tray(&shown, &[], &now()).tip, expected);
        }
    }

    #[test]
    fn it_is_drawn_anew_when_a_force_ends() {
        let mut shown = snapshot();
        assert_eq!(lasts(&shown, &now()), LONGEST);
        for (ahead, expected) in [(90, Duration::from_secs(90)), (86_400, LONGEST), (0, LONGEST), (-90, LONGEST)] {
            let until = now().timestamp() + jiff::SignedDuration::from_secs(ahead);
            shown.routing.force = Some(Force { profile: id(1), until: Some(until), strict: false });
            assert_eq!(lasts(&shown, &now()), expected, "{ahead}");
        }
    }
}
