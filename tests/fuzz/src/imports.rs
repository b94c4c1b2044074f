//! Logins that the user brings along.

use codex_lab_core::auth::import::{self, ImportError};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::model::auth_document::AuthDocument;
use codex_lab_core::model::import_source::ImportSource;

use crate::logins::check_document;

/// A pasted text.
pub(crate) fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let found = import::from_text(&Secret::new(text));
    assert_eq!(found.source, "pasted text", "a source never shows what is in it");
    if let Ok(login) = &found.login {
        assert_eq!(login.text().expose(), text.trim_start_matches('\u{feff}').trim());
    }
    check(&found.login);
}

/// The store of another tool: each tool's parser gets the same bytes.
pub(crate) fn stores(bytes: &[u8]) {
    for from in ImportSource::ALL {
        match import::parse(from, bytes, None) {
            Ok(accounts) => {
                assert!(accounts.len() <= 1000, "a store with more than that is refused as a whole");
                for account in accounts {
                    check(&account.login);
                    for shown in [account.label, account.email].into_iter().flatten() {
                        assert!(
                            shown.chars().count() <= 80 && !shown.chars().any(char::is_control),
                            "what is shown is short and printable"
                        );
                    }
                }
            }
            Err(error) => check(&Err(error)),
        }
    }
}

fn check(login: &Result<AuthDocument, ImportError>) {
    match login {
        Ok(login) => {
            assert!(login.subject().is_some(), "a login says whose it is");
            check_document(login, login.text().expose());
        }
        Err(error) => assert!(!error.failure().message.is_empty() && !error.failure().hints.is_empty()),
    }
}
