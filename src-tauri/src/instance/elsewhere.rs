//! macOS and Windows: tauri's plugin. Written after its documentation; nobody has run it.

use std::ffi::OsString;

use codex_lab_core::view::link::Link;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager as _, Wry};

use crate::desktop::Desktop;
use crate::start::{Opening, Start};
use crate::window::Page;

/// Ends this program if another one runs already, after telling that one.
pub(crate) fn plugin() -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::init(|app, arguments, _folder| started_again(app, arguments))
}

fn started_again(app: &AppHandle, arguments: Vec<String>) {
    let Ok(Start::Run { hidden, link }) = Start::parse(arguments.into_iter().skip(1).map(OsString::from)) else { return };
    let Some(desktop) = app.try_state::<Desktop>() else { return };
    match Opening::of(hidden, link) {
        Opening::Hidden => {}
        Opening::Window => desktop.show(Page::Accounts),
        Opening::Link(link) => desktop.show(Page::of_link(Link::parse(&link))),
    }
}

/// macOS hands a link to the app that runs. One that comes before the app is there is not heard; the window opens all the same.
#[cfg(target_os = "macos")]
pub(crate) fn opened(app: &AppHandle, link: &str) {
    if let Some(desktop) = app.try_state::<Desktop>() {
        desktop.show(Page::of_link(Link::parse(link)));
    }
}
