//! News from one process to the others of this home: what the gateway of a terminal has to tell, the app tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::base::entropy;
use crate::base::files;
use crate::base::ports::Ports;
use crate::engine::{Engine, Shared, blocking};
use crate::failure::Failure;
use crate::model::event::Event;
use crate::model::news::News;
use crate::store::state::State;

/// What this process knows of the others' news.
#[derive(Debug)]
pub(in crate::engine) struct Elsewhere {
    /// Names this process among the others.
    name: String,
    /// The place of what was heard last.
    heard: AtomicI64,
}

impl Elsewhere {
    /// Hears what is left from now on.
    pub(in crate::engine) fn from_now_on(ports: &Ports, state: &State) -> Result<Self, Failure> {
        let name = entropy::random_text(&*ports.entropy, 9);
        Ok(Self { name, heard: AtomicI64::new(state.last_left_news()?) })
    }
}

impl Engine {
    /// Leaves news for the other processes, if they cannot see it for themselves.
    pub(in crate::engine) fn leave_news(&self, news: &News) {
        // Each look says so, in every process.
        if matches!(news, News::SignInNeeded { .. }) {
            return;
        }
        let (shared, news) = (Arc::clone(&self.shared), news.clone());
        self.shared.runtime.spawn_blocking(move || {
            let now = shared.ports.clock.now();
            if let Err(error) = shared.state.leave_news(&shared.elsewhere.name, &news, now) {
                tracing::warn!(%error, "the other processes do not hear of news");
            } else if let Err(error) = files::write_private(&shared.home.news(), b"") {
                tracing::debug!(%error, "the other processes hear of news at their next look");
            }
        });
    }

    /// Hands on what other processes have to tell. Who tells it, the ledger says.
    pub(in crate::engine) async fn hear_others(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        let heard = blocking(move || heard(&shared)).await?;
        for news in heard {
            // Nobody listening is no failure.
            let _ = self.shared.events.send(Event::News(news));
        }
        Ok(())
    }
}

fn heard(shared: &Shared) -> Result<Vec<News>, Failure> {
    let Elsewhere { name, heard } = &shared.elsewhere;
    let (last, news) = shared.state.news_of_others(name, heard.load(Ordering::Relaxed), shared.ports.clock.now())?;
    heard.store(last, Ordering::Relaxed);
    Ok(news)
}
