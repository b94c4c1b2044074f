//! Following what other processes change: Codex rotating the live login, the terminal changing profiles.

use std::time::Duration;

use super::{Engine, held};
use crate::base::watching::FileWatch;
use crate::failure::Failure;

/// Several writes that belong together are looked at once.
const SETTLE: Duration = Duration::from_millis(150);
/// How often running processes are looked at when nothing happens.
const IDLE_LOOK: Duration = Duration::from_secs(30);
/// How often a session is looked at that shall be switched when idle.
const WAITING_LOOK: Duration = Duration::from_secs(3);

impl Engine {
    /// Keeps the snapshot up to date until dropped. Only a long-lived front end runs it.
    pub async fn watch(&self) {
        let shared = &self.shared;
        let mut files = FileWatch::new(&[shared.codex.auth_json(), shared.codex.config(), shared.home.index(), shared.home.config()]);
        loop {
            let waiting = !held(&shared.choices).is_empty();
            tokio::select! {
                () = files.changed() => tokio::time::sleep(SETTLE).await,
                () = tokio::time::sleep(if waiting { WAITING_LOOK } else { IDLE_LOOK }) => files.retry(),
            }
            log("looking again", self.publish().await.map(drop));
            if waiting {
                log("switching an idle session", self.follow_choices().await);
            }
        }
    }
}

fn log(what: &str, result: Result<(), Failure>) {
    if let Err(failure) = result {
        tracing::warn!(code = ?failure.code, %failure, "{what} failed");
    }
}
