//! Settings of routing: the table `[routing]` of `config.toml`. Comments and unknown keys survive.

use std::path::Path;

use thiserror::Error;
use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::home::Home;
use super::settings::{self, SettingsError};
use crate::base::files;
use crate::model::routing::{RoutingSettings, RoutingSettingsError};

const KEY: &str = "routing";

/// Why the settings of routing were not read or written.
#[derive(Debug, Error)]
pub enum RoutingFileError {
    /// The file, or a value's sort.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The values do not go together.
    #[error(transparent)]
    Refused(#[from] RoutingSettingsError),
}

/// Reads them; without a file or the table in it, the defaults.
pub fn read(home: &Home) -> Result<RoutingSettings, RoutingFileError> {
    let document = settings::document(home)?;
    Ok(in_file(&home.config(), &document)?.checked()?)
}

/// Those in a text; `path` is for the error alone.
pub fn of_text(path: &Path, text: &str) -> Result<RoutingSettings, RoutingFileError> {
    Ok(in_file(path, &settings::parsed(path, text)?)?.checked()?)
}

fn in_file(path: &Path, document: &DocumentMut) -> Result<RoutingSettings, RoutingFileError> {
    let Some(item) = document.get(KEY) else { return Ok(RoutingSettings::default()) };
    // Something else by that name is no settings of ours to guess at.
    let table = item.as_table_like().ok_or_else(|| no_table(path))?;
    let mut alone = Table::new();
    table.iter().for_each(|(key, value)| drop(alone.insert(key, value.clone())));
    let read = toml_edit::de::from_document(DocumentMut::from(alone));
    Ok(read.map_err(|source| SettingsError::Value { path: path.to_path_buf(), source })?)
}

/// Writes those that differ from what the file says. A file that cannot be parsed is not written over.
pub fn write(home: &Home, routing: &RoutingSettings) -> Result<(), RoutingFileError> {
    let text = text_with(home, routing)?;
    Ok(files::write_private(&home.config(), text.as_bytes()).map_err(SettingsError::from)?)
}

/// What the file would say then.
pub fn text_with(home: &Home, routing: &RoutingSettings) -> Result<String, RoutingFileError> {
    let routing = routing.clone().checked()?;
    let mut document = settings::document(home)?;
    // What cannot be understood differs, and is written anew.
    let present = in_file(&home.config(), &document).ok().map(|present| written(&present)).unwrap_or_default();
    let wanted = written(&routing);
    if document.get(KEY).is_none() {
        document[KEY] = Item::Table(Table::new());
    }
    let table = document.get_mut(KEY).and_then(Item::as_table_like_mut).ok_or_else(|| no_table(&home.config()))?;
    let text = |document: &DocumentMut, key| document.get(key).map(Item::to_string);
    for key in KEYS.into_iter().filter(|key| text(&present, *key) != text(&wanted, *key)) {
        put(table, key, wanted.get(key));
    }
    Ok(document.to_string())
}

/// The keys that are ours; the others in the table are someone else's, or a newer version's.
const KEYS: [&str; 12] = [
    "strategy",
    "order",
    "low",
    "critical",
    "force",
    "api_key_fallback",
    "api_key_spend_cap_cents",
    "api_key_input_price_cents",
    "api_key_output_price_cents",
    "wait_for_reset",
    "folders",
    "walls",
];

fn written(routing: &RoutingSettings) -> DocumentMut {
    toml_edit::ser::to_document(routing).unwrap_or_default()
}

fn put(table: &mut dyn TableLike, key: &str, wanted: Option<&Item>) {
    match (wanted.cloned(), table.get_mut(key)) {
        (None, _) => drop(table.remove(key)),
        (Some(mut wanted), Some(present)) => {
            // A comment at the end of the line stays there.
            if let (Some(before), Some(after)) = (present.as_value(), wanted.as_value_mut()) {
                *after.decor_mut() = before.decor().clone();
            }
            *present = wanted;
        }
        (Some(wanted), None) => drop(table.insert(key, wanted)),
    }
}

fn no_table(path: &Path) -> RoutingFileError {
    let source = serde::de::Error::custom("routing is not a table");
    SettingsError::Value { path: path.to_path_buf(), source }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::environment::Environment;
    use crate::model::profile::ProfileId;
    use crate::model::routing::{FolderBinding, Force, Strategy};

    fn home(folder: &tempfile::TempDir, text: &str) -> Home {
        let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
        files::write_private(&home.config(), text.as_bytes()).unwrap();
        home
    }

    fn id(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    fn full(folder: &tempfile::TempDir) -> RoutingSettings {
        RoutingSettings {
            strategy: Strategy::Weighted,
            order: vec![id(2), id(1)],
            low: 30,
            critical: 10,
            force: Some(Force { profile: id(1), until: Some("2026-11-21T12:00:00Z".parse().unwrap()), strict: true }),
            api_key_fallback: true,
            api_key_spend_cap_cents: Some(500),
            api_key_input_price_cents: 125,
            api_key_output_price_cents: 1_000,
            wait_for_reset: true,
            folders: vec![FolderBinding { folder: folder.path().to_path_buf(), profiles: vec![id(1), id(2)] }],
            walls: [("work".to_owned(), vec![id(1)])].into(),
        }
    }

    #[test]
    fn what_is_written_is_read_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let text = "# mine\ntheme = 'light'\n\n[routing] # how\n# spare it early\nlow = 25 # percent\nfuture = 1\n\n[other]\nkey = 2\n";
        let home = home(&folder, text);
        assert_eq!(read(&home).unwrap().low, 25);
        write(&home, &full(&folder)).unwrap();
        assert_eq!(read(&home).unwrap(), full(&folder));
        let text = files::read_text(&home.config(), 9_999).unwrap().unwrap();
        for kept in ["# mine", "theme = 'light'", "[routing] # how", "# spare it early", "low = 30 # percent", "future = 1", "[other]"] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        write(&home, &full(&folder)).unwrap();
        assert_eq!(files::read_text(&home.config(), 9_999).unwrap().unwrap(), text, "nothing differs, nothing changes");
        let by_hand =
            text.replace("walls = { work = [\"0000000000000001\"] }\n", "\n[routing.walls] # mine\nwork = ['0000000000000001']\n");
        assert_ne!(by_hand, text);
        files::write_private(&home.config(), by_hand.as_bytes()).unwrap();
        write(&home, &RoutingSettings { low: 31, ..full(&folder) }).unwrap();
        let text = files::read_text(&home.config(), 9_999).unwrap().unwrap();
        assert!(text.contains("[routing.walls] # mine") && text.contains("low = 31 # percent"), "{text}");
        write(&home, &RoutingSettings::default()).unwrap();
        assert_eq!(read(&home).unwrap(), RoutingSettings::default());
        assert_eq!(settings::read(&home).unwrap().theme, crate::model::snapshot::Theme::Light);
    }

    #[test]
    fn a_file_without_them_has_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(&folder, "theme = 'dark'\n");
        assert_eq!(read(&home).unwrap(), RoutingSettings::default());
        write(&home, &full(&folder)).unwrap();
        assert_eq!(read(&home).unwrap(), full(&folder));
    }

    #[test]
    fn bad_settings_are_told_and_not_written() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["routing = 3", "[routing]\nstrategy = 'best'", "[routing]\nlow = 300", "[routing]\nlow = 5\ncritical = 5", "[routing"]
        {
            let home = home(&folder, text);
            assert!(read(&home).is_err(), "{text}");
        }
        let home = home(&folder, "");
        let crossed = RoutingSettings { low: 5, critical: 5, ..RoutingSettings::default() };
        assert!(matches!(write(&home, &crossed), Err(RoutingFileError::Refused(_))));
        assert_eq!(files::read_text(&home.config(), 99).unwrap().unwrap(), "");
    }

    #[test]
    fn every_key_has_its_name_here() {
        let folder = tempfile::tempdir().unwrap();
        let document = toml_edit::ser::to_document(&full(&folder)).unwrap();
        assert_eq!(document.iter().map(|(key, _)| key).collect::<Vec<_>>(), KEYS);
    }
}
