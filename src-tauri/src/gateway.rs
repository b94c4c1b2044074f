//! The gateway while the app runs: served as soon as no other process of this home does, and drained when the app ends.

use std::sync::Mutex;
use std::time::Duration;

use codex_lab_core::engine::Engine;
use codex_lab_core::engine::serving::Serving;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::desktop::held;

/// Answers that still run when the app is quit may take this long: clients go on by themselves after that.
const GRACE: Duration = Duration::from_secs(5);
/// A gateway that could not start is tried again after this.
const AGAIN: Duration = Duration::from_secs(60);

/// Serves in the background.
#[derive(Debug)]
pub(crate) struct Gateway {
    stop: watch::Sender<bool>,
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl Gateway {
    pub(crate) fn new() -> Self {
        Self { stop: watch::Sender::new(false), serving: Mutex::default() }
    }

    /// Serves from now on.
    pub(crate) fn begin(&self, engine: Engine) {
        let mut stop = self.stop.subscribe();
        let serving = tokio::spawn(async move {
            while let Err(failure) = engine.serve_when_free(Serving { port: None, grace: GRACE }, stop.clone()).await {
                tracing::warn!(code = ?failure.code, %failure, "the gateway is not served");
                let stopped = stop.wait_for(|stop| *stop);
                if tokio::time::timeout(AGAIN, stopped).await.is_ok() {
                    return;
                }
            }
        });
        *held(&self.serving) = Some(serving);
    }

    /// Lets running answers end, and serves no more.
    pub(crate) async fn end(&self) {
        self.stop.send_replace(true);
        let serving = held(&self.serving).take();
        if let Some(serving) = serving {
            // A panic of it is in the log.
            let _ = serving.await;
        }
    }
}
