//! Lines for status bars: what they say, when they say it again, and how they end. Every snippet of docs/status-bars.md is run.

use std::process::Stdio;
use std::time::Duration;

use codex_lab_tests::sandbox::SandboxAccount;
use regex::Regex;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::world::{World, program};

/// A line comes, or a command ends, within this.
const PATIENCE: Duration = Duration::from_secs(60);

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<String> {
    tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line comes in time").unwrap()
}

fn watch(world: &World, format: &str) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = world.start(&["status", "--watch", "--format", format]);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

async fn low() -> World {
    let world = World::with_trio().await;
    world.good(&["use", "main"]).await;
    world.reading("main", &[(300, 38.0, 80), (10_080, 82.0, 5 * 1440)], |_| {}).await;
    world
}

fn page() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/status-bars.md");
    std::fs::read_to_string(path).unwrap()
}

/// The text of the fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let fenced = Regex::new(&format!("(?s)```{language}\n(.*?)```")).unwrap();
    fenced.captures_iter(&page()).map(|found| found[1].to_owned()).collect()
}

#[tokio::test]
async fn each_bar_gets_its_line() {
    let world = low().await;
    for (format, expected) in [
        ("polybar", "%{F#e5a50a}main 18 %%{F-}"),
        ("tmux", "#[fg=yellow]main 18 %#[default]"),
        ("{profile} {left}% of the {window}, {class}", "main 18% of the week, low"),
        ("{quota} {{}}", "5h 62 % · week 18 % left {}"),
    ] {
        let ended = world.good(&["status", "--format", format]).await;
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), (format!("{expected}\n").as_str(), ""), "{format}");
    }
    let waybar: Value = serde_json::from_str(&world.good(&["status", "--format", "waybar"]).await.stdout).unwrap();
    assert_eq!((&waybar["text"], &waybar["class"], &waybar["percentage"]), (&"main 18 %".into(), &"low".into(), &18.into()));
    assert!(waybar["tooltip"].as_str().unwrap().contains("\nbackup — plus"), "{waybar}");
    for refused in [&["--format", "{name}"][..], &["--format", "i3bar"], &["--format", "{left"], &["--format", "tmux", "--json"]] {
        assert_eq!(world.run(&[&["status"], refused].concat()).await.status, 2, "{refused:?}");
    }
}

#[tokio::test]
async fn colours_and_names_are_left_out_where_they_are_unwanted() {
    let mut world = low().await;
    assert_eq!(world.good(&["status", "--format", "tmux", "--no-color"]).await.stdout, "main 18 %\n");
    world.set("NO_COLOR", "1");
    assert_eq!(world.good(&["status", "--format", "polybar"]).await.stdout, "main 18 %\n");
    world.good(&["settings", "private_notifications", "on"]).await;
    for format in ["waybar", "polybar", "tmux", "{profile}{email}{quota}"] {
        let line = world.good(&["status", "--format", format]).await.stdout;
        assert!(line.contains("profile ") && !line.contains("main") && !line.contains("backup") && !line.contains('@'), "{line}");
    }
}

#[tokio::test]
async fn words_of_the_provider_are_no_markup_of_a_bar() {
    let world = World::new().await;
    world.sandbox.put_account(SandboxAccount { plan: "<b>&\u{202e}".to_owned(), ..SandboxAccount::new("eve") });
    let file = world.file("eve.json", &world.sandbox.auth_json("eve").unwrap());
    let imported = world.json(&["login", "--import", file.to_str().unwrap()]).await;
    world.good(&["use", imported["result"]["items"][0]["name"].as_str().unwrap()]).await;
    let waybar: Value = serde_json::from_str(&world.good(&["status", "--format", "waybar"]).await.stdout).unwrap();
    assert!(waybar["tooltip"].as_str().unwrap().ends_with(" — &lt;b&gt;&amp;"), "{waybar}");
    assert_eq!(world.good(&["status", "--format", "{plan}"]).await.stdout, "<b>&\n");
}

#[tokio::test]
async fn a_watch_says_what_changed_and_nothing_twice() {
    let world = low().await;
    let (mut child, mut lines) = watch(&world, "{profile} {left}");
    assert_eq!(next(&mut lines).await.unwrap(), "main 18");
    // A note changes nothing that is shown.
    world.good(&["set", "main", "--note", "x"]).await;
    world.good(&["use", "backup"]).await;
    assert_eq!(next(&mut lines).await.unwrap(), "backup ?");
    // Another process of ours reads what is left.
    world.reading("backup", &[(300, 10.0, 80)], |_| {}).await;
    assert_eq!(next(&mut lines).await.unwrap(), "backup 90");
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert_eq!(next(&mut lines).await, None);
    assert!(tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap().success());
}

#[tokio::test]
async fn a_watch_ends_when_nobody_reads_any_more() {
    let world = low().await;
    let (mut child, mut lines) = watch(&world, "tmux");
    next(&mut lines).await.unwrap();
    drop(lines);
    // Nothing changes, so nothing is written.
    assert!(tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends by itself").unwrap().success());
}

#[tokio::test]
async fn a_watch_as_json_is_a_line_for_each_change() {
    let world = low().await;
    let mut child = world.start(&["status", "--watch", "--json"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first: Value = serde_json::from_str(&next(&mut lines).await.unwrap()).unwrap();
    assert_eq!((&first["version"], &first["result"]["live"]["state"]), (&1.into(), &"profile".into()));
}

#[tokio::test]
async fn every_command_of_the_page_does_what_the_page_says() {
    let world = low().await;
    let page = page();
    let commands = Regex::new(r"codex-lab status --format ('[^']*'|\w+)(?: --watch)?").unwrap();
    let formats = commands.captures_iter(&page).map(|found| found[1].trim_matches('\'').to_owned());
    let formats: Vec<_> = formats.filter(|format| format != "FORMAT").collect();
    assert_eq!(formats.len(), 4, "{formats:?}");
    for format in formats {
        assert!(world.good(&["status", "--format", &format]).await.stdout.contains("main"), "{format}");
    }
    for block in blocks("json") {
        let config: Value = serde_json::from_str(&block).unwrap();
        assert_eq!(config["custom/codex-lab"]["return-type"], "json");
    }
    let named = Regex::new(r"\| `\{(\w+)\}` \|").unwrap();
    let mut named: Vec<String> = named.captures_iter(&page).map(|found| found[1].to_owned()).collect();
    let mut known = codex_lab_core::view::bar::PLACEHOLDERS.map(str::to_owned).to_vec();
    named.sort();
    known.sort();
    assert_eq!(named, known, "the page has every placeholder");
}

#[tokio::test]
async fn tmux_draws_it() {
    let world = low().await;
    let config = world.file("tmux.conf", &blocks("tmux").concat());
    let socket = |name: &str| world.home().join(name).display().to_string();
    let path = format!("{}:/usr/bin:/bin", program("codex-lab").parent().unwrap().display());
    let tmux = async |server: &str, config: &str, arguments: &[&str]| {
        let mut command = Command::new("tmux");
        command.args(["-S", &socket(server), "-f", config]).args(arguments).env_clear().envs(world.environment());
        command.env("PATH", &path).env("TERM", "xterm-256color").env("LC_ALL", "C.UTF-8").current_dir(world.home()).stdin(Stdio::null());
        command.output().await.map(|output| String::from_utf8(output.stdout).unwrap())
    };
    let Ok(_) = tmux("inner", config.to_str().unwrap(), &["new-session", "-d", "-x", "100", "-y", "10", "sh"]).await else {
        // No tmux here: nothing of it can be shown.
        return;
    };
    let attach = format!("TMUX= tmux -S {} attach", socket("inner"));
    tmux("outer", "/dev/null", &["new-session", "-d", "-x", "100", "-y", "14", &attach]).await.unwrap();
    let seen = async {
        loop {
            let screen = tmux("outer", "/dev/null", &["capture-pane", "-p", "-e"]).await.unwrap();
            if screen.contains("main 18 %") {
                return screen;
            }
            tokio::task::yield_now().await;
        }
    };
    let screen = tokio::time::timeout(PATIENCE, seen).await;
    for server in ["outer", "inner"] {
        tmux(server, "/dev/null", &["kill-server"]).await.unwrap();
    }
    let screen = screen.expect("tmux shows the line");
    assert!(screen.contains("\u{1b}[33mmain 18 %"), "yellow, and nothing of the marks themselves: {screen:?}");
}
