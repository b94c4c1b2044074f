//! Last known good copies: of the index, of profiles' logins, and of logins that were live.

use std::sync::Arc;
use std::time::Duration;

use super::{Engine, Shared, blocking};
use crate::api::table::{BackupItem, BackupOf, Reply};
use crate::codex::outgoing::{self, LiveCopy};
use crate::failure::Failure;
use crate::model::auth_document::{AuthDocument, Credential};
use crate::model::profile::{Profile, ProfileId};
use crate::store::copies::{Copy, Standing};
use crate::store::profiles::{Profiles, StoreError};

/// Before the id of a login that was live.
const LIVE: &str = "live-";
/// A renewal that is on the wire ends within this.
const PATIENCE: Duration = Duration::from_secs(30);

impl Engine {
    /// The copies there are.
    pub(super) async fn list_backups(&self) -> Result<Reply, Failure> {
        let shared = Arc::clone(&self.shared);
        let items = blocking(move || {
            let profiles = shared.profiles.list()?;
            let mut items: Vec<_> = shared.profiles.copies()?.into_iter().map(|copy| stored(&profiles, copy)).collect();
            for copy in outgoing::copies(&shared.home, shared.profiles.vault())? {
                items.push(live(&shared, &profiles, copy)?);
            }
            Ok(items)
        });
        Ok(Reply::Backups { items: items.await? })
    }

    /// Puts a copy back in its place: a login in its profile, where the account has one, and never past the profiles into Codex's own home.
    pub(super) async fn restore_backup(&self, backup: String, force: bool) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || put_back(&shared, &shared.profiles, &backup, force)).await
    }

    /// Refuses what putting it back would.
    pub(super) async fn may_restore(&self, backup: String, force: bool) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || put_back(&shared, &shared.profiles.rehearsal()?, &backup, force)).await
    }
}

fn put_back(shared: &Shared, profiles: &Profiles, backup: &str, force: bool) -> Result<(), Failure> {
    // Tokens that are just being renewed must not come in between.
    let locked = |id: Option<ProfileId>| {
        let id = id.filter(|_| !profiles.is_rehearsal());
        id.map(|id| profiles.lock_login(&id, "to put a login back", PATIENCE)).transpose()
    };
    let Some(id) = backup.strip_prefix(LIVE) else {
        let _lock = locked(profiles.owner_of(backup)?)?;
        return Ok(profiles.put_back(backup, force)?);
    };
    let copy = outgoing::copy(&shared.home, profiles.vault(), id).ok_or(StoreError::NoSuchCopy)?;
    let login = copy.login?;
    let _lock = locked(of(&profiles.list()?, &login).map(|profile| profile.id.clone()))?;
    profiles.put_back_login(&login, false, force)?;
    Ok(())
}

fn stored(profiles: &[Profile], copy: Copy) -> BackupItem {
    let name = copy.profile.as_ref().and_then(|id| profiles.iter().find(|profile| profile.id == *id)).map(|it| it.name.to_string());
    let (standing, failure) = match copy.standing {
        Ok(standing) => (Some(standing), None),
        Err(error) => (None, Some(error.into())),
    };
    BackupItem {
        id: copy.id,
        of: if copy.profile.is_some() { BackupOf::Login } else { BackupOf::Index },
        profile: copy.profile.filter(|_| name.is_some()),
        name: name.or(copy.email),
        made_at: copy.made_at,
        current: standing == Some(Standing::Current),
        older: standing == Some(Standing::Older),
        failure,
    }
}

fn live(shared: &Shared, profiles: &[Profile], LiveCopy { id, made_at, login }: LiveCopy) -> Result<BackupItem, Failure> {
    let item = BackupItem {
        id: format!("{LIVE}{id}"),
        of: BackupOf::Live,
        profile: None,
        name: None,
        made_at,
        current: false,
        older: false,
        failure: None,
    };
    let login = match login {
        Ok(login) => login,
        Err(error) => return Ok(BackupItem { failure: Some(error.into()), ..item }),
    };
    let profile = of(profiles, &login);
    let standing = shared.profiles.standing_of(&login)?;
    Ok(BackupItem {
        profile: profile.map(|profile| profile.id.clone()),
        name: profile.map(|profile| profile.name.to_string()).or_else(|| email(&login)),
        current: standing == Standing::Current,
        older: standing == Standing::Older,
        ..item
    })
}

fn of<'a>(profiles: &'a [Profile], login: &AuthDocument) -> Option<&'a Profile> {
    let subject = login.subject();
    profiles.iter().find(|profile| Some(&profile.subject) == subject.as_ref())
}

fn email(login: &AuthDocument) -> Option<String> {
    match login.credential() {
        Credential::OAuth(tokens) => tokens.claims.email.clone(),
        Credential::ApiKey(_) => None,
    }
}
