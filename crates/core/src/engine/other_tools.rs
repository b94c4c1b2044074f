//! Importing from the stores of other tools: what would happen, doing it, and the plaintext they leave lying about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::doctor::OthersSeen;
use super::{Engine, Shared, activity, blocking};
use crate::api::table::{ImportItem, ImportOutcome, ImportSource, Leftover, Reply};
use crate::auth::import::ImportError;
use crate::auth::import::leftovers::{self, Plaintext};
use crate::auth::import::plan::{self, Fate, Holder, Known, Planned};
use crate::auth::import::scan::{self, CodexPlace, Places};
use crate::base::files;
use crate::base::keyring::{Keyring, NoKeyring};
use crate::base::progress::{Underway, Work};
use crate::base::secret::Secret;
use crate::codex::config::{CodexConfig, StoreMode};
use crate::codex::home::CodexHome;
use crate::failure::{Code, Failure, shown};
use crate::model::auth_document::{AuthDocument, Credential};
use crate::model::profile::ProfileId;
use crate::store::profiles::Kept;

/// Whoever renews a profile's tokens is done by then.
const LOGIN_PATIENCE: Duration = Duration::from_secs(30);

/// What is asked for: a tool or all, its usual places or one, and a passphrase.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) from: Option<ImportSource>,
    pub(super) path: Option<String>,
    pub(super) passphrase: Option<Secret>,
}

impl Engine {
    /// What an import would do.
    pub(super) async fn find_imports(
        &self,
        from: Option<ImportSource>,
        path: Option<String>,
        passphrase: Option<Secret>,
    ) -> Result<Reply, Failure> {
        let (shared, wanted) = (Arc::clone(&self.shared), Wanted { from, path, passphrase });
        blocking(move || {
            let (planned, _) = decide(&shared, &wanted, None)?;
            let items = planned.into_iter().map(would).collect();
            let leftovers = find_leftovers(&shared, &wanted).iter().map(Leftover::from).collect();
            Ok(Reply::ImportPlan { items, leftovers })
        })
        .await
    }

    /// Imports from other tools' stores.
    pub(super) async fn import_from(
        &self,
        from: Option<ImportSource>,
        path: Option<String>,
        passphrase: Option<Secret>,
        only: Option<Vec<String>>,
    ) -> Result<Reply, Failure> {
        let (shared, wanted) = (Arc::clone(&self.shared), Wanted { from, path, passphrase });
        let _turn = self.shared.turn.lock().await;
        let items = blocking(move || {
            let (planned, freed) = chosen(&shared, &wanted, only.as_deref())?;
            let checkpoint = &shared.ports.checkpoint;
            checkpoint.reached("import.begun");
            let items = keep_all(&shared, planned);
            activity::note_imports(&shared, &items);
            freed.iter().try_for_each(|profile| shared.profiles.mark_ours_alone(profile))?;
            checkpoint.reached("import.done");
            Ok(items)
        })
        .await?;
        refuse_single(&items)?;
        Ok(Reply::Imported { snapshot: Box::new((*self.publish().await?).clone()), items })
    }

    /// What importing these would do.
    pub(super) async fn would_import(&self, wanted: Wanted, only: Option<Vec<String>>) -> Result<Vec<ImportItem>, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let (planned, _) = chosen(&shared, &wanted, only.as_deref())?;
            let items: Vec<_> = planned.into_iter().map(would).collect();
            refuse_single(&items)?;
            Ok(items)
        })
        .await
    }

    /// Deletes a left-over, if a look at this moment reports it as one that may be deleted.
    pub(super) async fn delete_leftover(&self, path: String) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(files::remove(&deletable(&shared, &path)?)?)).await
    }

    /// Refuses what could not be deleted.
    pub(super) async fn may_delete_leftover(&self, path: String) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || deletable(&shared, &path).map(drop)).await
    }
}

/// The left-over at a path, if it may be deleted.
fn deletable(shared: &Shared, path: &str) -> Result<PathBuf, Failure> {
    let all = Wanted { from: None, path: None, passphrase: None };
    let reported = find_leftovers(shared, &all);
    match reported.into_iter().find(|leftover| shown(&leftover.path) == path) {
        None => Err(Failure::new(Code::NotFound, "This is no file that an import has reported as left over.")
            .hint("`codex-lab import --dry-run` lists the files that can be deleted.")),
        Some(Plaintext { deletable: false, from, .. }) => {
            Err(Failure::new(Code::NotPossibleNow, format!("{from} still works with this file."))
                .hint("Sign out in that tool, or uninstall it; then the file can go."))
        }
        Some(leftover) => Ok(leftover.path),
    }
}

/// The plan for those that were chosen.
fn chosen(shared: &Shared, wanted: &Wanted, only: Option<&[String]>) -> Result<(Vec<Planned>, Vec<ProfileId>), Failure> {
    let (planned, freed) = decide(shared, wanted, only)?;
    if only.is_some() && planned.is_empty() {
        return Err(Failure::new(Code::NotFound, "Nothing that was chosen is there any more.").hint("Look again, and choose anew."));
    }
    Ok((planned, freed))
}

/// One login that cannot be used is the request's own failure, not a row in a table.
fn refuse_single(items: &[ImportItem]) -> Result<(), Failure> {
    match items {
        [ImportItem { failure: Some(failure), .. }] => Err(failure.clone()),
        _ => Ok(()),
    }
}

/// What would become of each login, and the profiles that no other tool holds any more.
fn decide(shared: &Shared, wanted: &Wanted, only: Option<&[String]>) -> Result<(Vec<Planned>, Vec<ProfileId>), Failure> {
    let path = wanted.path.as_deref().map(Path::new);
    let (codex, own_passphrase) = (codex_places(shared), scan::own_passphrase(&shared.ports.environment));
    let places = Places {
        environment: &shared.ports.environment,
        ours: shared.home.root(),
        codex: &codex,
        keyring: &*shared.ports.keyring,
        passphrase: wanted.passphrase.as_ref().or(own_passphrase.as_ref()),
    };
    let found = scan::scan(&places, wanted.from, path).map_err(|error| error.failure())?;
    // Whoever else holds these tokens is to be named, too. For that alone nobody is asked to open a keyring.
    let quiet = Places { keyring: &NoKeyring as &dyn Keyring, ..places };
    let everything_was_asked_for = wanted.from.is_none() && path.is_none();
    let beside = if everything_was_asked_for { Vec::new() } else { scan::scan(&quiet, None, None).unwrap_or_default() };
    let (known, live) = (known(shared)?, shown(&shared.codex.auth_json()));
    let freed = plan::freed(&found.iter().chain(&beside).collect::<Vec<_>>(), &known, &live);
    Ok((plan::plan(found, &beside, only, &known, &live), freed))
}

/// Which other tools are here, and what they hold of ours. Nobody is asked to open a keyring.
pub(super) fn seen(shared: &Shared) -> Result<OthersSeen, Failure> {
    let (codex, own_passphrase) = (codex_places(shared), scan::own_passphrase(&shared.ports.environment));
    let places = Places {
        environment: &shared.ports.environment,
        ours: shared.home.root(),
        codex: &codex,
        keyring: &NoKeyring,
        passphrase: own_passphrase.as_ref(),
    };
    let found = scan::scan(&places, None, None).map_err(|error| error.failure())?;
    let mut tools: Vec<_> = found.iter().filter_map(|found| found.from).filter(|tool| *tool != ImportSource::Codex).collect();
    tools.dedup();
    let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for item in plan::plan(found, &[], None, &known(shared)?, &shown(&shared.codex.auth_json())) {
        if let Fate::Update(profile) | Fate::Unchanged(profile) = &item.fate
            && !item.owners.is_empty()
        {
            holders.entry(profile.name.to_string()).or_default().extend(item.owners.iter().map(Holder::to_string));
        }
    }
    let leftovers = find_leftovers(shared, &Wanted { from: None, path: None, passphrase: None });
    Ok(OthersSeen {
        tools,
        shared: holders.into_iter().map(|(name, holders)| (name, holders.into_iter().collect())).collect(),
        leftovers: leftovers.iter().filter(|leftover| leftover.deletable).map(|leftover| shown(&leftover.path)).collect(),
    })
}

/// The homes of the stock Codex: the live one, and the default one where that is another.
fn codex_places(shared: &Shared) -> Vec<CodexPlace> {
    let default = shared.ports.environment.user_home().map(|home| CodexHome::at(home.join(".codex")));
    let mut homes = vec![shared.codex.clone()];
    homes.extend(default.filter(|home| home.root() != shared.codex.root()));
    let in_keyring =
        |home: &CodexHome| matches!(CodexConfig::read(home), Ok(CodexConfig { store: StoreMode::Keyring | StoreMode::Auto, .. }));
    homes.iter().map(|home| CodexPlace { root: home.root().to_path_buf(), in_keyring: in_keyring(home) }).collect()
}

fn find_leftovers(shared: &Shared, wanted: &Wanted) -> Vec<Plaintext> {
    if wanted.from.is_none() && wanted.path.is_some() {
        return Vec::new();
    }
    let codex = codex_places(shared);
    let places =
        Places { environment: &shared.ports.environment, ours: shared.home.root(), codex: &codex, keyring: &NoKeyring, passphrase: None };
    leftovers::find(&places, wanted.from, wanted.path.as_deref().map(Path::new))
}

/// The profiles with their logins. A vault that is not open says nothing of them, so there is no plan without it.
fn known(shared: &Shared) -> Result<Vec<Known>, Failure> {
    let profiles = shared.profiles.list()?;
    let known = profiles.into_iter().map(|profile| match shared.profiles.login_of(&profile) {
        Ok(login) => Ok(Known { profile, login: Some(login) }),
        Err(error) => match Failure::from(error) {
            failure if failure.code.is_of_the_vault() => Err(failure),
            _ => Ok(Known { profile, login: None }),
        },
    });
    known.collect()
}

/// A row of a plan.
fn would(item: Planned) -> ImportItem {
    let row = row(&item);
    match item.fate {
        Fate::Add => ImportItem { outcome: ImportOutcome::Added, ..row },
        Fate::Update(profile) => {
            ImportItem { outcome: ImportOutcome::Updated, profile: Some(profile.id), name: Some(profile.name.to_string()), ..row }
        }
        Fate::Unchanged(profile) => {
            ImportItem { outcome: ImportOutcome::Unchanged, profile: Some(profile.id), name: Some(profile.name.to_string()), ..row }
        }
        Fate::Elsewhere => ImportItem { outcome: ImportOutcome::Unchanged, ..row },
        Fate::Skip => row,
    }
}

fn keep_all(shared: &Shared, planned: Vec<Planned>) -> Vec<ImportItem> {
    let mut underway = Underway::of_steps(&shared.ports.progress, Work::KeepLogins, planned.len());
    let mut items = Vec::with_capacity(planned.len());
    for item in planned {
        items.push(keep(shared, item));
        underway.step();
    }
    items
}

/// Does with a login what the plan says. The store decides once more, under its lock, by the same rule.
fn keep(shared: &Shared, item: Planned) -> ImportItem {
    let row = row(&item);
    let Ok(login) = &item.found.login else { return row };
    let kept = match &item.fate {
        Fate::Skip | Fate::Elsewhere => return would(item),
        Fate::Add | Fate::Unchanged(_) => keep_login(shared, login, &item.owners),
        Fate::Update(profile) => shared
            .profiles
            .lock_login(&profile.id, "to import a newer login", LOGIN_PATIENCE)
            .map_err(Failure::from)
            .and_then(|_held| keep_login(shared, login, &item.owners)),
    };
    shared.ports.checkpoint.reached("import.kept");
    match kept {
        Ok(kept) => {
            ImportItem { profile: Some(kept.profile.id), name: Some(kept.profile.name.to_string()), outcome: kept.outcome.into(), ..row }
        }
        Err(failure) => ImportItem { outcome: ImportOutcome::Failed, failure: Some(failure), advice: None, ..row },
    }
}

fn keep_login(shared: &Shared, login: &AuthDocument, owners: &[Holder]) -> Result<Kept, Failure> {
    let names: Vec<_> = owners.iter().map(Holder::to_string).collect();
    Ok(if names.is_empty() { shared.profiles.keep(login) } else { shared.profiles.keep_shared(login, &names.join(", ")) }?)
}

/// What is known of a login before anything is done with it.
fn row(item: &Planned) -> ImportItem {
    let login = item.found.login.as_ref();
    let tokens = login.ok().and_then(|login| match login.credential() {
        Credential::OAuth(tokens) => Some(tokens),
        Credential::ApiKey(_) => None,
    });
    ImportItem {
        from: item.found.from,
        email: tokens.and_then(|tokens| tokens.claims.email.clone()).or_else(|| item.found.email.clone()),
        plan: tokens.and_then(|tokens| tokens.claims.plan.clone()),
        workspace: tokens.and_then(|tokens| tokens.account_id.clone().or_else(|| tokens.claims.account_id.clone())),
        also_at: item.also_at.clone(),
        failure: login.err().map(ImportError::failure),
        advice: advice(item),
        ..ImportItem::found(item.found.key(), item.found.source.clone())
    }
}

/// What to do about a second owner; the same for all, so that it need be said but once. Signing out there would not help: the
/// stock Codex ends a login at the provider then.
fn advice(item: &Planned) -> Option<String> {
    (item.found.login.is_ok() && !item.owners.is_empty()).then(|| {
        "A login that another tool goes on using is lost to whichever renews it first. Stop using it there without signing out, \
         which may end it for both; or sign in again here with `codex-lab login --again NAME` for a login of its own. Until then \
         Codex Lab does not renew it ahead of need."
            .to_owned()
    })
}

impl From<&Plaintext> for Leftover {
    fn from(leftover: &Plaintext) -> Self {
        Self { from: leftover.from, path: shown(&leftover.path), what: leftover.what.to_owned(), deletable: leftover.deletable }
    }
}
