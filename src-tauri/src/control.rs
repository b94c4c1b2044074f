//! The control interface while the app runs: served as soon as no other process of this home does.

use std::sync::Mutex;

use codex_lab_core::control::{Control as Interface, Wait};
use codex_lab_core::engine::Engine;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::desktop::held;

/// Serves in the background.
#[derive(Debug)]
pub(crate) struct Control {
    stop: watch::Sender<bool>,
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl Control {
    pub(crate) fn new() -> Self {
        Self { stop: watch::Sender::new(false), serving: Mutex::default() }
    }

    /// Serves from now on. Where that cannot be, everything else goes on.
    pub(crate) fn begin(&self, engine: Engine) {
        let stop = self.stop.subscribe();
        let serving = tokio::spawn(async move {
            if let Err(failure) = Interface::new(engine).serve(Wait::UntilFree, |_| {}, stop).await {
                tracing::warn!(code = ?failure.code, %failure, "the control interface is not served");
            }
        });
        *held(&self.serving) = Some(serving);
    }

    /// Answers what was asked for, and serves no more.
    pub(crate) async fn end(&self) {
        self.stop.send_replace(true);
        let serving = held(&self.serving).take();
        if let Some(serving) = serving {
            // A panic of it is in the log.
            let _ = serving.await;
        }
    }
}
