//! What a release says and is called: notes made from the changelog, one version, one scheme of links, and tools that are pinned.

use std::process::{Command, Output};

use regex::Regex;

use crate::tree::{files, none, read, top};

const CHANGELOG: &str = "\
# Changelog

## Unreleased

- Not yet.

## 0.2.0 (2026-12-01)

### Added

- One thing, see [its page](docs/thing.md#how) and
  [elsewhere](https://example.com/(x)).
- Another thing.

A paragraph of
two lines.

## [0.1.0] - 2026-11-01

- The first.
";

fn notes(arguments: &[&str]) -> Output {
    Command::new(top().join("scripts/release-notes")).args(arguments).output().unwrap()
}

#[test]
fn the_notes_of_a_release_are_its_part_of_the_changelog() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("CHANGELOG.md");
    std::fs::write(&file, CHANGELOG).unwrap();
    let file = file.to_str().unwrap();
    for (version, address, expected) in [
        ("0.1.0", "", "- The first.\n"),
        ("Unreleased", "", "- Not yet.\n"),
        (
            "0.2.0",
            "https://example.org/blob/v0.2.0",
            "### Added\n\n- One thing, see [its page](https://example.org/blob/v0.2.0/docs/thing.md#how) and \
             [elsewhere](https://example.com/(x)).\n- Another thing.\n\nA paragraph of two lines.\n",
        ),
    ] {
        let made = notes(&[version, address, file]);
        assert_eq!(String::from_utf8_lossy(&made.stdout), expected, "{version}: {made:?}");
        assert!(made.status.success() && made == notes(&[version, address, file]), "the same again");
    }
    for version in ["0.3.0", "0.2", "."] {
        let made = notes(&[version, "", file]);
        assert!(!made.status.success() && made.stdout.is_empty(), "{version}: {made:?}");
    }
}

#[test]
fn the_version_is_in_one_place() {
    let own = Regex::new(r#"(?m)^version = "[0-9].*"$"#).unwrap();
    let manifests = files("", &["Cargo.toml"]);
    let mut findings: Vec<String> = manifests
        .iter()
        .flat_map(|source| own.find_iter(&source.text).map(|found| format!("{}: {}", source.path, found.as_str())))
        .collect();
    let expected = concat!("Cargo.toml: version = \"", env!("CARGO_PKG_VERSION"), "\"");
    findings.retain(|found| found != expected);
    // Where it is left out, it is Cargo's.
    for (path, place) in [
        ("tauri.conf.json", "/version"),
        ("packaging/tauri.json", "/version"),
        ("ui/package.json", "/version"),
        ("ui/package-lock.json", "/version"),
        ("ui/package-lock.json", "/packages//version"),
    ] {
        let manifest: serde_json::Value = serde_json::from_str(&read(path)).unwrap();
        findings.extend(manifest.pointer(place).map(|version| format!("{path}: {version}")));
    }
    none("The version is in the workspace's Cargo.toml and nowhere else:", &findings);
}

#[test]
fn every_package_opens_the_same_links() {
    let links = read("crates/core/src/view/link.rs");
    let scheme = &Regex::new(r#"const SCHEME: &str = "([^"]+)://""#).unwrap().captures(&links).unwrap()[1];
    assert!(read("packaging/linux/dev.codexlab.tray.desktop").contains(&format!("\nMimeType=x-scheme-handler/{scheme};\n")));
    let bundles: serde_json::Value = serde_json::from_str(&read("packaging/tauri.json")).unwrap();
    assert_eq!(bundles.pointer("/plugins/deep-link/desktop/schemes").unwrap(), &serde_json::json!([scheme]));
}

#[test]
fn actions_are_pinned_to_a_commit() {
    let used = Regex::new(r"(?m)^\s*-? ?uses: (\S+)").unwrap();
    let pinned = Regex::new(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$").unwrap();
    let workflows = files(".github", &[".yml"]);
    assert!(!workflows.is_empty());
    let mut findings = Vec::new();
    for source in workflows {
        let loose = used.captures_iter(&source.text).filter(|found| !pinned.is_match(&found[1]));
        findings.extend(loose.map(|found| format!("{}: {}", source.path, &found[1])));
    }
    none("A tag of an action can be moved; name the commit:", &findings);
}
