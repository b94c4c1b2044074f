//! What a request would change: every refusal is the real one's own, and nothing is written, sent or opened.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::importing::{Found, found_at, found_in};
use super::other_tools::Wanted;
use super::{Engine, blocking, rules};
use crate::api::table::{ImportItem, ImportOutcome, Reply, Request};
use crate::auth::api_key;
use crate::codex::switch::Switched;
use crate::failure::{Code, Failure};
use crate::model::prime::PrimeByHand;
use crate::model::profile::{Profile, ProfileId};
use crate::model::routing::RoutingSettings;
use crate::model::setting::{self, Changed};
use crate::model::snapshot::{AfterSwitch, SessionChoice, SessionKind, Settings, SignInMethod, VaultMode, VaultState};
use crate::model::snooze::Snooze;
use crate::store::profiles::{Profiles, StoreError};
use crate::store::settings;
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
            Request::BeginSignIn { method, again, replace } => {
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
            Request::AddApiKey { key } => {
                let login = api_key::unchecked(&key.0).map_err(|error| error.failure())?;
                let mut would = vec!["ask OpenAI whether it knows the key".to_owned()];
                would.extend(self.would_keep_all(vec![("API key".to_owned(), Ok(login))]).await?);
                Ok(would)
            }
            Request::ImportPath { path } => self.would_keep_all(found_at(path).await?).await,
            Request::ImportText { text } => self.would_keep_all(found_in(&text.0)).await,
            Request::CaptureLive => self.would_keep_all(self.found_live().await?).await,
            Request::ImportFrom { from, path, passphrase, only } => {
                let wanted = Wanted { from, path, passphrase: passphrase.map(|it| it.0) };
                kept(&self.would_import(wanted, only).await?)
            }
            Request::DeleteLeftover { path } => {
                self.may_delete_leftover(path.clone()).await?;
                Ok(vec![format!("delete {path}")])
            }
            Request::SwitchTo { profile } => self.would_switch(profile).await,
            Request::UndoSwitch => self.would_switch(self.switch_to_undo().await?).await,
            Request::Rename { profile, name } => self.rehearse(move |profiles| profiles.rename(&profile, &name).map(drop)).await,
            Request::Reorder { profiles: order } => self.rehearse(move |profiles| profiles.reorder(&order)).await,
            Request::SetPaused { profile, paused } => self.rehearse(move |profiles| profiles.set_paused(&profile, paused)).await,
            Request::SetDetails { profile, details } => {
                self.check_thresholds(details.thresholds).await?;
                self.rehearse(move |profiles| profiles.set_details(&profile, details)).await
            }
            Request::SetWeights { weights } => self.rehearse(move |profiles| rules::weigh(profiles, &weights)).await,
            Request::Renew { profile } => {
                let profile = self.may_renew(&profile).await?;
                Ok(vec![format!("renew the login of {}", profile.name)])
            }
            Request::Remove { profile, sign_out } => self.would_remove(profile, sign_out).await,
            Request::UndoRemove => self.rehearse(|profiles| profiles.undo_remove().map(drop)).await,
            Request::ChooseForSession { pid, choice } => {
                self.may_choose(pid, choice).await?;
                Ok(vec![match choice {
                    SessionChoice::Leave => format!("leave process {pid} on the login it has"),
                    SessionChoice::WhenIdle => format!("restart the daemon of process {pid} as soon as no turn is running"),
                    SessionChoice::Restart => format!("restart the daemon of process {pid}"),
                }])
            }
            Request::PinSession { session, profile } => {
                let to = profile.as_ref().map(|id| self.name(id));
                let would = self.would_pin(session.clone(), profile).await?;
                Ok(told(would, &to.map_or_else(|| format!("untie session {session}"), |to| format!("tie session {session} to {to}"))))
            }
            Request::Snooze { profile, how } => self.would_snooze(profile.as_ref(), how),
            Request::SetSettings { settings } => Ok(self.would_set(&self.settings_with(settings).await?, &self.snapshot().routing)),
            Request::SetSetting { key, value } => self.would_set_one(&key, value.as_deref()).await,
            Request::SetRouting { settings } => Ok(self.would_set(&self.snapshot().settings, &self.routing_with(settings).await?)),
            Request::ConnectClient { client, replace, .. } => Ok(in_clients(&self.connect_client(client, replace, true).await?)),
            Request::DisconnectClient { client, .. } => Ok(in_clients(&self.disconnect_clients(client, true).await?)),
            Request::PrimeNow { profile } => {
                let name = self.name(&profile);
                Ok(vec![match self.would_prime_now(&profile).await? {
                    PrimeByHand::Starts => format!("start the week of {name} with one short question"),
                    _ => format!("look at the week of {name} twice, a minute apart, and start it if it has not started"),
                }])
            }
            Request::MoveVault { to, passphrase } => {
                let moves = self.would_move_vault(to, passphrase.map(|it| it.0)).await?;
                let how = match to {
                    VaultMode::File => "keep all logins in files that only you can read",
                    VaultMode::Keyring => "seal all logins, with the key in the keyring",
                    VaultMode::Passphrase => "seal all logins under the new passphrase",
                };
                Ok(told(moves, how))
            }
            Request::UnlockVault { passphrase } => {
                let is_open = self.snapshot().vault.state == VaultState::Open;
                self.would_unlock_vault(passphrase.map(|it| it.0)).await?;
                Ok(told(!is_open, "open the vault for this process"))
            }
            Request::LockVault => {
                let shared = Arc::clone(&self.shared);
                blocking(move || Ok(shared.profiles.vault().would_lock()?)).await?;
                Ok(vec!["make every running Codex Lab forget the vault's key".to_owned()])
            }
            Request::RestoreBackup { backup, force } => self.would_restore(backup, force).await,
            Request::Export { path, passphrase, replace } => {
                let (profiles, left_out) = self.would_export(path.clone(), passphrase.0, replace).await?;
                let mut would = vec![format!("write {profiles} profiles into {path}, sealed")];
                would.extend(left_out.iter().map(|name| format!("leave {name} out, whose login cannot be read")));
                Ok(would)
            }
            Request::RestoreExport { path, passphrase, .. } => match self.restore_export(path, passphrase.0, true).await? {
                Reply::ImportPlan { items, .. } => kept(&items),
                _ => Ok(Vec::new()),
            },
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

    async fn would_keep_all(&self, found: Vec<Found>) -> Would {
        kept(&self.would_keep(found).await?)
    }

    async fn would_switch(&self, to: Option<ProfileId>) -> Would {
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

    async fn would_remove(&self, id: ProfileId, sign_out: bool) -> Would {
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

    fn would_snooze(&self, profile: Option<&ProfileId>, how: Snooze) -> Would {
        let until = self.snoozed_until(profile, how)?;
        let whose = profile.map_or_else(|| "all profiles".to_owned(), |id| self.name(id));
        Ok(vec![match until {
            Some(until) => format!("tell nothing of the quota of {whose} until {}", until.strftime("%Y-%m-%d %H:%M UTC")),
            None => format!("tell of the quota of {whose} again"),
        }])
    }

    async fn would_set_one(&self, key: &str, text: Option<&str>) -> Would {
        let (setting, changed) = self.with_setting(key, text).await?;
        let shared = Arc::clone(&self.shared);
        let named = blocking(move || Ok(settings::named(&shared.home)?)).await?;
        let would = match changed {
            Changed::Settings(settings) => self.would_set(&self.settings_with(*settings).await?, &self.snapshot().routing),
            Changed::Routing(routing) => self.would_set(&self.snapshot().settings, &self.routing_with(*routing).await?),
        };
        let forgets = text.is_none() && would.is_empty() && named.contains(setting.key);
        Ok(if forgets { vec![format!("take {key} out of config.toml; it is the default already")] } else { would })
    }

    fn would_set(&self, settings: &Settings, routing: &RoutingSettings) -> Vec<String> {
        let (now, none) = (self.snapshot(), BTreeSet::new());
        let rows = |settings: &Settings, routing: &RoutingSettings| setting::rows(settings, routing, &none, &self.shared.overrides);
        let mut would = would::settings(&rows(&now.settings, &now.routing), &rows(settings, routing));
        would.extend(would::routing(&now.routing, routing, |id| self.name(id)));
        would
    }

    async fn would_restore(&self, backup: String, force: bool) -> Would {
        let Reply::Backups { items } = self.list_backups().await? else { return Ok(Vec::new()) };
        self.may_restore(backup.clone(), force).await?;
        let is_current = items.iter().any(|item| item.id == backup && item.current);
        Ok(told(!is_current, &format!("put {backup} back; what is there now becomes a copy")))
    }

    fn name(&self, id: &ProfileId) -> String {
        let snapshot = self.snapshot();
        snapshot.profiles.iter().find(|row| row.id == *id).map_or_else(|| "a removed profile".to_owned(), |row| row.name.clone())
    }
}

fn told(would: bool, what: &str) -> Vec<String> {
    would.then(|| what.to_owned()).into_iter().collect()
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

/// What would become of logins; one that could not be saved is a failure, as it would be.
fn kept(items: &[ImportItem]) -> Would {
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

fn in_clients(reply: &Reply) -> Vec<String> {
    let Reply::Clients { changes, .. } = reply else { return Vec::new() };
    let changed = changes.iter().filter(|change| change.whole_file || !change.put_in.is_empty() || !change.taken_out.is_empty());
    changed.map(|change| format!("change {} for {}", change.path, change.client)).collect()
}
