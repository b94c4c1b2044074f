//! Linux: no toolkit at all, only the session bus. The app is small, starts at once, and runs where there is no display, too.

use std::process::ExitCode;
use std::sync::Arc;

use codex_lab_core::base::environment::Environment;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::desktop::Desktop;
use crate::instance;
use crate::say;
use crate::start::Opening;
use crate::tray::Tray;

/// Variables of the window's program. The window has nothing that a graphics processor would draw faster. To look for one costs the
/// web view a third of a second at its start, and with some drivers it stays empty.
pub(crate) const WINDOW_VARIABLES: [(&str, &str); 2] = [("GDK_GL", "disable"), ("WEBKIT_DISABLE_COMPOSITING_MODE", "1")];

/// Two can do everything there is to do; each further one takes memory.
const THREADS: usize = 2;

/// Runs the app until it is to end.
pub(crate) fn run(environment: Environment, opening: Opening) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the app could not start");
            return say(&format!("Codex Lab could not start: {error}\n"), ExitCode::FAILURE);
        }
    };
    let status = runtime.block_on(live(environment, opening));
    // What runs now is of no use to anybody any more.
    runtime.shutdown_background();
    status
}

async fn live(environment: Environment, opening: Opening) -> ExitCode {
    let ended = Arc::new(Notify::new());
    let end = Arc::clone(&ended);
    let desktop = Desktop::new(environment, Tray::new, Box::new(move || end.notify_one()));
    let _instance = match instance::claim(&desktop, &opening).await {
        Ok(instance::Claim::First(instance)) => instance,
        Ok(instance::Claim::Second) => return ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "another one runs, and cannot be reached");
            return say("Codex Lab runs already, but does not answer. End it and try again.\n", ExitCode::FAILURE);
        }
    };
    let starting = desktop.clone();
    tokio::spawn(async move { starting.start(opening).await });
    tokio::select! {
        () = ended.notified() => {}
        () = asked_to_end() => desktop.quit().await,
    }
    ExitCode::SUCCESS
}

/// The session ends, or somebody ends this program kindly.
async fn asked_to_end() {
    let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    std::future::poll_fn(|context| {
        if signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
