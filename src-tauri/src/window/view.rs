//! The window's own program: one web view, connected to the app that has started it.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use codex_lab_core::base::environment::Environment;
use tauri::{App, AppHandle, Emitter as _, Manager as _, Url, WebviewUrl, WebviewWindowBuilder};

use super::lab::{self, Lab};
use super::wire::FirstLine;
use super::{Page, commands};
use crate::{log, say};

/// Its name in the capability of `tauri.conf.json`.
const LABEL: &str = "main";

/// Shows the window until it is closed, or until the app that has started this program is gone.
pub fn run(environment: &Environment, mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    // Who starts it by hand says nothing, and waits for an answer.
    let started = arguments.next().and_then(|storage| Some((PathBuf::from(storage), first_line()?)));
    let Some((storage, first)) = started else {
        return say("This is the window of Codex Lab, which starts it by itself. Start `codex-lab-desktop`.\n", ExitCode::from(2));
    };
    log::start(environment, "window.log");
    let app = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![commands::rpc, commands::subscribe, commands::page, commands::copy, commands::zoom])
        .setup(move |app| Ok(open(app, first, storage)?))
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            let status = app.run_return(|_app, _event| {});
            u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            say(&format!("The window of Codex Lab could not be opened: {error}\n"), ExitCode::FAILURE)
        }
    }
}

/// What we are to show. Nothing where whoever started us is not the app.
fn first_line() -> Option<FirstLine> {
    let mut line = String::new();
    io::stdin().read_line(&mut line).ok()?;
    serde_json::from_str(&line).ok()
}

/// Hands the page what it draws first, before its own program runs: to ask for it would take it three or four questions.
fn hand_over(first: &FirstLine) -> serde_json::Result<String> {
    // A text that is parsed, and not an object as it would be written: a key named `__proto__` means something else in that.
    let text = serde_json::to_string(&serde_json::to_string(first)?)?;
    Ok(format!("window.codexLab = JSON.parse({text});"))
}

/// `storage` is where the web view keeps its own files.
fn open(app: &App, first: FirstLine, storage: PathBuf) -> tauri::Result<()> {
    let script = hand_over(&first)?;
    let lab = Lab::begin(app.handle().clone(), first.page)?;
    app.manage(lab);
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Codex Lab")
        .inner_size(920.0, 680.0)
        .min_inner_size(400.0, 420.0)
        // Profiles are put in order by dragging, which the page does by itself.
        .disable_drag_drop_handler()
        .on_navigation(is_our_page)
        .data_directory(storage)
        .initialization_script(script)
        // Shown with its web view inside. A view that is put into a shown window gets its size after its first picture, and WebKitGTK
        // then holds this program's main thread for half a second, now and then, for one of the new size: while the page waits for us.
        .visible(false)
        .build()?;
    window.show()?;
    lab::shown(1);
    Ok(())
}

/// Brings the window to the front with this page. Whether there still is one. Only on the main thread.
pub(super) fn show(app: &AppHandle, page: &Page) -> tauri::Result<bool> {
    let Some(window) = app.get_webview_window(LABEL) else { return Ok(false) };
    window.emit("show-page", page)?;
    window.unminimize()?;
    window.show()?;
    window.set_focus()?;
    Ok(true)
}

/// The window shows our own pages and nothing else: other links open in the browser, by the engine.
fn is_our_page(url: &Url) -> bool {
    let is_dev = cfg!(dev) && url.host_str() == Some("127.0.0.1") && url.port() == Some(5173);
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost") || is_dev
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn what_is_handed_over_is_a_text_and_no_program() {
        let snapshot = RawValue::from_string(r#"{"__proto__":"\"</script>'"}"#.to_owned()).unwrap();
        let script = hand_over(&FirstLine { page: Page::Accounts, snapshot: Some(snapshot) }).unwrap();
        let text = script.strip_prefix("window.codexLab = JSON.parse(").and_then(|rest| rest.strip_suffix(");")).unwrap();
        let first: String = serde_json::from_str(text).unwrap();
        assert_eq!(first, r#"{"page":"accounts","snapshot":{"__proto__":"\"</script>'"}}"#);
    }

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
