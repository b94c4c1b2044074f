//! Starting: hidden, twice, without a tray, with the desktop, and where it cannot.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use codex_lab_core::api::table::Request;
use codex_lab_core::model::snapshot::Settings;
use codex_lab_tests::desktop::{Desktop, PATIENCE, until};
use codex_lab_tests::programs;

use crate::seat::Seat;

#[tokio::test]
async fn a_second_start_shows_the_window_of_the_first() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    app.tray().await.unwrap();

    assert!(desktop.app(seat.home(), seat.env()).hidden().run().await.unwrap().success());
    assert!(!app.has_window().await, "a hidden second start leaves the first as it is");

    let other_home = seat.home().join("elsewhere").display().to_string();
    assert!(desktop.app(seat.home(), [("CODEX_LAB_HOME", other_home)]).run().await.unwrap().success());
    app.wait_for_window().await.unwrap();
    assert!(!seat.home().join("elsewhere").join("state.sqlite").exists(), "the second one ends before it opens anything");
    assert_eq!(desktop.tray_host().registered(), 1);
}

#[tokio::test]
async fn without_a_tray_the_window_is_shown_and_closing_it_offers_the_way_back() {
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_notifications().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    app.wait_for_window().await.unwrap();

    app.close_window().await.unwrap();
    let notice = desktop.notifications().wait_for("Codex Lab goes on without a window").await.unwrap();
    desktop.notifications().choose(&notice, "Open Codex Lab").await.unwrap();
    app.close_window().await.unwrap();
    let notice = desktop.notifications().wait_for_more("Codex Lab goes on without a window", 1).await.unwrap();
    desktop.notifications().choose(&notice, "Quit").await.unwrap();
    assert!(app.end().await.unwrap().success());
}

#[tokio::test]
async fn where_nothing_would_be_seen_closing_the_window_ends_the_app() {
    let desktop = Desktop::bare().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    app.close_window().await.unwrap();
    assert!(app.end().await.unwrap().success());
}

#[tokio::test]
async fn without_a_display_the_tray_works_and_says_that_there_is_no_window() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let nowhere = seat.env().into_iter().chain([("DISPLAY", ":32000".to_owned())]);
    let mut app = desktop.app(seat.home(), nowhere).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    tray.click("backup").await.unwrap();
    tray.wait_for_checked("backup").await.unwrap();
    tray.click("Open Codex Lab").await.unwrap();
    let notice = desktop.notifications().wait_for("That did not work").await.unwrap();
    assert!(notice.body.contains("window of Codex Lab cannot be opened"), "{notice:?}");
    assert!(app.is_running().unwrap());
}

#[tokio::test]
async fn without_a_display_and_a_tray_the_app_ends() {
    let desktop = Desktop::bare().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let nowhere = seat.env().into_iter().chain([("DISPLAY", ":32000".to_owned())]);
    desktop.app(seat.home(), nowhere).run().await.unwrap();
}

#[tokio::test]
async fn a_kind_end_is_an_end() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    app.tray().await.unwrap();
    app.terminate().unwrap();
    assert!(app.end().await.unwrap().success());
}

#[tokio::test]
async fn a_tray_that_goes_away_and_comes_back_has_the_icon_again() {
    let mut desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    app.tray().await.unwrap();
    let pid = app.pid();
    // The app borrows the desktop; what follows changes it.
    let app = app.detach();
    desktop.remove_tray_host();
    desktop.add_tray_host().await.unwrap();
    let menu = desktop.tray_host().tray_of(pid).await.unwrap().menu().await.unwrap();
    assert!(menu.line("main").is_some(), "{menu}");
    drop(app);
}

#[tokio::test]
async fn a_home_that_cannot_be_used_is_explained_in_the_window_until_it_can() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let tree = seat.home().join("project");
    std::fs::create_dir_all(tree.join(".git")).unwrap();
    let inside = tree.join("home").display().to_string();
    let brief = seat.home().join("brief");
    std::fs::create_dir(&brief).unwrap();
    let further = [("CODEX_LAB_HOME", inside), ("TMPDIR", brief.display().to_string())];
    let mut app = desktop.app(seat.home(), further).hidden().start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("lies inside the work tree").await.unwrap();
    let made = |folder: &Path| {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        names.filter(|entry| entry.file_name().to_string_lossy().starts_with("codex-lab-")).collect::<Vec<_>>()
    };
    let page = made(&brief);
    assert_eq!((page.len(), page[0].metadata().unwrap().permissions().mode() & 0o777), (1, 0o700));
    let guessed = page[0].file_name() == *format!("codex-lab-{}", app.pid());
    assert!(!guessed && made(&desktop.folder().join("runtime")).is_empty(), "{page:?}");
    // The reason goes away: the same app can be used.
    std::fs::remove_dir(tree.join(".git")).unwrap();
    window.press("Try again").await.unwrap();
    window.wait_for_text("I understand").await.unwrap();
    app.tray().await.unwrap();
    drop(window);
    app.close_window().await.unwrap();
    until("the page's folder to go with the window", async || made(&brief).is_empty().then_some(())).await.unwrap();
    assert!(app.is_running().unwrap());
    assert!(!seat.home().join(".local").exists() && !seat.home().join(".cache").exists());
}

#[tokio::test]
async fn starting_with_the_desktop_follows_the_setting() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let file = seat.home().join(".config/autostart/dev.codexlab.tray.desktop");
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    app.tray().await.unwrap();
    assert!(!file.exists());

    seat.ask(Request::SetSettings { settings: Settings { autostart: true, ..Settings::default() } }).await;
    let entry = until("the autostart file", async || std::fs::read_to_string(&file).ok()).await.unwrap();
    assert!(entry.contains("codex-lab-desktop\" --hidden\n"), "{entry}");

    seat.ask(Request::SetSettings { settings: Settings::default() }).await;
    until("no autostart file", async || (!file.exists()).then_some(())).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_is_in_the_log_once() {
    let desktop = Desktop::bare().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    seat.ask(Request::SetSettings { settings: Settings { autostart: true, ..Settings::default() } }).await;
    let (no_folder, no_bus) = (seat.home().join("file"), "unix:path=/nowhere/bus".to_owned());
    std::fs::write(&no_folder, "").unwrap();
    let further = [("DBUS_SESSION_BUS_ADDRESS", no_bus), ("XDG_DATA_HOME", no_folder.display().to_string())];
    let app = desktop.app(seat.home(), seat.env().into_iter().chain(further)).start().await.unwrap();
    let file = seat.home().join(".config/autostart/dev.codexlab.tray.desktop");
    for name in ["backup", "main", "backup", "main"] {
        // Tried anew with everything that changes, since the other entry is still missing.
        until("the autostart file", async || std::fs::remove_file(&file).ok()).await.unwrap();
        seat.ask(Request::SwitchTo { profile: Some(seat.id(name)) }).await;
    }
    let log = std::fs::read_to_string(seat.home().join(".codex-lab/logs/desktop.log")).unwrap();
    for line in ["there is no tray", "starting with the desktop could not be set"] {
        assert_eq!(log.matches(line).count(), 1, "{line}:\n{log}");
    }
    drop(app);
}

#[tokio::test]
async fn an_unknown_argument_is_refused() {
    let desktop = Desktop::bare().await.unwrap();
    let seat = Seat::with(&[]).await;
    assert_eq!(desktop.app(seat.home(), seat.env()).argument("--hiden").run().await.unwrap().code(), Some(2));
    assert!(desktop.app(seat.home(), seat.env()).argument("--version").run().await.unwrap().success());
}

#[tokio::test]
async fn a_window_that_is_started_by_hand_says_so_and_waits_for_nobody() {
    let mut window = tokio::process::Command::new(programs::built("codex-lab-window").unwrap());
    // Nothing ever comes, and no end.
    let mut window = window.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let silent = window.stdin.take();
    let said = tokio::time::timeout(PATIENCE, window.wait_with_output()).await.unwrap().unwrap();
    let text = String::from_utf8([said.stdout, said.stderr].concat()).unwrap();
    assert!(said.status.code() == Some(2) && text.contains("Start `codex-lab-desktop`"), "{text}");
    drop(silent);
}
