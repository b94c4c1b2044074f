//! What a menu item or a notification's button asks for. Its id goes out to the desktop and comes back as hostile text.

use crate::base::sorting;
use crate::model::profile::ProfileId;
use crate::model::routing::{Force, RoutingSettings};
use crate::model::snapshot::{SessionChoice, SessionKind, Snapshot};

/// What the user asked for outside the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make a profile the live login.
    SwitchTo(ProfileId),
    /// Take the live login away, revoking nothing.
    SignOut,
    /// Undo the last switch.
    Undo,
    /// Sign in to another account, and show it.
    AddAccount,
    /// Sign a profile in again, and show it.
    SignInAgain(ProfileId),
    /// Show the sign-in that is going on.
    ShowSignIn,
    /// Restart the Codex daemon that still runs on the old login.
    RestartDaemon,
    /// Hear nothing of a profile's quota, or of all for `None`, before the next reset.
    Snooze(Option<ProfileId>),
    /// Start a profile's week, if it has not started.
    PrimeNow(ProfileId),
    /// Take a profile out of use, or back.
    SetPaused(ProfileId, bool),
    /// Let the strategy choose who serves what comes through the gateway, or send all of it to the live profile.
    AutoRouting(bool),
    /// Show the window.
    OpenWindow,
    /// Show the window where it says who serves, and why.
    OpenRouting,
    /// End the app.
    Quit,
}

impl Command {
    /// The id to hand out.
    pub fn id(&self) -> String {
        match self {
            Self::SwitchTo(profile) => format!("switch:{profile}"),
            Self::SignOut => "sign-out".to_owned(),
            Self::Undo => "undo".to_owned(),
            Self::AddAccount => "add-account".to_owned(),
            Self::SignInAgain(profile) => format!("sign-in:{profile}"),
            Self::ShowSignIn => "show-sign-in".to_owned(),
            Self::RestartDaemon => "restart-daemon".to_owned(),
            Self::Snooze(Some(profile)) => format!("snooze:{profile}"),
            Self::Snooze(None) => "snooze".to_owned(),
            Self::PrimeNow(profile) => format!("prime:{profile}"),
            Self::SetPaused(profile, true) => format!("pause:{profile}"),
            Self::SetPaused(profile, false) => format!("resume:{profile}"),
            Self::AutoRouting(true) => "auto-routing".to_owned(),
            Self::AutoRouting(false) => "no-auto-routing".to_owned(),
            Self::OpenWindow => "open".to_owned(),
            Self::OpenRouting => "open-routing".to_owned(),
            Self::Quit => "quit".to_owned(),
        }
    }

    /// The command of an id that came back; `None` for anything that [`Command::id`] never gives.
    pub fn parse(id: &str) -> Option<Self> {
        if let Some((verb, profile)) = id.split_once(':') {
            let profile = ProfileId::parse(profile)?;
            return match verb {
                "switch" => Some(Self::SwitchTo(profile)),
                "sign-in" => Some(Self::SignInAgain(profile)),
                "snooze" => Some(Self::Snooze(Some(profile))),
                "pause" => Some(Self::SetPaused(profile, true)),
                "resume" => Some(Self::SetPaused(profile, false)),
                "prime" => Some(Self::PrimeNow(profile)),
                _ => None,
            };
        }
        Some(match id {
            "sign-out" => Self::SignOut,
            "undo" => Self::Undo,
            "add-account" => Self::AddAccount,
            "show-sign-in" => Self::ShowSignIn,
            "restart-daemon" => Self::RestartDaemon,
            "snooze" => Self::Snooze(None),
            "auto-routing" => Self::AutoRouting(true),
            "no-auto-routing" => Self::AutoRouting(false),
            "open" => Self::OpenWindow,
            "open-routing" => Self::OpenRouting,
            "quit" => Self::Quit,
            _ => return None,
        })
    }
}

/// The process to name in a request to restart the daemon: the stale daemon itself, else a stale session on it.
pub fn restart_target(snapshot: &Snapshot) -> Option<u32> {
    let mut candidates: Vec<_> =
        snapshot.sessions.iter().filter(|session| session.stale && session.choices.contains(&SessionChoice::Restart)).collect();
    sorting::by_key(&mut candidates, |session| session.kind != SessionKind::Daemon);
    candidates.first().map(|session| session.pid)
}

/// The rules of routing with the strategy choosing, or with the live profile alone serving until that is taken back. `None` where
/// there is no live profile to send everything to.
pub fn routing(snapshot: &Snapshot, auto: bool) -> Option<RoutingSettings> {
    let live = || snapshot.profiles.iter().find(|row| row.live).map(|row| row.id.clone());
    // With others standing in, the strategy would go on choosing.
    let force = if auto { None } else { Some(Force { profile: live()?, until: None, strict: true }) };
    Some(RoutingSettings { force, ..snapshot.routing.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::samples::{id, session, snapshot};

    #[test]
    fn every_command_comes_back_from_its_id() {
        for command in [
            Command::SwitchTo(id(1)),
            Command::SignOut,
            Command::Undo,
            Command::AddAccount,
            Command::SignInAgain(id(2)),
            Command::ShowSignIn,
            Command::RestartDaemon,
            Command::Snooze(Some(id(3))),
            Command::Snooze(None),
            Command::PrimeNow(id(2)),
            Command::SetPaused(id(2), true),
            Command::SetPaused(id(2), false),
            Command::AutoRouting(true),
            Command::AutoRouting(false),
            Command::OpenWindow,
            Command::OpenRouting,
            Command::Quit,
        ] {
            assert_eq!(Command::parse(&command.id()), Some(command));
        }
    }

    #[test]
    fn anything_else_is_no_command() {
        let endless = "switch:".to_owned() + &"0".repeat(100_000);
        for text in [
            "",
            "Quit",
            "quit ",
            "quit\0",
            "switch",
            "switch:",
            "switch:main",
            "switch:../../etc/passwd",
            "switch:000000000000000G",
            "switch:0000000000000001:undo",
            "sign-in:0000000000000001 ",
            "remove:0000000000000001",
            "undo:0000000000000001",
            "snooze:",
            "snooze:all",
            "prime",
            "prime:all",
            "pause",
            "auto-routing:on",
            "default",
            "__closed",
            "info:live",
            endless.as_str(),
        ] {
            assert_eq!(Command::parse(text), None, "{text:.40?}");
        }
    }

    #[test]
    fn the_daemon_itself_is_named_before_its_sessions() {
        let mut shown = snapshot();
        assert_eq!(restart_target(&shown), None);
        shown.sessions = vec![session(7, SessionKind::Interactive, true), session(8, SessionKind::Daemon, true)];
        assert_eq!(restart_target(&shown), Some(8));
        shown.sessions[1].stale = false;
        assert_eq!(restart_target(&shown), Some(7));
        shown.sessions[0].choices = vec![SessionChoice::Leave];
        assert_eq!(restart_target(&shown), None);
    }

    #[test]
    fn without_auto_routing_the_live_profile_alone_serves() {
        let mut shown = snapshot();
        shown.routing.low = 30;
        let off = routing(&shown, false).unwrap();
        assert_eq!((off.low, &off.force), (30, &Some(Force { profile: id(1), until: None, strict: true })));
        shown.routing = off;
        let on = routing(&shown, true).unwrap();
        assert_eq!((on.low, on.force), (30, None));
        shown.profiles[0].live = false;
        assert_eq!(routing(&shown, false), None);
    }
}
