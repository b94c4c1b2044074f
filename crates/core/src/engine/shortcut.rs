//! The shortcut that opens the window, which the app looks after: front ends see what became of it.

use super::{Engine, held};
use crate::model::shortcut::ShortcutView;

impl Engine {
    /// Says what became of the shortcut; shown in the snapshot from now on.
    pub async fn note_shortcut(&self, view: ShortcutView) {
        let before = std::mem::replace(&mut *held(&self.shared.shortcut), view.clone());
        if before != view
            && let Err(failure) = self.publish().await
        {
            tracing::warn!(code = ?failure.code, %failure, "looking again failed");
        }
    }
}
