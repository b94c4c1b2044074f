//! Changing profiles: edits, removal with or without signing out, API keys.

use std::sync::Arc;

use super::{Engine, blocking};
use crate::api::table::Reply;
use crate::auth::{api_key, revoke};
use crate::base::secret::Secret;
use crate::failure::Failure;
use crate::model::activity::Happened;
use crate::model::profile::{Profile, ProfileId};
use crate::store::profiles::{Profiles, StoreError};

impl Engine {
    /// One change of the index.
    pub(super) async fn edit(&self, change: impl FnOnce(&Profiles) -> Result<(), StoreError> + Send + 'static) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(change(&shared.profiles)?)).await
    }

    /// Checks the key once, then adds it.
    pub(super) async fn add_api_key(&self, key: Secret) -> Result<Reply, Failure> {
        let login = api_key::check(&*self.shared.ports.http, &key).await.map_err(|error| error.failure())?;
        self.import(vec![("API key".to_owned(), Ok(login))]).await
    }

    /// Forgets a profile here. With `sign_out` its login is ended at the provider first: if that fails, nothing is removed.
    pub(super) async fn remove(&self, id: ProfileId, sign_out: bool) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        let wanted = id.clone();
        let profile = blocking(move || Ok(shared.profiles.get(&wanted)?)).await?;
        if self.live_profile().await?.is_some_and(|live| live.id == id) {
            // What Codex rotated is read back by the switch, so that what is kept or revoked is the newest.
            self.switch_to(self.successor(&profile).await?).await?;
        }
        if sign_out {
            let shared = Arc::clone(&self.shared);
            let wanted = id.clone();
            match blocking(move || Ok(shared.profiles.login(&wanted))).await? {
                Ok(login) => revoke::revoke(&*self.shared.ports.http, &login).await.map_err(|error| error.failure())?,
                // A login that cannot be read cannot be revoked either; forgetting it is what is left.
                Err(error) => tracing::warn!(%error, "nothing to revoke"),
            }
        }
        self.edit(move |profiles| profiles.remove(&id, !sign_out).map(drop)).await?;
        self.note(if sign_out { Happened::SignedOut } else { Happened::Removed }, Some(&profile), None).await;
        Ok(())
    }

    /// Brings the profile back that was removed last.
    pub(super) async fn undo_remove(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        let back = blocking(move || Ok(shared.profiles.undo_remove()?)).await?;
        self.note(Happened::BroughtBack, Some(&back), None).await;
        Ok(())
    }

    /// Who becomes the live login when `leaving` goes: the first other profile that is ready, else none.
    pub(super) async fn successor(&self, leaving: &Profile) -> Result<Option<ProfileId>, Failure> {
        let (shared, leaving) = (Arc::clone(&self.shared), leaving.id.clone());
        blocking(move || {
            let others =
                shared.profiles.list()?.into_iter().filter(|profile| profile.id != leaving && !profile.paused && !profile.needs_sign_in);
            Ok(others.map(|profile| profile.id).find(|id| shared.profiles.login(id).is_ok()))
        })
        .await
    }
}
