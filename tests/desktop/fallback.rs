//! The gateway in the app: what is started through it goes on with another profile, and the user hears of it once.

use std::process::Stdio;

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::codex_cli::QUIET;
use codex_lab_tests::desktop::{Desktop, until};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Sandbox, SandboxOptions, Script};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::seat::Seat;
use crate::terminal;

/// `codex exec` through the gateway, beside the app, started on main.
pub(crate) async fn exec(seat: &Seat, sandbox: &Sandbox) -> String {
    terminal::exec(seat, sandbox, &["--profile", "main"]).await
}

#[tokio::test]
async fn one_notice_says_that_another_profile_goes_on() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let seat = Seat::in_sandbox(&sandbox, &["main", "backup"]).await;
    std::fs::write(seat.codex_home().join("config.toml"), QUIET).unwrap();
    let env = || sandbox.env().into_iter().chain(seat.env());

    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    desktop.add_notifications().await.unwrap();
    let app = desktop.app(seat.home(), env()).hidden().start().await.unwrap();
    let _tray = app.tray().await.unwrap();
    assert!(exec(&seat, &sandbox).await.contains("hello from main"));

    sandbox.script(Script::always(Endpoint::Responses, Behaviour::status(402)).by("main"));
    for _ in 0..3 {
        assert!(exec(&seat, &sandbox).await.contains("hello from backup"));
    }
    let notice = desktop.notifications().wait_for("backup goes on for main").await.unwrap();
    let (why, then) =
        ("main cannot serve: OpenAI refused it without a reason; it is tried again at ", "Running sessions go on by themselves.");
    assert!(notice.body.starts_with(why) && notice.body.ends_with(then), "{}", notice.body);
    assert_eq!(desktop.notifications().all().iter().filter(|shown| shown.title == notice.title).count(), 1);
}

#[tokio::test]
async fn a_real_server_shows_it() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let seat = Seat::in_sandbox(&sandbox, &["main", "backup"]).await;
    std::fs::write(seat.codex_home().join("config.toml"), QUIET).unwrap();
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    let dunst = desktop.dunst().await.unwrap();
    let app = desktop.app(seat.home(), sandbox.env().into_iter().chain(seat.env())).hidden().start().await.unwrap();
    let _tray = app.tray().await.unwrap();
    sandbox.script(Script::always(Endpoint::Responses, Behaviour::status(402)).by("main"));
    exec(&seat, &sandbox).await;
    until("the notification", async || dunst.displayed().await.is_ok_and(|count| count == 1).then_some(())).await.unwrap();
    desktop.screenshot(&Artefacts::of_this_test().unwrap().folder().join("fell-back.png")).await.unwrap();
}

#[tokio::test]
async fn the_app_tells_of_it_while_a_terminal_serves() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let seat = Seat::in_sandbox(&sandbox, &["main", "backup"]).await;
    std::fs::write(seat.codex_home().join("config.toml"), QUIET).unwrap();
    let env = || sandbox.env().into_iter().chain(seat.env());
    let mut serve = Command::new(terminal::program());
    serve.args(["serve"]).env_clear().envs(env()).env("HOME", seat.home()).current_dir(seat.home());
    let mut serve = serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let mut said = BufReader::new(serve.stdout.take().unwrap()).lines();
    assert!(said.next_line().await.unwrap().unwrap().starts_with("serving on "));

    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    desktop.add_notifications().await.unwrap();
    let app = desktop.app(seat.home(), env()).hidden().start().await.unwrap();
    let _tray = app.tray().await.unwrap();
    assert!(exec(&seat, &sandbox).await.contains("hello from main"));
    sandbox.script(Script::always(Endpoint::Responses, Behaviour::status(402)).by("main"));
    assert!(exec(&seat, &sandbox).await.contains("hello from backup"));
    let notice = desktop.notifications().wait_for("backup goes on for main").await.unwrap();
    assert_eq!(desktop.notifications().all().iter().filter(|shown| shown.title == notice.title).count(), 1);
}
