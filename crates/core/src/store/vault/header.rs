//! `vault.json`: how the home's secrets are kept, which key opens them, and a move that is going on. It holds no secret in
//! the clear. Without it nothing sealed opens again, so there is a copy of it beside the other copies.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::VaultError;
use crate::base::files::{self, FileErrorKind};
use crate::base::seal::PassphraseParameters;
use crate::model::snapshot::VaultMode;
use crate::store::home::Home;

const SCHEMA: u64 = 1;
/// The field with the sum of all others.
const SUM: &str = "sum";
const SIZE_LIMIT: u64 = 64 << 10;

/// What the file says. Without a file: mode `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) schema: u64,
    /// How whatever is written from now on is kept.
    #[serde(flatten)]
    pub(super) keeping: Keeping,
    /// How often the user has locked the vault. A key that was had before the last time is not used any more.
    #[serde(default)]
    pub(super) locked: u64,
    /// A move that has not come to its end.
    #[serde(default, rename = "move", skip_serializing_if = "Option::is_none")]
    pub(super) moving: Option<Moving>,
}

/// A way to keep secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Keeping {
    pub(super) mode: VaultMode,
    /// The name of the key, in the sealed modes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    /// The key itself, sealed under the passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) wrapped: Option<Wrapped>,
}

/// A key sealed under a passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wrapped {
    pub(super) parameters: PassphraseParameters,
    /// Base64 without padding.
    pub(super) key: String,
}

/// How far a move has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(super) enum Moving {
    /// Copies in the new form are being made. All that was there is still there: it can be called off.
    Copying {
        /// How secrets are to be kept.
        to: Keeping,
    },
    /// Every copy is made and checked. They are being put in place.
    Replacing {
        /// How secrets were kept.
        from: Keeping,
    },
}

impl Default for Header {
    fn default() -> Self {
        Self { schema: SCHEMA, keeping: Keeping::default(), locked: 0, moving: None }
    }
}

impl Header {
    /// How the sealed files that are there were sealed: by the end of a move back to plain files some still are.
    pub(super) fn sealed(&self) -> Option<&Keeping> {
        let before = match &self.moving {
            Some(Moving::Replacing { from }) => Some(from),
            Some(Moving::Copying { .. }) | None => None,
        };
        [Some(&self.keeping), before].into_iter().flatten().find(|keeping| keeping.key.is_some())
    }

    fn text(&self) -> Result<String, VaultError> {
        let mut value = serde_json::to_value(self).map_err(|_| VaultError::BadHeader)?;
        value[SUM] = sum(&value).into();
        serde_json::to_string_pretty(&value).map_err(|_| VaultError::BadHeader)
    }

    fn parse(bytes: &[u8]) -> Result<Self, VaultError> {
        let mut value: Value = serde_json::from_slice(bytes).map_err(|_| VaultError::BadHeader)?;
        // A flipped bit must not pass for a wrong passphrase, nor for a newer version.
        let found = value.as_object_mut().and_then(|object| object.shift_remove(SUM)).ok_or(VaultError::BadHeader)?;
        if found != sum(&value) {
            return Err(VaultError::BadHeader);
        }
        if value["schema"].as_u64().is_some_and(|schema| schema > SCHEMA) {
            return Err(VaultError::Newer);
        }
        let header: Self = serde_json::from_value(value).map_err(|_| VaultError::BadHeader)?;
        let moved = match &header.moving {
            Some(Moving::Copying { to: other } | Moving::Replacing { from: other }) => other.is_whole(),
            None => true,
        };
        if header.keeping.is_whole() && moved { Ok(header) } else { Err(VaultError::BadHeader) }
    }
}

impl Keeping {
    /// A sealed vault without what opens it cannot have been written by us.
    fn is_whole(&self) -> bool {
        match self.mode {
            VaultMode::File => self.key.is_none(),
            VaultMode::Keyring => self.key.is_some(),
            VaultMode::Passphrase => self.key.is_some() && self.wrapped.is_some(),
        }
    }
}

/// Reads the header; a damaged or lost one reads as its copy.
pub(super) fn read(home: &Home) -> Result<Header, VaultError> {
    let main = read_at(&home.vault());
    match main {
        Ok(Some(header)) => Ok(header),
        Ok(None) | Err(VaultError::BadHeader) => match (read_at(&copy(home)), main) {
            (Ok(Some(header)), _) => Ok(header),
            (Ok(None), Ok(_)) => Ok(Header::default()),
            (Err(VaultError::Newer), _) => Err(VaultError::Newer),
            (_, Err(error)) | (Err(error), Ok(_)) => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Writes the header, and looks whether it is there. Hold the index's lock.
pub(super) fn write(home: &Home, header: &Header) -> Result<(), VaultError> {
    let text = header.text()?;
    files::write_private(&home.vault(), text.as_bytes())?;
    if read_at(&home.vault())?.as_ref() != Some(header) {
        return Err(VaultError::NotTaken);
    }
    // The header is written; a copy that cannot be kept now is made at the next start.
    if let Err(error) = files::write_private(&copy(home), text.as_bytes()) {
        tracing::warn!(%error, "no copy of the vault's own file was kept");
    }
    Ok(())
}

/// Puts the copy in the place of a damaged or lost header, and makes one where there is none. Says where the damaged one is
/// now. Hold the index's lock.
pub(super) fn mend(home: &Home, now_in_milliseconds: i64) -> Result<Option<PathBuf>, VaultError> {
    match (read_at(&home.vault()), read_at(&copy(home))) {
        (Ok(Some(header)), kept) if !matches!(&kept, Ok(Some(copy)) if *copy == header) => write(home, &header).map(|()| None),
        (Err(VaultError::BadHeader), Ok(Some(header))) => {
            let place = home.backups().join(format!("vault.damaged-{now_in_milliseconds:013}.json"));
            files::rename(&home.vault(), &place)?;
            write(home, &header)?;
            Ok(Some(place))
        }
        (Ok(None), Ok(Some(header))) => write(home, &header).map(|()| None),
        _ => Ok(None),
    }
}

fn read_at(path: &Path) -> Result<Option<Header>, VaultError> {
    match files::read(path, SIZE_LIMIT) {
        Ok(bytes) => bytes.map(|bytes| Header::parse(&bytes)).transpose(),
        // None of ours is as large.
        Err(error) if error.kind == FileErrorKind::TooLarge => Err(VaultError::BadHeader),
        Err(error) => Err(error.into()),
    }
}

/// SHA-256 of the fields, in the order in which they stand.
fn sum(value: &Value) -> String {
    Sha256::digest(value.to_string()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn copy(home: &Home) -> PathBuf {
    home.backups().join("vault.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_sum(text: &str) -> Vec<u8> {
        let mut value: Value = serde_json::from_str(text).unwrap();
        value[SUM] = sum(&value).into();
        value.to_string().into_bytes()
    }

    #[test]
    fn bad_headers_are_told_apart() {
        let cases = [
            (r#"{"schema":1,"mode":"file"}"#, true),
            (r#"{"schema":1,"mode":"keyring","key":"k"}"#, true),
            (r#"{"schema":1,"mode":"keyring"}"#, false),
            (r#"{"schema":1,"mode":"passphrase","key":"k"}"#, false),
            (r#"{"schema":1,"mode":"file","move":{"step":"replacing","from":{"mode":"keyring"}}}"#, false),
            (r#"{"schema":1,"mode":"nowhere"}"#, false),
        ];
        for (text, good) in cases {
            let parsed = Header::parse(&with_sum(text));
            assert_eq!(parsed.is_ok(), good, "{text}: {parsed:?}");
            assert!(good || matches!(parsed, Err(VaultError::BadHeader)), "{text}: {parsed:?}");
        }
        for text in ["", "[]", "{", r#"{"schema":1,"mode":"file"}"#, r#"{"schema":1,"mode":"file","sum":"0"}"#] {
            assert!(matches!(Header::parse(text.as_bytes()), Err(VaultError::BadHeader)), "{text}");
        }
        assert!(matches!(Header::parse(&with_sum(r#"{"schema":2,"mode":"else"}"#)), Err(VaultError::Newer)));
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let keeping = Keeping { mode: VaultMode::Keyring, key: Some("a-name".into()), wrapped: None };
        let header = Header { keeping, locked: 3, ..Header::default() };
        let text = header.text().unwrap().into_bytes();
        assert_eq!(Header::parse(&text).unwrap(), header);
        for bit in 0..text.len() * 8 {
            let mut changed = text.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // White space between fields may change into other white space.
            assert!(Header::parse(&changed).map_or(true, |parsed| parsed == header), "bit {bit}");
        }
    }
}
