//! The one window: built when it is asked for, gone when it is closed.

use std::path::PathBuf;

use serde::Serialize;
use tauri::{AppHandle, Emitter as _, Manager as _, Url, WebviewUrl, WebviewWindowBuilder};

/// Its name in the capability of `tauri.conf.json`.
const LABEL: &str = "main";

/// What the window is asked to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    /// The list of profiles.
    #[default]
    Accounts,
    /// The sign-in that is going on.
    SignIn,
    /// Who serves, and why.
    Routing,
}

/// Brings the window to the front with this page, or builds it. `storage` is where the web view keeps its own files. Only on
/// the main thread.
pub(crate) fn show(app: &AppHandle, page: Page, storage: PathBuf) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(LABEL) {
        window.emit("show-page", page)?;
        window.unminimize()?;
        window.show()?;
        return window.set_focus();
    }
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Codex Lab")
        .inner_size(920.0, 680.0)
        .min_inner_size(400.0, 420.0)
        // Profiles are put in order by dragging, which the page does by itself.
        .disable_drag_drop_handler()
        .on_navigation(is_our_page)
        .data_directory(storage)
        .build()?;
    Ok(())
}

/// The window shows our own pages and nothing else: other links open in the browser, by the engine.
fn is_our_page(url: &Url) -> bool {
    let is_dev = cfg!(dev) && url.host_str() == Some("127.0.0.1") && url.port() == Some(5173);
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost") || is_dev
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_pages() {
        for (url, expected) in [
            ("tauri://localhost", true),
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/", true),
            ("https://auth.openai.com/oauth/authorize", false),
            ("https://tauri.localhost.example.com/", false),
            ("http://127.0.0.1:1455/auth/callback", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(is_our_page(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
