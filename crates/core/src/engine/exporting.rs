//! Writing all profiles into one sealed file, and taking them in from such a file by the rules of an import.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Engine, Shared, activity, blocking};
use crate::api::table::{ImportItem, ImportOutcome, Reply};
use crate::auth::export::{self, Exported};
use crate::auth::passphrase;
use crate::base::files::{self, Entry, FileError, FileErrorKind};
use crate::base::secret::Secret;
use crate::failure::{Code, Failure, shown};
use crate::model::profile::Profile;
use crate::model::subject::Subject;
use crate::store::merging::Incoming;
use crate::store::profiles::{Kept, StoreError};

/// After a wrong passphrase, on top of what making a key takes.
const AFTER_WRONG_PASSPHRASE: Duration = Duration::from_secs(1);

impl Engine {
    /// Writes all profiles into one sealed file.
    pub(super) async fn export(&self, path: String, passphrase: Secret, replace: bool) -> Result<Reply, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let (profiles, left_out) = write(&shared, &beside_us(&path), &passphrase, replace)?;
            Ok(Reply::Exported { path: shown(Path::new(&path)), profiles, left_out })
        })
        .await
    }

    /// How many profiles an export would hold, and the names of those that it would not.
    pub(super) async fn would_export(&self, path: String, passphrase: Secret, replace: bool) -> Result<(usize, Vec<String>), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let path = beside_us(&path);
            let (profiles, left_out) = gather(&shared, &path, &passphrase, replace)?;
            match path.parent() {
                Some(folder) if files::entry(folder)? == Entry::Missing => Err(FileError::of(folder, FileErrorKind::Missing).into()),
                _ => Ok((profiles.len(), left_out)),
            }
        })
        .await
    }

    /// Takes profiles in from such a file.
    pub(super) async fn restore_export(&self, path: String, passphrase: Secret, dry_run: bool) -> Result<Reply, Failure> {
        let shared = Arc::clone(&self.shared);
        let taken = blocking(move || {
            let items = take_in(&shared, &beside_us(&path), &passphrase, dry_run)?;
            if !dry_run {
                activity::note_imports(&shared, &items);
            }
            Ok(items)
        });
        let taken = taken.await;
        let items = match taken {
            Err(failure) if failure.code == Code::WrongPassphrase => {
                tokio::time::sleep(AFTER_WRONG_PASSPHRASE).await;
                return Err(failure);
            }
            taken => taken?,
        };
        if dry_run {
            return Ok(Reply::ImportPlan { items, leftovers: Vec::new() });
        }
        Ok(Reply::Imported { snapshot: Box::new((*self.publish().await?).clone()), items })
    }
}

/// How many profiles are in the file, and the names of those that are not.
fn write(shared: &Shared, path: &Path, passphrase: &Secret, replace: bool) -> Result<(usize, Vec<String>), Failure> {
    let (profiles, left_out) = gather(shared, path, passphrase, replace)?;
    let bytes = export::seal(&profiles, passphrase, shared.ports.clock.now(), &*shared.ports.entropy)?;
    let staged = files::stage(path, &bytes)?;
    may_write(path, replace)?;
    staged.commit()?;
    Ok((profiles.len(), left_out))
}

/// What the file is to hold, and the names of profiles that it cannot.
fn gather(shared: &Shared, path: &Path, passphrase: &Secret, replace: bool) -> Result<(Vec<Exported>, Vec<String>), Failure> {
    // Everything that can be refused is refused before the work.
    passphrase::check(passphrase)?;
    may_write(path, replace)?;
    let mut profiles = Vec::new();
    let mut left_out = Vec::new();
    for profile in shared.profiles.list()? {
        match shared.profiles.login_of(&profile) {
            Ok(login) => profiles.push(Exported { profile, login }),
            Err(StoreError::NoLogin { .. } | StoreError::BadLogin { .. } | StoreError::BadSeal { .. } | StoreError::File(_)) => {
                left_out.push(profile.name.to_string());
            }
            // A vault that is not open: an export without its logins would be none.
            Err(error) => return Err(error.into()),
        }
    }
    if profiles.is_empty() {
        return Err(Failure::new(Code::NotFound, "There is no profile to export.").hint("`codex-lab login` adds an account."));
    }
    Ok((profiles, left_out))
}

/// Whether a file may be written there.
fn may_write(path: &Path, replace: bool) -> Result<(), Failure> {
    match files::entry(path)? {
        Entry::Missing => Ok(()),
        Entry::File { .. } if replace => Ok(()),
        Entry::File { .. } => Err(Failure::new(Code::AlreadyExists, format!("There is a file at {} already.", shown(path)))
            .hint("Choose another name, or say --force to replace it.")),
        Entry::Folder | Entry::Link | Entry::Special => {
            Err(Failure::new(Code::InvalidInput, format!("{} is there already, and is no file that can be replaced.", shown(path)))
                .hint("Choose another name."))
        }
    }
}

fn take_in(shared: &Shared, path: &Path, passphrase: &Secret, dry_run: bool) -> Result<Vec<ImportItem>, Failure> {
    let found = export::open(&read(path)?, passphrase)?;
    let good = found.iter().flatten().map(|it| Incoming { login: it.login.clone(), like: Some(it.profile.clone()) });
    let mut kept = shared.profiles.merge(&good.collect::<Vec<_>>(), dry_run)?.into_iter();
    let items = found.into_iter().enumerate().filter_map(|(place, found)| {
        Some(match found {
            Ok(exported) => item(place, kept.next()?.map_err(|error| (ImportOutcome::Failed, error.into())), Some(&exported.profile)),
            Err(error) => item(place, Err((ImportOutcome::Skipped, error.into())), None),
        })
    });
    Ok(items.collect())
}

/// A file of the user's choice, wherever links lead.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let path = files::canonical(path)?;
    // A huge file is refused before it is read.
    if matches!(files::entry(&path)?, Entry::File { size, .. } if size > export::SIZE_LIMIT) {
        return Err(FileError::of(&path, FileErrorKind::TooLarge).into());
    }
    Ok(files::read(&path, export::SIZE_LIMIT)?.ok_or_else(|| FileError::of(&path, FileErrorKind::Missing))?)
}

fn item(place: usize, kept: Result<Kept, (ImportOutcome, Failure)>, exported: Option<&Profile>) -> ImportItem {
    let source = exported.map_or_else(|| format!("profile {}", place + 1), |profile| profile.name.to_string());
    let item = ImportItem {
        email: exported.and_then(|profile| profile.email.clone()),
        plan: exported.and_then(|profile| profile.plan.clone()),
        ..ImportItem::found(place.to_string(), source)
    };
    match kept {
        Err((outcome, failure)) => ImportItem { outcome, failure: Some(failure), ..item },
        Ok(Kept { profile, outcome }) => ImportItem {
            email: profile.email,
            plan: profile.plan,
            workspace: match profile.subject {
                Subject::ChatGpt { workspace, .. } => Some(workspace),
                Subject::ApiKey { .. } => None,
            },
            profile: Some(profile.id),
            name: Some(profile.name.to_string()),
            outcome: outcome.into(),
            ..item
        },
    }
}

/// A bare file name means the folder we are in.
fn beside_us(path: &str) -> PathBuf {
    let path = Path::new(path);
    if path.parent().is_some_and(|folder| folder.as_os_str().is_empty()) { Path::new(".").join(path) } else { path.to_path_buf() }
}
