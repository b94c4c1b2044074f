//! Hooks: the user's programs, run once for an event, with what they need and nothing else.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_lab_core::api::table::Request;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Code;
use codex_lab_core::model::hooks::{HookCommand, HookSeconds, Hooks};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::many_accounts::trio;
use crate::world::{PATIENCE, World};

/// A program of the user's that keeps all it is given in `name.N`, one file for each run.
fn keeper(world: &World, name: &str, more: &str) -> PathBuf {
    let script = format!(
        "#!/bin/sh\nnumber=1\nwhile [ -e \"$0.$number\" ]; do number=$((number + 1)); done\n\
         {{ cat; echo \"$*\"; pwd; /usr/bin/env | sort; }} > \"$0.part\"\n{more}\nmv \"$0.part\" \"$0.$number\"\n"
    );
    let path = world.own_file(&format!("bin/{name}"), &script);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path
}

fn run(engine: &Engine) -> JoinHandle<()> {
    let engine = engine.clone();
    tokio::spawn(async move { engine.run_hooks().await })
}

/// What a run was given, once it is there.
async fn kept(program: &Path, number: u32) -> String {
    let path = PathBuf::from(format!("{}.{number}", program.display()));
    let read = async {
        loop {
            if let Ok(text) = std::fs::read_to_string(&path) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, read).await.unwrap_or_else(|_| panic!("{} is not run", path.display()))
}

impl World {
    async fn hooks(&self, change: impl FnOnce(&mut Hooks)) {
        let mut settings = self.engine.snapshot().settings.clone();
        change(&mut settings.hooks);
        self.ask(Request::SetSettings { settings }).await.unwrap();
    }

    fn refused(&self) -> Vec<String> {
        let snapshot = self.engine.snapshot();
        snapshot.problems.iter().filter(|problem| problem.code == Code::HookRefused).map(|problem| problem.message.clone()).collect()
    }
}

fn command(program: &Path, arguments: &[&str]) -> Option<HookCommand> {
    let words = std::iter::once(program.display().to_string()).chain(arguments.iter().map(|word| (*word).to_owned()));
    HookCommand::of(words.collect()).ok()
}

#[tokio::test]
async fn a_hook_is_run_once_with_the_event_and_little_else() {
    let (mut world, [main, work, backup]) = trio().await;
    let program = keeper(&world, "exhausted", "");
    world.hooks(|hooks| hooks.exhausted = command(&program, &["a b", "$HOME; rm -rf /"])).await;
    let running = run(&world.engine);
    world.seen(&main, 90.0, 50).await;
    world.seen(&main, 100.0, 50).await;
    let given = kept(&program, 1).await;
    let lines: Vec<&str> = given.lines().collect();
    let event: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(
        (&event["event"], &event["profile"]["name"], &event["window_minutes"]),
        (&"exhausted".into(), &"main".into(), &10_080.into())
    );
    assert_eq!(lines[1], "a b $HOME; rm -rf /", "no shell reads it");
    let home = world.lab_home().parent().unwrap().canonicalize().unwrap();
    assert_eq!(Path::new(lines[2]), home);
    let names: Vec<&str> = lines[3..]
        .iter()
        .filter_map(|line| line.split('=').next())
        .filter(|name| !["PWD", "_", "SHLVL", "OLDPWD"].contains(name))
        .collect();
    assert_eq!(names, ["CODEX_LAB_EVENT", "HOME"], "{given}");
    assert!(!given.contains('@') && !given.contains("rt-") && !given.contains("eyJ"), "{given}");
    running.abort();

    // Another process, and after a restart.
    world.restart().await.unwrap();
    let (one, other) = (run(&world.engine), run(&world.another_engine().await.unwrap()));
    world.seen(&main, 100.0, 50).await;
    world.seen(&work, 100.0, 50).await;
    let second: Value = serde_json::from_str(kept(&program, 2).await.lines().next().unwrap()).unwrap();
    assert_eq!(second["profile"]["name"], "work", "and not main again");
    world.seen(&backup, 100.0, 50).await;
    let last = [kept(&program, 3).await, kept(&program, 4).await];
    let last: Vec<Value> = last.iter().map(|text| serde_json::from_str(text.lines().next().unwrap()).unwrap()).collect();
    assert_eq!(last.iter().filter(|event| event["all"] == true).count(), 1, "{last:?}");
    drop((one, other));
}

#[tokio::test]
async fn a_hook_that_hangs_is_ended_and_the_next_one_runs() {
    let (world, [main, work, _]) = trio().await;
    let program = keeper(&world, "hangs", "[ \"$number\" = 1 ] && grep -q main \"$0.part\" && { sleep 99 & echo $! > \"$0.pid\"; wait; }");
    world
        .hooks(|hooks| {
            hooks.exhausted = command(&program, &[]);
            hooks.timeout_seconds = HookSeconds::try_from(1).unwrap();
        })
        .await;
    let running = run(&world.engine);
    world.seen(&main, 100.0, 50).await;
    world.seen(&work, 100.0, 50).await;
    let given = kept(&program, 1).await;
    assert!(given.contains("\"name\":\"work\""), "the first one was ended: {given}");
    let sleeper: u32 = std::fs::read_to_string(format!("{}.pid", program.display())).unwrap().trim().parse().unwrap();
    let ended = async {
        while codex_lab_core::base::processes::lives(sleeper) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("all it had started is ended, too");
    running.abort();
}

#[tokio::test]
async fn what_others_could_change_is_not_run() {
    let (world, [main, _, backup]) = trio().await;
    let (open, good) = (keeper(&world, "open", ""), keeper(&world, "good", ""));
    world
        .hooks(|hooks| {
            hooks.exhausted = command(&open, &[]);
            hooks.needs_sign_in = command(&good, &[]);
        })
        .await;
    let config = world.lab_home().join("config.toml");
    for (path, mode, of) in [
        (&config, 0o620, "the settings' file"),
        (&config, 0o602, "the settings' file"),
        (&config, 0o644, ""),
        (&open, 0o644, "is no program"),
        (&open, 0o755, ""),
        (&open, 0o757, "other users can change"),
    ] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        world.ask(Request::Snapshot).await.unwrap();
        let refused = world.refused();
        assert_eq!(refused.len(), usize::from(!of.is_empty()), "{refused:?}");
        assert!(refused.iter().all(|message| message.contains(of)), "{of}: {refused:?}");
    }
    let running = run(&world.engine);
    world.seen(&main, 100.0, 50).await;
    world.own_file(".codex-lab/auth-profiles/backup/auth.json", "{");
    world.own_file(&format!(".codex-lab/backups/logins/{}/current.copy", backup.as_str()), "{");
    world.ask(Request::Snapshot).await.unwrap();
    assert!(kept(&good, 1).await.contains("\"event\":\"needs_sign_in\""));
    assert!(!PathBuf::from(format!("{}.1", open.display())).exists(), "it was run all the same");
    running.abort();
}
