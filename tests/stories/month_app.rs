//! The app of a month, while it is open: it serves the gateway beside its chores.

use std::time::Duration;

use codex_lab_core::engine::serving::Serving;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::snapshot::GatewayState;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::month_world::MonthWorld;
use crate::world::PATIENCE;

/// As the app has it.
const GRACE: Duration = Duration::from_secs(5);

/// The gateway of the process that runs now.
pub(crate) struct App {
    stop: watch::Sender<bool>,
    serving: JoinHandle<Result<(), Failure>>,
}

impl App {
    /// It serves from now on, or as soon as nobody else does.
    pub(crate) fn opens(world: &MonthWorld) -> Self {
        let (stop, stopped) = watch::channel(false);
        let engine = world.engine.clone();
        Self { stop, serving: tokio::spawn(async move { engine.serve_when_free(Serving { port: None, grace: GRACE }, stopped).await }) }
    }

    /// Waits until it serves.
    pub(crate) async fn serves(&self, world: &MonthWorld) {
        let mut latest = world.engine.subscribe();
        let waiting = latest.wait_for(|snapshot| snapshot.gateway.state == GatewayState::Serving);
        tokio::time::timeout(PATIENCE, waiting).await.expect("it serves in time").unwrap();
    }

    /// Its user quits it: running answers come to their end.
    pub(crate) async fn closes(self) {
        self.stop.send_replace(true);
        self.serving.await.unwrap().unwrap();
    }
}
