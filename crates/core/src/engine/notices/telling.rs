//! The desktop's teller: gathers what comes together, keeps what can wait until quiet hours are over, and hands it to the app.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::feed::{Feed, Heard};
use crate::engine::{Engine, blocking};
use crate::failure::Failure;
use crate::model::news::{Bulletin, News};
use crate::notices::gate::{self, Snoozes, Way};
use crate::notices::gather;
use crate::store::notices::Teller;

/// What comes within this time is told together.
const TOGETHER: Duration = Duration::from_millis(1_500);
/// The machine's clock may be set, and the machine may sleep, while one waits for quiet hours to end.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);
/// Before it is tried again to read the ledger.
const PAUSE: Duration = Duration::from_secs(30);

impl Engine {
    /// Tells what is new, until dropped or until nobody takes it. For the process that shows notifications.
    pub async fn tell(&self, bulletins: mpsc::Sender<Bulletin>) {
        let mut feed = loop {
            match Feed::open(self, Teller::Desktop).await {
                Ok(feed) => break feed,
                Err(failure) => tracing::warn!(code = ?failure.code, %failure, "nothing can be told yet"),
            }
            tokio::time::sleep(PAUSE).await;
        };
        let mut gathered: Vec<News> = Vec::new();
        let mut told_at = Instant::now();
        let mut may_wait = true;
        loop {
            let quiet_until = self.quiet_until();
            if may_wait && quiet_until.is_none() && gathered.is_empty() {
                may_wait = false;
                if let Some(bulletin) = self.after_quiet_hours().await
                    && bulletins.send(bulletin).await.is_err()
                {
                    return;
                }
            }
            let pause = quiet_until.map_or(LONGEST_WAIT, |until| self.time_until(until).min(LONGEST_WAIT));
            tokio::select! {
                heard = feed.heard() => {
                    if matches!(heard, Heard::Nothing) {
                        return;
                    }
                    let snoozes = self.snoozes().await;
                    let (snapshot, now) = (self.snapshot(), self.local_time());
                    for (news, way) in feed.news(heard, |news| gate::way(news, &snapshot, &snoozes, &now)).await {
                        if way == Way::Later {
                            may_wait = true;
                            continue;
                        }
                        if gathered.is_empty() {
                            told_at = Instant::now() + TOGETHER;
                        }
                        gathered.push(news);
                    }
                }
                () = tokio::time::sleep_until(told_at), if !gathered.is_empty() => {
                    for bulletin in gather::together(&std::mem::take(&mut gathered)) {
                        if bulletins.send(bulletin).await.is_err() {
                            return;
                        }
                    }
                }
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn quiet_until(&self) -> Option<Timestamp> {
        let (hours, now) = (self.snapshot().settings.quiet_hours?, self.local_time());
        hours.holds(&now).then(|| hours.end(&now))
    }

    fn time_until(&self, at: Timestamp) -> Duration {
        let time = at.duration_since(self.shared.ports.clock.now());
        Duration::try_from(time).unwrap_or_default().saturating_add(Duration::from_millis(1))
    }

    async fn after_quiet_hours(&self) -> Option<Bulletin> {
        let shared = Arc::clone(&self.shared);
        let waited = blocking(move || Ok(shared.state.take_waiting_news()?)).await;
        let waited = waited.unwrap_or_else(|failure| none_of(&failure));
        let (snapshot, now) = (self.snapshot(), self.shared.ports.clock.now());
        let still = gate::still_news(waited, &snapshot, now);
        if snapshot.settings.notifications { gather::after_quiet_hours(&still) } else { None }
    }

    async fn snoozes(&self) -> Snoozes {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(shared.state.snoozed_news()?)).await.unwrap_or_else(|failure| none_of(&failure))
    }
}

fn none_of<T: Default>(failure: &Failure) -> T {
    tracing::warn!(code = ?failure.code, %failure, "what is kept of notifications could not be read");
    T::default()
}
