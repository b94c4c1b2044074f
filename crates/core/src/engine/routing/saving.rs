//! Saving what routing has learnt: soon, together, and off the async threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::engine::{Engine, Shared, blocking, held, spending};
use crate::failure::Failure;

/// What changes within this time is saved together. A process that is killed loses no more.
const TOGETHER: Duration = Duration::from_millis(50);

/// Who saves.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// A task is about to.
    soon: AtomicBool,
    /// Held by the one that writes, so that nothing older is written over something newer.
    writing: Mutex<()>,
}

impl Engine {
    /// Sees to it that what has changed is saved.
    pub(super) fn save_routing_soon(&self) {
        if self.shared.routing.saving.soon.swap(true, Ordering::AcqRel) {
            return;
        }
        let engine = self.clone();
        self.shared.runtime.spawn(async move {
            tokio::time::sleep(TOGETHER).await;
            // Before it is taken: what changes from here on is for the next one.
            engine.shared.routing.saving.soon.store(false, Ordering::Release);
            if let Err(failure) = engine.save_routing().await {
                tracing::warn!(code = ?failure.code, %failure, "what routing has learnt could not be saved yet");
            }
        });
    }

    /// Saves all that is not saved yet: before the process ends, too.
    pub async fn save_routing(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || save(&shared)).await
    }
}

fn save(shared: &Shared) -> Result<(), Failure> {
    let _writing = held(&shared.routing.saving.writing);
    let now = shared.ports.clock.now();
    let (blocks, sessions, buckets, decisions) = shared.routing.desk.with(|router| {
        let affinity = &mut router.affinity;
        let (sessions, buckets) = (affinity.sessions.take_changes(now), affinity.buckets.take_changes(now));
        (router.roster.take_unsaved(), sessions, buckets, router.log.take_unsaved())
    });
    let state = &shared.state;
    let saved =
        state.note_blocks(&blocks, now).and_then(|()| state.save_blocks(&blocks)).and_then(|()| state.save_homes(&sessions, &buckets));
    if let Err(error) = saved {
        shared.routing.desk.with(|router| {
            router.roster.not_saved(blocks.into_iter().map(|(profile, _)| profile));
            router.affinity.sessions.not_saved(sessions.into_iter().map(|(key, _)| key));
            router.affinity.buckets.not_saved(buckets.into_iter().map(|(key, _)| key));
        });
        return Err(error.into());
    }
    spending::save(shared)?;
    // Of these, losing some loses no session.
    Ok(state.save_decisions(&decisions)?)
}
