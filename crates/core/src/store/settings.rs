//! Settings in `config.toml`. Comments and unknown keys survive.

use std::collections::BTreeSet;
use std::path::PathBuf;

use thiserror::Error;
use toml_edit::{Document, DocumentMut};

use super::home::Home;
use crate::base::files::{self, FileError};
use crate::base::toml;
use crate::model::snapshot::Settings;

const SIZE_LIMIT: u64 = 256 << 10;

/// Why the settings were not read or written.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// Not TOML.
    #[error("{} is not valid TOML", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where.
        #[source]
        source: toml_edit::TomlError,
    },
    /// A key has a value of the wrong sort.
    #[error("{} has an unknown value", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// Which.
        #[source]
        source: toml_edit::de::Error,
    },
    /// The file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Reads the settings; without a file, the defaults.
pub fn read(home: &Home) -> Result<Settings, SettingsError> {
    let document = document(home)?;
    toml_edit::de::from_document(document).map_err(|source| SettingsError::Value { path: home.config(), source })
}

/// Writes the settings that differ from what the file says, or from the default where it says nothing. A file that cannot be
/// parsed is not written over.
pub fn write(home: &Home, settings: &Settings) -> Result<(), SettingsError> {
    let mut document = document(home)?;
    let written = |settings: &Settings| toml_edit::ser::to_document(settings).unwrap_or_default();
    let usual = written(&Settings::default());
    for (key, value) in written(settings).iter() {
        let wanted = value.as_value().map(toml_edit::Value::to_string);
        let present = document.get(key).or_else(|| usual.get(key)).and_then(toml_edit::Item::as_value);
        if present.map(|value| value.to_string().trim().to_owned()) != wanted.map(|value| value.trim().to_owned()) {
            document[key] = value.clone();
        }
    }
    files::write_private(&home.config(), document.to_string().as_bytes())?;
    Ok(())
}

/// The keys that the file names, those of a table as `table.key`.
pub fn named(home: &Home) -> Result<BTreeSet<String>, SettingsError> {
    let document = document(home)?;
    let mut named = BTreeSet::new();
    for (key, item) in document.iter() {
        match item.as_table_like() {
            Some(table) => named.extend(table.iter().map(|(inner, _)| format!("{key}.{inner}"))),
            None => drop(named.insert(key.to_owned())),
        }
    }
    Ok(named)
}

pub(super) fn document(home: &Home) -> Result<DocumentMut, SettingsError> {
    let text = files::read_text(&home.config(), SIZE_LIMIT)?.unwrap_or_default();
    toml::parse(&text).map(Document::into_mut).map_err(|source| SettingsError::Syntax { path: home.config(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::model::snapshot::{AfterSwitch, Theme};

    fn home(folder: &tempfile::TempDir) -> Home {
        Home::open(&Environment::of(folder.path(), [])).unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_comments_stay() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(&folder);
        files::write_private(&home.config(), b"# mine\nfuture = 1\ntheme = 'light' # bright\n").unwrap();
        let mut settings = read(&home).unwrap();
        assert_eq!(settings.theme, Theme::Light);
        settings.after_switch = AfterSwitch::Restart;
        write(&home, &settings).unwrap();
        let text = files::read_text(&home.config(), 999).unwrap().unwrap();
        assert!(text.contains("# mine") && text.contains("future = 1"), "{text}");
        assert!(text.contains("after_switch") && !text.contains("notifications"), "a default that nobody has set stays one: {text}");
        assert_eq!(read(&home).unwrap(), settings);
    }

    #[test]
    fn what_the_file_names_is_told_apart_from_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(&folder);
        assert!(named(&home).unwrap().is_empty());
        files::write_private(&home.config(), b"theme = 'light'\n[routing]\nlow = 30\nwalls = { work = [] }\n").unwrap();
        assert_eq!(named(&home).unwrap().iter().collect::<Vec<_>>(), ["routing.low", "routing.walls", "theme"]);
    }

    #[test]
    fn a_bad_file_is_told_apart_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(&folder);
        for (text, syntax) in [("theme = [", true), ("theme = 'pink'", false)] {
            files::write_private(&home.config(), text.as_bytes()).unwrap();
            assert_eq!(matches!(read(&home), Err(SettingsError::Syntax { .. })), syntax);
            assert!(read(&home).is_err());
        }
        assert_eq!(files::read_text(&home.config(), 99).unwrap().unwrap(), "theme = 'pink'");
    }
}
