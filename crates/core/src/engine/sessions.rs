//! What is done about Codex processes that still run on the old login. Nothing is ever killed.

use std::sync::Arc;

use super::{Engine, Shared, blocking, held};
use crate::base::progress::{Far, Underway, Work};
use crate::codex::{daemon, idle};
use crate::failure::{Code, Failure};
use crate::model::event::Event;
use crate::model::snapshot::{SessionChoice, SessionKind, Snapshot};

impl Engine {
    pub(super) async fn choose_for_session(&self, pid: u32, choice: SessionChoice) -> Result<(), Failure> {
        self.may_choose(pid, choice).await?;
        if choice == SessionChoice::Restart {
            return self.restart_daemon().await;
        }
        held(&self.shared.choices).insert(pid, choice);
        Ok(())
    }

    /// Refuses what cannot be chosen for a process.
    pub(super) async fn may_choose(&self, pid: u32, choice: SessionChoice) -> Result<(), Failure> {
        let snapshot = self.publish().await?;
        let session = snapshot.sessions.iter().find(|session| session.pid == pid).ok_or_else(|| {
            Failure::new(Code::NotFound, format!("No Codex process has the number {pid}.")).hint("`codex-lab sessions` lists them.")
        })?;
        if !session.choices.contains(&choice) {
            return Err(Failure::new(Code::NotPossibleNow, "That cannot be done for this process.")
                .hint("A session of its own keeps its login until it ends: end it and start it again, or leave it."));
        }
        Ok(())
    }

    pub(super) fn choose_for_daemon_when_idle(&self, snapshot: &Snapshot) {
        if let Some(daemon) = stale_daemon(snapshot) {
            held(&self.shared.choices).insert(daemon, SessionChoice::WhenIdle);
        }
    }

    pub(super) async fn restart_stale_daemon(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        if stale_daemon(snapshot).is_some() { self.restart_daemon().await } else { Ok(()) }
    }

    /// Carries out "when idle" as far as it can be now. Called again and again by [`Engine::watch`].
    pub(super) async fn follow_choices(&self) -> Result<(), Failure> {
        let waiting: Vec<u32> =
            held(&self.shared.choices).iter().filter(|(_, choice)| **choice == SessionChoice::WhenIdle).map(|(pid, _)| *pid).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let snapshot = self.publish().await?;
        held(&self.shared.choices).retain(|pid, _| snapshot.sessions.iter().any(|session| session.pid == *pid && session.stale));
        let on_daemon = snapshot.sessions.iter().any(|session| {
            session.stale && waiting.contains(&session.pid) && matches!(session.kind, SessionKind::Daemon | SessionKind::Interactive)
        });
        if !on_daemon {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let idle = blocking(move || Ok(idle::is_idle(&shared.codex, shared.ports.clock.now())?)).await?;
        if idle { self.restart_daemon().await } else { Ok(()) }
    }

    async fn restart_daemon(&self) -> Result<(), Failure> {
        let Shared { ports, codex, .. } = &*self.shared;
        let _underway = Underway::begin(&ports.progress, Work::RestartDaemon, Far::Until(ports.clock.now() + daemon::PATIENCE));
        daemon::restart(&*ports.processes, &ports.environment, codex).await?;
        held(&self.shared.choices).clear();
        self.publish().await?;
        self.announce(Event::DaemonRestarted);
        Ok(())
    }
}

fn stale_daemon(snapshot: &Snapshot) -> Option<u32> {
    snapshot.sessions.iter().find(|session| session.stale && session.kind == SessionKind::Daemon).map(|session| session.pid)
}
