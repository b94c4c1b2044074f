//! opencode-multi-auth-codex: `accounts.json`, version 1 as a list or under names, version 2 under names; plain, or encrypted
//! with a passphrase (scrypt with Node's defaults, AES-256-GCM).

use std::path::{Path, PathBuf};

use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::ImportError;
use super::account::{self, Account, Entries, Tokens};
use crate::base::environment::Environment;
use crate::base::secret::Secret;

const VERSION: u64 = 2;
/// Node's defaults for scrypt: N = 2^14, r = 8, p = 1, which take 16 MiB. The file has no say in it.
const SCRYPT: (u8, u32, u32) = (14, 8, 1);

#[derive(Deserialize)]
struct RawStore<'a> {
    #[serde(default)]
    encrypted: bool,
    version: Option<u64>,
    #[serde(borrow)]
    accounts: Option<Entries<'a>>,
    salt: Option<String>,
    iv: Option<String>,
    tag: Option<String>,
    #[serde(borrow)]
    data: Option<std::borrow::Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAccount {
    alias: Option<String>,
    email: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    account_id: Option<String>,
    last_refresh: Option<String>,
}

/// The passphrase the user has given the tool itself.
pub(super) fn own_passphrase(environment: &Environment) -> Option<Secret> {
    environment.text("CODEX_SOFT_STORE_PASSPHRASE").map(Secret::new)
}

pub(super) fn folders(environment: &Environment) -> Vec<PathBuf> {
    let usual = || environment.user_home().map(|home| home.join(".config").join("opencode-multi-auth"));
    let folder = || environment.path("OPENCODE_MULTI_AUTH_STORE_DIR").or_else(usual);
    // The tool's own variable may name the file as well.
    environment.path("OPENCODE_MULTI_AUTH_STORE_FILE").or_else(folder).into_iter().collect()
}

pub(super) fn stores(folder: &Path) -> Vec<PathBuf> {
    vec![folder.join("accounts.json")]
}

pub(super) fn parse(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Vec<Account>, ImportError> {
    let store: RawStore<'_> = serde_json::from_str(account::text(bytes)?).map_err(|error| account::wrong(&error))?;
    if let Some(version) = store.version.filter(|version| *version > VERSION) {
        return Err(ImportError::NewerStore(version));
    }
    if !store.encrypted {
        return accounts(store);
    }
    let plain = store.open(passphrase.ok_or(ImportError::Encrypted)?)?;
    let inner: RawStore<'_> = serde_json::from_slice(&plain).map_err(|error| account::wrong(&error))?;
    if inner.encrypted { Err(ImportError::Shape) } else { accounts(inner) }
}

fn accounts(store: RawStore<'_>) -> Result<Vec<Account>, ImportError> {
    // The tool takes a store without accounts for an empty one.
    Ok(store.accounts.unwrap_or_default().all()?.into_iter().map(|(name, raw)| one(&name, raw)).collect())
}

fn one(name: &str, raw: &RawValue) -> Account {
    let Ok(raw) = serde_json::from_str::<RawAccount>(raw.get()) else { return Account::new(name, None, Err(ImportError::Shape)) };
    let tokens = Tokens {
        id: raw.id_token,
        access: raw.access_token,
        refresh: raw.refresh_token,
        account_id: raw.account_id,
        renewed_at: raw.last_refresh.and_then(|text| text.parse().ok()),
    };
    Account::new(raw.alias.as_deref().unwrap_or(name), raw.email.as_deref(), tokens.document())
}

impl RawStore<'_> {
    /// What is in an encrypted store.
    fn open(&self, passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        let part = |text: Option<&str>, length: usize| {
            let bytes = STANDARD.decode(text.unwrap_or_default()).map_err(|_| ImportError::NotWhole)?;
            if bytes.len() == length { Ok(bytes) } else { Err(ImportError::NotWhole) }
        };
        let (salt, iv, tag) = (part(self.salt.as_deref(), 16)?, part(self.iv.as_deref(), 12)?, part(self.tag.as_deref(), 16)?);
        let mut data = Zeroizing::new(STANDARD.decode(self.data.as_deref().unwrap_or_default()).map_err(|_| ImportError::NotWhole)?);
        let (log_n, r, p) = SCRYPT;
        let parameters = scrypt::Params::new(log_n, r, p, 32).map_err(|_| ImportError::Shape)?;
        let mut key = Zeroizing::new([0; 32]);
        scrypt::scrypt(passphrase.expose().as_bytes(), &salt, &parameters, &mut *key).map_err(|_| ImportError::Shape)?;
        let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&*key));
        cipher
            .decrypt_in_place_detached(Nonce::from_slice(&iv), b"", &mut data, Tag::from_slice(&tag))
            .map_err(|_| ImportError::WrongPassphrase)?;
        Ok(data)
    }
}
