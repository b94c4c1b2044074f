//! Following what other processes change: Codex rotating the live login, the terminal changing profiles.

use std::time::Duration;

use super::{Engine, clients, held};
use crate::base::watching::FileWatch;
use crate::failure::Failure;

/// Several writes that belong together are looked at once.
const SETTLE: Duration = Duration::from_millis(150);
/// How often processes are looked at while no Codex runs.
const IDLE_LOOK: Duration = Duration::from_secs(30);
/// The same while one runs, which may end at any time.
const BUSY_LOOK: Duration = Duration::from_secs(10);
/// The same while a session waits to be switched when idle.
const WAITING_LOOK: Duration = Duration::from_secs(3);

impl Engine {
    /// Keeps the snapshot up to date until dropped. Only a long-lived front end runs it.
    pub async fn watch(&self) {
        tokio::join!(self.watch_files(), self.show_quota());
    }

    async fn watch_files(&self) {
        let shared = &self.shared;
        let ours = [shared.home.index(), shared.home.vault(), shared.home.config(), shared.home.news()];
        let theirs = clients::watched(shared);
        let mut files = FileWatch::new(&[&ours[..], &[shared.codex.auth_json()], &theirs].concat());
        loop {
            let waiting = !held(&shared.choices).is_empty();
            let pause = match (waiting, self.snapshot().sessions.is_empty()) {
                (true, _) => WAITING_LOOK,
                (false, false) => BUSY_LOOK,
                (false, true) => IDLE_LOOK,
            };
            tokio::select! {
                () = files.changed() => tokio::time::sleep(SETTLE).await,
                () = tokio::time::sleep(pause) => files.retry(),
            }
            log("looking again", self.publish().await.map(drop));
            log("hearing other processes", self.hear_others().await);
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
