//! What stands in the manual beside commands: snippets can be read by what they are for; options and variables are real.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use regex::Regex;
use serde_json::Value;
use tokio::process::Command as Program;

use super::pages::{Block, Page, pages, top};
use crate::shells::verbs;
use crate::world::World;

/// Languages of blocks that are looked at elsewhere: commands are run, and bars.rs has the snippets for bars.
const ELSEWHERE: [&str; 4] = ["sh", "css", "ini", "tmux"];

#[tokio::test]
async fn every_snippet_can_be_read() {
    let mut wrong = Vec::new();
    for page in pages() {
        for block in page.blocks() {
            if let Err(why) = read(&page, &block).await {
                wrong.push(format!("{}:{}: {why}", page.path, block.line));
            }
        }
        let indented = page.prose().lines().position(|line| line.starts_with("    codex-lab"));
        wrong.extend(indented.map(|line| format!("{}:{}: fence it", page.path, line + 1)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn read(page: &Page, block: &Block) -> Result<(), String> {
    match block.language.as_str() {
        "json" => json(&block.text),
        "toml" => toml(&page.path, &block.text).await,
        "python" => python(&block.text),
        "sh" if block.text.starts_with("#!") => {
            let world = World::new().await;
            let script = world.file("script.sh", &block.text);
            let read = Program::new("/bin/sh").arg("-n").arg(script).status().await.unwrap();
            if read.success() { Ok(()) } else { Err("no shell script".to_owned()) }
        }
        language if ELSEWHERE.contains(&language) => Ok(()),
        other => Err(format!("say how ```{other} is checked")),
    }
}

/// One value, or one in each line.
fn json(text: &str) -> Result<(), String> {
    let is_json = |text: &str| serde_json::from_str::<Value>(text).map(drop);
    is_json(text).or_else(|_| text.lines().try_for_each(is_json)).map_err(|error| format!("no JSON: {error}"))
}

/// Settings of ours, or keys of Codex's that the doctor finds nothing wrong with.
async fn toml(page: &str, text: &str) -> Result<(), String> {
    let world = World::with_trio().await;
    let file = if page == "docs/clients.md" { ".codex/config.toml" } else { ".codex-lab/config.toml" };
    world.file(file, text);
    let ended = world.run(&["settings", "--json"]).await;
    let said: Value = serde_json::from_str(&ended.stdout).unwrap();
    let taken = said["result"]["settings"].as_array().is_some_and(|all| all.iter().any(|setting| setting["source"] == "file"));
    let used = world.run(&["use", "main"]).await;
    if ended.status == 0 && used.status == 0 && taken == file.starts_with(".codex-lab") {
        Ok(())
    } else {
        Err(format!("{ended:?} {used:?}"))
    }
}

/// By Python itself, where it is.
fn python(text: &str) -> Result<(), String> {
    let mut compiler = Command::new("python3");
    compiler.args(["-c", "import sys; compile(sys.argv[1], 'snippet', 'exec')", text]).stderr(Stdio::piped());
    match compiler.output() {
        Ok(output) if !output.status.success() => Err(String::from_utf8(output.stderr).unwrap()),
        _ => Ok(()),
    }
}

#[tokio::test]
async fn every_option_that_is_named_exists() {
    let world = World::new().await;
    let option = Regex::new("--[a-z][a-z-]+").unwrap();
    let mut known = BTreeSet::new();
    for verb in verbs(&world, &[]).await {
        let mut helps = vec![world.good(&[&verb, "--help"]).await.stdout];
        for below in verbs(&world, &[&verb]).await {
            helps.push(world.good(&[&verb, &below, "--help"]).await.stdout);
        }
        known.extend(helps.iter().flat_map(|help| option.find_iter(help)).map(|found| found.as_str().to_owned()));
    }
    let mut wrong = Vec::new();
    for page in pages() {
        let named = page.inline().into_iter().filter(|(_, code)| code.starts_with("--"));
        for (line, code) in named {
            for found in option.find_iter(&code).map(|found| found.as_str()) {
                if !known.contains(found) {
                    wrong.push(format!("{}:{line}: {found}", page.path));
                }
            }
        }
    }
    assert!(known.len() > 40 && wrong.is_empty(), "no command of ours has these:\n{}", wrong.join("\n"));
}

#[test]
fn every_variable_that_is_named_is_read_somewhere() {
    let variable = Regex::new(r"\bCODEX_LAB_[A-Z_]+\b").unwrap();
    let mut sources = String::new();
    let mut open = vec![top().join("crates"), top().join("src-tauri/src"), top().join("tests/src")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|end| end == "rs") {
            sources.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    let named = |page: &Page| variable.find_iter(&page.text).map(|found| found.as_str().to_owned()).collect::<Vec<_>>();
    let all: BTreeSet<String> = pages().iter().flat_map(named).collect();
    let unknown: Vec<_> = all.iter().filter(|name| !sources.contains(&format!("\"{name}\""))).collect();
    assert!(all.len() > 8 && unknown.is_empty(), "nobody reads these: {unknown:?}");
}

#[tokio::test]
async fn everything_under_the_home_is_told_of() {
    let world = World::with_trio().await;
    world.good(&["use", "main"]).await;
    world.good(&["settings", "theme", "dark"]).await;
    world.good(&["connect", "codex"]).await;
    let passphrase = "correct horse battery staple";
    assert_eq!(world.run_with(&["vault", "move", "passphrase", "--passphrase-stdin"], passphrase).await.status, 0);
    let page = std::fs::read_to_string(top().join("docs/formats.md")).unwrap();
    let names = std::fs::read_dir(world.lab_home()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // What SQLite puts beside its file is that file's.
    let untold: Vec<_> =
        names.filter(|name| !page.contains(&format!("`{}", name.trim_end_matches("-shm").trim_end_matches("-wal")))).collect();
    assert!(untold.is_empty(), "docs/formats.md says nothing of {untold:?}");
    let state = rusqlite::Connection::open(world.lab_home().join("state.sqlite")).unwrap();
    let version: i64 = state.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert!(page.contains(&format!("SQLite, `user_version` {version} |")), "docs/formats.md says another version than {version}");
}
