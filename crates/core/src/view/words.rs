//! The words of the tray and of notifications, in one place. English.

use jiff::Zoned;

use super::times::moment;
use super::{names, quota};
use crate::model::profile::ProfileKind;
use crate::model::routing::Force;
use crate::model::snapshot::{Live, LiveState, ProfileRow, ProfileState, Snapshot, TokenNote, VaultState};

/// The product.
pub const APP: &str = "Codex Lab";
/// Menu item.
pub const ADD_ACCOUNT: &str = "Add account…";
/// Menu item while a sign-in is going on.
pub const SHOW_SIGN_IN: &str = "Show the sign-in…";
/// Menu item.
pub const NO_LOGIN: &str = "No login (sign out locally)";
/// Menu item when there is nothing to undo.
pub const UNDO: &str = "Undo last switch";
/// Menu item.
pub const RESTART_DAEMON: &str = "Restart Codex daemon (keeps conversations)";
/// Submenu with the profiles whose weeks have not started.
pub const PRIME_NOW: &str = "Prime now (start a week)";
/// Menu item with a mark: whether the strategy chooses who serves what comes through the gateway.
pub const AUTO_ROUTING: &str = "Auto routing";
/// Submenu with a mark for each profile: whether it is paused.
pub const PAUSE: &str = "Pause";
/// Menu item.
pub const OPEN: &str = "Open Codex Lab";
/// Menu item.
pub const QUIT: &str = "Quit";
/// Submenu with the profiles that have no room in the menu.
pub const MORE_PROFILES: &str = "More profiles";
/// Button.
pub const ACTION_UNDO: &str = "Undo";
/// Button.
pub const ACTION_RESTART: &str = "Restart daemon";
/// Button.
pub const ACTION_USE: &str = "Use it now";
/// Button.
pub const ACTION_SIGN_IN: &str = "Sign in again";
/// Button.
pub const ACTION_RETRY: &str = "Try again";

/// Button.
pub const ACTION_SNOOZE: &str = "Snooze until reset";
/// Button: why another profile serves.
pub const ACTION_WHY: &str = "Show why";

/// Longest text from outside that is shown on one line, in characters.
const LONGEST: usize = 64;

/// Text from outside on one line: without what could move or hide other text, and not too long.
pub fn plain(text: &str) -> String {
    let mut clean: String = text.chars().filter(|c| !c.is_control() && !is_invisible(*c)).take(LONGEST + 1).collect();
    if clean.chars().count() > LONGEST {
        clean = clean.chars().take(LONGEST - 1).chain(['…']).collect();
    }
    clean
}

/// Zero-width and direction characters, with which a text can pass for another one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// "backup — 5h 62 % · week 18 % left", "work — needs sign-in"; "Profile 2 — …" where names are hidden.
pub fn profile(row: &ProfileRow, snapshot: &Snapshot, now: &Zoned) -> String {
    let usable = matches!((row.state, row.kind), (ProfileState::Ready, ProfileKind::Chatgpt)) && !row.details.drain;
    let quota = quota::brief(&row.quota, now).filter(|_| usable);
    labelled(&title(row, snapshot), quota.or_else(|| profile_state(row, now)))
}

/// A profile's whole name where it begins a line; its place where names are hidden.
pub fn name(row: &ProfileRow, snapshot: &Snapshot) -> String {
    names::title(&row.id, snapshot)
}

/// A profile's name where it begins a line of a menu.
pub fn title(row: &ProfileRow, snapshot: &Snapshot) -> String {
    names::fitting(&names::title(&row.id, snapshot))
}

fn labelled(name: &str, more: Option<String>) -> String {
    more.map_or_else(|| name.to_owned(), |more| format!("{name} — {more}"))
}

/// What is worth knowing of a profile in a word or two: why it cannot be used, else what it is paid by.
pub fn profile_state(row: &ProfileRow, now: &Zoned) -> Option<String> {
    match (row.state, row.kind) {
        (ProfileState::NeedsSignIn, _) => Some("needs sign-in".to_owned()),
        (ProfileState::Paused, _) => Some("paused".to_owned()),
        (ProfileState::Unreadable, _) => Some("login file unreadable".to_owned()),
        (ProfileState::Locked, _) => Some("locked".to_owned()),
        (ProfileState::Ready, _) if row.details.drain => Some("draining".to_owned()),
        (ProfileState::Ready, ProfileKind::ApiKey) => Some("API key".to_owned()),
        (ProfileState::Ready, ProfileKind::Chatgpt) => match row.token {
            TokenNote::Resting { until } => Some(format!("not renewed, next try {}", moment(until, now))),
            TokenNote::Fine | TokenNote::Unsaved => row.plan.as_deref().map(plain),
        },
    }
}

/// The first line of the menu: what Codex runs on.
pub fn live(snapshot: &Snapshot, now: &Zoned) -> String {
    let Live { state, email, plan, .. } = &snapshot.live;
    match state {
        LiveState::None => "Codex has no login".to_owned(),
        LiveState::Profile => match snapshot.profiles.iter().find(|row| row.live) {
            Some(row) => format!("Codex uses {}", labelled(&names::fitting(&names::called(&row.id, snapshot)), profile_state(row, now))),
            None => "Codex has a login".to_owned(),
        },
        LiveState::Unknown => {
            let email = email.as_deref().filter(|_| !snapshot.settings.private_notifications);
            format!("Codex uses {}, not kept here", whose(email, plan.as_deref()))
        }
        LiveState::Unreadable => "Codex's login cannot be read".to_owned(),
        LiveState::Elsewhere => "Codex keeps its login outside of files".to_owned(),
    }
}

/// The lines below: what is left of the live profile's allowance, as far as that is known.
pub fn live_quota(snapshot: &Snapshot, now: &Zoned) -> Vec<String> {
    snapshot.profiles.iter().find(|row| row.live).map_or_else(Vec::new, |row| quota::lines(&row.quota, now))
}

/// "Auto routing", "Auto routing (off until 16:00)".
pub fn auto_routing(force: Option<&Force>, now: &Zoned) -> String {
    match force.map(|force| force.until) {
        None => AUTO_ROUTING.to_owned(),
        Some(None) => format!("{AUTO_ROUTING} (off)"),
        Some(Some(until)) => format!("{AUTO_ROUTING} (off until {})", moment(until, now)),
    }
}

/// "The gateway sends all to main".
pub fn forced(force: &Force, snapshot: &Snapshot) -> String {
    let alone = if force.strict { " alone" } else { "" };
    format!("The gateway sends all to {}{alone}", names::fitting(&names::called(&force.profile, snapshot)))
}

/// "ada@example.com — plus".
pub fn whose(email: Option<&str>, plan: Option<&str>) -> String {
    let email = email.map_or_else(|| "another login".to_owned(), plain);
    plan.map_or_else(|| email.clone(), |plan| format!("{email} — {}", plain(plan)))
}

/// "Undo last switch (back to main)".
pub fn undo(snapshot: &Snapshot) -> String {
    let Some(undo) = &snapshot.undo else { return UNDO.to_owned() };
    let back = match (&undo.to, &undo.name) {
        (Some(to), _) if snapshot.profiles.iter().any(|row| row.id == *to) => names::fitting(&names::called(to, snapshot)),
        (_, Some(name)) => names::fitting(&names::unknown(name, snapshot)),
        (_, None) => "no login".to_owned(),
    };
    format!("{UNDO} (back to {back})")
}

/// "2 Codex sessions still run on the old login".
pub fn stale_sessions(count: usize) -> String {
    match count {
        1 => "1 Codex session still runs on the old login".to_owned(),
        _ => format!("{count} Codex sessions still run on the old login"),
    }
}

/// "2 things need your attention…".
pub fn problems(count: usize) -> String {
    match count {
        1 => "1 thing needs your attention…".to_owned(),
        _ => format!("{count} things need your attention…"),
    }
}

/// "The logins are locked…", for a vault that is not open.
pub fn vault(state: VaultState) -> Option<&'static str> {
    match state {
        VaultState::Open => None,
        VaultState::Locked => Some("The logins are locked…"),
        VaultState::Denied | VaultState::Missing | VaultState::Corrupt => Some("The logins cannot be opened…"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::snapshot::Undo;
    use crate::view::samples::{now, quota, row, snapshot};

    #[test]
    fn a_profile_says_why_it_cannot_be_used_before_what_it_is() {
        for (state, kind, plan, expected) in [
            (ProfileState::Ready, ProfileKind::Chatgpt, Some("plus"), "main — plus"),
            (ProfileState::Ready, ProfileKind::Chatgpt, None, "main"),
            (ProfileState::Ready, ProfileKind::ApiKey, None, "main — API key"),
            (ProfileState::Paused, ProfileKind::Chatgpt, Some("plus"), "main — paused"),
            (ProfileState::NeedsSignIn, ProfileKind::Chatgpt, Some("plus"), "main — needs sign-in"),
            (ProfileState::Unreadable, ProfileKind::ApiKey, None, "main — login file unreadable"),
            (ProfileState::Locked, ProfileKind::Chatgpt, Some("plus"), "main — locked"),
        ] {
            let mut shown = snapshot();
            shown.profiles[0] = row(1, "main", plan);
            (shown.profiles[0].state, shown.profiles[0].kind) = (state, kind);
            assert_eq!(profile(&shown.profiles[0], &shown, &now()), expected);
        }
    }

    #[test]
    fn what_is_left_stands_in_the_place_of_the_plan() {
        let mut shown = snapshot();
        shown.profiles[0].quota = quota(&[(300, 38.0, 3_600)]);
        assert_eq!(profile(&shown.profiles[0], &shown, &now()), "main — 5h 62 % left");
        shown.profiles[0].state = ProfileState::Paused;
        assert_eq!(profile(&shown.profiles[0], &shown, &now()), "main — paused");
    }

    #[test]
    fn the_first_line_says_what_codex_runs_on() {
        for (state, expected) in [
            (LiveState::None, "Codex has no login"),
            (LiveState::Profile, "Codex uses main — plus"),
            (LiveState::Unknown, "Codex uses ada@example.com — plus, not kept here"),
            (LiveState::Unreadable, "Codex's login cannot be read"),
            (LiveState::Elsewhere, "Codex keeps its login outside of files"),
        ] {
            let mut shown = snapshot();
            shown.live.state = state;
            assert_eq!(live(&shown, &now()), expected);
        }
    }

    #[test]
    fn text_from_outside_stays_on_its_line() {
        assert_eq!(plain("a\nb\tc\u{0}d"), "abcd");
        assert_eq!(plain("moc.elpmaxe\u{202e}@ada"), "moc.elpmaxe@ada");
        assert_eq!(plain("pl\u{200b}us"), "plus");
        let long = plain(&"x".repeat(10_000));
        assert_eq!(long.chars().count(), LONGEST);
        assert!(long.ends_with('…'));
        assert_eq!(plain(&"y".repeat(LONGEST)), "y".repeat(LONGEST));
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(stale_sessions(1), "1 Codex session still runs on the old login");
        assert_eq!(stale_sessions(3), "3 Codex sessions still run on the old login");
        assert_eq!(problems(1), "1 thing needs your attention…");
        assert_eq!(problems(2), "2 things need your attention…");
        let mut shown = snapshot();
        assert_eq!(undo(&shown), "Undo last switch");
        shown.undo = Some(Undo { to: None, name: None, switched_at: Timestamp::UNIX_EPOCH });
        assert_eq!(undo(&shown), "Undo last switch (back to no login)");
    }
}
