//! Logins that the user brings along.

use codex_lab_core::auth::import;
use codex_lab_core::base::secret::Secret;

use crate::logins::check_document;

/// A pasted text.
pub(crate) fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let found = import::from_text(&Secret::new(text));
    assert_eq!(found.source, "pasted text", "a source never shows what is in it");
    match found.login {
        Ok(login) => {
            assert!(login.subject().is_some(), "a login says whose it is");
            check_document(&login, text.trim_start_matches('\u{feff}').trim());
        }
        Err(error) => assert!(!error.failure().message.is_empty() && !error.failure().hints.is_empty()),
    }
}
