//! Showing quota: what changes in a book, and what a reset changes by itself, reaches the snapshot soon, and never in a storm.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::engine::Engine;
use crate::model::quota::QuotaView;
use crate::model::snapshot::Snapshot;

/// Between two snapshots that differ in quota alone.
const PAUSE: Duration = Duration::from_secs(1);
/// The machine's clock may be set while one waits for a reset.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);

impl Engine {
    /// Brings the snapshot's quota up to date until dropped.
    pub(in crate::engine) async fn show_quota(&self) {
        loop {
            let now = self.shared.ports.clock.now();
            let reset = next_reset(&self.snapshot(), now).map_or(LONGEST_WAIT, |at| until(at, now));
            tokio::select! {
                () = self.shared.quotas.news.notified() => {}
                () = tokio::time::sleep(reset.min(LONGEST_WAIT)) => {}
            }
            self.publish_quota().await;
            // What comes meanwhile is shown together.
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Publishes the last snapshot with the books as they are now. Waits for no file.
    async fn publish_quota(&self) {
        let _one_look = self.shared.looking.lock().await;
        let latest = self.snapshot();
        let now = self.shared.ports.clock.now();
        let views: Vec<QuotaView> =
            latest.profiles.iter().map(|row| self.quota(&row.id).view(latest.routing.thresholds(row.details.thresholds), now)).collect();
        if views.iter().eq(latest.profiles.iter().map(|row| &row.quota)) {
            return;
        }
        let mut next = (*latest).clone();
        next.revision += 1;
        for (row, view) in next.profiles.iter_mut().zip(views) {
            row.quota = view;
        }
        self.shared.latest.send_replace(Arc::new(next));
    }
}

/// The first reset that is still to come.
fn next_reset(snapshot: &Snapshot, now: Timestamp) -> Option<Timestamp> {
    let families = snapshot.profiles.iter().flat_map(|row| &row.quota.families);
    families.flat_map(|family| &family.windows).filter_map(|window| window.resets_at).filter(|at| *at > now).min()
}

/// How long until then, and no less: a reset has passed only after it.
fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default().saturating_add(Duration::from_millis(1))
}
