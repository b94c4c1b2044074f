//! What the desk decides by: profiles, settings, quota, and what was learnt before the last end.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{callers, pins};
use crate::engine::candidates::{candidates, take_quota};
use crate::engine::{Engine, Shared, blocking, settings};
use crate::failure::Failure;
use crate::model::profile::ProfileId;
use crate::model::quota::{Changed, Observation, Percent};
use crate::route::router::Router;
use crate::store::routing_settings;

impl Engine {
    /// Makes the desk ready: with all that was kept.
    pub(in crate::engine) async fn begin_routing(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || begin(&shared)).await
    }

    /// Takes over what has changed about profiles and settings, if this process serves.
    pub(in crate::engine) async fn feed_routing(&self) -> Result<(), Failure> {
        if !self.shared.routing.serves.load(Ordering::Acquire) {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            callers::learn(&shared)?;
            feed(&shared)
        })
        .await
    }

    /// The desk decides no more.
    pub(in crate::engine) async fn end_routing(&self) -> Result<(), Failure> {
        self.shared.routing.serves.store(false, Ordering::Release);
        self.save_routing().await
    }

    /// A quota book has changed.
    pub(in crate::engine) fn quota_changed(&self, profile: &ProfileId, seen: &Observation, changed: &Changed) {
        if changed.is_nothing() || !self.shared.routing.serves.load(Ordering::Acquire) {
            return;
        }
        let (book, now) = (self.quota(profile), self.shared.ports.clock.now());
        let has_some = |family| book.remaining(family, now).iter().all(|window| window.left_percent > Percent::NONE);
        self.shared.routing.desk.with(|router| {
            router.roster.update(profile, now, |candidate| take_quota(candidate, &book, now));
            for family in seen.families.keys() {
                router.roster.quota_seen(profile, family, has_some(family), seen.at, now);
            }
        });
    }

    /// The user has signed in again.
    pub(in crate::engine) fn signed_in_again(&self, profile: &ProfileId) {
        let now = self.shared.ports.clock.now();
        self.shared.routing.desk.with(|router| router.roster.signed_in(profile, now));
    }
}

fn begin(shared: &Shared) -> Result<(), Failure> {
    let now = shared.ports.clock.now();
    callers::restore(shared)?;
    callers::learn(shared)?;
    let state = &shared.state;
    let (sessions, buckets, decisions) = (state.session_homes()?, state.bucket_homes()?, state.decisions()?);
    let tied = sessions.iter().filter(|(_, home)| home.pinned).map(|(key, home)| (key.clone(), home.profile.clone()));
    pins::restore(shared, tied.collect());
    let mut router = Router::default();
    router.affinity.sessions.restore(sessions, now);
    router.affinity.buckets.restore(buckets, now);
    router.log.restore(decisions);
    shared.routing.desk.with(|known| *known = router);
    feed(shared)?;
    shared.routing.serves.store(true, Ordering::Release);
    Ok(())
}

/// Settings that cannot be read leave those in force that were.
fn feed(shared: &Shared) -> Result<(), Failure> {
    let now = shared.ports.clock.now();
    let candidates = candidates(shared, now)?;
    let there = candidates.iter().map(|candidate| candidate.id.clone()).collect();
    let settings = routing_settings::read(&shared.home);
    if let Ok(settings) = settings::in_force(shared) {
        shared.routing.http_only.store(settings.http_only, Ordering::Relaxed);
    }
    shared.routing.desk.with(|router| {
        router.roster.set_candidates(candidates);
        // More may have been spent since they were put together.
        router.roster.spent(shared.spending.spent(now), now);
        match settings {
            Ok(settings) => router.roster.set_settings(settings),
            Err(error) => tracing::warn!(%error, "the settings of routing cannot be read"),
        }
    });
    pins::take_over(shared, &there)
}
