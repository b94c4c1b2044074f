//! The gateway while the app runs: served as soon as no other process of this home does, and drained when the app ends.

use std::time::Duration;

use codex_lab_core::engine::Engine;
use codex_lab_core::engine::serving::Serving;
use tokio::sync::watch;

/// Answers that still run when the app is quit may take this long: clients go on by themselves after that.
const GRACE: Duration = Duration::from_secs(5);
/// A gateway that could not start is tried again after this.
const AGAIN: Duration = Duration::from_secs(60);

/// Serves until it is told to stop.
pub(crate) async fn serve(engine: Engine, mut stop: watch::Receiver<bool>) {
    while let Err(failure) = engine.serve_when_free(Serving { port: None, grace: GRACE }, stop.clone()).await {
        tracing::warn!(code = ?failure.code, %failure, "the gateway is not served");
        let stopped = stop.wait_for(|stop| *stop);
        if tokio::time::timeout(AGAIN, stopped).await.is_ok() {
            return;
        }
    }
}
