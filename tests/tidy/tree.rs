//! Reads the project's files, and tells code from comments and from tests. The sources are rustfmt's, which keeps this simple.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Folders that hold nothing of ours.
const FOREIGN: [&str; 7] = [".git", "target", "node_modules", "dist", "gen", "artefacts", ".cargo-home"];

/// Declares a module for tests alone, perhaps in a file of another name.
const TEST_MODULE: &str = r#"#\[cfg\((?:test|all\(test, unix\))\)\]\n(?:#\[path = "([^"]+)"\]\n)?(?:pub(?:\(crate\))? )?mod (\w+);"#;

/// A file of the project.
pub(crate) struct Source {
    /// From the top of the project, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The top of the project.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// A file of the project, by its path from the top.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All text files below `folder` (`""` is the top) whose name ends in one of `ends`; all of them if there are none.
pub(crate) fn files(folder: &str, ends: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&top().join(folder), ends, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Path, ends: &[&str], found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_symlink() || FOREIGN.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, ends, found);
        } else if (ends.is_empty() || ends.iter().any(|end| name.ends_with(end)))
            && let Ok(text) = fs::read_to_string(&path)
        {
            let path = path.strip_prefix(top()).unwrap().components().map(|part| part.as_os_str().to_string_lossy());
            found.push(Source { path: path.collect::<Vec<_>>().join("/"), text });
        }
    }
}

/// The Rust files below these folders that are part of the product: files for tests alone are left out.
pub(crate) fn product(folders: &[&str]) -> Vec<Source> {
    let mut sources: Vec<Source> = folders.iter().flat_map(|folder| files(folder, &[".rs"])).collect();
    let declared = Regex::new(TEST_MODULE).unwrap();
    let for_tests: BTreeSet<String> = sources.iter().flat_map(|source| test_modules(source, &declared)).collect();
    sources.retain(|source| !for_tests.contains(&source.path));
    sources
}

/// The files of the modules that `source` declares for tests alone.
fn test_modules(source: &Source, declared: &Regex) -> Vec<String> {
    let (folder, name) = source.path.rsplit_once('/').unwrap();
    declared
        .captures_iter(&source.text)
        .map(|found| match found.get(1) {
            Some(path) => format!("{folder}/{}", path.as_str()),
            None if matches!(name, "mod.rs" | "lib.rs" | "main.rs") => format!("{folder}/{}.rs", &found[2]),
            None => format!("{folder}/{}/{}.rs", name.trim_end_matches(".rs"), &found[2]),
        })
        .collect()
}

impl Source {
    /// Line numbers and lines without comments, blank lines and inline test modules.
    pub(crate) fn code(&self) -> Vec<(usize, &str)> {
        let mut code = Vec::new();
        let mut lines = self.text.lines().enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let tests_follow = lines.peek().is_some_and(|(_, next)| next.starts_with("mod ") && next.ends_with('{'));
            let for_tests = matches!(line, "#[cfg(test)]" | "#[cfg(all(test, unix))]");
            if for_tests && tests_follow {
                // rustfmt closes a module at the margin.
                lines.by_ref().find(|(_, line)| *line == "}");
                continue;
            }
            let line = line.split(" // ").next().unwrap_or_default();
            if !line.trim().is_empty() && !line.trim_start().starts_with("//") {
                code.push((number + 1, line));
            }
        }
        code
    }

    /// [`Self::code`] as one text, for what may span lines.
    pub(crate) fn code_text(&self) -> String {
        self.code().into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
    }
}

/// Fails with all findings at once.
pub(crate) fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}\n  {}\n", findings.join("\n  "));
}
