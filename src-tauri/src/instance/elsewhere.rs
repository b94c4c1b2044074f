//! macOS and Windows: tauri's plugin. Written after its documentation; nobody has run it.

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
