//! The tray shell: draws what the core says and carries back what the user wants. It decides nothing of its own.

mod autostart;
mod clipboard;
mod desktop;
mod gateway;
mod icon;
mod instance;
mod log;
mod notify;
mod rpc;
mod start;
mod tray;
mod tray_host;
mod window;

use std::process::ExitCode;

use codex_lab_core::base::environment::Environment;
use tauri::{Manager as _, RunEvent, WindowEvent};

use crate::desktop::Desktop;
use crate::start::{Start, USAGE};

/// Runs the app until the user quits it, or hands over to the one that runs already.
pub fn run(environment: Environment, arguments: impl Iterator<Item = String>) -> ExitCode {
    match Start::parse(arguments) {
        Ok(Start::Run { hidden }) => run_app(environment, hidden),
        Ok(Start::Version) => say(&format!("codex-lab-desktop {}\n", env!("CARGO_PKG_VERSION")), ExitCode::SUCCESS),
        Ok(Start::Help) => say(USAGE, ExitCode::SUCCESS),
        Err(unknown) => say(&format!("codex-lab-desktop does not know `{unknown}`.\n\n{USAGE}"), ExitCode::from(2)),
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the only words this program says on a terminal")]
fn say(text: &str, status: ExitCode) -> ExitCode {
    if status == ExitCode::SUCCESS {
        print!("{text}");
    } else {
        eprint!("{text}");
    }
    status
}

fn run_app(environment: Environment, hidden: bool) -> ExitCode {
    log::start(&environment);
    let app = tauri::Builder::default()
        // First, so that a second instance ends before it touches anything.
        .plugin(instance::plugin())
        .invoke_handler(tauri::generate_handler![rpc::rpc, rpc::subscribe, rpc::page, rpc::copy])
        .setup(move |app| {
            let desktop = Desktop::new(app.handle().clone(), environment);
            app.manage(desktop.clone());
            tauri::async_runtime::spawn(async move { desktop.start(hidden).await });
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match app {
        Ok(app) => app,
        Err(error) => {
            tracing::error!(%error, "the app could not start");
            return say(&format!("Codex Lab could not start: {error}\n"), ExitCode::FAILURE);
        }
    };
    let status = app.run_return(|app, event| match event {
        // Without a code, the last window was closed: the tray stays.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        RunEvent::WindowEvent { event: WindowEvent::Destroyed, .. } => {
            let desktop = app.state::<Desktop>().inner().clone();
            tauri::async_runtime::spawn(async move { desktop.window_closed().await });
        }
        _ => {}
    });
    u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from)
}
