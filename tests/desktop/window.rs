//! The window: there only while it is wanted, and connected to the engine while it is there.

use std::path::Path;

use codex_lab_core::api::table::Request;
use codex_lab_core::model::snapshot::{Settings, Theme};
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::core_dumps;
use codex_lab_tests::desktop::{Desktop, until};
use codex_lab_tests::login_ports::LoginPorts;

use crate::seat::{Seat, program};

/// WebKit's process for a page.
const WEB_VIEW: &str = "WebKitWebProcess";

#[tokio::test]
async fn there_is_no_web_view_but_while_the_window_is_open() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let mut app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    assert!(!app.has_window().await && !app.processes().iter().any(|name| name == WEB_VIEW), "{:?}", app.processes());

    for _ in 0..2 {
        tray.click("Open Codex Lab").await.unwrap();
        app.wait_for_process(WEB_VIEW, true).await.unwrap();
        let window = app.window().await.unwrap();
        window.wait_for_text("main").await.unwrap();
        let given = window.given().await.unwrap();
        assert_eq!((&given["page"], &given["snapshot"]["profiles"][0]["name"]), (&"accounts".into(), &"main".into()), "without a question");
        app.close_window().await.unwrap();
        app.wait_for_process(WEB_VIEW, false).await.unwrap();
        assert!(app.is_running().unwrap());
    }
    tray.wait_for_checked("main").await.unwrap();
    assert_eq!(app.processes(), [""; 0], "the window's program ends with it");
}

#[tokio::test]
async fn a_click_on_the_icon_shows_the_one_window() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    for _ in 0..3 {
        tray.activate().await.unwrap();
    }
    app.window().await.unwrap().wait_for_text("main").await.unwrap();
    assert_eq!(app.processes().iter().filter(|name| *name == "codex-lab-window").count(), 1);
}

#[tokio::test]
async fn a_window_that_is_killed_takes_nothing_with_it_and_can_be_opened_again() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let mut app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let tray = app.tray().await.unwrap();
    app.window().await.unwrap().wait_for_text("backup").await.unwrap();

    app.kill_window().await.unwrap();
    app.wait_for_process(WEB_VIEW, false).await.unwrap();
    assert!(app.is_running().unwrap());
    tray.click("backup").await.unwrap();
    tray.wait_for_checked("backup").await.unwrap();
    tray.click("Open Codex Lab").await.unwrap();
    app.window().await.unwrap().wait_for_text("backup").await.unwrap();
}

#[tokio::test]
async fn the_window_ends_with_the_app_however_that_ends() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    app.window().await.unwrap().wait_for_text("main").await.unwrap();
    let window = app.window_program().unwrap();
    for (program, pid) in [("the app", app.pid()), ("its window", window)] {
        assert!(core_dumps::are_forbidden(pid), "a crash of {program} leaves a copy of its memory");
    }
    app.kill().await.unwrap();
    until("the end of the window's program", async || (!Path::new(&format!("/proc/{window}")).exists()).then_some(())).await.unwrap();
}

#[tokio::test]
async fn the_window_follows_the_tray_and_the_tray_the_window() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let artefacts = Artefacts::of_this_test().unwrap();
    for (theme, picture) in [(Theme::Light, "light.png"), (Theme::Dark, "dark.png")] {
        seat.ask(Request::SetSettings { settings: Settings { theme, ..Settings::default() } }).await;
        let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
        let window = app.window().await.unwrap();
        window.wait_for_text("backup").await.unwrap();
        desktop.screenshot(&artefacts.folder().join(picture)).await.unwrap();
        app.kill().await.unwrap();
    }
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let tray = app.tray().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();
    let profile = seat.id("backup");
    window
        .call("rpc", &serde_json::json!({"request": {"method": "set_paused", "params": {"profile": profile, "paused": true}}}))
        .await
        .unwrap();
    tray.wait_for("the paused profile", |menu| menu.line("backup — paused").is_some()).await.unwrap();
    window
        .call("rpc", &serde_json::json!({"request": {"method": "set_paused", "params": {"profile": profile, "paused": false}}}))
        .await
        .unwrap();
    tray.wait_for("the profile again", |menu| menu.line("backup — plus").is_some()).await.unwrap();
    tray.click("No login (sign out locally)").await.unwrap();
    tray.wait_for_checked("No login (sign out locally)").await.unwrap();
    window.wait_for_text("No login").await.unwrap();
}

#[tokio::test]
async fn a_page_has_no_command_but_those_of_the_app() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("main").await.unwrap();
    for command in [
        "plugin:event|emit",
        "plugin:window|create",
        "plugin:webview|create_webview_window",
        "plugin:app|version",
        "plugin:path|resolve_directory",
    ] {
        let refused = window.call(command, &serde_json::json!({})).await.unwrap_err();
        assert!(refused.contains("not allowed") || refused.contains("denied"), "{command}: {refused}");
    }
    let unknown = window.call("rpc", &serde_json::json!({"request": {"method": "read_file", "params": {}}})).await.unwrap_err();
    assert!(unknown.contains("read_file"), "{unknown}");
    let too_long = window.call("copy", &serde_json::json!({"text": "x".repeat(1 << 20)})).await.unwrap_err();
    assert!(too_long.contains("clipboard"), "{too_long}");
    let copied = window.call("copy", &serde_json::json!({"text": "https://example.com/"})).await;
    assert!(copied.is_ok(), "{copied:?}");
}

#[tokio::test]
async fn adding_an_account_from_the_tray_opens_the_browser_at_once_and_shows_the_sign_in() {
    let _ports = LoginPorts::claim().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&[]).await;
    let opened = desktop.folder().join("opened");
    let browser = desktop.folder().join("browser");
    program(&browser, &format!("#!/bin/sh\necho \"$1\" >> '{}'\n", opened.display()));
    let env = seat.env().into_iter().chain([("BROWSER", browser.display().to_string())]);
    let app = desktop.app(seat.home(), env).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();

    tray.click("Add account…").await.unwrap();
    let url = until("the browser", async || std::fs::read_to_string(&opened).ok().filter(|text| text.ends_with('\n'))).await.unwrap();
    assert!(url.starts_with("https://auth.openai.com/oauth/authorize?"), "{url}");
    app.window().await.unwrap().wait_for_text("Waiting for you to sign in").await.unwrap();
    desktop.screenshot(&Artefacts::of_this_test().unwrap().folder().join("sign-in.png")).await.unwrap();

    // Another click leads to the same sign-in.
    tray.wait_for("the running sign-in", |menu| menu.line("Show the sign-in…").is_some()).await.unwrap();
    app.close_window().await.unwrap();
    tray.click("Show the sign-in…").await.unwrap();
    app.window().await.unwrap().wait_for_text("Waiting for you to sign in").await.unwrap();
    assert_eq!(std::fs::read_to_string(&opened).unwrap(), url);
}
