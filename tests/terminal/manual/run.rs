//! Runs the commands of a page, one after the other, in a world of the page's own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use codex_lab_tests::codex_cli::CodexCli;
use codex_lab_tests::login_ports::LoginPorts;
use codex_lab_tests::story::leftovers::EndsWithMe;
use regex::Regex;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

use super::pages::{Page, Told, top};
use super::prepare::{Prepared, prepared};
use super::ways::{Way, filled, way};
use crate::world::{Ended, World, program};

/// A command ends, or says what it has to say, within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was told to end before it listens is ended by the system.
const BY_SIGNAL: i32 = -1;

/// Runs all commands of a page; what is wrong with them.
pub(super) async fn whole_page(page: &Page) -> Vec<String> {
    let prepared = prepared(page).await;
    let _leftovers = EndsWithMe::new(prepared.world.home());
    let mut wrong = Vec::new();
    for told in page.commands() {
        // Other tests may have them for as long as they like.
        let _ports = if told.text.starts_with("codex-lab login") { Some(LoginPorts::claim().await.unwrap()) } else { None };
        let ended = tokio::time::timeout(PATIENCE, one(&prepared, &told)).await;
        if let Err(why) = ended.unwrap_or_else(|_| Err("it does not end".to_owned())) {
            wrong.push(format!("{}:{}: `{}`: {why}", told.page, told.line, told.text));
        }
    }
    wrong
}

async fn one(prepared: &Prepared, told: &Told) -> Result<(), String> {
    let world = &prepared.world;
    let Some(way) = way(&told.page, &told.text) else { return outside(world, &told.text).await };
    let line = prepared.addressed(&filled(&told.page, &told.text));
    if let Some(word) = Regex::new(r#"(?:^|[ =/])([A-Z]{2,}|<[a-z ]+>|…)(?:$|[ /"])"#).unwrap().captures(&line)
        && !matches!(way, Way::In(_) | Way::Not)
    {
        return Err(format!("nobody says what {} stands for", &word[1]));
    }
    match way {
        Way::Ends(status) => ends(&world.typed(&line, "").await, status),
        Way::Says(status, part) => {
            let ended = world.typed(&line, "").await;
            ends(&ended, status)?;
            if ended.stderr.contains(part) { Ok(()) } else { Err(format!("it does not say {part}: {ended:?}")) }
        }
        Way::With(option, input) => ends(&world.typed(&format!("{line} {option}"), input).await, 0),
        Way::Stays(begins) => stays(world, &line, begins).await,
        Way::Known => known(&line, &world.typed(&format!("{line} --help"), "").await),
        Way::IfThere => match world.typed(&line, "").await {
            // A shell's word for a program that is not there.
            Ended { status: 0 | 127, .. } => Ok(()),
            ended => Err(format!("{ended:?}")),
        },
        Way::In(file) if top().join("tests/terminal").join(file).is_file() => Ok(()),
        Way::In(file) => Err(format!("there is no {file}")),
        Way::Not => Ok(()),
    }
}

/// A program complains of words and options that it does not know before it prints its help, but for opencode: that one prints the
/// help of what it does know.
fn known(line: &str, help: &Ended) -> Result<(), String> {
    ends(help, 0)?;
    let words: Vec<&str> = line.split(' ').collect();
    let verbs = words.iter().take_while(|word| !word.starts_with('-')).copied().collect::<Vec<_>>().join(" ");
    let said = format!("{}{}", help.stdout, help.stderr);
    let has_all = said.contains(&verbs) && words.iter().filter(|word| word.starts_with('-')).all(|option| said.contains(option));
    if !line.starts_with("opencode ") || has_all { Ok(()) } else { Err(format!("{verbs} knows no such thing: {said}")) }
}

fn ends(ended: &Ended, status: i32) -> Result<(), String> {
    if ended.status == status { Ok(()) } else { Err(format!("it should end with {status}: {ended:?}")) }
}

impl World {
    /// Starts a line as a shell reads it, as a process group of its own.
    fn shell(&self, line: &str) -> Child {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line]).env_clear().envs(self.environment()).current_dir(self.home().join("project"));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.home().join("programs").display())).env("USER", "ada");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true).spawn().unwrap()
    }

    /// Runs a line with this on standard input.
    pub(super) async fn typed(&self, line: &str, input: &str) -> Ended {
        let mut child = self.shell(line);
        let mut stdin = child.stdin.take().unwrap();
        // It may end without reading.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        self.ended(child).await
    }

    /// Puts the programs of the manual where the shell finds them.
    pub(super) fn install(&self) {
        let folder = self.home().join("programs");
        std::fs::create_dir_all(&folder).unwrap();
        let link = |name: &str, to: &Path| std::os::unix::fs::symlink(to, folder.join(name)).unwrap();
        link("codex-lab", &program("codex-lab"));
        link("codex", CodexCli::locate().unwrap().binary());
        // Its package has a build for this system alone.
        let opencode = top().join("tests/opencode/node_modules/opencode-linux-x64/bin/opencode");
        assert!(opencode.is_file(), "opencode is not installed; run `make setup`");
        link("opencode", &opencode);
    }
}

/// It says this, and goes on until it is ended as a terminal ends it.
async fn stays(world: &World, line: &str, begins: &str) -> Result<(), String> {
    // The shell must not stay between.
    let mut child = world.shell(&format!("exec {line} 2>&1"));
    let _input = child.stdin.take();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap();
    let group = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    let ended_early = !first.as_ref().is_some_and(|first| first.starts_with(begins));
    if !ended_early {
        kill_process_group(group, Signal::INT).unwrap();
    }
    while lines.next_line().await.unwrap().is_some() {}
    let ended = world.ended(child).await;
    if ended_early || !matches!(ended.status, 0 | 130 | BY_SIGNAL) { Err(format!("{first:?} {ended:?}")) } else { Ok(()) }
}

/// What is no program of ours and has no way: targets, scripts and packages are there.
async fn outside(world: &World, text: &str) -> Result<(), String> {
    // What is set for it alone does not change what it is; `snippets` looks for who reads it.
    let is_set = |word: &&str| word.split_once('=').is_some_and(|(name, _)| name.starts_with("CODEX_LAB_"));
    let words: Vec<&str> = text.split(' ').skip_while(is_set).collect();
    let there = |found: bool| if found { Ok(()) } else { Err("there is no such thing".to_owned()) };
    match words[..] {
        ["make", target, ..] => there(std::fs::read_to_string(top().join("Makefile")).unwrap().contains(&format!("\n{target}:"))),
        ["cargo", verb, ref rest @ ..] => {
            let manifests = ["Cargo.toml", "tests/Cargo.toml", "crates/core/Cargo.toml", "crates/cli/Cargo.toml"];
            let all: String = manifests.map(|path| std::fs::read_to_string(top().join(path)).unwrap()).concat();
            let mut names = rest.windows(2).filter(|pair| matches!(pair[0], "-p" | "--test")).map(|pair| format!("name = \"{}\"", pair[1]));
            there(["run", "test", "nextest"].contains(&verb) && names.all(|name| all.contains(&name)))
        }
        [script, ref rest @ ..] if script.starts_with("scripts/") => {
            // The demo's options are its program's.
            let places = [script, "tests/src/bin/demo.rs"].map(|path| std::fs::read_to_string(top().join(path)));
            let text = places.into_iter().collect::<Result<String, _>>().map_err(|error| error.to_string())?.replace('_', "-");
            there(rest.iter().filter_map(|word| word.strip_prefix("--")).all(|option| text.contains(option)))?;
            ends(&world.typed(&format!("sh -n '{}'", top().join(script).display()), "").await, 0)
        }
        _ => Err("nobody says how to run it".to_owned()),
    }
}
