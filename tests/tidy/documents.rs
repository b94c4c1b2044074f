//! The documents and the code say the same.

use std::collections::{BTreeMap, BTreeSet};

use codex_lab_core::failure::Code;
use codex_lab_core::model::setting::SETTINGS;
use regex::Regex;

use crate::tree::{files, none, read};

/// Every code, as scripts see it, from the type that is generated for the window.
fn codes() -> Vec<(String, Code)> {
    let union = read("ui/src/generated/Code.ts");
    let codes: Vec<(String, Code)> = Regex::new(r#""(\w+)""#)
        .unwrap()
        .captures_iter(&union)
        .map(|found| (found[1].to_owned(), serde_json::from_value(found[1].into()).unwrap()))
        .collect();
    assert!(codes.len() > 20, "{union}");
    codes
}

#[test]
fn every_code_has_an_exit_status_of_its_own() {
    let mut taken = BTreeMap::new();
    let mut findings = Vec::new();
    for (name, code) in codes() {
        let status = code.exit_status();
        if matches!(status, 0 | 2) || (status > 125 && code != Code::Cancelled) {
            findings.push(format!("{name} ends with {status}, which means something else to a shell"));
        }
        if let Some(other) = taken.insert(status, name.clone()) {
            findings.push(format!("{name} and {other} both end with {status}"));
        }
    }
    none("A script tells failures apart by exit status:", &findings);
}

#[test]
fn every_code_is_explained_to_the_user() {
    let page = read("docs/troubleshooting.md");
    let explained = Regex::new(r"(?m)^### `(\w+)` \((\d+)\)$").unwrap();
    let explained: BTreeSet<(String, String)> =
        explained.captures_iter(&page).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    let real: BTreeSet<(String, String)> = codes().into_iter().map(|(name, code)| (name, code.exit_status().to_string())).collect();
    let missing = real.difference(&explained).map(|(name, status)| format!("missing: ### `{name}` ({status})"));
    let wrong = explained.difference(&real).map(|(name, status)| format!("no such code: {name} ({status})"));
    none("docs/troubleshooting.md has a heading for each code and its exit status:", &missing.chain(wrong).collect::<Vec<_>>());
}

#[test]
fn every_setting_is_explained_to_the_user() {
    let page = read("docs/settings.md");
    let row = Regex::new(r"(?m)^\| (`[a-z_., `]+`) \| [^|]+ \| [^|]{20,} \|$").unwrap();
    let explained: BTreeSet<&str> = row.captures_iter(&page).flat_map(|found| found.get(1).unwrap().as_str().split(", ")).collect();
    let missing: Vec<_> =
        SETTINGS.iter().map(|setting| format!("`{}`", setting.key)).filter(|key| !explained.contains(key.as_str())).collect();
    none("docs/settings.md has a row for each setting:", &missing);
}

#[test]
fn every_make_target_that_is_named_exists() {
    let makefile = read("Makefile");
    let named = Regex::new(r"`make (\w+)`").unwrap();
    let mut findings = Vec::new();
    for source in files("", &[".md", ".rs"]) {
        for target in named.captures_iter(&source.text).map(|found| found[1].to_owned()) {
            if !makefile.contains(&format!("\n{target}:")) {
                findings.push(format!("{}: make {target}", source.path));
            }
        }
    }
    none("The Makefile has no such target:", &findings);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#:]*)(?:#([^)]*))?\)").unwrap();
    let mut findings = Vec::new();
    for source in files("", &[".md"]) {
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for found in link.captures_iter(&source.text) {
            let file =
                if found[1].is_empty() { crate::tree::top().join(&source.path) } else { crate::tree::top().join(folder).join(&found[1]) };
            let place = found.get(2).map(|place| place.as_str());
            if !file.exists() || place.is_some_and(|place| !anchors(&std::fs::read_to_string(&file).unwrap()).contains(place)) {
                findings.push(format!("{}: {}", source.path, &found[0]));
            }
        }
    }
    none("These links are broken:", &findings);
}

/// What a link behind `#` may lead to: the page's headings, as GitHub writes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let heading = Regex::new(r"(?m)^#+ (.+)$").unwrap();
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let anchor = |text: &str| text.to_lowercase().chars().filter(|c| kept(*c)).collect::<String>().replace(' ', "-");
    heading.captures_iter(page).map(|found| anchor(&found[1])).collect()
}

#[test]
fn every_page_can_be_reached_from_the_first() {
    let readme = read("README.md");
    let unlinked = files("docs", &[".md"]).into_iter().map(|page| page.path).filter(|path| !readme.contains(&format!("]({path})")));
    none("README.md has no link to these:", &unlinked.collect::<Vec<_>>());
}
