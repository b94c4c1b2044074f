//! Import from real files in temporary folders.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::auth::fakes::jwt;
use crate::failure::Code;
use crate::model::auth_document::AuthDocumentError;

fn login_of(user: &str) -> String {
    let id = jwt(&json!({"https://api.openai.com/auth": {"chatgpt_user_id": user, "chatgpt_account_id": "ws"}}));
    json!({"auth_mode": "chatgpt", "tokens": {"id_token": id, "access_token": "at", "refresh_token": "planted"}}).to_string()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

/// What was found, as (path below the folder, whether it is a login).
fn summary(folder: &TempDir) -> Vec<(String, bool)> {
    let found = from_path(folder.path()).unwrap();
    let below = |source: &str| Path::new(source).strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned();
    found.iter().map(|found| (below(&found.source), found.login.is_ok())).collect()
}

fn pairs(expected: &[(&str, bool)]) -> Vec<(String, bool)> {
    expected.iter().map(|(name, fits)| ((*name).to_owned(), *fits)).collect()
}

#[test]
fn a_file_is_read_and_left_as_it_is() {
    let text = format!("{}\n", login_of("u"));
    let folder = folder(&[("auth.json", &text)]);
    let path = folder.path().join("auth.json");
    let found = from_path(&path).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].source, path.display().to_string());
    assert_eq!(found[0].login.as_ref().unwrap().text().expose(), text);
    assert_eq!(fs::read_to_string(path).unwrap(), text);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_gives_its_own_login_and_those_one_folder_below() {
    let (a, b) = (login_of("a"), login_of("b"));
    let folder = folder(&[
        ("auth.json", &a),
        ("b/auth.json", &b),
        ("bad/auth.json", "{"),
        ("c/d/auth.json", &b),
        ("package.json", "{}"),
        ("e/x.json", &b),
    ]);
    assert_eq!(summary(&folder), pairs(&[("auth.json", true), ("b/auth.json", true), ("bad/auth.json", false)]));
}

#[test]
fn a_folder_without_either_gives_its_json_files() {
    let a = login_of("a");
    let folder = folder(&[("work.json", &a), ("HOME.JSON", &a), ("package.json", "{}"), ("notes.txt", &a), ("x.json/y", "")]);
    assert_eq!(summary(&folder), pairs(&[("HOME.JSON", true), ("package.json", false), ("work.json", true)]));
}

#[test]
fn nothing_and_too_much_are_errors_of_their_own() {
    assert!(matches!(from_path(folder(&[("a.txt", "")]).path()).unwrap_err(), ImportError::NothingFound));
    let many: Vec<String> = (0..=COUNT_LIMIT).map(|number| format!("{number}.json")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "{}")).collect();
    assert!(matches!(from_path(folder(&many).path()).unwrap_err(), ImportError::TooMany));
    let missing = from_path(&folder(&[]).path().join("gone")).unwrap_err();
    assert_eq!(missing.failure().code, Code::NotFound);
}

#[test]
fn odd_files_get_clear_errors() {
    type Check = fn(&ImportError) -> bool;
    let cases: [(&str, &[u8], Check); 5] = [
        ("empty", b"", |e| matches!(e, ImportError::Document(AuthDocumentError::Empty))),
        ("half", br#"{"auth_mode":"chatgpt","tok"#, |e| matches!(e, ImportError::Document(AuthDocumentError::NotJson))),
        ("other", br#"{"name":"left-pad"}"#, |e| matches!(e, ImportError::Document(AuthDocumentError::NoTokens))),
        ("pat", br#"{"auth_mode":"personalAccessToken"}"#, |e| matches!(e, ImportError::Document(AuthDocumentError::UnsupportedMode(_)))),
        ("latin", b"{\"auth_mode\":\"\xe4\"}", |e| matches!(e, ImportError::File(FileError { kind: FileErrorKind::NotText, .. }))),
    ];
    for (name, content, check) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let error = from_path(&path).unwrap().remove(0).login.unwrap_err();
        assert!(check(&error), "{name}: {error:?}");
        assert!(!error.failure().hints.is_empty());
    }
}

#[test]
fn fifty_megabytes_are_not_read() {
    let folder = folder(&[("auth.json", "")]);
    fs::File::options().write(true).open(folder.path().join("auth.json")).unwrap().set_len(50 << 20).unwrap();
    let error = from_path(folder.path()).unwrap().remove(0).login.unwrap_err();
    assert!(matches!(&error, ImportError::File(FileError { kind: FileErrorKind::TooLarge, .. })), "{error:?}");
}

#[test]
fn a_login_of_nobody_is_refused_with_a_way_out() {
    let error = from_text(&Secret::new(login_of(""))).login.unwrap_err();
    assert!(matches!(error, ImportError::NoIdentity));
    assert_eq!(error.failure().hints, ["Sign in to that account here instead."]);
}

#[test]
fn pasted_text_may_have_space_around_it() {
    let found = from_text(&Secret::new(format!("\u{feff}\n {}\n\n", login_of("u"))));
    assert_eq!(found.source, "pasted text");
    assert!(found.login.is_ok());
    let key = from_text(&Secret::new(r#"{"OPENAI_API_KEY":"sk-1"}"#));
    assert!(key.login.is_ok());
    let huge = from_text(&Secret::new("x".repeat((1 << 20) + 1)));
    assert!(matches!(huge.login.unwrap_err(), ImportError::TextTooLarge));
}

#[cfg(unix)]
#[test]
fn links_below_a_folder_are_not_followed() {
    let outside = folder(&[("auth.json", &login_of("outside"))]);
    let inside = folder(&[("a/auth.json", &login_of("a")), ("b/keep", "")]);
    std::os::unix::fs::symlink(outside.path().join("auth.json"), inside.path().join("b/auth.json")).unwrap();
    std::os::unix::fs::symlink(outside.path(), inside.path().join("c")).unwrap();
    assert_eq!(summary(&inside), pairs(&[("a/auth.json", true), ("b/auth.json", false)]));

    let named = inside.path().join("link");
    std::os::unix::fs::symlink(outside.path().join("auth.json"), &named).unwrap();
    assert!(from_path(&named).unwrap()[0].login.is_ok(), "the user named this one");
}

#[cfg(unix)]
#[test]
fn a_fifo_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("auth.json");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for path in [fifo.as_path(), folder.path()] {
        let error = from_path(path).unwrap().remove(0).login.unwrap_err();
        assert!(matches!(&error, ImportError::File(FileError { kind: FileErrorKind::NotAFile, .. })), "{error:?}");
    }
}

#[test]
fn an_error_shows_nothing_of_the_file() {
    let error = from_text(&Secret::new(login_of("u").replace("\"auth_mode\":\"chatgpt\"", "\"auth_mode\":7"))).login.unwrap_err();
    assert!(!format!("{error:?} {error} {:?}", error.failure()).contains("planted"));
}
