//! The control interface: on standard input and output, or on the socket.

use codex_lab_core::control::{Control, ControlView, Wait};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::snapshot::GatewayState;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::ending::ended;
use crate::args::AppServer;
use crate::output::Output;

pub(super) async fn run(wanted: &AppServer, engine: &Engine, output: &Output) -> Result<(), Failure> {
    if wanted.listen { listen(engine, output).await } else { speak(engine).await }
}

/// Serves the socket beside the gateway, as soon as that serves and no other process has the socket, until `stop` says so.
pub(super) fn beside(engine: &Engine, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    let (control, mut snapshots) = (Control::new(engine.clone()), engine.subscribe());
    tokio::spawn(async move {
        tokio::select! {
            _ = snapshots.wait_for(|snapshot| snapshot.gateway.state == GatewayState::Serving) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(failure) = control.serve(Wait::UntilFree, |_| {}, stop).await {
            tracing::warn!(code = ?failure.code, %failure, "the control interface is not served");
        }
    })
}

/// One client, on standard input and output; when that ends, so does this.
async fn speak(engine: &Engine) -> Result<(), Failure> {
    let (stop, stopped) = watch::channel(false);
    let control = Control::new(engine.clone());
    let mut speaking = Box::pin(control.speak(tokio::io::stdin(), tokio::io::stdout(), stopped));
    tokio::select! {
        () = &mut speaking => return Ok(()),
        () = engine.watch() => {}
        () = ended() => {}
    }
    // What was asked for is answered first.
    let _ = stop.send(true);
    tokio::select! {
        () = speaking => {}
        () = ended() => {}
    }
    Ok(())
}

async fn listen(engine: &Engine, output: &Output) -> Result<(), Failure> {
    let (stop, stopped) = watch::channel(false);
    let control = Control::new(engine.clone());
    let tell = |view: &ControlView| {
        let address = view.address.display().to_string();
        output.now(&format!("listening on {address}"), &json!({ "address": address, "protocol_version": view.protocol_version }));
        output.note("Ctrl-C ends it.");
    };
    let mut serving = Box::pin(control.serve(Wait::Never, tell, stopped));
    tokio::select! {
        served = &mut serving => return served,
        () = engine.watch() => {}
        () = engine.tend() => {}
        () = engine.run_hooks() => {}
        () = ended() => {}
    }
    let _ = stop.send(true);
    tokio::select! {
        served = serving => served,
        () = ended() => Ok(()),
    }
}
