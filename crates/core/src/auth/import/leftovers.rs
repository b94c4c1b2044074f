//! Files of other tools that hold tokens in plain text: the stores they work with, and copies that nobody needs any more.

use std::path::{Path, PathBuf};

use super::parse;
use super::scan::{self, Places};
use crate::base::files::{self, Entry};
use crate::base::foreign_database;
use crate::model::import_source::ImportSource;

/// More are not looked at.
const COUNT_LIMIT: usize = 1000;
/// How tools name what they keep in these files.
const MARKS: [&str; 6] = ["refresh_token", "refreshToken", "access_token", "accessToken", "\"refresh\"", "\"OPENAI_API_KEY\":\"sk-"];
/// Endings of files that a tool still works with.
const IN_WORK: [&str; 4] = [".lock", ".wal", "-wal", "-shm"];

/// A file with tokens in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plaintext {
    /// The tool it belongs to.
    pub from: ImportSource,
    /// The file.
    pub path: PathBuf,
    /// What it is, in a few words.
    pub what: &'static str,
    /// Whether nothing works with it any more.
    pub deletable: bool,
}

/// All of them, of one tool or of all; at `path` instead of its usual places. Blocks. What cannot be read is left out.
pub fn find(places: &Places<'_>, from: Option<ImportSource>, path: Option<&Path>) -> Vec<Plaintext> {
    let mut found: Vec<Plaintext> = Vec::new();
    for from in ImportSource::ALL.into_iter().filter(|tool| from.is_none_or(|from| from == *tool)) {
        let folders = path.map_or_else(|| scan::folders(places, from), |path| vec![path.to_path_buf()]);
        for folder in folders {
            for (path, deletable) in candidates(places, from, &folder) {
                if found.len() < COUNT_LIMIT && found.iter().all(|known| known.path != path) && holds_tokens(&path) {
                    let what = if deletable { "copy with tokens in plain text" } else { "store with tokens in plain text" };
                    found.push(Plaintext { from, path, what, deletable });
                }
            }
        }
    }
    found
}

/// Files to look into, and whether nothing works with them any more. Codex's own `auth.json` is never one of them.
fn candidates(places: &Places<'_>, from: ImportSource, folder: &Path) -> Vec<(PathBuf, bool)> {
    let mut candidates = Vec::new();
    for store in scan::stores(places, from, folder).unwrap_or_default() {
        let (Some(parent), Some(name)) = (store.parent(), store.file_name().and_then(|name| name.to_str())) else { continue };
        // Tools name a copy by putting something behind the name.
        let copies = in_folder(parent).filter(|(other, _)| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
        candidates.extend(copies.map(|(other, path)| (path, !IN_WORK.iter().any(|ending| other.ends_with(ending)))));
        if from != ImportSource::Codex {
            candidates.push((store, false));
        }
    }
    let copies = match from {
        ImportSource::CodexAuth => {
            let accounts = folder.join("accounts");
            let backups =
                in_folder(&accounts.join("backups")).flat_map(|(_, label)| in_folder(&label)).flat_map(|(_, time)| in_folder(&time));
            let of_live = in_folder(&accounts).filter(|(name, _)| name.starts_with("auth.json.bak."));
            backups.chain(of_live).map(|(_, path)| path).collect()
        }
        ImportSource::CcSwitch => {
            let before = folder.join("config.json");
            let superseded = matches!(files::entry(&folder.join("cc-switch.db")), Ok(Entry::File { .. })).then_some(before);
            in_folder(&folder.join("backups")).map(|(_, path)| path).chain(superseded).collect()
        }
        ImportSource::CodexMultiAuth => in_folder(&folder.join("backups")).map(|(_, path)| path).collect(),
        // The homes in which the tool has asked Codex for limits.
        ImportSource::OpencodeMultiAuthCodex => {
            let probes = places.environment.user_home().map(|home| home.join(".codex-multi"));
            probes.into_iter().flat_map(|probes| in_folder(&probes)).map(|(_, home)| home.join("auth.json")).collect()
        }
        _ => Vec::new(),
    };
    candidates.extend(copies.into_iter().map(|path| (path, true)));
    candidates
}

fn in_folder(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> + use<> {
    let folder = folder.to_path_buf();
    files::names(&folder).unwrap_or_default().into_iter().map(move |name| (name.clone(), folder.join(name)))
}

fn holds_tokens(path: &Path) -> bool {
    let Ok(Some(bytes)) = scan::bytes(path) else { return false };
    if foreign_database::is_one(&bytes) {
        return parse(ImportSource::CcSwitch, &bytes, None).is_ok_and(|accounts| accounts.iter().any(|account| account.login.is_ok()));
    }
    MARKS.iter().any(|mark| bytes.windows(mark.len()).any(|window| window == mark.as_bytes()))
}
