//! The gateway's key: made once, kept beside the profiles, for clients that have no login of their own.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use thiserror::Error;

use super::home::Home;
use crate::base::entropy::Entropy;
use crate::base::files::{self, FileError};
use crate::base::secret::Secret;

/// A key is far shorter.
const LIMIT: u64 = 256;
/// Bytes of randomness in it.
const BYTES: usize = 32;
/// What it begins with, so that whoever finds one knows what it opens.
const MARK: &str = "clk-";

/// Why there is no key.
#[derive(Debug, Error)]
pub enum GatewayKeyError {
    /// Its file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its file holds something else.
    #[error("the gateway's key is damaged")]
    Damaged,
}

/// The key, if one was made.
pub fn read(home: &Home) -> Result<Option<Secret>, GatewayKeyError> {
    let Some(text) = files::read_text(&home.gateway_key(), LIMIT)? else { return Ok(None) };
    let key = text.trim();
    let is_key = key.strip_prefix(MARK).and_then(|rest| BASE64_URL_SAFE_NO_PAD.decode(rest).ok()).is_some_and(|it| it.len() == BYTES);
    if is_key { Ok(Some(Secret::new(key))) } else { Err(GatewayKeyError::Damaged) }
}

/// The key; made if there is none. Only whoever serves may call it.
pub fn read_or_make(home: &Home, entropy: &dyn Entropy) -> Result<Secret, GatewayKeyError> {
    if let Some(key) = read(home)? {
        return Ok(key);
    }
    let mut random = zeroize::Zeroizing::new([0; BYTES]);
    entropy.fill(&mut *random);
    let key = Secret::new(format!("{MARK}{}", BASE64_URL_SAFE_NO_PAD.encode(*random)));
    files::write_private(&home.gateway_key(), key.expose().as_bytes())?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::OsEntropy;
    use crate::base::environment::Environment;

    #[test]
    fn it_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        assert!(read(&home).unwrap().is_none());
        let key = read_or_make(&home, &OsEntropy).unwrap();
        assert_eq!(key.expose().len(), 4 + 43);
        assert!(read_or_make(&home, &OsEntropy).unwrap() == key && read(&home).unwrap() == Some(key));
        assert!(files::is_private(&home.gateway_key()).unwrap());
        for wrong in ["", "clk-", "clk-short", "sk-0123456789012345678901234567890123456789012"] {
            files::write_private(&home.gateway_key(), wrong.as_bytes()).unwrap();
            assert!(matches!(read(&home), Err(GatewayKeyError::Damaged)), "{wrong}");
        }
    }
}
