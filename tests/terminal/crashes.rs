//! A crash, with secrets in the memory: the system is kept from writing that to the disk.
#![cfg(target_os = "linux")]

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use codex_lab_tests::core_dumps;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::world::{World, program};

/// Starts a program where core dumps are as large as they may be, and waits for its first line.
async fn started(world: &World, folder: &Path, command: &str) -> Child {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("ulimit -S -c $(ulimit -H -c) && exec {command}")]);
    shell.env_clear().envs(world.environment()).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = shell.spawn().unwrap();
    BufReader::new(child.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
    child
}

/// How it ended once it was told to crash.
async fn crashed(mut child: Child) -> ExitStatus {
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::ABORT).unwrap();
    child.wait().await.unwrap()
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[tokio::test]
async fn a_crash_leaves_no_copy_of_the_memory() {
    let world = World::with_trio().await;
    let folder = world.home().join("crashes");
    std::fs::create_dir(&folder).unwrap();
    let gateway = started(&world, &folder, &format!("{} serve", program("codex-lab").display())).await;
    assert!(core_dumps::are_forbidden(gateway.id().unwrap()));
    let ended = crashed(gateway).await;
    assert_eq!(ended.signal(), Some(Signal::ABORT.as_raw()));
    assert!(!ended.core_dumped() && files(&folder) == 0, "{ended:?}");

    // Where nobody forbids it, a system that keeps dumps beside the program leaves one: the folder was empty because of us.
    let other = started(&world, &folder, "sh -c 'echo here; exec sleep 60'").await;
    let is_allowed = !core_dumps::are_forbidden(other.id().unwrap());
    let ended = crashed(other).await;
    if is_allowed && std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap().trim() == "core" {
        assert!(ended.core_dumped() && files(&folder) == 1, "{ended:?}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
