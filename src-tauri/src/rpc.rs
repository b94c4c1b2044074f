//! The commands of the window. They carry; they do not think.

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snapshot::Snapshot;
use tauri::State;
use tauri::ipc::Channel;

use crate::desktop::Desktop;
use crate::window::Page;

/// Any request of the table.
#[tauri::command]
pub(crate) async fn rpc(desktop: State<'_, Desktop>, request: Request) -> Result<Reply, Failure> {
    desktop.engine().await?.handle(request).await
}

/// The current snapshot at once and every later one, until the window asks again or closes.
#[tauri::command]
pub(crate) async fn subscribe(desktop: State<'_, Desktop>, channel: Channel<Snapshot>) -> Result<(), Failure> {
    let mut snapshots = desktop.engine().await?.subscribe();
    let task = tauri::async_runtime::spawn(async move {
        loop {
            let snapshot = snapshots.borrow_and_update().clone();
            if channel.send((*snapshot).clone()).is_err() || snapshots.changed().await.is_err() {
                return;
            }
        }
    });
    desktop.window_follows(task);
    Ok(())
}

/// What to show first.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "how tauri hands arguments over")]
pub(crate) fn page(desktop: State<'_, Desktop>) -> Page {
    desktop.page()
}

/// Puts text on the clipboard.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "how tauri hands arguments over")]
pub(crate) fn copy(desktop: State<'_, Desktop>, text: String) -> Result<(), Failure> {
    desktop.copy(text).map_err(|error| {
        tracing::warn!(%error, "nothing was copied");
        Failure::new(Code::Internal, "The clipboard could not be used.").hint("Select the text and copy it by hand.")
    })
}
