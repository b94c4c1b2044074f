//! The search for secrets finds what the sandbox mints, whole and in pieces, and nothing in what is said about it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::sandbox::{Sandbox, SandboxOptions};
use codex_lab_tests::secrets::{MARK, Search};

fn found(text: &str) -> bool {
    !Search::new().unwrap().leaks(text.as_bytes()).is_empty()
}

fn leaks(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_codex-lab-leaks")).arg(folder).output().unwrap()
}

#[test]
fn every_minted_secret_is_found_and_so_is_a_piece_of_either_end() {
    let sandbox = Sandbox::start_blocking(SandboxOptions::default()).unwrap();
    sandbox.mint("main").unwrap();
    let secrets = sandbox.minted_secrets();
    assert!(secrets.len() >= 6, "three API keys and three tokens");
    for secret in secrets {
        assert!(found(&format!("a log line with {secret} in it")));
        assert!(found(&secret[..secret.len().min(24)]) || found(&secret[secret.len() - 24..]));
        assert!(found(&format!("...{}", &secret[secret.len() - 12..])), "the last characters, as a masked secret is shown");
        assert!(found(&format!("?code={}&state=x", secret.replace('_', "%5F"))), "in an address");
    }
}

#[test]
fn what_is_said_about_secrets_is_no_secret() {
    for text in [
        "Secret(hidden)",
        "the refresh token of main was rotated",
        "Bearer token sent",
        "3f0a9c0f4be1d2c35a76e0f1d2c3b4a5",
        "rt_main_3",
        "eyJ is how a JWT begins",
        "backup@sandbox.example",
    ] {
        assert!(!found(text), "{text}");
    }
}

#[test]
fn a_kept_home_leaves_out_the_files_that_hold_logins() {
    let (home, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let profile = home.path().join("auth-profiles/main");
    fs::create_dir_all(&profile).unwrap();
    fs::write(profile.join("auth.json"), MARK).unwrap();
    fs::create_dir_all(home.path().join("backups")).unwrap();
    fs::write(home.path().join("backups/1.json"), MARK).unwrap();
    fs::write(home.path().join("auth-profiles.json"), "{}").unwrap();
    let artefacts = Artefacts::at(kept.path().to_path_buf()).unwrap();
    artefacts.keep_home("home", home.path()).unwrap();
    artefacts.keep("output", "one profile").unwrap();

    let output = leaks(kept.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("leaks: no secret in 2 files"));
}

#[test]
fn a_leak_fails_the_run_and_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let secret = format!("rt_{MARK}0123456789abcdef0123456789ab{MARK}");
    fs::write(folder.path().join("app.log"), format!("refreshing {secret}")).unwrap();
    let output = leaks(folder.path());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("app.log: a planted secret at byte 14"), "{said}");
    assert!(!said.contains("0123456789abcdef"), "{said}");
}

#[test]
fn a_run_that_left_nothing_was_not_searched() {
    let folder = tempfile::tempdir().unwrap();
    let output = leaks(folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing in"));
}
