//! The commands of the page. They carry; they do not think.

use codex_lab_core::failure::{Code, Failure};
use serde_json::value::RawValue;
use tauri::ipc::{Channel, Response};
use tauri::{AppHandle, State, WebviewWindow};

use super::lab::Lab;
use super::{Page, clipboard};

/// Any request of the table.
#[tauri::command]
pub(super) async fn rpc(lab: State<'_, Lab>, request: Box<RawValue>) -> Result<Response, Box<RawValue>> {
    let reply = lab.call(request).await?;
    Ok(Response::new(String::from(Box::<str>::from(reply))))
}

/// The current snapshot at once and every later one, until the page asks again or closes.
#[tauri::command]
pub(super) async fn subscribe(lab: State<'_, Lab>, channel: Channel<Box<RawValue>>) -> Result<(), Box<RawValue>> {
    lab.follow(channel).await
}

/// What to show first.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "how tauri hands arguments over")]
pub(super) fn page(lab: State<'_, Lab>) -> Page {
    lab.page()
}

/// Puts text on the clipboard.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "how tauri hands arguments over")]
pub(super) fn copy(app: AppHandle, text: String) -> Result<(), Failure> {
    clipboard::copy(&app, text).map_err(|error| {
        tracing::warn!(%error, "nothing was copied");
        Failure::new(Code::Internal, "The clipboard could not be used.").hint("Select the text and copy it by hand.")
    })
}

/// Draws everything so much larger, in percent: 100 to 200.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "how tauri hands arguments over")]
pub(super) fn zoom(window: WebviewWindow, percent: u32) -> Result<(), Failure> {
    window.set_zoom(f64::from(percent.clamp(100, 200)) / 100.0).map_err(|error| {
        tracing::warn!(%error, "the page was not drawn larger");
        Failure::new(Code::Internal, "The window could not be drawn larger.").hint("Choose a larger text in the system's settings.")
    })
}
