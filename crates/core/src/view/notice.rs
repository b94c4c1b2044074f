//! Which notification an event earns, and what it says.

use jiff::Zoned;

use super::command::{Command, restart_target};
use super::{names, news, words};
use crate::failure::{Code, Failure};
use crate::model::event::Event;
use crate::model::profile::ProfileId;
use crate::model::snapshot::Snapshot;

/// A notification of the desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub body: String,
    /// Buttons: what each asks for and what it says.
    pub actions: Vec<(Command, String)>,
    /// What a click beside the buttons asks for.
    pub opens: Command,
    /// Stays until it is read, where the desktop does that.
    pub urgent: bool,
}

impl Notice {
    /// One without buttons, which can wait.
    pub(super) fn plain(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self { title: title.into(), body: body.into(), actions: Vec::new(), opens: Command::OpenWindow, urgent: false }
    }

    /// With one more button.
    #[must_use]
    pub(super) fn button(mut self, command: Command, label: impl Into<String>) -> Self {
        self.actions.push((command, label.into()));
        self
    }
}

/// The notification for an event; `None` if it earns none or the user wants none.
pub fn notice(event: &Event, snapshot: &Snapshot, now: &Zoned) -> Option<Notice> {
    if !snapshot.settings.notifications {
        return None;
    }
    match event {
        Event::Switched { from, to, stale_sessions } => Some(switched(from.as_deref(), to.as_deref(), *stale_sessions, snapshot)),
        Event::SignedIn { profile, created, .. } => Some(signed_in(profile, *created, snapshot)),
        Event::News(news) => Some(news::one(news, snapshot, now)),
        Event::SignInFailed { failure } if failure.code == Code::Cancelled => None,
        Event::SignInFailed { failure } => {
            let again = snapshot.sign_in.as_ref().and_then(|sign_in| sign_in.again.clone());
            let retry = again.map_or(Command::AddAccount, Command::SignInAgain);
            Some(Notice::plain("The sign-in did not work", explained(failure, snapshot)).button(retry, words::ACTION_RETRY))
        }
        Event::DaemonRestarted => None,
    }
}

/// The notification for what was asked for in the menu or in a notification, and refused.
pub fn refusal(failure: &Failure, snapshot: Option<&Snapshot>) -> Notice {
    Notice::plain("That did not work", snapshot.map_or_else(|| worded(failure), |snapshot| explained(failure, snapshot)))
}

/// The notification for when the window was closed and no tray icon can be seen: how to come back, or to end the app.
pub fn without_tray() -> Notice {
    Notice::plain("Codex Lab goes on without a window", "This desktop shows no tray icons. Start Codex Lab again to get the window back.")
        .button(Command::OpenWindow, words::OPEN)
        .button(Command::Quit, words::QUIT)
}

fn switched(from: Option<&str>, to: Option<&str>, stale_sessions: usize, snapshot: &Snapshot) -> Notice {
    let called = |name: &str| {
        let row = snapshot.profiles.iter().find(|row| row.name == name);
        row.map_or_else(|| names::unknown(name, snapshot), |row| names::called(&row.id, snapshot))
    };
    let title = match to {
        Some(to) => format!("Codex now uses {}", called(to)),
        None => "Codex now has no login".to_owned(),
    };
    let before = match (from, to) {
        (Some(from), Some(_)) => format!("Before, it was {}.", called(from)),
        (Some(from), None) => names::sentence(&format!("{} is kept here, and was not signed out at the provider.", called(from)), snapshot),
        (None, _) => "Before, there was no login.".to_owned(),
    };
    let mut notice = Notice::plain(title, before);
    if snapshot.undo.is_some() {
        notice = notice.button(Command::Undo, words::ACTION_UNDO);
    }
    if stale_sessions > 0 {
        notice.body = format!("{} {}.", notice.body, words::stale_sessions(stale_sessions));
        if restart_target(snapshot).is_some() {
            notice = notice.button(Command::RestartDaemon, words::ACTION_RESTART);
        }
    }
    notice
}

fn signed_in(profile: &ProfileId, created: bool, snapshot: &Snapshot) -> Notice {
    let row = snapshot.profiles.iter().find(|row| row.id == *profile);
    let name = names::called(profile, snapshot);
    let title = if created { format!("{name} was added") } else { format!("{name} is signed in again") };
    let whose = row.filter(|_| !snapshot.settings.private_notifications).map(|row| words::whose(row.email.as_deref(), row.plan.as_deref()));
    let notice = Notice::plain(names::sentence(&title, snapshot), whose.map_or_else(String::new, |whose| format!("{whose}.")));
    if row.is_some_and(|row| row.live) { notice } else { notice.button(Command::SwitchTo(profile.clone()), words::ACTION_USE) }
}

/// A failure's own words may name whom it is about.
fn explained(failure: &Failure, snapshot: &Snapshot) -> String {
    if snapshot.settings.private_notifications { "Open Codex Lab to see why.".to_owned() } else { worded(failure) }
}

fn worded(failure: &Failure) -> String {
    match failure.hints.first() {
        Some(hint) => format!("{} {hint}", failure.message),
        None => failure.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::news::News;
    use crate::model::snapshot::{SessionKind, SignInPhase, Undo};
    use crate::view::samples::{id, now, session, sign_in, snapshot};

    fn name(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_switch_can_be_undone_from_its_notice() {
        let mut shown = snapshot();
        shown.undo = Some(Undo { to: Some(id(2)), name: Some(name("backup")), switched_at: Timestamp::UNIX_EPOCH });
        let undo = (Command::Undo, "Undo".to_owned());
        for (from, to, title, body) in [
            (Some(name("backup")), Some(name("main")), "Codex now uses main", "Before, it was backup."),
            (None, Some(name("main")), "Codex now uses main", "Before, there was no login."),
            (Some(name("main")), None, "Codex now has no login", "main is kept here, and was not signed out at the provider."),
        ] {
            let notice = notice(&Event::Switched { from, to, stale_sessions: 0 }, &shown, &now()).unwrap();
            assert_eq!((notice.title.as_str(), notice.body.as_str()), (title, body));
            assert_eq!(notice.actions, std::slice::from_ref(&undo));
        }
    }

    #[test]
    fn a_switch_tells_of_sessions_on_the_old_login() {
        let mut shown = snapshot();
        shown.sessions = vec![session(7, SessionKind::Daemon, true)];
        let event = Event::Switched { from: Some(name("backup")), to: Some(name("main")), stale_sessions: 1 };
        let with_daemon = notice(&event, &shown, &now()).unwrap();
        assert_eq!(with_daemon.body, "Before, it was backup. 1 Codex session still runs on the old login.");
        assert_eq!(with_daemon.actions, [(Command::RestartDaemon, "Restart daemon".to_owned())]);
        shown.sessions[0].choices.clear();
        assert_eq!(notice(&event, &shown, &now()).unwrap().actions, []);
    }

    #[test]
    fn a_new_profile_can_be_used_at_once_unless_it_is_live() {
        let shown = snapshot();
        let added = notice(&Event::SignedIn { profile: id(2), name: "backup".to_owned(), created: true }, &shown, &now()).unwrap();
        assert_eq!((added.title.as_str(), added.body.as_str()), ("backup was added", "backup@example.com — plus."));
        assert_eq!(added.actions, [(Command::SwitchTo(id(2)), "Use it now".to_owned())]);
        let renewed = notice(&Event::SignedIn { profile: id(1), name: "main".to_owned(), created: false }, &shown, &now()).unwrap();
        assert_eq!((renewed.title.as_str(), renewed.actions.len()), ("main is signed in again", 0));
    }

    #[test]
    fn a_lost_login_asks_for_a_sign_in_and_stays() {
        let needed = notice(&Event::News(News::SignInNeeded { profile: id(3) }), &snapshot(), &now()).unwrap();
        assert_eq!(needed.title, "work needs sign-in");
        assert_eq!(needed.actions, [(Command::SignInAgain(id(3)), "Sign in again".to_owned())]);
        assert!(needed.urgent);
    }

    #[test]
    fn a_failed_sign_in_says_why_and_tries_the_same_again() {
        let mut shown = snapshot();
        let event =
            Event::SignInFailed { failure: Failure::new(Code::PortBusy, "Both ports are in use.").hint("Close the other sign-in.") };
        let failed = notice(&event, &shown, &now()).unwrap();
        assert_eq!(failed.body, "Both ports are in use. Close the other sign-in.");
        assert_eq!(failed.actions, [(Command::AddAccount, "Try again".to_owned())]);
        shown.sign_in = Some(sign_in(SignInPhase::Failed));
        shown.sign_in.as_mut().unwrap().again = Some(id(3));
        assert_eq!(notice(&event, &shown, &now()).unwrap().actions, [(Command::SignInAgain(id(3)), "Try again".to_owned())]);
    }

    #[test]
    fn nobody_is_named_where_that_is_not_wanted() {
        let mut shown = snapshot();
        shown.settings.private_notifications = true;
        let failure = Failure::new(Code::WrongAccount, "This is ada@example.com, not backup.").hint("Sign in to backup.");
        let told = [
            notice(&Event::Switched { from: Some(name("main")), to: Some(name("work")), stale_sessions: 0 }, &shown, &now()).unwrap(),
            notice(&Event::Switched { from: Some(name("gone")), to: None, stale_sessions: 0 }, &shown, &now()).unwrap(),
            notice(&Event::SignedIn { profile: id(2), name: name("backup"), created: true }, &shown, &now()).unwrap(),
            notice(&Event::SignInFailed { failure: failure.clone() }, &shown, &now()).unwrap(),
            refusal(&failure, Some(&shown)),
        ];
        let texts: Vec<String> = told.iter().map(|notice| format!("{} | {}", notice.title, notice.body)).collect();
        assert_eq!(
            texts,
            [
                "Codex now uses profile 3 | Before, it was profile 1.",
                "Codex now has no login | Another profile is kept here, and was not signed out at the provider.",
                "Profile 2 was added | ",
                "The sign-in did not work | Open Codex Lab to see why.",
                "That did not work | Open Codex Lab to see why.",
            ]
        );
    }

    #[test]
    fn what_the_user_does_not_want_or_did_himself_earns_none() {
        let mut shown = snapshot();
        assert_eq!(notice(&Event::DaemonRestarted, &shown, &now()), None);
        assert_eq!(notice(&Event::SignInFailed { failure: Failure::new(Code::Cancelled, "Cancelled.") }, &shown, &now()), None);
        shown.settings.notifications = false;
        assert_eq!(notice(&Event::Switched { from: None, to: Some(name("main")), stale_sessions: 0 }, &shown, &now()), None);
    }
}
