//! What the app leaves on the disk: nothing outside the two homes, and nothing secret in its log.

use std::path::Path;

use codex_lab_tests::desktop::Desktop;

use crate::seat::Seat;

#[tokio::test]
async fn nothing_is_left_outside_the_home_and_no_token_is_in_it_but_in_the_logins() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();
    drop(window);
    let tray = app.tray().await.unwrap();
    tray.click("backup").await.unwrap();
    tray.wait_for_checked("backup").await.unwrap();
    app.close_window().await.unwrap();
    tray.click("Quit").await.unwrap();
    assert!(app.end().await.unwrap().success());

    assert_eq!(names(seat.home()), [".codex", ".codex-lab"]);
    // The locks are the stock Codex's own.
    assert_eq!(names(&seat.codex_home()), ["auth.json", "auth.json.lock", "auth.lock"]);
    let log = std::fs::read_to_string(seat.lab_home().join("logs/desktop.log")).unwrap();
    assert!(log.contains("asked for"), "{log}");
    assert!(["at-", "rt-", "@example.com"].iter().all(|secret| !log.contains(secret)), "{log}");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
