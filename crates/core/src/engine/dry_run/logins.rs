//! What would become of logins: signing in, importing, exporting, removing, and the vault they are kept in.

use std::sync::Arc;

use super::{Would, told};
use crate::api::table::{ImportItem, ImportOutcome, Reply};
use crate::auth::api_key;
use crate::base::secret::Secret;
use crate::engine::importing::Found;
use crate::engine::{Engine, blocking};
use crate::model::profile::{Profile, ProfileId};
use crate::model::snapshot::{SignInMethod, VaultMode, VaultState};

impl Engine {
    pub(super) async fn would_sign_in(&self, method: SignInMethod, again: Option<ProfileId>, replace: bool) -> Would {
        let again = self.may_sign_in(again, replace).await?;
        let how = match method {
            SignInMethod::Browser => "sign in with the browser",
            SignInMethod::DeviceCode => "sign in with a code that is typed in on any machine",
        };
        Ok(vec![match again {
            Some(profile) => format!("{how}, and renew the login of {}", profile.name),
            None => format!("{how}, and keep the account's login as a profile"),
        }])
    }

    pub(super) async fn would_add_key(&self, key: &Secret) -> Would {
        let login = api_key::unchecked(key).map_err(|error| error.failure())?;
        let mut would = vec!["ask OpenAI whether it knows the key".to_owned()];
        would.extend(self.would_keep_all(vec![("API key".to_owned(), Ok(login))]).await?);
        Ok(would)
    }

    pub(super) async fn would_keep_all(&self, found: Vec<Found>) -> Would {
        kept(&self.would_keep(found).await?)
    }

    pub(super) async fn would_delete(&self, path: String) -> Would {
        self.may_delete_leftover(path.clone()).await?;
        Ok(vec![format!("delete {path}")])
    }

    pub(super) async fn would_renew(&self, id: &ProfileId) -> Would {
        let profile = self.may_renew(id).await?;
        Ok(vec![format!("renew the login of {}", profile.name)])
    }

    pub(super) async fn would_remove(&self, id: ProfileId, sign_out: bool) -> Would {
        let (shared, wanted) = (Arc::clone(&self.shared), id.clone());
        let profile: Profile = blocking(move || Ok(shared.profiles.get(&wanted)?)).await?;
        let mut would = Vec::new();
        if self.live_profile().await?.is_some_and(|live| live.id == id) {
            would.extend(self.would_switch(self.successor(&profile).await?).await?);
        }
        would.extend(self.rehearse(move |profiles| profiles.remove(&id, !sign_out).map(drop)).await?);
        if sign_out {
            would.push(format!("end the login of {} at the provider, which cannot be undone", profile.name));
        }
        Ok(would)
    }

    pub(super) async fn would_restore(&self, backup: String, force: bool) -> Would {
        let Reply::Backups { items } = self.list_backups().await? else { return Ok(Vec::new()) };
        self.may_restore(backup.clone(), force).await?;
        let is_current = items.iter().any(|item| item.id == backup && item.current);
        Ok(told(!is_current, &format!("put {backup} back; what is there now becomes a copy")))
    }

    pub(super) async fn would_seal(&self, path: String, passphrase: Secret, replace: bool) -> Would {
        let (profiles, left_out) = self.would_export(path.clone(), passphrase, replace).await?;
        let mut would = vec![format!("write {profiles} profiles into {path}, sealed")];
        would.extend(left_out.iter().map(|name| format!("leave {name} out, whose login cannot be read")));
        Ok(would)
    }

    pub(super) async fn would_take_in(&self, path: String, passphrase: Secret) -> Would {
        match self.restore_export(path, passphrase, true).await? {
            Reply::ImportPlan { items, .. } => kept(&items),
            _ => Ok(Vec::new()),
        }
    }

    pub(super) async fn would_move(&self, to: VaultMode, passphrase: Option<Secret>) -> Would {
        let moves = self.would_move_vault(to, passphrase).await?;
        let how = match to {
            VaultMode::File => "keep all logins in files that only you can read",
            VaultMode::Keyring => "seal all logins, with the key in the keyring",
            VaultMode::Passphrase => "seal all logins under the new passphrase",
        };
        Ok(told(moves, how))
    }

    pub(super) async fn would_unlock(&self, passphrase: Option<Secret>) -> Would {
        let is_open = self.snapshot().vault.state == VaultState::Open;
        self.would_unlock_vault(passphrase).await?;
        Ok(told(!is_open, "open the vault for this process"))
    }

    pub(super) async fn would_lock(&self) -> Would {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(shared.profiles.vault().would_lock()?)).await?;
        Ok(vec!["make every running Codex Lab forget the vault's key".to_owned()])
    }
}

/// What would become of logins; one that could not be saved is a failure, as it would be.
pub(super) fn kept(items: &[ImportItem]) -> Would {
    if let Some(failure) = items.iter().filter(|item| item.outcome == ImportOutcome::Failed).find_map(|item| item.failure.clone()) {
        return Err(failure);
    }
    let mut would = Vec::new();
    for item in items {
        let whose = item.name.as_deref().or(item.email.as_deref()).unwrap_or(&item.source);
        match item.outcome {
            ImportOutcome::Added => would.push(format!("add {whose}")),
            ImportOutcome::Updated => would.push(format!("renew the login of {whose}")),
            ImportOutcome::Unchanged | ImportOutcome::Skipped | ImportOutcome::Failed => {}
        }
    }
    Ok(would)
}
