//! Renewed logins that could not be saved: kept in memory, used from there, and saved as soon as it is possible.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::renewal::Renewed;
use crate::base::locks::FileLock;
use crate::engine::{Engine, blocking, held};
use crate::failure::Failure;
use crate::model::auth_document::AuthDocument;
use crate::model::profile::ProfileId;

/// Before the next try to save.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// At most.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

#[derive(Debug, Default)]
pub(super) struct Unsaved(Mutex<BTreeMap<ProfileId, Entry>>);

#[derive(Debug)]
struct Entry {
    renewed: Renewed,
    failure: Failure,
    /// Held until the login is saved: whoever read the old one from the store would spend its token a second time.
    _lock: Arc<FileLock>,
}

impl Unsaved {
    pub(super) fn holds(&self, id: &ProfileId) -> bool {
        held(&self.0).contains_key(id)
    }

    /// The login, and why it is not saved.
    pub(super) fn login(&self, id: &ProfileId) -> Option<(AuthDocument, Failure)> {
        held(&self.0).get(id).map(|entry| (entry.renewed.login.clone(), entry.failure.clone()))
    }

    pub(super) fn failures(&self) -> Vec<Failure> {
        let entries = held(&self.0);
        let tell = |entry: &Entry| {
            let name = &entry.renewed.profile.name;
            let message = format!("The renewed login of {name} is not saved yet, only in memory. {}", entry.failure.message);
            let hint = "Keep Codex Lab running until it is saved: it tries again by itself.".to_owned();
            Failure { code: entry.failure.code, message, hints: [vec![hint], entry.failure.hints.clone()].concat() }
        };
        entries.values().map(tell).collect()
    }

    fn renewed(&self, id: &ProfileId) -> Option<Renewed> {
        held(&self.0).get(id).map(|entry| entry.renewed.clone())
    }
}

impl Engine {
    /// Keeps a login that could not be saved, and goes on trying.
    pub(super) fn keep_unsaved(&self, renewed: Renewed, failure: Failure, lock: FileLock) {
        tracing::error!(code = ?failure.code, profile = %renewed.profile.name, "a renewed login could not be saved; it is kept in memory");
        let id = renewed.profile.id.clone();
        held(&self.shared.tokens.unsaved.0).insert(id.clone(), Entry { renewed, failure, _lock: Arc::new(lock) });
        let engine = self.clone();
        self.shared.runtime.spawn(async move {
            let mut pause = FIRST_PAUSE;
            loop {
                tokio::time::sleep(pause).await;
                if engine.try_save(&id).await.is_ok() {
                    break;
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            if let Err(failure) = engine.publish().await {
                tracing::warn!(%failure, "looking again failed");
            }
        });
    }

    /// Saves what is unsaved of a profile, if anything is.
    pub(in crate::engine) async fn try_save(&self, id: &ProfileId) -> Result<(), Failure> {
        let Some(renewed) = self.shared.tokens.unsaved.renewed(id) else { return Ok(()) };
        let shared = Arc::clone(&self.shared);
        let result = blocking(move || renewed.save(&shared)).await;
        let mut entries = held(&self.shared.tokens.unsaved.0);
        match &result {
            Ok(()) => drop(entries.remove(id)),
            Err(failure) => {
                if let Some(entry) = entries.get_mut(id) {
                    entry.failure = failure.clone();
                }
            }
        }
        result
    }

    /// Waits until every renewed login is saved. A program that is about to end calls it first; `tell` hears what is the matter.
    pub async fn until_saved(&self, tell: impl Fn(&Failure)) {
        let mut pause = FIRST_PAUSE;
        let mut told = false;
        loop {
            let ids: Vec<_> = held(&self.shared.tokens.unsaved.0).keys().cloned().collect();
            for id in &ids {
                if let Err(failure) = self.try_save(id).await {
                    tracing::debug!(%failure, "still not saved");
                }
            }
            let failures = self.shared.tokens.unsaved.failures();
            if failures.is_empty() {
                return;
            }
            if !told {
                failures.iter().for_each(&tell);
                told = true;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
