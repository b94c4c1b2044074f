//! The desktop of a month: whatever is shown on it, by all the processes that came and went.

use std::time::Duration;

use codex_lab_core::engine::Engine;
use codex_lab_core::model::news::{Bulletin, News, Told};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Longer than what changed is gathered for, and news of it.
const LONG_ENOUGH: Duration = Duration::from_secs(5);

/// A desktop, and the teller of the process that runs now.
pub(crate) struct Desktop {
    telling: JoinHandle<()>,
    sender: mpsc::Sender<Bulletin>,
    told: mpsc::Receiver<Bulletin>,
    /// All that was shown, and when by the machine's clock.
    pub(crate) shown: Vec<(Timestamp, News)>,
}

impl Desktop {
    pub(crate) fn of(engine: &Engine) -> Self {
        let (sender, told) = mpsc::channel(64);
        Self { telling: tell(engine, &sender), sender, told, shown: Vec::new() }
    }

    /// The process that tells is gone.
    pub(crate) fn dies(&self) {
        self.telling.abort();
    }

    /// Another process tells from now on.
    pub(crate) fn is_told_by(&mut self, engine: &Engine) {
        self.telling = tell(engine, &self.sender);
    }

    /// Waits until everything up to now is told. Nobody else waits for time: it stands still until all is done, and is skipped then.
    pub(crate) async fn settle(&mut self, now: Timestamp) {
        tokio::time::pause();
        tokio::time::sleep(LONG_ENOUGH).await;
        tokio::time::resume();
        while let Ok(bulletin) = self.told.try_recv() {
            self.shown.extend(bulletin.news().iter().map(|news| (now, news.clone())));
        }
    }

    /// That nothing was shown twice. What was over and came again, such as a login that is gone again, is left to the caller.
    pub(crate) fn assert_nothing_twice(&self, may_come_again: impl Fn(&News) -> bool) {
        for (place, (at, news)) in self.shown.iter().enumerate() {
            let before = &self.shown[..place];
            let same = before.iter().find(|(earlier, other)| {
                other.key().level >= news.key().level && news.key().was_told(&[Told { key: other.key(), at: *earlier }], *at)
            });
            assert!(same.is_none() || may_come_again(news), "{news:?} was shown at {at}, and before that as {same:?}");
        }
    }

    /// What was shown that fits, in its order.
    pub(crate) fn of_kind(&self, fits: impl Fn(&News) -> bool) -> Vec<&News> {
        self.shown.iter().map(|(_, news)| news).filter(|news| fits(news)).collect()
    }
}

fn tell(engine: &Engine, sender: &mpsc::Sender<Bulletin>) -> JoinHandle<()> {
    let (engine, sender) = (engine.clone(), sender.clone());
    // As the app does: it shows what is, and tells what is new of it.
    tokio::spawn(async move { tokio::join!(engine.watch(), engine.tell(sender)).1 })
}
