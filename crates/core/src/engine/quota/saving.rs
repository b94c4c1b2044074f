//! Saving what changed in quota books: together, off the async threads, and not for every answer of live traffic.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::engine::{Engine, Shared, blocking, held};
use crate::failure::Failure;
use crate::model::lifetime::later;
use crate::model::profile::ProfileId;
use crate::model::quota::Changed;

/// Where nothing but the age of a number is new, it is saved this often.
const AGE_ONLY: Duration = Duration::from_secs(30);

/// What is still to be saved.
#[derive(Debug, Default)]
pub(super) struct Saving {
    pending: HashMap<ProfileId, Changed>,
    saved_at: HashMap<ProfileId, Timestamp>,
    /// A task is at it.
    runs: bool,
}

impl Saving {
    /// Notes a change. Whether a task has to be started for it.
    fn note(&mut self, profile: &ProfileId, changed: &Changed, now: Timestamp) -> bool {
        let recent = self.saved_at.get(profile).is_some_and(|at| *at <= now && now < later(*at, AGE_ONLY));
        self.pending.entry(profile.clone()).or_default().merge(changed.clone());
        let urgent = changed.is_news() || !recent;
        urgent && !std::mem::replace(&mut self.runs, true)
    }

    fn next(&mut self, now: Timestamp) -> Option<(ProfileId, Changed)> {
        let id = self.pending.keys().next().cloned();
        let Some(next) = id.and_then(|id| self.pending.remove_entry(&id)) else {
            self.runs = false;
            return None;
        };
        self.saved_at.insert(next.0.clone(), now);
        Some(next)
    }

    /// It could not be saved: it is tried again with the next change.
    fn put_back(&mut self, id: ProfileId, mut changed: Changed) {
        if let Some(since) = self.pending.remove(&id) {
            changed.merge(since);
        }
        self.saved_at.remove(&id);
        self.pending.insert(id, changed);
        self.runs = false;
    }
}

impl Engine {
    pub(super) fn save_soon(&self, profile: &ProfileId, changed: &Changed, now: Timestamp) {
        if changed.is_nothing() || !held(&self.shared.quotas.saving).note(profile, changed, now) {
            return;
        }
        let shared = Arc::clone(&self.shared);
        self.shared.runtime.spawn_blocking(move || {
            if let Err(failure) = save(&shared) {
                tracing::warn!(code = ?failure.code, %failure, "quota could not be saved yet");
            }
        });
    }

    /// Saves all that is not saved yet: before the process ends.
    pub async fn save_quota(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || save(&shared)).await
    }
}

fn save(shared: &Shared) -> Result<(), Failure> {
    // One after the other: who waits for everything to be saved waits for what another task is just writing, too.
    let _writing = held(&shared.quotas.writing);
    loop {
        let now = shared.ports.clock.now();
        let Some((id, changed)) = held(&shared.quotas.saving).next(now) else { return Ok(()) };
        if let Err(error) = shared.state.save_quota(&id, &shared.quotas.book(&id), &changed, now) {
            held(&shared.quotas.saving).put_back(id, changed);
            return Err(error.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::quota::{Family, Minutes, Percent, QuotaSource, QuotaWindow, WindowChange};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn change(second: i64, before: Option<f64>, after: f64) -> Changed {
        let window = |used: f64| QuotaWindow {
            minutes: Minutes::WEEK,
            used_percent: Percent::of(used).unwrap(),
            resets_at: None,
            observed_at: at(second),
            source: QuotaSource::Header,
        };
        let change =
            WindowChange { family: Family::main(), minutes: Minutes::WEEK, before: before.map(window), after: Some(window(after)) };
        Changed { windows: vec![change], account: false }
    }

    #[test]
    fn news_is_saved_at_once_and_mere_age_now_and_then() {
        let id = ProfileId::parse("0123456789abcdef").unwrap();
        let mut saving = Saving::default();
        assert!(saving.note(&id, &change(100, None, 1.0), at(100)));
        assert!(!saving.note(&id, &change(100, Some(1.0), 2.0), at(100)), "a task is at it");
        let (_, merged) = saving.next(at(100)).unwrap();
        assert_eq!((merged.windows.len(), merged.windows[0].before), (1, None));
        assert_eq!(merged.windows[0].after.unwrap().used_percent, Percent::whole(2));
        assert!(saving.next(at(100)).is_none());
        for (second, before, after, starts) in
            [(101, 2.0, 2.0, false), (129, 2.0, 2.0, false), (129, 2.0, 3.0, true), (159, 3.0, 3.0, true)]
        {
            assert_eq!(saving.note(&id, &change(second, Some(before), after), at(second)), starts, "{second}");
            while starts && saving.next(at(second)).is_some() {}
        }
        assert!(saving.note(&id, &change(50, Some(3.0), 3.0), at(50)), "the clock was set back");
    }

    #[test]
    fn what_could_not_be_saved_waits_for_the_next_change() {
        let id = ProfileId::parse("0123456789abcdef").unwrap();
        let mut saving = Saving::default();
        saving.note(&id, &change(100, None, 1.0), at(100));
        let (_, lost) = saving.next(at(100)).unwrap();
        saving.note(&id, &change(101, Some(1.0), 2.0), at(101));
        saving.put_back(id.clone(), lost);
        assert!(saving.note(&id, &change(102, Some(2.0), 2.0), at(102)), "tried again");
        let (_, all) = saving.next(at(102)).unwrap();
        assert_eq!((all.windows[0].before, all.windows[0].after.unwrap().observed_at), (None, at(102)));
    }
}
