//! SECURITY.md says what an attacker cannot do, and names the test that shows it.

use regex::Regex;

use crate::tree::{files, none, read, top};

/// The heading under which all of it stands.
const CHAPTER: &str = "\n## Who might attack, and what stands in the way\n";

#[test]
fn every_claim_names_a_test_that_exists() {
    let page = read("SECURITY.md");
    let chapter = page.split_once(CHAPTER).unwrap().1.split("\n## ").next().unwrap();
    let claims: Vec<&str> = chapter.split("\n- ").skip(1).filter(|claim| claim.contains("cannot")).collect();
    assert!(claims.len() > 30, "there are more claims than that");
    let named = Regex::new(r"`([\w/-]+\.rs)`((?:,?\s+`\w+`)+)").unwrap();
    let test = Regex::new(r"`(\w+)`").unwrap();
    let mut findings = Vec::new();
    for claim in claims {
        let short: String = claim.chars().take(60).collect();
        let mut shown = false;
        for found in named.captures_iter(claim) {
            let path = &found[1];
            let source = if top().join(path).is_file() { read(path) } else { String::new() };
            for name in test.captures_iter(&found[2]).map(|found| found[1].to_owned()) {
                shown = true;
                if !is_test(&source, &name) {
                    findings.push(format!("{path}: there is no test {name}: {short}"));
                }
            }
        }
        if !shown {
            findings.push(format!("no test is named: {short}"));
        }
    }
    none("SECURITY.md claims what no test shows:", &findings);
}

#[test]
fn every_target_that_security_md_names_exists() {
    let page = read("SECURITY.md");
    let targets = read("tests/fuzz/src/lib.rs");
    let named = Regex::new(r"fuzz\s+targets?\s+`([\w-]+)`(?:\s+and\s+`([\w-]+)`)?").unwrap();
    let unknown = named
        .captures_iter(&page)
        .flat_map(|found| found.iter().skip(1).flatten().map(|name| name.as_str().to_owned()).collect::<Vec<_>>());
    let unknown = unknown.filter(|name| !targets.contains(&format!("target(\"{name}\",")));
    none("There is no such fuzz target:", &unknown.collect::<Vec<_>>());
}

#[test]
fn no_file_of_ours_is_unsafe() {
    // In parts, so that this file passes its own test.
    let code = Regex::new(concat!(r"\buns", r"afe\s*(?:\{|fn|impl|extern|\()")).unwrap();
    let lint = Regex::new(r"allow\([^)]*unsafe_code").unwrap();
    let findings = files("", &[".rs"]).into_iter().filter(|source| {
        let text = source.code_text();
        code.is_match(&text) || lint.is_match(&text)
    });
    none("No code of ours is unsafe:", &findings.map(|source| source.path).collect::<Vec<_>>());
}

/// Whether a test of this name stands in a source.
fn is_test(source: &str, name: &str) -> bool {
    let function = Regex::new(&format!(r"#\[(?:tokio::)?test[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:async )?fn {name}\(\)")).unwrap();
    function.is_match(source)
}
