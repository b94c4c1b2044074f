//! The control interface while the app runs: served as soon as no other process of this home does.

use codex_lab_core::control::{Control, Wait};
use codex_lab_core::engine::Engine;
use tokio::sync::watch;

/// Serves until it is told to stop.
pub(crate) async fn serve(engine: Engine, stop: watch::Receiver<bool>) {
    if let Err(failure) = Control::new(engine).serve(Wait::UntilFree, |_| {}, stop).await {
        tracing::warn!(code = ?failure.code, %failure, "the control interface is not served");
    }
}
