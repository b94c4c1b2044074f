//! macOS and Windows: no key is asked for yet, and the setting says so. Nobody has run it.

use codex_lab_core::engine::Engine;
use codex_lab_core::model::shortcut::{ShortcutView, Unbound};
use codex_lab_core::view::command::Command;
use tokio::sync::{mpsc, watch};

/// Says that there is none for as long as one is wanted.
pub(super) async fn keep(mut wanted: watch::Receiver<bool>, engine: Engine, _clicks: mpsc::UnboundedSender<Command>) {
    while wanted.changed().await.is_ok() {
        let is_wanted = *wanted.borrow_and_update();
        let view = if is_wanted { ShortcutView::unbound(Unbound::Nowhere) } else { ShortcutView::default() };
        engine.note_shortcut(view).await;
    }
}
