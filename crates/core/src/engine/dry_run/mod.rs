//! What a request would change: every refusal is the real one's own, and nothing is written, sent or opened.

mod logins;
mod running;
mod wishes;

use std::sync::Arc;

use super::importing::{found_at, found_in};
use super::other_tools::Wanted;
use super::{Engine, blocking, rules};
use crate::api::table::{Reply, Request};
use crate::failure::{Code, Failure};
use crate::model::profile::ProfileId;
use crate::store::profiles::{Profiles, StoreError};
use crate::view::would;

type Would = Result<Vec<String>, Failure>;

impl Engine {
    /// What a request would change, or the failure it would end with. What only the provider, or the user in a browser, can say no to is
    /// not found out.
    pub(super) async fn dry_run(&self, request: Request) -> Result<Reply, Failure> {
        Ok(Reply::DryRun { would: self.would(request).await? })
    }

    async fn would(&self, request: Request) -> Would {
        match request {
            Request::BeginSignIn { method, again, replace } => self.would_sign_in(method, again, replace).await,
            Request::AddApiKey { key } => self.would_add_key(&key.0).await,
            Request::ImportPath { path } => self.would_keep_all(found_at(path).await?).await,
            Request::ImportText { text } => self.would_keep_all(found_in(&text.0)).await,
            Request::CaptureLive => self.would_keep_all(self.found_live().await?).await,
            Request::ImportFrom { from, path, passphrase, only } => {
                let wanted = Wanted { from, path, passphrase: passphrase.map(|it| it.0) };
                logins::kept(&self.would_import(wanted, only).await?)
            }
            Request::DeleteLeftover { path } => self.would_delete(path).await,
            Request::Renew { profile } => self.would_renew(&profile).await,
            Request::Remove { profile, sign_out } => self.would_remove(profile, sign_out).await,
            Request::UndoRemove => self.rehearse(|profiles| profiles.undo_remove().map(drop)).await,
            Request::RestoreBackup { backup, force } => self.would_restore(backup, force).await,
            Request::Export { path, passphrase, replace } => self.would_seal(path, passphrase.0, replace).await,
            Request::RestoreExport { path, passphrase, .. } => self.would_take_in(path, passphrase.0).await,
            Request::MoveVault { to, passphrase } => self.would_move(to, passphrase.map(|it| it.0)).await,
            Request::UnlockVault { passphrase } => self.would_unlock(passphrase.map(|it| it.0)).await,
            Request::LockVault => self.would_lock().await,

            Request::Rename { profile, name } => self.rehearse(move |profiles| profiles.rename(&profile, &name).map(drop)).await,
            Request::Reorder { profiles: order } => self.rehearse(move |profiles| profiles.reorder(&order)).await,
            Request::SetPaused { profile, paused } => self.rehearse(move |profiles| profiles.set_paused(&profile, paused)).await,
            Request::SetDetails { profile, details } => {
                self.check_thresholds(details.thresholds).await?;
                self.rehearse(move |profiles| profiles.set_details(&profile, details)).await
            }
            Request::SetWeights { weights } => self.rehearse(move |profiles| rules::weigh(profiles, &weights)).await,

            Request::SwitchTo { profile } => self.would_switch(profile).await,
            Request::UndoSwitch => self.would_switch(self.switch_to_undo().await?).await,
            Request::ChooseForSession { pid, choice } => self.would_choose(pid, choice).await,
            Request::PinSession { session, profile } => self.would_tie(session, profile).await,
            Request::PrimeNow { profile } => self.would_start_week(&profile).await,

            Request::Snooze { profile, how } => self.would_snooze(profile.as_ref(), how),
            Request::SetSettings { settings } => Ok(self.would_set(&self.settings_with(settings).await?, &self.snapshot().routing)),
            Request::SetSetting { key, value } => self.would_set_one(&key, value.as_deref()).await,
            Request::SetRouting { settings } => Ok(self.would_set(&self.snapshot().settings, &self.routing_with(settings).await?)),
            Request::ConnectClient { client, replace, .. } => Ok(wishes::in_clients(&self.connect_client(client, replace, true).await?)),
            Request::DisconnectClient { client, .. } => Ok(wishes::in_clients(&self.disconnect_clients(client, true).await?)),

            Request::OpenSignInPage
            | Request::PasteCallback { .. }
            | Request::DecideSignIn { .. }
            | Request::CancelSignIn
            | Request::DismissSignIn
            | Request::OpenPolicy { .. }
            | Request::FinishFirstRun
            | Request::DryRun { .. } => {
                Err(Failure::new(Code::InvalidInput, "This cannot be tried out.").hint("Ask for a change of profiles, logins or settings."))
            }
            Request::Snapshot
            | Request::FindImports { .. }
            | Request::Settings
            | Request::Why { .. }
            | Request::Explain { .. }
            | Request::UsageHistory { .. }
            | Request::Primes
            | Request::Background
            | Request::Activity { .. }
            | Request::ListBackups => Ok(Vec::new()),
        }
    }

    /// What a change of the profiles would come to, made to a copy of them.
    async fn rehearse(&self, change: impl FnOnce(&Profiles) -> Result<(), StoreError> + Send + 'static) -> Would {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let before = shared.profiles.list()?;
            let tried = shared.profiles.rehearsal()?;
            change(&tried)?;
            Ok(would::profiles(&before, &tried.list()?))
        })
        .await
    }

    fn name(&self, id: &ProfileId) -> String {
        let snapshot = self.snapshot();
        snapshot.profiles.iter().find(|row| row.id == *id).map_or_else(|| "a removed profile".to_owned(), |row| row.name.clone())
    }
}

fn told(would: bool, what: &str) -> Vec<String> {
    would.then(|| what.to_owned()).into_iter().collect()
}
