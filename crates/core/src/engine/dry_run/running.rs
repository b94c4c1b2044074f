//! What would become of what runs: the live login, Codex's processes, sessions, and weeks.

use std::sync::Arc;

use super::{Would, told};
use crate::codex::switch::Switched;
use crate::engine::{Engine, blocking, rules};
use crate::model::prime::PrimeByHand;
use crate::model::profile::ProfileId;
use crate::model::snapshot::{AfterSwitch, SessionChoice, SessionKind};

impl Engine {
    pub(super) async fn would_switch(&self, to: Option<ProfileId>) -> Would {
        let shared = Arc::clone(&self.shared);
        let Some(switched) = blocking(move || Ok(shared.switch().would(to.as_ref())?)).await? else { return Ok(Vec::new()) };
        let snapshot = self.snapshot();
        let mut would = switch(&switched);
        if let (Some(from), Some(to)) = (&switched.from, &switched.to)
            && rules::following(&snapshot.routing, &from.id, &to.id).is_some()
        {
            would.push(format!("send everything to {} instead of {}", to.name, from.name));
        }
        let daemon = snapshot.sessions.iter().any(|session| session.kind == SessionKind::Daemon);
        match snapshot.settings.after_switch {
            AfterSwitch::Restart if daemon => would.push("restart Codex's daemon".to_owned()),
            AfterSwitch::WhenIdle if daemon => would.push("restart Codex's daemon as soon as no turn is running".to_owned()),
            _ => {}
        }
        Ok(would)
    }

    pub(super) async fn would_choose(&self, pid: u32, choice: SessionChoice) -> Would {
        self.may_choose(pid, choice).await?;
        Ok(vec![match choice {
            SessionChoice::Leave => format!("leave process {pid} on the login it has"),
            SessionChoice::WhenIdle => format!("restart the daemon of process {pid} as soon as no turn is running"),
            SessionChoice::Restart => format!("restart the daemon of process {pid}"),
        }])
    }

    pub(super) async fn would_tie(&self, session: String, profile: Option<ProfileId>) -> Would {
        let what = match &profile {
            Some(id) => format!("tie session {session} to {}", self.name(id)),
            None => format!("untie session {session}"),
        };
        Ok(told(self.would_pin(session, profile).await?, &what))
    }

    pub(super) async fn would_start_week(&self, id: &ProfileId) -> Would {
        let name = self.name(id);
        Ok(vec![match self.would_prime_now(id).await? {
            PrimeByHand::Starts => format!("start the week of {name} with one short question"),
            _ => format!("look at the week of {name} twice, a minute apart, and start it if it has not started"),
        }])
    }
}

fn switch(switched: &Switched) -> Vec<String> {
    let mut would = Vec::new();
    would.extend(switched.adopted.iter().map(|profile| format!("keep the live login as the profile {}", profile.name)));
    would.extend(switched.set_aside.iter().map(|_| "set aside what is in Codex's auth.json, which is no login".to_owned()));
    would.push(match (&switched.from, &switched.to) {
        (Some(from), Some(to)) if from.id == to.id => format!("give Codex the newer login of {}", to.name),
        (Some(from), Some(to)) => format!("switch from {} to {}", from.name, to.name),
        (None, Some(to)) => format!("switch to {}", to.name),
        (Some(from), None) => format!("sign {} out locally; nothing is revoked", from.name),
        (None, None) => "sign out locally; nothing is revoked".to_owned(),
    });
    would
}
