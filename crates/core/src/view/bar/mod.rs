//! One line for a status bar: which profile is live and what is left of it. For desktops without a tray.

mod template;

use jiff::Zoned;

use super::times::{moment, window_short};
use super::{names, quota, tray, words};
use crate::model::profile::ProfileKind;
use crate::model::quota::{WindowNote, WindowView};
use crate::model::snapshot::{LiveState, ProfileRow, ProfileState, Snapshot, VaultState};
pub use template::{PLACEHOLDERS, Template, TemplateError};

/// What is not known, in the place of a number or a time.
const UNKNOWN: &str = "?";

/// What a bar shows. None of its texts is longer than a line, but for `tooltip`; none has anything that steers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// "main 18 %", "no login".
    pub text: String,
    /// A few lines: the live login, what is left of it, and a line for each other profile.
    pub tooltip: String,
    /// What is to be said of it.
    pub class: BarClass,
    /// What is left of the scarcest window, 0 to 100; `None`: nobody knows.
    pub percentage: Option<u8>,
    /// The words of [`PLACEHOLDERS`], in their order.
    pub words: [String; PLACEHOLDERS.len()],
}

/// What is to be said of the live login, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarClass {
    /// Something waits for the user.
    Attention,
    /// No login is live.
    NoLogin,
    /// The live profile is paused.
    Paused,
    /// Nobody knows what is left.
    Unknown,
    /// Nothing is left.
    Empty,
    /// Less is left than the critical threshold.
    Critical,
    /// Less is left than the low threshold.
    Low,
    /// Enough is left.
    Fine,
}

impl BarClass {
    /// As style sheets and templates name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::NoLogin => "no-login",
            Self::Paused => "paused",
            Self::Unknown => "unknown",
            Self::Empty => "empty",
            Self::Critical => "critical",
            Self::Low => "low",
            Self::Fine => "fine",
        }
    }
}

/// What a bar shows of a snapshot; `now` is where the user lives. Names and e-mails are left out where the user wants them hidden.
pub fn bar(snapshot: &Snapshot, now: &Zoned) -> Bar {
    let live = snapshot.profiles.iter().find(|row| row.live);
    let lowest = live.filter(|row| row.kind == ProfileKind::Chatgpt).and_then(|row| row.quota.lowest());
    let known = lowest.filter(|window| window.note != WindowNote::ResetUnverified);
    let percentage = known.map(|window| window.left_percent.rounded_up());
    let profile = match snapshot.live.state {
        LiveState::None => "no login".to_owned(),
        _ => live.map_or_else(|| "another login".to_owned(), |row| names::called(&row.id, snapshot)),
    };
    let class = class(snapshot, live, known);
    let text = match (class, percentage) {
        (BarClass::Attention, _) => format!("{profile} !"),
        (_, Some(left)) => format!("{profile} {left} %"),
        (_, None) => profile.clone(),
    };
    let shown = |email: &Option<String>| email.as_deref().filter(|_| !snapshot.settings.private_notifications).map(words::plain);
    let unknown = || UNKNOWN.to_owned();
    let words = [
        profile,
        live.and_then(|row| row.plan.as_deref()).or(snapshot.live.plan.as_deref()).map(words::plain).unwrap_or_default(),
        shown(&snapshot.live.email).unwrap_or_default(),
        class.as_str().to_owned(),
        percentage.map_or_else(unknown, |left| left.to_string()),
        lowest.map_or_else(unknown, |window| window_short(window.minutes.get())),
        known.and_then(|window| window.resets_at).map_or_else(unknown, |at| moment(at, now)),
        live.and_then(|row| quota::brief(&row.quota, now)).unwrap_or_else(unknown),
    ];
    Bar { text, tooltip: tooltip(snapshot, now), class, percentage, words }
}

fn class(snapshot: &Snapshot, live: Option<&ProfileRow>, known: Option<&WindowView>) -> BarClass {
    let is = |states: &[ProfileState]| live.is_some_and(|row| states.contains(&row.state));
    let waits = matches!(snapshot.live.state, LiveState::Unreadable | LiveState::Elsewhere)
        || is(&[ProfileState::NeedsSignIn, ProfileState::Unreadable])
        || snapshot.vault.state != VaultState::Open;
    match known.map(|window| window.note) {
        _ if waits => BarClass::Attention,
        _ if snapshot.live.state == LiveState::None => BarClass::NoLogin,
        _ if is(&[ProfileState::Paused]) => BarClass::Paused,
        None | Some(WindowNote::ResetUnverified) => BarClass::Unknown,
        Some(WindowNote::Empty) => BarClass::Empty,
        Some(WindowNote::Critical) => BarClass::Critical,
        Some(WindowNote::Low) => BarClass::Low,
        Some(WindowNote::Fine) => BarClass::Fine,
    }
}

fn tooltip(snapshot: &Snapshot, now: &Zoned) -> String {
    let others = snapshot.profiles.iter().filter(|row| !row.live).map(|row| words::profile(row, snapshot, now));
    [tray::tip(snapshot, now)].into_iter().chain(others).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::samples::{now, quota, snapshot};

    #[test]
    fn a_bar_says_who_is_live_and_what_is_left() {
        for (windows, text, class, percentage) in [
            (&[][..], "main", BarClass::Unknown, None),
            (&[(300, 38.0, 3_600), (10_080, 50.0, 86_400)], "main 50 %", BarClass::Fine, Some(50)),
            (&[(300, 38.0, 3_600), (10_080, 82.0, 86_400)], "main 18 %", BarClass::Low, Some(18)),
            (&[(300, 95.5, 3_600)], "main 5 %", BarClass::Low, Some(5)),
            (&[(300, 96.0, 3_600)], "main 4 %", BarClass::Critical, Some(4)),
            (&[(300, 100.0, 3_600)], "main 0 %", BarClass::Empty, Some(0)),
            (&[(300, 100.0, -60)], "main", BarClass::Unknown, None),
        ] {
            let mut shown = snapshot();
            shown.profiles[0].quota = quota(windows);
            let bar = bar(&shown, &now());
            assert_eq!((bar.text.as_str(), bar.class, bar.percentage), (text, class, percentage), "{windows:?}");
        }
    }

    #[test]
    fn what_waits_for_the_user_goes_before_what_is_left() {
        let full = || quota(&[(300, 38.0, 3_600)]);
        let shown = |change: fn(&mut Snapshot)| {
            let mut shown = snapshot();
            shown.profiles[0].quota = full();
            change(&mut shown);
            let bar = bar(&shown, &now());
            (bar.class, bar.text)
        };
        for (change, class, text) in [
            ((|_| {}) as fn(&mut Snapshot), BarClass::Fine, "main 62 %"),
            (|shown| shown.profiles[0].state = ProfileState::NeedsSignIn, BarClass::Attention, "main !"),
            (|shown| shown.profiles[0].state = ProfileState::Paused, BarClass::Paused, "main 62 %"),
            (|shown| shown.vault.state = VaultState::Locked, BarClass::Attention, "main !"),
            (|shown| shown.live.state = LiveState::Unreadable, BarClass::Attention, "main !"),
            (|shown| shown.profiles[0].kind = ProfileKind::ApiKey, BarClass::Unknown, "main"),
        ] {
            assert_eq!(shown(change), (class, text.to_owned()));
        }
        let mut none = snapshot();
        (none.live.state, none.profiles[0].live) = (LiveState::None, false);
        assert_eq!(bar(&none, &now()).text, "no login");
        none.live.state = LiveState::Unknown;
        assert_eq!(bar(&none, &now()).text, "another login");
    }

    #[test]
    fn the_tooltip_has_a_line_for_each_profile_and_names_nobody_in_privacy() {
        let mut shown = snapshot();
        shown.profiles[0].quota = quota(&[(10_080, 82.0, 86_400)]);
        assert_eq!(bar(&shown, &now()).tooltip, "Codex uses main — plus\nweek 18 % left, resets Sun 14:13\nbackup — plus\nwork — business");
        shown.settings.private_notifications = true;
        let hidden = bar(&shown, &now());
        assert_eq!(hidden.text, "profile 1 18 %");
        let all = Template::parse("{profile}|{email}").unwrap().fill(&hidden);
        assert_eq!(all, "profile 1|");
        assert!(!format!("{hidden:?}").contains("main") && !format!("{hidden:?}").contains("example.com"), "{hidden:?}");
    }
}
