//! Puts text on the clipboard. The page may not: a web view gives it away only right after a click.

use tauri::AppHandle;

/// Longest text that is copied, in bytes: a sign-in address is far shorter.
const LONGEST: usize = 64 << 10;

/// Why the clipboard does not hold the text.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClipboardError {
    /// Not what the window copies.
    #[error("the text is too long")]
    TooLong,
    /// The app is ending.
    #[error("the app is ending")]
    Ending(#[from] tauri::Error),
    /// There is no clipboard, or it refused.
    #[cfg(not(target_os = "linux"))]
    #[error("the clipboard cannot be used")]
    Refused(#[from] arboard::Error),
}

/// Puts text on the clipboard.
#[cfg(target_os = "linux")]
pub(super) fn copy(app: &AppHandle, text: String) -> Result<(), ClipboardError> {
    if text.len() > LONGEST {
        return Err(ClipboardError::TooLong);
    }
    app.run_on_main_thread(move || {
        let clipboard = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD);
        clipboard.set_text(&text);
        // Asks the desktop to keep it after we end.
        clipboard.store();
    })?;
    Ok(())
}

/// Puts text on the clipboard.
#[cfg(not(target_os = "linux"))]
pub(super) fn copy(_app: &AppHandle, text: String) -> Result<(), ClipboardError> {
    if text.len() > LONGEST {
        return Err(ClipboardError::TooLong);
    }
    Ok(arboard::Clipboard::new()?.set_text(text)?)
}
