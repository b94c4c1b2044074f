//! The terminal program beside the app: what it says of the same home, and sessions that it starts.

use std::path::PathBuf;
use std::process::Stdio;

use codex_lab_tests::codex_cli::CodexCli;
use codex_lab_tests::programs;
use codex_lab_tests::sandbox::Sandbox;
use serde_json::Value;
use tokio::process::Command;

use crate::seat::Seat;

/// Where it is.
pub(crate) fn program() -> PathBuf {
    programs::built("codex-lab").unwrap()
}

/// The result of a command with `--json`.
pub(crate) async fn json(seat: &Seat, words: &[&str]) -> Value {
    let mut command = command(seat);
    let ended = command.args(words).arg("--json").output().await.unwrap();
    let said: Value = serde_json::from_slice(&ended.stdout).unwrap_or_else(|_| panic!("{words:?}: {ended:?}"));
    assert_eq!(said["ok"], true, "{words:?}: {said}");
    said["result"].clone()
}

/// A profile as the list has it, if it is there.
pub(crate) async fn profile(seat: &Seat, name: &str) -> Option<Value> {
    let listed = json(seat, &["list"]).await;
    listed["profiles"].as_array().unwrap().iter().find(|row| row["name"] == name).cloned()
}

/// The names of the profiles, in their order.
pub(crate) async fn names(seat: &Seat) -> Vec<String> {
    let listed = json(seat, &["list"]).await;
    listed["profiles"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// Who gets the next session, and why: a decision with names in the place of numbers.
#[derive(Debug)]
pub(crate) struct Next {
    /// Whose it is.
    pub(crate) who: String,
    /// `strategy`, `forced`, …
    pub(crate) choice: String,
    /// What was found of each profile.
    pub(crate) verdicts: Vec<(String, Value)>,
}

impl Next {
    /// What was found of this one.
    pub(crate) fn of(&self, name: &str) -> &Value {
        &self.verdicts.iter().find(|(profile, _)| profile == name).unwrap().1
    }
}

/// Who gets the next session that is started in this folder.
pub(crate) async fn next(seat: &Seat, folder: &str) -> Next {
    let said = json(seat, &["route", "explain", "--folder", folder]).await;
    let name = |profile: &Value| said["names"][profile.as_str().unwrap_or_default()].as_str().unwrap_or_default().to_owned();
    let decision = &said["decision"];
    let verdicts = decision["verdicts"].as_array().unwrap().iter().map(|found| (name(&found["profile"]), found["verdict"].clone()));
    Next {
        who: name(&decision["chosen"]["profile"]),
        choice: decision["chosen"]["choice"].as_str().unwrap_or_default().to_owned(),
        verdicts: verdicts.collect(),
    }
}

/// `codex exec` through the gateway, with these options for the start; what it says.
pub(crate) async fn exec(seat: &Seat, sandbox: &Sandbox, options: &[&str]) -> String {
    let codex = CodexCli::locate().unwrap();
    let mut command = command(seat);
    command.envs(sandbox.env()).arg("run").args(options).arg("--");
    let ended = command.arg(codex.binary()).args(["exec", "--skip-git-repo-check", "say hi"]).output().await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{said}");
    said
}

fn command(seat: &Seat) -> Command {
    let mut command = Command::new(program());
    command.env_clear().envs(seat.env()).env("HOME", seat.home()).current_dir(seat.home());
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}
