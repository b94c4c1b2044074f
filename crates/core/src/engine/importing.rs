//! Taking in logins that exist already: files, folders, pasted text, and the live login.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Engine, activity, blocking, problems};
use crate::api::table::{ImportItem, ImportOutcome, Reply};
use crate::auth::import;
use crate::base::progress::{Progress, Underway, Work};
use crate::base::secret::Secret;
use crate::codex::live::{self, Live};
use crate::failure::{Code, Failure};
use crate::model::auth_document::AuthDocument;
use crate::store::profiles::{KeepOutcome, Profiles};

/// What a source held: where it was found, and the login or why there is none.
pub(super) type Found = (String, Result<AuthDocument, Failure>);

impl Engine {
    pub(super) async fn import_path(&self, path: String) -> Result<Reply, Failure> {
        self.import(found_at(path).await?).await
    }

    pub(super) async fn import_text(&self, text: Secret) -> Result<Reply, Failure> {
        self.import(found_in(&text)).await
    }

    /// Keeps the live login as a profile; the live file stays as it is.
    pub(super) async fn capture_live(&self) -> Result<Reply, Failure> {
        self.import(self.found_live().await?).await
    }

    /// The live login.
    pub(super) async fn found_live(&self) -> Result<Vec<Found>, Failure> {
        let shared = Arc::clone(&self.shared);
        let login = blocking(move || match live::read(&shared.codex) {
            Live::Login(login) => Ok(*login),
            Live::None => {
                // There may well be one, where a file is not what Codex keeps it in.
                problems::store_mode(&shared.codex)?;
                Err(Failure::new(Code::NotFound, "There is no live login to keep.").hint("Sign in with `codex-lab login`."))
            }
            Live::Unreadable(error) => Err(error.into()),
        })
        .await?;
        Ok(vec![("live login".to_owned(), Ok(login))])
    }

    pub(super) async fn import(&self, found: Vec<Found>) -> Result<Reply, Failure> {
        let shared = Arc::clone(&self.shared);
        let items = blocking(move || {
            let items = keep_all(&shared.profiles, &shared.ports.progress, found)?;
            activity::note_imports(&shared, &items);
            Ok(items)
        })
        .await?;
        Ok(Reply::Imported { snapshot: Box::new((*self.publish().await?).clone()), items })
    }

    /// What would become of each.
    pub(super) async fn would_keep(&self, found: Vec<Found>) -> Result<Vec<ImportItem>, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || keep_all(&shared.profiles.rehearsal()?, &shared.ports.progress, found)).await
    }
}

/// What a file or a folder holds.
pub(super) async fn found_at(path: String) -> Result<Vec<Found>, Failure> {
    let found = blocking(move || import::from_path(&PathBuf::from(path)).map_err(|error| error.failure())).await?;
    Ok(found.into_iter().map(|found| (found.source, found.login.map_err(|error| error.failure()))).collect())
}

/// What a pasted text holds.
pub(super) fn found_in(text: &Secret) -> Vec<Found> {
    let found = import::from_text(text);
    vec![(found.source, found.login.map_err(|error| error.failure()))]
}

fn keep_all(profiles: &Profiles, told: &Arc<dyn Progress>, found: Vec<Found>) -> Result<Vec<ImportItem>, Failure> {
    let mut underway = Underway::of_steps(told, Work::KeepLogins, found.len());
    let mut items = Vec::with_capacity(found.len());
    for found in found {
        items.push(keep(profiles, found));
        underway.step();
    }
    // One login that cannot be used is the request's own failure, not a row in a table.
    match items.as_slice() {
        [ImportItem { failure: Some(failure), .. }] => Err(failure.clone()),
        _ => Ok(items),
    }
}

fn keep(profiles: &Profiles, (source, login): Found) -> ImportItem {
    let item = ImportItem::found(source.clone(), source);
    let login = match login {
        Ok(login) => login,
        Err(failure) => return ImportItem { failure: Some(failure), ..item },
    };
    match profiles.keep(&login).map_err(Failure::from) {
        Ok(kept) => ImportItem {
            email: kept.profile.email,
            plan: kept.profile.plan,
            profile: Some(kept.profile.id),
            name: Some(kept.profile.name.to_string()),
            outcome: kept.outcome.into(),
            ..item
        },
        Err(failure) => ImportItem { outcome: ImportOutcome::Failed, failure: Some(failure), ..item },
    }
}

impl From<KeepOutcome> for ImportOutcome {
    fn from(outcome: KeepOutcome) -> Self {
        match outcome {
            KeepOutcome::Added => Self::Added,
            KeepOutcome::Updated => Self::Updated,
            KeepOutcome::Unchanged => Self::Unchanged,
        }
    }
}
