//! The feed of one teller: what is new to it, from every snapshot and event, claimed in the ledger before it is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use crate::engine::{Engine, blocking};
use crate::failure::Failure;
use crate::model::event::Event;
use crate::model::news::{News, Told, Topic};
use crate::model::profile::ProfileId;
use crate::model::snapshot::Snapshot;
use crate::notices::gate::Way;
use crate::notices::standing;
use crate::store::notices::Teller;

/// Something was heard that may hold news.
#[derive(Debug)]
pub(super) enum Heard {
    /// The snapshot is another.
    Snapshot,
    /// An event.
    News(News),
    /// Neither comes any more.
    Nothing,
}

/// What one teller of this process listens to, and what it remembers of the ledger.
pub(super) struct Feed {
    engine: Engine,
    teller: Teller,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    events: broadcast::Receiver<Event>,
    told: Vec<Told>,
    /// Whose login was gone at the last look.
    gone: BTreeSet<ProfileId>,
    /// Whether nobody had quota left at the last look.
    is_all_out: bool,
    /// No look was taken yet.
    is_new: bool,
}

impl Feed {
    /// The feed of a teller. Its first snapshot is one that was taken after the ledger was read.
    pub(super) async fn open(engine: &Engine, teller: Teller) -> Result<Self, Failure> {
        let (snapshots, events, shared) = (engine.subscribe(), engine.events(), Arc::clone(&engine.shared));
        let told = blocking(move || Ok(shared.state.told(teller)?)).await?;
        engine.publish().await?;
        let gone = told.iter().filter(|told| told.key.topic == Topic::SignIn).filter_map(|told| told.key.profile.clone()).collect();
        let mut feed = Self { engine: engine.clone(), teller, snapshots, events, told, gone, is_all_out: false, is_new: true };
        feed.snapshots.mark_changed();
        Ok(feed)
    }

    /// Waits for something to happen. Nothing is lost where it is not waited for to the end.
    pub(super) async fn heard(&mut self) -> Heard {
        loop {
            tokio::select! {
                changed = self.snapshots.changed() => return if changed.is_ok() { Heard::Snapshot } else { Heard::Nothing },
                event = self.events.recv() => match event {
                    Ok(Event::News(news)) => return Heard::News(news),
                    Ok(_) => {}
                    Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "events went by unseen"),
                    Err(RecvError::Closed) => return Heard::Nothing,
                },
            }
        }
    }

    /// The news in what was heard, each with its way, claimed for this process. What is not to be told is not claimed.
    pub(super) async fn news(&mut self, heard: Heard, way: impl Fn(&News) -> Way) -> Vec<(News, Way)> {
        let now = self.engine.shared.ports.clock.now();
        let found = match heard {
            Heard::Snapshot => self.look(now).await,
            // Each look says so too, of whoever cannot be used: at once, and after a restart.
            Heard::News(News::SignInNeeded { .. }) | Heard::Nothing => Vec::new(),
            Heard::News(news) => vec![news],
        };
        let mut claimed = Vec::new();
        for news in found {
            let key = news.key();
            if key.was_told(&self.told, now) {
                continue;
            }
            let way = way(&news);
            if way == Way::Never {
                continue;
            }
            match self.claim(&news, way == Way::Later, now).await {
                Ok(is_ours) => {
                    self.told.push(Told { key, at: now });
                    claimed.extend(is_ours.then_some((news, way)));
                }
                // Not told rather than told twice; the next look tries again.
                Err(failure) => tracing::warn!(code = ?failure.code, %failure, "news cannot be told yet"),
            }
        }
        claimed
    }

    async fn claim(&self, news: &News, wait: bool, now: Timestamp) -> Result<bool, Failure> {
        let (shared, teller, news) = (Arc::clone(&self.engine.shared), self.teller, news.clone());
        blocking(move || Ok(shared.state.claim_news(teller, &news, wait, now)?)).await
    }

    /// What the snapshot gives to tell; what is over is struck off the ledger.
    async fn look(&mut self, now: Timestamp) -> Vec<News> {
        let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
        let mut found = standing::standing(&snapshot);
        found.extend(standing::resets(&snapshot, &self.told, now));
        found.extend(self.primed(&snapshot, now).await);
        let gone: BTreeSet<ProfileId> = standing::without_login(&snapshot).cloned().collect();
        for profile in self.gone.difference(&gone).cloned().collect::<Vec<_>>() {
            self.forget(Topic::SignIn, Some(profile), now).await;
        }
        let is_known = |profile: &&ProfileId| self.is_new || !self.gone.contains(*profile);
        found.extend(gone.iter().filter(is_known).map(|profile| News::SignInNeeded { profile: profile.clone() }));
        let is_all_out = found.iter().any(|news| matches!(news, News::AllExhausted { .. }));
        if self.is_all_out && !is_all_out {
            self.forget(Topic::AllExhausted, None, now).await;
        }
        (self.gone, self.is_all_out, self.is_new) = (gone, is_all_out, false);
        found
    }

    /// What the ledger of weeks gives to tell: whoever has found a week to run may have ended before a word of it, or have no desktop.
    async fn primed(&self, snapshot: &Snapshot, now: Timestamp) -> Vec<News> {
        let (shared, since) = (Arc::clone(&self.engine.shared), now.checked_sub(standing::OLD).unwrap_or(Timestamp::MIN));
        let records = blocking(move || Ok(shared.state.primes_verified(since)?)).await.unwrap_or_else(|failure| {
            tracing::warn!(code = ?failure.code, %failure, "the weeks that were started could not be read");
            Vec::new()
        });
        standing::primed(snapshot, records)
    }

    async fn forget(&mut self, topic: Topic, profile: Option<ProfileId>, now: Timestamp) {
        self.told.retain(|told| (told.key.topic, &told.key.profile) != (topic, &profile));
        let shared = Arc::clone(&self.engine.shared);
        if let Err(failure) = blocking(move || Ok(shared.state.forget_news(topic, profile.as_ref(), now)?)).await {
            tracing::warn!(code = ?failure.code, %failure, "the ledger of what was told could not be written");
        }
    }
}
