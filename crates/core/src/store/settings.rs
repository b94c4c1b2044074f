//! Settings in `config.toml`. Comments and unknown keys survive.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml_edit::{Document, DocumentMut, Item, Table, TableLike, Value};

use super::home::Home;
use crate::base::files::{self, FileError};
use crate::base::toml;
use crate::model::snapshot::Settings;

const SIZE_LIMIT: u64 = 256 << 10;
/// The table of hooks.
const HOOKS: &str = "hooks";
/// Keys that may have no value.
const OPTIONAL: [&str; 1] = ["quiet_hours"];
const HOOK_KEYS: [&str; 5] = ["exhausted", "fell_back", "primed", "reset", "needs_sign_in"];

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
    settings(document(home)?, home.config())
}

/// The settings in a text; `path` is for the error alone.
pub fn of_text(path: &Path, text: &str) -> Result<Settings, SettingsError> {
    settings(parsed(path, text)?, path.to_path_buf())
}

fn settings(document: DocumentMut, path: PathBuf) -> Result<Settings, SettingsError> {
    toml_edit::de::from_document(document).map_err(|source| SettingsError::Value { path, source })
}

/// Writes the settings that differ from what the file says, or from the default where it says nothing. A file that cannot be
/// parsed is not written over.
pub fn write(home: &Home, settings: &Settings) -> Result<(), SettingsError> {
    Ok(files::write_private(&home.config(), text_with(home, settings)?.as_bytes())?)
}

/// What the file would say then.
pub fn text_with(home: &Home, settings: &Settings) -> Result<String, SettingsError> {
    let mut document = document(home)?;
    let written = |settings: &Settings| toml_edit::ser::to_document(settings).unwrap_or_default();
    let (wanted, usual) = (written(settings), written(&Settings::default()));
    put(document.as_table_mut(), wanted.as_table(), usual.as_table(), &OPTIONAL);
    let of = |document: &DocumentMut| document.get(HOOKS).and_then(Item::as_table_like).map(entries).unwrap_or_default();
    if document.get(HOOKS).is_none() {
        document[HOOKS] = Item::Table(Table::new());
    }
    if let Some(hooks) = document.get_mut(HOOKS).and_then(Item::as_table_like_mut) {
        put(hooks, &of(&wanted), &of(&usual), &HOOK_KEYS);
        if hooks.is_empty() {
            document.remove(HOOKS);
        }
    }
    Ok(document.to_string())
}

fn entries(table: &dyn TableLike) -> Table {
    let mut copy = Table::new();
    table.iter().for_each(|(key, item)| drop(copy.insert(key, item.clone())));
    copy
}

/// Puts values that differ into a table, and takes away those of its keys that are set to nothing.
fn put(table: &mut dyn TableLike, wanted: &Table, usual: &Table, optional: &[&str]) {
    for (key, item) in wanted.iter().filter(|(key, _)| *key != HOOKS) {
        let Some(value) = item.as_value() else { continue };
        let present = table.get(key).or_else(|| usual.get(key)).and_then(Item::as_value);
        if present.map(meaning) == Some(meaning(value)) {
            continue;
        }
        let mut item = item.clone();
        // A comment at the end of the line stays there.
        if let (Some(before), Some(after)) = (table.get(key).and_then(Item::as_value), item.as_value_mut()) {
            *after.decor_mut() = before.decor().clone();
        }
        table.insert(key, item);
    }
    for key in optional.iter().filter(|key| !wanted.contains_key(key)) {
        table.remove(key);
    }
}

/// A value without how it is written.
fn meaning(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", text.value()),
        Value::Array(array) => array.iter().map(meaning).collect::<Vec<_>>().join(","),
        other => other.to_string().trim().to_owned(),
    }
}

/// Takes a setting, or `table.setting`, out of the file, so that its default is in force.
pub fn forget(home: &Home, key: &str) -> Result<(), SettingsError> {
    let mut document = document(home)?;
    match key.split_once('.') {
        None => drop(document.remove(key)),
        Some((table, inner)) => {
            let is_empty = document.get_mut(table).and_then(Item::as_table_like_mut).is_some_and(|table| {
                table.remove(inner);
                table.is_empty()
            });
            if is_empty {
                document.remove(table);
            }
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
    parsed(&home.config(), &text)
}

pub(super) fn parsed(path: &Path, text: &str) -> Result<DocumentMut, SettingsError> {
    toml::parse(text).map(Document::into_mut).map_err(|source| SettingsError::Syntax { path: path.to_path_buf(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::model::hooks::{HookCommand, Hooks};
    use crate::model::quiet_hours::QuietHours;
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
    fn what_is_set_to_nothing_is_taken_out_and_the_rest_of_its_table_stays() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(&folder);
        let text = "theme = 'light'\n\n[hooks]\n# loud\nexhausted = ['/bin/bell', 'twice'] # mine\nfuture = 1\n";
        files::write_private(&home.config(), text.as_bytes()).unwrap();
        let mut settings = read(&home).unwrap();
        assert_eq!(settings.hooks.exhausted.as_ref().unwrap().arguments(), ["twice"]);
        settings.quiet_hours = QuietHours::parse("22:00-07:00");
        settings.hooks.reset = HookCommand::of(vec!["/bin/true".to_owned()]).ok();
        write(&home, &settings).unwrap();
        assert_eq!(read(&home).unwrap(), settings);
        let text = files::read_text(&home.config(), 999).unwrap().unwrap();
        assert!(
            ["# loud", "# mine", "future = 1", "'light'"].iter().all(|kept| text.contains(kept)) && !text.contains("timeout"),
            "{text}"
        );
        settings.quiet_hours = None;
        settings.hooks = Hooks::default();
        write(&home, &settings).unwrap();
        assert_eq!(read(&home).unwrap(), settings);
        let text = files::read_text(&home.config(), 999).unwrap().unwrap();
        assert!(text.contains("future = 1") && !text.contains("quiet_hours") && !text.contains("/bin/"), "{text}");
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
    fn what_is_forgotten_is_no_longer_named_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(&folder);
        files::write_private(&home.config(), b"# mine\ntheme = 'light'\n[routing]\nlow = 30\n[hooks]\nfuture = 1\nreset = ['/bin/true']\n")
            .unwrap();
        for key in ["theme", "routing.low", "hooks.reset", "hooks.reset", "language", "nothing.there"] {
            forget(&home, key).unwrap();
        }
        assert_eq!(named(&home).unwrap().iter().collect::<Vec<_>>(), ["hooks.future"]);
        assert_eq!(read(&home).unwrap(), Settings::default());
        assert!(files::read_text(&home.config(), 999).unwrap().unwrap().contains("future = 1"));
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
