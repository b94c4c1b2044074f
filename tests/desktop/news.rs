//! What is told of quota and logins, on a real notification server: each kind is seen, and its buttons do what they say.

use codex_lab_core::model::quota::Minutes;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, until};
use codex_lab_tests::login_ports::LoginPorts;

use crate::seat::Seat;

/// Four days, so that the reset is told with its weekday.
const DAYS: i64 = 4 * 24 * 60 * 60;

/// Starts the app at this seat, waits for so many notifications, and keeps a picture of them.
async fn pictured(seat: &Seat, picture: &str, count: usize) {
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    let dunst = desktop.dunst().await.unwrap();
    let _app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    until(picture, async || dunst.displayed().await.is_ok_and(|shown| shown == count).then_some(())).await.unwrap();
    desktop.screenshot(&Artefacts::of_this_test().unwrap().folder().join(format!("{picture}.png"))).await.unwrap();
}

#[tokio::test]
async fn a_low_profile_and_its_reset_are_shown() {
    let seat = Seat::with(&["main", "backup"]).await;
    seat.seen("main", Minutes::WEEK, 91.0, DAYS).await;
    pictured(&seat, "low", 1).await;
    seat.seen("main", Minutes::WEEK, 97.0, DAYS).await;
    pictured(&seat, "nearly-out", 1).await;
    seat.seen("backup", Minutes::FIVE_HOURS, 100.0, 15).await;
    // Out, and there again some seconds later.
    pictured(&seat, "reset", 2).await;
}

#[tokio::test]
async fn an_empty_profile_is_shown_and_a_click_switches_to_another() {
    let seat = Seat::with(&["main", "backup"]).await;
    seat.seen("main", Minutes::FIVE_HOURS, 100.0, 2 * 60 * 60).await;
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    let dunst = desktop.dunst().await.unwrap();
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    until("the notification", async || dunst.displayed().await.is_ok_and(|count| count == 1).then_some(())).await.unwrap();
    desktop.screenshot(&Artefacts::of_this_test().unwrap().folder().join("exhausted.png")).await.unwrap();
    assert_eq!(seat.live().as_deref(), Some("main"));
    dunst.choose("Switch to backup").await.unwrap();
    app.tray().await.unwrap().wait_for_checked("backup").await.unwrap();
}

#[tokio::test]
async fn all_empty_profiles_are_shown_as_one_notification() {
    let seat = Seat::with(&["main", "backup", "work"]).await;
    for (name, resets_in) in [("main", DAYS), ("backup", 9_000), ("work", DAYS)] {
        seat.seen(name, Minutes::WEEK, 100.0, resets_in).await;
    }
    pictured(&seat, "all-exhausted", 1).await;
}

#[tokio::test]
async fn a_lost_login_is_shown_and_a_click_signs_in_again() {
    let _ports = LoginPorts::claim().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    seat.lose_login("backup");
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    let dunst = desktop.dunst().await.unwrap();
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    until("the notification", async || dunst.displayed().await.is_ok_and(|count| count == 1).then_some(())).await.unwrap();
    desktop.screenshot(&Artefacts::of_this_test().unwrap().folder().join("needs-sign-in.png")).await.unwrap();
    dunst.choose("Sign in again").await.unwrap();
    app.wait_for_window().await.unwrap();
}

#[tokio::test]
async fn many_at_once_are_one_notification_and_nobody_is_named_where_that_is_not_wanted() {
    let names = ["main", "backup", "work", "a profile whose name is as long as names may be more or less", "spare", "old", "last"];
    let seat = Seat::with(&names).await;
    for name in &names[1..] {
        seat.seen(name, Minutes::WEEK, 90.0, DAYS).await;
    }
    pictured(&seat, "many", 1).await;
    seat.set(|settings| settings.private_notifications = true).await;
    seat.seen("main", Minutes::FIVE_HOURS, 100.0, 9_000).await;
    pictured(&seat, "private", 1).await;
}

#[tokio::test]
async fn each_is_told_once_whatever_is_restarted() {
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    desktop.add_notifications().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    seat.seen("main", Minutes::WEEK, 91.0, DAYS).await;
    let start = async || desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let app = start().await;
    let notice = desktop.notifications().wait_for("main is low on quota").await.unwrap();
    assert_eq!((notice.body.as_str().split(" left").next(), notice.urgent), (Some("9 % of its weekly limit is"), false));
    app.kill().await.unwrap();
    seat.seen("backup", Minutes::WEEK, 91.0, DAYS).await;
    let _app = start().await;
    desktop.notifications().wait_for("backup is low on quota").await.unwrap();
    assert_eq!(desktop.notifications().all().len(), 2);
}

#[tokio::test]
async fn a_desktop_without_a_notification_server_is_said_in_the_window() {
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("Nobody shows notifications").await.unwrap();
    desktop.screenshot(&Artefacts::of_this_test().unwrap().folder().join("no-server.png")).await.unwrap();
    seat.set(|settings| settings.notifications = false).await;
    until("the end of the problem", async || window.text().await.is_ok_and(|text| !text.contains("Nobody shows")).then_some(()))
        .await
        .unwrap();
}
