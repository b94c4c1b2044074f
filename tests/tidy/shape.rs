//! The shape of files: one job, said at the top; not long; named in our words.

use regex::Regex;

use crate::tree::{Source, files, none};

/// Lines of code in one file, comments and blank lines aside.
const LONGEST: usize = 400;

/// Words that say nothing about what a thing does (ARCHITECTURE.md, "Words").
const EMPTY_WORDS: [&str; 9] = ["manager", "service", "helper", "helpers", "util", "utils", "processor", "data", "info"];

fn rust() -> Vec<Source> {
    files("", &[".rs"])
}

fn window() -> Vec<Source> {
    let mut sources = files("ui", &[".ts", ".svelte", ".css", ".html"]);
    sources.retain(|source| !source.path.starts_with("ui/src/generated/"));
    sources
}

#[test]
fn every_file_says_what_it_is_for() {
    let findings: Vec<String> = rust().into_iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path).collect();
    none("A file begins with a `//!` comment:", &findings);
}

#[test]
fn no_file_is_long() {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let findings: Vec<String> = rust()
        .into_iter()
        .chain(window())
        .map(|source| (source.text.lines().filter(is_code).count(), source.path))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{path}: {lines}"))
        .collect();
    none("A file has at most 400 lines of code:", &findings);
}

#[test]
fn names_say_something() {
    let types = Regex::new(r"(?m)^\s*(?:pub(?:\([^)]*\))? )?(?:struct|enum|trait|type|union) (\w+)").unwrap();
    let mut findings = Vec::new();
    for source in rust().into_iter().chain(window()) {
        let file = source.path.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default().to_owned();
        // An associated type of somebody else's trait has the name that they gave it.
        let declared = types.captures_iter(&source.text).filter(|found| found[0].trim() != "type Data").map(|found| found[1].to_owned());
        for name in declared.chain([file]) {
            if let Some(word) = words(&name).into_iter().find(|word| EMPTY_WORDS.contains(&word.as_str())) {
                findings.push(format!("{}: {name} ({word})", source.path));
            }
        }
    }
    none("These names say nothing; the glossary in ARCHITECTURE.md has better ones:", &findings);
}

/// The words of `CamelCase`, `snake_case` and `kebab-case`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if (letter.is_uppercase() || !letter.is_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words
}
