//! What is served while the app runs, beside everything else.

use std::sync::Mutex;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::desktop::held;

/// Serves in the background.
#[derive(Debug)]
pub(crate) struct Background {
    stop: watch::Sender<bool>,
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl Background {
    /// Serves nothing yet.
    pub(crate) fn new() -> Self {
        Self { stop: watch::Sender::new(false), serving: Mutex::default() }
    }

    /// Serves from now on, until it is told to stop. Where that cannot be, everything else goes on.
    pub(crate) fn begin<F>(&self, serve: impl FnOnce(watch::Receiver<bool>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        *held(&self.serving) = Some(tokio::spawn(serve(self.stop.subscribe())));
    }

    /// Lets what was asked for be answered, and serves no more.
    pub(crate) async fn end(&self) {
        self.stop.send_replace(true);
        let serving = held(&self.serving).take();
        if let Some(serving) = serving
            && let Err(error) = serving.await
        {
            tracing::error!(panicked = error.is_panic(), "what was served had ended by itself");
        }
    }
}
