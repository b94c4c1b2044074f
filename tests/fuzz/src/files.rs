//! Files that somebody else may have written: Codex's configuration and logs, our own settings and state after a hand, a disk or
//! another version was at them, and what Codex says of its daemon.

use std::collections::BTreeMap;
use std::path::Path;

use codex_lab_core::auth::export;
use codex_lab_core::clients::connection::disconnect;
use codex_lab_core::clients::notes::Notes;
use codex_lab_core::clients::syntax::Syntax;
use codex_lab_core::codex::config::{CodexConfig, ConfigError};
use codex_lab_core::codex::{daemon, idle};
use codex_lab_core::model::activity::Happened;
use codex_lab_core::model::block::Block;
use codex_lab_core::model::decision::Decision;
use codex_lab_core::model::launch::LaunchWish;
use codex_lab_core::model::news::News;
use codex_lab_core::model::quota::{Account, Family, FamilyFacts, Quota};
use codex_lab_core::store::{routing_settings, settings};
use jiff::Timestamp;

use crate::logins::check_document;

/// Codex's `config.toml`.
pub(crate) fn codex_config(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let path = Path::new("config.toml");
    match CodexConfig::parse(path, text) {
        Ok(config) => {
            let forced = config.forced_workspaces.as_deref().unwrap_or(&[]);
            assert!(config.forced_workspaces.is_none() || !forced.is_empty(), "no list forbids every login");
            assert!(forced.iter().all(|id| !id.is_empty() && id.trim() == id));
        }
        Err(ConfigError::Syntax { line, .. }) => assert!((1..=text.matches('\n').count() + 1).contains(&line)),
        Err(_) => {}
    }
}

/// The end of a session log, and Codex's answer about its daemon.
pub(crate) fn codex_said(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let whole = idle::turn_is_running(&text, true);
    assert!(!whole || idle::turn_is_running(&text, false), "what is cut off may only make a turn more likely");
    if daemon::parse(&text).is_ok() {
        assert!(text.lines().any(|line| line.starts_with('{')));
    }
}

/// Our `config.toml`: what is read can be used, in both of its parts.
pub(crate) fn our_config(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let path = Path::new("config.toml");
    if let Ok(read) = settings::of_text(path, text) {
        for (_, hook) in read.hooks.all() {
            assert!(hook.program().is_absolute() && !hook.arguments().iter().any(|word| word.contains('\0')));
        }
        assert!((1..=600).contains(&read.hooks.timeout_seconds.get()));
    }
    if let Ok(read) = routing_settings::of_text(path, text) {
        assert_eq!(read.clone().checked().as_ref(), Ok(&read), "what was checked stays as it is");
    }
}

/// What is inside an export: whoever made it may have known the passphrase.
pub(crate) fn export_content(bytes: &[u8]) {
    let Ok(profiles) = export::content(bytes) else { return };
    for exported in profiles.into_iter().flatten() {
        check_document(&exported.login, exported.login.text().expose());
        let details = exported.profile.details;
        assert_eq!(details.clone().checked().as_ref(), Ok(&details), "remarks are such as could be typed in");
    }
}

/// What was noted of connections, and after a null byte the file they are in: undoing never fails otherwise than by saying so.
pub(crate) fn notes(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (noted, file) = text.split_once('\0').unwrap_or((text, ""));
    let notes = Notes::parse(Some(noted));
    let again = Notes::parse(notes.text().as_deref());
    assert_eq!(again, notes, "what is kept is read again");
    for note in notes.all() {
        for syntax in [Syntax::Toml, Syntax::Jsonc] {
            let _ = disconnect(syntax, Some(file), &note.made, &note.touched);
        }
    }
}

/// A fact of the state, which is JSON in a row of the database.
pub(crate) fn fact(bytes: &[u8]) {
    let families: BTreeMap<Family, FamilyFacts> = serde_json::from_slice(bytes).unwrap_or_default();
    let account: Account = serde_json::from_slice(bytes).unwrap_or_default();
    let book = Quota::restored(account, families, []);
    for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        serde_json::to_string(&book.view((20, 5), at)).unwrap();
        if let Some(block) = serde_json::from_slice::<Block>(bytes).ok().and_then(|block| block.restored(at)) {
            block.state(at);
            let text = serde_json::to_string(&block).unwrap();
            assert!(serde_json::from_str::<Block>(&text).is_ok_and(|again| again == block), "{text}");
        }
    }
    if let Ok(news) = serde_json::from_slice::<News>(bytes) {
        assert_eq!(news.key(), news.clone().key());
    }
    same(serde_json::from_slice::<Decision>(bytes));
    same(serde_json::from_slice::<LaunchWish>(bytes));
    let _ = serde_json::from_slice::<Happened>(bytes);
}

fn same<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq>(read: serde_json::Result<T>) {
    let Ok(value) = read else { return };
    let text = serde_json::to_string(&value).unwrap();
    assert!(serde_json::from_str::<T>(&text).is_ok_and(|again| again == value), "{text}");
}
