//! Which requests are work that somebody waits for.

use super::Engine;
use crate::api::table::Request;
use crate::base::progress::{Far, Underway, Work};
use crate::model::snapshot::SessionChoice;

impl Engine {
    /// Tells of the work that a request is, until what is given back is dropped. Steps of it tell more themselves.
    pub(super) fn underway(&self, request: &Request) -> Option<Underway> {
        work(request).map(|work| Underway::begin(&self.shared.ports.progress, work, Far::Unknown))
    }
}

fn work(request: &Request) -> Option<Work> {
    Some(match request {
        Request::FindImports { .. } | Request::ImportFrom { .. } => Work::FindLogins,
        Request::ImportPath { .. } | Request::ImportText { .. } | Request::CaptureLive => Work::KeepLogins,
        Request::AddApiKey { .. } => Work::CheckKey,
        Request::BeginSignIn { .. } => Work::SignIn,
        Request::SwitchTo { .. } | Request::UndoSwitch => Work::Switch,
        Request::ChooseForSession { choice: SessionChoice::Restart, .. } => Work::RestartDaemon,
        Request::Renew { .. } => Work::Renew,
        Request::Remove { sign_out: true, .. } => Work::SignOut,
        Request::PrimeNow { .. } => Work::StartWeek,
        Request::UnlockVault { .. } => Work::OpenVault,
        Request::MoveVault { .. } => Work::PrepareMove,
        Request::Export { .. } => Work::Export,
        Request::RestoreExport { .. } => Work::OpenExport,
        _ => return None,
    })
}
