//! The stock Codex: `auth.json` in its home, or an item in the keyring (codex-auth.md 1 and 4).

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::account::{self, Account};
use super::{Found, ImportError};
use crate::base::files::{self, Entry};
use crate::base::keyring::{Keyring, KeyringEntry};
use crate::base::secret::Secret;
use crate::failure::shown;
use crate::model::auth_document::AuthDocument;
use crate::model::import_source::ImportSource;

/// A home of the stock Codex.
#[derive(Debug, Clone)]
pub struct CodexPlace {
    /// The folder, links resolved.
    pub root: PathBuf,
    /// Whether its configuration lets Codex use the keyring.
    pub in_keyring: bool,
}

pub(super) fn parse(bytes: &[u8]) -> Vec<Account> {
    vec![Account::only(account::login(bytes))]
}

pub(super) fn stores(folder: &Path) -> Vec<PathBuf> {
    vec![folder.join("auth.json")]
}

/// The login in the keyring, where the home uses one.
pub(super) fn in_keyring(place: &CodexPlace, keyring: &dyn Keyring) -> Option<Found> {
    if !place.in_keyring {
        return None;
    }
    let encrypted = place.root.join("secrets").join("codex_auth.age");
    if matches!(files::entry(&encrypted), Ok(Entry::File { .. } | Entry::Link)) {
        return Some(found(shown(&encrypted), Err(ImportError::CodexEncrypted)));
    }
    let entry = entry(&place.root);
    let source = format!("keyring, {} of {}", entry.account, shown(&place.root));
    match keyring.get(&entry) {
        Ok(None) => None,
        Ok(Some(text)) => Some(found(source, of_keyring(text))),
        Err(error) => Some(found(source, Err(ImportError::Keyring(error)))),
    }
}

/// Where Codex keeps a home's login in the keyring. The home's path has its links resolved.
fn entry(root: &Path) -> KeyringEntry {
    let digest = Sha256::digest(root.as_os_str().as_encoded_bytes());
    let account = digest.iter().take(8).fold("cli|".to_owned(), |name, byte| format!("{name}{byte:02x}"));
    KeyringEntry { service: "Codex Auth".to_owned(), account }
}

fn of_keyring(text: Secret) -> Result<AuthDocument, ImportError> {
    account::known(AuthDocument::parse(text)?)
}

fn found(source: String, login: Result<AuthDocument, ImportError>) -> Found {
    Found { from: Some(ImportSource::Codex), source, email: None, login }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::keyring::{KeyringError, NoKeyring};

    /// Holds one secret.
    #[derive(Debug)]
    struct Holding(KeyringEntry, &'static str);

    impl Keyring for Holding {
        fn get(&self, entry: &KeyringEntry) -> Result<Option<Secret>, KeyringError> {
            Ok((*entry == self.0).then(|| Secret::new(self.1)))
        }

        fn set(&self, _: &KeyringEntry, _: &Secret) -> Result<(), KeyringError> {
            Err(KeyringError::Denied)
        }

        fn delete(&self, _: &KeyringEntry) -> Result<(), KeyringError> {
            Err(KeyringError::Denied)
        }
    }

    fn place(in_keyring: bool) -> CodexPlace {
        CodexPlace { root: PathBuf::from("/home/ada/.codex"), in_keyring }
    }

    #[test]
    fn the_login_in_the_keyring_is_found_where_codex_uses_one() {
        let keyring = Holding(entry(&place(true).root), r#"{"auth_mode":"apikey","OPENAI_API_KEY":"sk-PLANTED"}"#);
        let found = in_keyring(&place(true), &keyring).unwrap();
        assert!(found.login.is_ok() && found.source.contains("cli|"));
        assert!(in_keyring(&place(false), &keyring).is_none(), "it is not asked");
        let other = Holding(entry(Path::new("/home/lin/.codex")), "");
        assert!(in_keyring(&place(true), &other).is_none());
    }

    #[test]
    fn a_keyring_that_is_not_open_is_no_missing_login() {
        let found = in_keyring(&place(true), &NoKeyring).unwrap();
        assert!(matches!(found.login, Err(ImportError::Keyring(KeyringError::Absent))));
    }

    #[test]
    fn the_keyring_item_is_named_as_codex_names_it() {
        let entry = entry(Path::new("/home/ada/.codex"));
        assert_eq!(entry.service, "Codex Auth");
        // printf %s /home/ada/.codex | sha256sum
        assert_eq!(entry.account, "cli|09225bfea46805b1");
    }
}
