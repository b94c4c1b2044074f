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

pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Account>, ImportError> {
    Ok(vec![Account::only(account::login(bytes))])
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

    #[test]
    fn the_keyring_item_is_named_as_codex_names_it() {
        let entry = entry(Path::new("/home/ada/.codex"));
        assert_eq!(entry.service, "Codex Auth");
        // printf %s /home/ada/.codex | sha256sum
        assert_eq!(entry.account, "cli|09225bfea46805b1");
    }
}
