//! Switching the live login, and what follows from it.

use std::sync::Arc;

use super::{Engine, Shared, blocking, held, observe};
use crate::codex::live::{self, Live};
use crate::codex::switch::Switch;
use crate::failure::{Code, Failure, shown};
use crate::model::event::Event;
use crate::model::profile::{Profile, ProfileId};
use crate::model::snapshot::AfterSwitch;

impl Engine {
    /// Makes a profile the live login; `None` signs out locally.
    pub(super) async fn switch_to(&self, to: Option<ProfileId>) -> Result<(), Failure> {
        if let Some(to) = &to {
            // Its renewed login is in memory alone: what the store has is spent.
            self.try_save(to).await?;
        }
        let turn = self.shared.turn.lock().await;
        let shared = Arc::clone(&self.shared);
        let switched = blocking(move || Ok(shared.switch().to(to.as_ref())?)).await?;
        drop(turn);
        if let Some(place) = &switched.set_aside {
            held(&self.shared.told).push(
                Failure::new(Code::BadLoginFile, "What was in Codex's auth.json before the switch was no login that can be a profile.")
                    .hint(format!("It is kept as it was in {}.", shown(place))),
            );
        }
        if !switched.changed {
            return Ok(());
        }
        if let (Some(from), Some(to)) = (&switched.from, &switched.to) {
            self.force_follows(&from.id, &to.id).await;
        }
        let snapshot = self.publish().await?;
        let stale_sessions = snapshot.sessions.iter().filter(|session| session.stale).count();
        let name = |profile: &Option<Profile>| profile.as_ref().map(|profile| profile.name.to_string());
        self.announce(Event::Switched { from: name(&switched.from), to: name(&switched.to), stale_sessions });
        match snapshot.settings.after_switch {
            AfterSwitch::Ask | AfterSwitch::Leave => Ok(()),
            AfterSwitch::WhenIdle => {
                self.choose_for_daemon_when_idle(&snapshot);
                Ok(())
            }
            AfterSwitch::Restart => self
                .restart_stale_daemon(&snapshot)
                .await
                .map_err(|failure| Failure { message: format!("The switch is done. {}", failure.message), ..failure }),
        }
    }

    /// Back to the profile before the last switch, by the same path.
    pub(super) async fn undo_switch(&self) -> Result<(), Failure> {
        self.switch_to(self.switch_to_undo().await?).await
    }

    /// What the last switch came from.
    pub(super) async fn switch_to_undo(&self) -> Result<Option<ProfileId>, Failure> {
        let shared = Arc::clone(&self.shared);
        let undo = blocking(move || observe::undo(&shared)).await?;
        undo.map(|undo| undo.to).ok_or_else(|| {
            Failure::new(Code::NotPossibleNow, "There is no switch to undo.").hint("`codex-lab list` shows the profiles to switch to.")
        })
    }

    /// The profile whose login is live, if it is one.
    pub(super) async fn live_profile(&self) -> Result<Option<Profile>, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            // A live login that cannot be read belongs to no profile as far as anyone can tell.
            let Live::Login(login) = live::read(&shared.codex) else { return Ok(None) };
            let subject = login.subject();
            Ok(shared.profiles.list()?.into_iter().find(|profile| Some(&profile.subject) == subject.as_ref()))
        })
        .await
    }
}

impl Shared {
    pub(super) fn switch(&self) -> Switch {
        Switch::new(self.home.clone(), self.codex.clone(), self.profiles.clone(), self.state.clone(), &self.ports)
    }
}
