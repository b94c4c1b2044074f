//! Notifications: what they say, and that their buttons do what they say.

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, until};

use crate::seat::Seat;

#[tokio::test]
async fn a_switch_is_announced_and_undone_from_its_notice() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();

    tray.click("backup").await.unwrap();
    let notice = desktop.notifications().wait_for("Codex now uses backup").await.unwrap();
    assert_eq!((notice.body.as_str(), notice.urgent), ("Before, it was main.", false));
    // The desktop file of the package, without its suffix.
    assert_eq!(notice.desktop_entry.as_deref(), Some("dev.codexlab.tray"));
    desktop.notifications().choose(&notice, "Undo").await.unwrap();
    tray.wait_for_checked("main").await.unwrap();
    assert_eq!(seat.live().as_deref(), Some("main"));
    desktop.notifications().wait_for("Codex now uses main").await.unwrap();
}

#[tokio::test]
async fn a_dismissed_notice_does_nothing() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();

    tray.click("backup").await.unwrap();
    let notice = desktop.notifications().wait_for("Codex now uses backup").await.unwrap();
    desktop.notifications().dismiss(&notice).await.unwrap();
    // The next click comes after whatever the dismissal could have caused.
    tray.click("No login (sign out locally)").await.unwrap();
    desktop.notifications().wait_for("Codex now has no login").await.unwrap();
    assert_eq!(desktop.notifications().all().len(), 2);
    assert!(!app.has_window().await);
}

#[tokio::test]
async fn a_click_beside_the_buttons_of_a_real_server_opens_the_window() {
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    let dunst = desktop.dunst().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    app.tray().await.unwrap().click("backup").await.unwrap();
    until("the notification", async || dunst.displayed().await.is_ok_and(|count| count == 1).then_some(())).await.unwrap();
    desktop.screenshot(&Artefacts::of_this_test().unwrap().folder().join("dunst.png")).await.unwrap();
    dunst.press().await.unwrap();
    app.wait_for_window().await.unwrap();
}

#[tokio::test]
async fn a_server_that_goes_away_takes_what_waits_for_it_along() {
    let mut desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    let mut waiting = Vec::new();
    // One more than can wait for an answer at the same time.
    for round in 0..9 {
        let name = ["backup", "main"][round % 2];
        tray.click(name).await.unwrap();
        waiting.push(desktop.notifications().wait_for_more(&format!("Codex now uses {name}"), round / 2).await.unwrap());
    }
    let last = waiting.pop().unwrap();
    assert!(last.actions.is_empty() && waiting.iter().all(|shown| !shown.actions.is_empty()), "{waiting:#?}");

    // The app borrows the desktop; what follows changes it.
    let app = app.detach();
    desktop.remove_notifications();
    for shown in &waiting {
        desktop.wait_until_forgotten(shown).await.unwrap();
    }
    desktop.add_notifications().await.unwrap();
    tray.click("main").await.unwrap();
    let notice = desktop.notifications().wait_for("Codex now uses main").await.unwrap();
    assert_eq!(notice.id, waiting[0].id, "the new server counts from the beginning");
    desktop.notifications().choose(&notice, "Undo").await.unwrap();
    desktop.notifications().wait_for("Codex now uses backup").await.unwrap();
    assert_eq!((desktop.notifications().all().len(), seat.live().as_deref()), (2, Some("backup")), "it was undone once");
    drop(app);
}

#[tokio::test]
async fn only_the_server_says_what_was_answered() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    tray.click("backup").await.unwrap();
    let notice = desktop.notifications().wait_for("Codex now uses backup").await.unwrap();
    let (undo, _) = notice.actions.iter().find(|(_, label)| label == "Undo").unwrap();
    desktop.pretend_to_choose(&notice, undo).await.unwrap();
    desktop.notifications().dismiss(&notice).await.unwrap();
    // The next click comes after whatever that could have caused.
    tray.click("No login (sign out locally)").await.unwrap();
    desktop.notifications().wait_for("Codex now has no login").await.unwrap();
    assert_eq!(desktop.notifications().all().len(), 2);
}

#[tokio::test]
async fn without_a_notification_server_everything_else_works() {
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    tray.click("backup").await.unwrap();
    tray.wait_for_checked("backup").await.unwrap();

    // What cannot be said in a notification brings the window.
    std::fs::write(seat.codex_home().join("config.toml"), "forced_login_method = \"api\"\n").unwrap();
    tray.click("main").await.unwrap();
    app.wait_for_window().await.unwrap();
}
