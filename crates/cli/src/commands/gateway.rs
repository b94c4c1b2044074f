//! Serving the gateway, and starting Codex through it.

use std::process::ExitCode;
use std::time::Duration;

use codex_lab_core::base::files;
use codex_lab_core::engine::Engine;
use codex_lab_core::engine::serving::{Gateway, Serving};
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::launch::{LaunchReport, LaunchWish};
use codex_lab_core::model::snapshot::{GatewayState, Snapshot};
use codex_lab_core::view::notice::notice;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::control;
use super::ending::ended;
use crate::args::{Run, Serve};
use crate::names;
use crate::output::Output;

/// A gateway that is about to start is there within this.
const STARTS_WITHIN: Duration = Duration::from_secs(10);
/// Answers that still run when a serving terminal is ended may take this long.
const SERVE_GRACE: Duration = Duration::from_secs(30);
/// The same where a started Codex has ended: what runs then is another terminal's, which goes on by itself.
const RUN_GRACE: Duration = Duration::from_secs(2);

/// Serves until the terminal says so.
pub(super) async fn serve(wanted: &Serve, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let (stop, stopped) = watch::channel(false);
    let controlled = control::beside(engine, stopped.clone());
    let mut serving = Box::pin(engine.serve(Serving { port: wanted.port, grace: SERVE_GRACE }, stopped));
    let asked_to_end = ended();
    let (mut snapshots, mut events) = (engine.subscribe(), engine.events());
    let tells = async {
        let serves = snapshots.wait_for(|snapshot| snapshot.gateway.state == GatewayState::Serving).await;
        if let Some(port) = serves.ok().and_then(|snapshot| snapshot.gateway.port) {
            let address = format!("http://127.0.0.1:{port}/v1");
            output.now(&format!("serving on {address}"), &json!({ "address": address, "port": port }));
            output.note("Ctrl-C ends it.");
        }
        loop {
            match events.recv().await {
                Ok(event) => {
                    if let Some(notice) = notice(&event, &engine.snapshot(), &engine.local_time()) {
                        output.note(&notice.title);
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    };
    tokio::select! {
        served = &mut serving => {
            let _ = stop.send(true);
            // A panic of it is in the log.
            let _ = controlled.await;
            return served;
        }
        () = engine.watch() => {}
        () = engine.tend() => {}
        () = engine.run_hooks() => {}
        () = tells => {}
        () = asked_to_end => {}
    }
    output.note("Running answers may still end. Ctrl-C again ends at once.");
    // Nobody listens any more only where it has ended by itself.
    let _ = stop.send(true);
    tokio::select! {
        (served, _) = async { tokio::join!(serving, controlled) } => served,
        () = ended() => Ok(()),
    }
}

/// Starts Codex, and ends with its exit status.
pub(super) async fn run(wanted: &Run, engine: &Engine, output: &Output) -> Result<ExitCode, Failure> {
    let profile = wanted.profile.as_deref().map(|name| names::find(&engine.snapshot(), name).map(|row| row.id.clone())).transpose()?;
    // A folder that is gone binds nothing.
    let folder = std::env::current_dir().ok().and_then(|folder| files::canonical(&folder).ok());
    let (stop, stopped) = watch::channel(false);
    let server = engine.clone();
    let mut serving = tokio::spawn(async move {
        tokio::select! {
            served = server.serve_when_free(Serving { port: None, grace: RUN_GRACE }, stopped) => served,
            () = server.watch() => Ok(()),
            () = server.run_hooks() => Ok(()),
        }
    });
    let gateway = tokio::select! {
        gateway = engine.gateway(STARTS_WITHIN) => gateway?,
        served = &mut serving => return Err(not_served(served)),
    };
    let wish = LaunchWish { profile, strict: wanted.strict, folder };
    let ended = engine.launch(&wanted.command, &gateway, wish).await?;
    let report = report(engine, &gateway, &ended.launch).await;
    let _ = stop.send(true);
    if let Ok(Err(failure)) = serving.await {
        tracing::warn!(code = ?failure.code, %failure, "the gateway ended badly");
    }
    tell(&report, ended.is_unattended, &engine.snapshot(), output);
    if ended.status != 0 && report.exhausted {
        return Err(exhausted(&report));
    }
    Ok(ExitCode::from(ended.status))
}

/// Another process may just have taken the gateway over from the one that served the launch: then nobody knows.
async fn report(engine: &Engine, gateway: &Gateway, launch: &str) -> LaunchReport {
    engine.launch_report(gateway, launch).await.unwrap_or_else(|failure| {
        tracing::warn!(code = ?failure.code, %failure, "nobody says who has served");
        LaunchReport::default()
    })
}

fn tell(report: &LaunchReport, is_unattended: bool, snapshot: &Snapshot, output: &Output) {
    let served = report.served.iter().filter_map(|id| snapshot.profiles.iter().find(|row| row.id == *id));
    let names: Vec<_> = served.map(|row| row.name.as_str()).collect();
    match names.as_slice() {
        [one] if is_unattended => output.note(&format!("codex-lab: served by {one}")),
        [] | [_] => {}
        [before @ .., last] => output.note(&format!("codex-lab: served by {}, then by {last}", before.join(", "))),
    }
}

fn exhausted(report: &LaunchReport) -> Failure {
    let message = match report.until {
        Some(until) => format!("Every profile is out of quota. The first has some again at {}.", until.strftime("%Y-%m-%d %H:%M UTC")),
        None => "Every profile is out of quota.".to_owned(),
    };
    Failure::new(Code::Exhausted, message).hint("Wait until then, or add another account of yours with `codex-lab login`.")
}

fn not_served(served: Result<Result<(), Failure>, tokio::task::JoinError>) -> Failure {
    match served {
        Ok(Err(failure)) => failure,
        Ok(Ok(())) | Err(_) => Failure::new(Code::GatewayDown, "Codex Lab's gateway did not start.").hint("Try again in a moment."),
    }
}
