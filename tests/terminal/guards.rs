//! `guard`: what a script is told by the exit status, in a line and as JSON, and the script of docs/scripting.md.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use codex_lab_core::failure::Code;
use codex_lab_tests::scripting_page::night_script;
use serde_json::Value;

use crate::world::{World, program};

/// `main` is live and full, `work` is nearly empty, nothing is known of `backup`.
async fn world() -> World {
    let world = World::with_trio().await;
    world.good(&["use", "main"]).await;
    world.reading("main", &[(300, 38.0, 80), (10_080, 60.0, 5 * 1440)], |_| {}).await;
    world.reading("work", &[(300, 10.0, 80), (10_080, 95.0, 1440)], |_| {}).await;
    world
}

#[tokio::test]
async fn the_exit_status_says_whether_enough_is_left() {
    let world = world().await;
    world.good(&["pause", "backup"]).await;
    for (arguments, status, line) in [
        (&["--min-remaining", "20"][..], 0, "enough: main weekly: 40 % left\n"),
        (&["--min-remaining", "50"], 80, "too little: main weekly: 40 % left, 50 % asked for, resets "),
        (&["--min-remaining", "50", "--window", "5h"], 0, "enough: main 5-hour: 62 % left\n"),
        (&["--min-remaining", "20", "--window", "weekly", "--profile", "WORK"], 80, "too little: work weekly: 5 % left"),
        (&["--min-remaining", "20", "--window", "30d"], 81, "unknown: main has no 30-day window\n"),
        (&["--min-remaining", "20", "--profile", "backup"], 81, "unknown: backup is paused\n"),
        // However many minutes that is by now.
        (&["--min-remaining", "20", "--max-age", "1m"], 81, "unknown: main weekly: 40 % left "),
        (&["--min-remaining", "20", "--any"], 0, "enough: main weekly: 40 % left\n"),
        (&["--min-remaining", "95", "--any", "--window", "5h"], 81, "unknown: backup is paused\n"),
        (&["--min-remaining", "101"], 2, ""),
        (&["--min-remaining", "20", "--any", "--profile", "main"], 2, ""),
    ] {
        let ended = world.run(&[&["guard"], arguments].concat()).await;
        assert_eq!(ended.status, status, "{arguments:?}: {ended:?}");
        assert!(ended.stdout.starts_with(line) && ended.stdout.lines().count() <= 1, "{arguments:?}: {ended:?}");
    }
    let old = world.run(&["guard", "--min-remaining", "20", "--max-age", "1m"]).await;
    assert!(old.stdout.ends_with(" min ago, which is too old\n"), "{old:?}");
    world.refused(&["guard", "--min-remaining", "20", "--profile", "nobody"], "not_found", 4).await;
    world.good(&["use", "--none"]).await;
    world.refused(&["guard", "--min-remaining", "20"], "not_found", 4).await;
}

#[tokio::test]
async fn a_reset_nobody_has_looked_at_is_full_only_on_request() {
    let world = World::with_trio().await;
    world.reading("main", &[(10_080, 95.0, -1)], |_| {}).await;
    let guard = ["guard", "--min-remaining", "20", "--profile", "main"];
    assert_eq!(world.run(&guard).await.status, 81);
    assert_eq!(world.run(&[&guard[..], &["--trust-resets"]].concat()).await.status, 0);
}

#[tokio::test]
async fn as_json_it_is_an_answer_whatever_it_says() {
    let world = world().await;
    let ended = world.run(&["guard", "--min-remaining", "50", "--json"]).await;
    assert_eq!(ended.status, 80);
    let said: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&said["version"], &said["ok"], &said["result"]["standing"]), (&1.into(), &true.into(), &"too_little".into()));
    assert_eq!((&said["result"]["profile"], &said["result"]["window_minutes"]), (&"main".into(), &10_080.into()));
    assert_eq!(said["result"]["left_percent"], 40.0);
}

#[test]
fn its_statuses_are_nobody_elses() {
    let union = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/generated/Code.ts")).unwrap();
    let codes = union.split('"').skip(1).step_by(2).map(|word| serde_json::from_value::<Code>(word.into()).unwrap());
    assert!(codes.into_iter().all(|code| !matches!(code.exit_status(), 80 | 81)));
}

#[tokio::test]
async fn the_pages_script_stops_when_too_little_is_left() {
    let world = world().await;
    let script = night_script().unwrap();
    // What the script starts, in the place of Codex: it uses the quota up while it works.
    let folder = world.home().join("programs");
    let stand_in =
        format!("#!/bin/sh\n[ \"$1\" = guard ] && exec {} \"$@\"\necho \"$@\" >>\"$HOME/ran\"\n", program("codex-lab").display());
    world.file("programs/codex-lab", &stand_in);
    let file = world.file("night.sh", &script);
    for path in [folder.join("codex-lab"), file.clone()] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    let night = |tasks: &str| {
        world.file("tasks.txt", tasks);
        let mut command = Command::new(&file);
        command.env_clear().envs(world.environment()).env("PATH", format!("{}:/usr/bin:/bin", folder.display())).current_dir(world.home());
        let ended = command.output().unwrap();
        (ended.status.code().unwrap(), String::from_utf8(ended.stdout).unwrap())
    };
    let (status, said) = night("first\nsecond\n");
    assert_eq!((status, said.matches("enough: main").count()), (0, 2), "{said}");
    world.good(&["pause", "backup"]).await;
    world.good(&["remove", "backup"]).await;
    world.reading("main", &[(10_080, 90.0, 5 * 1440)], |seen| seen.at += jiff::SignedDuration::from_secs(60)).await;
    let (status, said) = night("third\n");
    assert_eq!((status, said.contains("stopped before: third")), (0, true), "{said}");
    let ran = std::fs::read_to_string(world.home().join("ran")).unwrap();
    assert_eq!(ran, "run -- codex exec first\nrun -- codex exec second\n");
}
