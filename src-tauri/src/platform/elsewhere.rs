//! macOS and Windows: the tray is drawn by tauri, whose event loop has the main thread. Written after tauri's documentation; nobody
//! has run it.

use std::process::ExitCode;

use codex_lab_core::base::environment::Environment;
use tauri::{AppHandle, Manager as _, RunEvent};

use crate::desktop::Desktop;
use crate::instance;
use crate::say;
use crate::start::Opening;
use crate::tray::Tray;

/// Variables of the window's program: it needs none.
pub(crate) const WINDOW_VARIABLES: [(&str, &str); 0] = [];

/// Runs the app until the user quits it, or hands over to the one that runs already.
pub(crate) fn run(environment: Environment, opening: Opening) -> ExitCode {
    let app = tauri::Builder::default()
        // First, so that a second instance ends before it touches anything.
        .plugin(instance::plugin())
        .setup(move |app| {
            #[cfg(target_os = "macos")]
            app.set_activation_policy(tauri::ActivationPolicy::Accessory);
            let (tray, ending) = (app.handle().clone(), app.handle().clone());
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                let desktop = Desktop::new(environment, |clicks| Tray::new(tray, clicks), Box::new(move || ending.exit(0)));
                handle.manage(desktop.clone());
                desktop.start(opening).await;
            });
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
    let status = app.run_return(heard);
    u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg_attr(not(target_os = "macos"), expect(unused_variables, reason = "links come as arguments there"))]
fn heard(app: &AppHandle, event: RunEvent) {
    match event {
        // There is no window here whose end could mean anything.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            if let Some(link) = urls.first() {
                instance::opened(app, link.as_str());
            }
        }
        _ => {}
    }
}
