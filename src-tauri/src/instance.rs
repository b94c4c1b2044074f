//! One app per desktop session, whatever its `CODEX_LAB_HOME`: there is one live login to switch. A second start shows the
//! window of the first. It is known by the app's identifier: a name on the session bus, a mutex on Windows, a socket on macOS.
//! Where there is no session bus, each start is an app of its own; they share the home as any two programs of ours do.

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager as _, Wry};

use crate::desktop::Desktop;
use crate::start::Start;
use crate::window::Page;

/// Ends this program if another one runs already, after telling that one.
pub(crate) fn plugin() -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::init(|app, arguments, _folder| started_again(app, arguments))
}

fn started_again(app: &AppHandle, arguments: Vec<String>) {
    let wants_window = matches!(Start::parse(arguments.into_iter().skip(1)), Ok(Start::Run { hidden: false }));
    if wants_window && let Some(desktop) = app.try_state::<Desktop>() {
        desktop.show(Page::Accounts);
    }
}
