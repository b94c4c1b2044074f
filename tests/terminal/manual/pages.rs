//! The pages that users read, and what stands in them: fenced blocks, and code within a line.

use std::path::{Path, PathBuf};

use regex::Regex;

/// What begins a command, where it stands within a line and has more words behind it.
const PROGRAMS: [&str; 16] = [
    "codex-lab",
    "codex-lab-desktop",
    "codex",
    "opencode",
    "make",
    "cargo",
    "npm",
    "sudo",
    "apt",
    "xdg-mime",
    "update-desktop-database",
    "ss",
    "dunstctl",
    "chmod",
    "man",
    "curl",
];

/// A page.
pub(super) struct Page {
    /// From the top of the project.
    pub(super) path: String,
    pub(super) text: String,
}

/// A fenced block.
pub(super) struct Block {
    /// Of its first line, from 1.
    pub(super) line: usize,
    pub(super) language: String,
    pub(super) text: String,
}

/// A command as a page says it, without what is said about it behind a `#`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) page: String,
    pub(super) line: usize,
    pub(super) text: String,
}

pub(super) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// README and the pages beside it that users read, and all of docs/.
pub(super) fn pages() -> Vec<Page> {
    let docs = std::fs::read_dir(top().join("docs")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut paths: Vec<String> =
        docs.filter(|name| Path::new(name).extension().is_some_and(|end| end == "md")).map(|name| format!("docs/{name}")).collect();
    paths.sort();
    paths.splice(0..0, ["README.md", "SECURITY.md", "CONTRIBUTING.md"].map(str::to_owned));
    paths.into_iter().map(|path| Page { text: std::fs::read_to_string(top().join(&path)).unwrap(), path }).collect()
}

impl Page {
    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut open = false;
        for (line, text) in (1..).zip(self.text.lines()) {
            match (text.strip_prefix("```"), open) {
                (Some(language), false) => blocks.push(Block { line: line + 1, language: language.to_owned(), text: String::new() }),
                (None, true) => blocks.last_mut().unwrap().text.extend([text, "\n"]),
                (None, false) => continue,
                (Some(_), true) => {}
            }
            open = text.strip_prefix("```").is_none() || !open;
        }
        assert!(!open, "{}: a block without an end", self.path);
        blocks
    }

    /// Everything outside of blocks, at its lines.
    pub(super) fn prose(&self) -> String {
        let mut prose = String::new();
        let mut fenced = false;
        for text in self.text.lines() {
            let fence = text.starts_with("```");
            prose.push_str(if fence || fenced { "" } else { text });
            prose.push('\n');
            fenced ^= fence;
        }
        prose
    }

    /// What stands between backticks outside of blocks, with its line.
    pub(super) fn inline(&self) -> Vec<(usize, String)> {
        let prose = self.prose();
        let code = Regex::new("`([^`]+)`").unwrap();
        let line = |at: usize| prose[..at].matches('\n').count() + 1;
        code.captures_iter(&prose).map(|found| (line(found.get(0).unwrap().start()), found[1].replace('\n', " "))).collect()
    }

    /// Every command of the page, each once, in its order; scripts, which begin with `#!`, are no commands.
    pub(super) fn commands(&self) -> Vec<Told> {
        let runs = Regex::new(r#"(?:"exec": "|^exec = |#\()(codex-lab [^")]+)"#).unwrap();
        let mut all: Vec<(usize, String)> = Vec::new();
        for block in self.blocks() {
            let whole = block.text.replace("\\\n", "");
            let numbered = (block.line..).zip(whole.lines());
            match block.language.as_str() {
                "sh" if !block.text.starts_with("#!") => all.extend(numbered.filter_map(|(line, text)| Some((line, command(text)?)))),
                // What a bar runs.
                "json" | "ini" | "tmux" | "desktop" => {
                    all.extend(numbered.filter_map(|(line, text)| Some((line, runs.captures(text)?[1].to_owned()))));
                }
                _ => {}
            }
        }
        all.extend(self.inline().into_iter().filter(|(_, text)| is_command(text)));
        all.sort_by_key(|(line, _)| *line);
        let mut told: Vec<Told> = Vec::new();
        for (line, text) in all {
            if told.iter().all(|known| known.text != text) {
                told.push(Told { page: self.path.clone(), line, text });
            }
        }
        told
    }
}

/// A line of a block without its remark; `None` where nothing else stands there.
fn command(line: &str) -> Option<String> {
    let said = Regex::new(r"(^|\s+)#\s.*$").unwrap().replace(line, "").trim().to_owned();
    (!said.is_empty()).then_some(said)
}

/// Whether it is typed: a program of ours, or another one with words behind it.
fn is_command(code: &str) -> bool {
    match code.split_once(' ') {
        None => code == "codex-lab-desktop",
        Some((program, _)) => PROGRAMS.contains(&program) || program.starts_with("scripts/"),
    }
}

#[test]
fn commands_are_found_wherever_they_stand() {
    let text = "`codex-lab list` and `codex-lab\nuse main`, a `word`\n```sh\ncodex-lab list  # again\n# a remark\ncodex-lab undo\n```\n\
                ```json\n{\"exec\": \"codex-lab status\"}\n```\n```sh\n#!/bin/sh\nexit\n```\n";
    let page = Page { path: "x".to_owned(), text: text.to_owned() };
    let found: Vec<_> = page.commands().into_iter().map(|told| (told.line, told.text)).collect();
    let expected = [(1, "codex-lab list"), (1, "codex-lab use main"), (6, "codex-lab undo"), (9, "codex-lab status")];
    assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    assert_eq!(page.blocks().iter().map(|block| block.language.as_str()).collect::<Vec<_>>(), ["sh", "json", "sh"]);
}
