//! Which notification an event earns, and what it says.

use super::command::{Command, restart_target};
use super::words;
use crate::failure::{Code, Failure};
use crate::model::event::Event;
use crate::model::profile::ProfileId;
use crate::model::snapshot::Snapshot;

/// A notification of the desktop. A click beside the buttons shows the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub body: String,
    /// Buttons: what each asks for and what it says.
    pub actions: Vec<(Command, &'static str)>,
    /// Stays until it is read, where the desktop does that.
    pub urgent: bool,
}

/// The notification for an event; `None` if it earns none or the user wants none.
pub fn notice(event: &Event, snapshot: &Snapshot) -> Option<Notice> {
    if !snapshot.settings.notifications {
        return None;
    }
    match event {
        Event::Switched { from, to, stale_sessions } => Some(switched(from.as_deref(), to.as_deref(), *stale_sessions, snapshot)),
        Event::SignedIn { profile, name, created } => Some(signed_in(profile, name, *created, snapshot)),
        Event::SignInNeeded { profile, name } => Some(Notice {
            title: format!("{} needs sign-in", words::plain(name)),
            body: "Its login is no longer accepted. Codex Lab keeps the profile until you sign in again.".to_owned(),
            actions: vec![(Command::SignInAgain(profile.clone()), words::ACTION_SIGN_IN)],
            urgent: true,
        }),
        Event::SignInFailed { failure } if failure.code == Code::Cancelled => None,
        Event::SignInFailed { failure } => {
            let again = snapshot.sign_in.as_ref().and_then(|sign_in| sign_in.again.clone());
            let retry = again.map_or(Command::AddAccount, Command::SignInAgain);
            let actions = vec![(retry, words::ACTION_RETRY)];
            Some(Notice { title: "The sign-in did not work".to_owned(), body: explained(failure), actions, urgent: false })
        }
        Event::FellBack { from, to } => Some(Notice {
            title: format!("{} goes on for {}", words::plain(to), words::plain(from)),
            body: format!("{} cannot serve now. Running sessions go on by themselves.", words::plain(from)),
            actions: vec![(Command::OpenWindow, words::OPEN)],
            urgent: false,
        }),
        Event::Exhausted { until } => Some(Notice {
            title: "All profiles are out of quota".to_owned(),
            body: until.map_or_else(
                || "Nothing says when the first one has some again.".to_owned(),
                |until| format!("The first one has some again {}.", words::moment(until)),
            ),
            actions: vec![(Command::OpenWindow, words::OPEN)],
            urgent: true,
        }),
        Event::Primed { .. } | Event::DaemonRestarted => None,
    }
}

/// The notification for what was asked for in the menu or in a notification, and refused.
pub fn refusal(failure: &Failure) -> Notice {
    Notice { title: "That did not work".to_owned(), body: explained(failure), actions: Vec::new(), urgent: false }
}

/// The notification for when the window was closed and no tray icon can be seen: how to come back, or to end the app.
pub fn without_tray() -> Notice {
    Notice {
        title: "Codex Lab goes on without a window".to_owned(),
        body: "This desktop shows no tray icons. Start Codex Lab again to get the window back.".to_owned(),
        actions: vec![(Command::OpenWindow, words::OPEN), (Command::Quit, words::QUIT)],
        urgent: false,
    }
}

fn switched(from: Option<&str>, to: Option<&str>, stale_sessions: usize, snapshot: &Snapshot) -> Notice {
    let title = match to {
        Some(to) => format!("Codex now uses {}", words::plain(to)),
        None => "Codex now has no login".to_owned(),
    };
    let mut sentences = vec![match (from, to) {
        (Some(from), Some(_)) => format!("Before, it was {}.", words::plain(from)),
        (Some(from), None) => format!("{} is kept here, and was not signed out at the provider.", words::plain(from)),
        (None, _) => "Before, there was no login.".to_owned(),
    }];
    let mut actions = Vec::new();
    if snapshot.undo.is_some() {
        actions.push((Command::Undo, words::ACTION_UNDO));
    }
    if stale_sessions > 0 {
        sentences.push(format!("{}.", words::stale_sessions(stale_sessions)));
        if restart_target(snapshot).is_some() {
            actions.push((Command::RestartDaemon, words::ACTION_RESTART));
        }
    }
    Notice { title, body: sentences.join(" "), actions, urgent: false }
}

fn signed_in(profile: &ProfileId, name: &str, created: bool, snapshot: &Snapshot) -> Notice {
    let row = snapshot.profiles.iter().find(|row| row.id == *profile);
    let name = words::plain(name);
    let title = if created { format!("{name} was added") } else { format!("{name} is signed in again") };
    let whose = row.map(|row| words::whose(row.email.as_deref(), row.plan.as_deref()));
    let is_live = row.is_some_and(|row| row.live);
    let actions = if is_live { Vec::new() } else { vec![(Command::SwitchTo(profile.clone()), words::ACTION_USE)] };
    Notice { title, body: whose.map_or_else(String::new, |whose| format!("{whose}.")), actions, urgent: false }
}

fn explained(failure: &Failure) -> String {
    match failure.hints.first() {
        Some(hint) => format!("{} {hint}", failure.message),
        None => failure.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::snapshot::{SessionKind, SignInPhase, Undo};
    use crate::view::samples::{id, session, sign_in, snapshot};

    fn name(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_switch_can_be_undone_from_its_notice() {
        let mut shown = snapshot();
        shown.undo = Some(Undo { to: Some(id(2)), name: Some(name("backup")), switched_at: Timestamp::UNIX_EPOCH });
        let undo = (Command::Undo, "Undo");
        for (from, to, title, body) in [
            (Some(name("backup")), Some(name("main")), "Codex now uses main", "Before, it was backup."),
            (None, Some(name("main")), "Codex now uses main", "Before, there was no login."),
            (Some(name("main")), None, "Codex now has no login", "main is kept here, and was not signed out at the provider."),
        ] {
            let notice = notice(&Event::Switched { from, to, stale_sessions: 0 }, &shown).unwrap();
            assert_eq!((notice.title.as_str(), notice.body.as_str()), (title, body));
            assert_eq!(notice.actions, std::slice::from_ref(&undo));
        }
    }

    #[test]
    fn a_switch_tells_of_sessions_on_the_old_login() {
        let mut shown = snapshot();
        shown.sessions = vec![session(7, SessionKind::Daemon, true)];
        let event = Event::Switched { from: Some(name("backup")), to: Some(name("main")), stale_sessions: 1 };
        let with_daemon = notice(&event, &shown).unwrap();
        assert_eq!(with_daemon.body, "Before, it was backup. 1 Codex session still runs on the old login.");
        assert_eq!(with_daemon.actions, [(Command::RestartDaemon, "Restart daemon")]);
        shown.sessions[0].choices.clear();
        assert_eq!(notice(&event, &shown).unwrap().actions, []);
    }

    #[test]
    fn a_new_profile_can_be_used_at_once_unless_it_is_live() {
        let shown = snapshot();
        let added = notice(&Event::SignedIn { profile: id(2), name: "backup".to_owned(), created: true }, &shown).unwrap();
        assert_eq!((added.title.as_str(), added.body.as_str()), ("backup was added", "backup@example.com — plus."));
        assert_eq!(added.actions, [(Command::SwitchTo(id(2)), "Use it now")]);
        let renewed = notice(&Event::SignedIn { profile: id(1), name: "main".to_owned(), created: false }, &shown).unwrap();
        assert_eq!((renewed.title.as_str(), renewed.actions.len()), ("main is signed in again", 0));
    }

    #[test]
    fn a_lost_login_asks_for_a_sign_in_and_stays() {
        let needed = notice(&Event::SignInNeeded { profile: id(3), name: "work".to_owned() }, &snapshot()).unwrap();
        assert_eq!(needed.title, "work needs sign-in");
        assert_eq!(needed.actions, [(Command::SignInAgain(id(3)), "Sign in again")]);
        assert!(needed.urgent);
    }

    #[test]
    fn a_failed_sign_in_says_why_and_tries_the_same_again() {
        let mut shown = snapshot();
        let event =
            Event::SignInFailed { failure: Failure::new(Code::PortBusy, "Both ports are in use.").hint("Close the other sign-in.") };
        let failed = notice(&event, &shown).unwrap();
        assert_eq!(failed.body, "Both ports are in use. Close the other sign-in.");
        assert_eq!(failed.actions, [(Command::AddAccount, "Try again")]);
        shown.sign_in = Some(sign_in(SignInPhase::Failed));
        shown.sign_in.as_mut().unwrap().again = Some(id(3));
        assert_eq!(notice(&event, &shown).unwrap().actions, [(Command::SignInAgain(id(3)), "Try again")]);
    }

    #[test]
    fn what_the_user_does_not_want_or_did_himself_earns_none() {
        let mut shown = snapshot();
        assert_eq!(notice(&Event::DaemonRestarted, &shown), None);
        assert_eq!(notice(&Event::SignInFailed { failure: Failure::new(Code::Cancelled, "Cancelled.") }, &shown), None);
        shown.settings.notifications = false;
        assert_eq!(notice(&Event::Switched { from: None, to: Some(name("main")), stale_sessions: 0 }, &shown), None);
    }
}
