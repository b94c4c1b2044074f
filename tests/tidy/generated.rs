//! The window's types are the core's.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::failure::Failure;
use codex_lab_core::model::snapshot::Snapshot;
use ts_rs::{Config, TS};

use crate::tree::{none, top};

/// What each reached type's declaration would be if it were written now.
fn written_now() -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::new().with_out_dir(folder.path());
    Request::export_all(&config).unwrap();
    Reply::export_all(&config).unwrap();
    Snapshot::export_all(&config).unwrap();
    Failure::export_all(&config).unwrap();
    declarations(folder.path())
}

fn declarations(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_windows_types_are_those_of_the_core() {
    let (now, kept) = (written_now(), declarations(&top().join("ui/src/generated")));
    assert!(!now.is_empty());
    let mut findings: Vec<String> = now.iter().filter(|(name, text)| kept.get(*name) != Some(text)).map(|(name, _)| name.clone()).collect();
    findings.extend(kept.keys().filter(|name| !now.contains_key(*name)).map(|name| format!("{name} is no type of the core any more")));
    none("Run `cargo test -p codex-lab-core` and commit ui/src/generated:", &findings);
}
