//! Taking in logins that exist already: files, folders, pasted text, and the live login.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Engine, Shared, activity, blocking, problems};
use crate::api::table::{ImportItem, ImportOutcome, Reply};
use crate::auth::import;
use crate::base::secret::Secret;
use crate::codex::live::{self, Live};
use crate::failure::{Code, Failure};
use crate::model::auth_document::AuthDocument;
use crate::store::profiles::KeepOutcome;

/// What a source held: where it was found, and the login or why there is none.
pub(super) type Found = (String, Result<AuthDocument, Failure>);

impl Engine {
    pub(super) async fn import_path(&self, path: String) -> Result<Reply, Failure> {
        let found = blocking(move || import::from_path(&PathBuf::from(path)).map_err(|error| error.failure())).await?;
        self.import(found.into_iter().map(|found| (found.source, found.login.map_err(|error| error.failure()))).collect()).await
    }

    pub(super) async fn import_text(&self, text: Secret) -> Result<Reply, Failure> {
        let found = import::from_text(&text);
        self.import(vec![(found.source, found.login.map_err(|error| error.failure()))]).await
    }

    /// Keeps the live login as a profile; the live file stays as it is.
    pub(super) async fn capture_live(&self) -> Result<Reply, Failure> {
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
        self.import(vec![("live login".to_owned(), Ok(login))]).await
    }

    pub(super) async fn import(&self, found: Vec<Found>) -> Result<Reply, Failure> {
        let shared = Arc::clone(&self.shared);
        let single = found.len() == 1;
        let items = blocking(move || {
            let items = found.into_iter().map(|found| keep(&shared, found)).collect::<Vec<_>>();
            activity::note_imports(&shared, &items);
            Ok(items)
        })
        .await?;
        // One login that cannot be used is the request's own failure, not a row in a table.
        if let (true, [ImportItem { failure: Some(failure), .. }]) = (single, items.as_slice()) {
            return Err(failure.clone());
        }
        Ok(Reply::Imported { snapshot: Box::new((*self.publish().await?).clone()), items })
    }
}

fn keep(shared: &Shared, (source, login): Found) -> ImportItem {
    let item = ImportItem::found(source.clone(), source);
    let login = match login {
        Ok(login) => login,
        Err(failure) => return ImportItem { failure: Some(failure), ..item },
    };
    match shared.profiles.keep(&login).map_err(Failure::from) {
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
