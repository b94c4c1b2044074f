//! The tray: what it lists, and that a click does what it says.

use codex_lab_core::api::table::Request;
use codex_lab_tests::desktop::Desktop;

use crate::seat::Seat;

#[tokio::test]
async fn the_menu_lists_the_profiles_and_a_click_switches() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup", "work_2"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    assert_eq!(
        tray.menu().await.unwrap().to_string(),
        "- Codex uses main — plus\n---\n(x) main — plus\n( ) backup — plus\n( ) work_2 — plus\n( ) No login (sign out locally)\n---\n\
         [x] Auto routing\nPause >\n  [ ] main\n  [ ] backup\n  [ ] work_2\n---\nAdd account…\nUndo last switch (back to no login)\n---\nOpen Codex Lab\nQuit\n"
    );

    tray.click("backup").await.unwrap();
    let menu = tray.wait_for_checked("backup").await.unwrap();
    assert_eq!(seat.live().as_deref(), Some("backup"));
    assert!(menu.line("Undo last switch (back to main)").is_some(), "{menu}");
    assert!(menu.line("Codex uses backup — plus").is_some_and(|line| !line.enabled), "{menu}");

    tray.click("Undo last switch (back to main)").await.unwrap();
    tray.wait_for_checked("main").await.unwrap();
    assert_eq!(seat.live().as_deref(), Some("main"));
}

#[tokio::test]
async fn signing_out_locally_changes_the_icon_and_quitting_ends_the_app() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    let full = tray.picture().await.unwrap();
    for (width, height, pixels) in tray.pictures().await.unwrap() {
        assert_eq!(pixels.len(), usize::try_from(width * height * 4).unwrap());
    }

    tray.click("No login (sign out locally)").await.unwrap();
    tray.wait_for_checked("No login (sign out locally)").await.unwrap();
    assert_eq!(seat.live(), None);
    tray.wait_for_other_picture(&full).await.unwrap();

    tray.click("Quit").await.unwrap();
    assert!(app.end().await.unwrap().success());
}

#[tokio::test]
async fn a_refused_click_moves_no_mark_and_says_why() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    tray.wait_for_checked("main").await.unwrap();
    let before = seat.live();

    std::fs::write(seat.codex_home().join("config.toml"), "forced_login_method = \"api\"\n").unwrap();
    tray.click("backup").await.unwrap();
    let notice = desktop.notifications().wait_for("That did not work").await.unwrap();
    assert!(notice.body.contains("forced_login_method"), "{notice:?}");
    let menu = tray.wait_for("a settled menu", |menu| menu.line("backup").is_some_and(|line| line.checked == Some(false))).await.unwrap();
    assert!(menu.line("main").is_some_and(|line| line.checked == Some(true)), "{menu}");
    assert_eq!(seat.live(), before);
}

#[tokio::test]
async fn what_another_program_changes_is_in_the_menu_soon() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    assert!(tray.menu().await.unwrap().line("backup").is_none());

    seat.add("backup").await;
    tray.wait_for("the new profile", |menu| menu.line("backup").is_some()).await.unwrap();
    let profile = seat.id("backup");
    seat.ask(Request::SetPaused { profile, paused: true }).await;
    tray.wait_for("the paused profile", |menu| menu.line("backup — paused").is_some_and(|line| !line.enabled)).await.unwrap();
}

#[tokio::test]
async fn a_profile_is_paused_and_routing_held_in_the_menu_and_taken_back_there() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    let plain = tray.picture().await.unwrap();

    tray.click("Auto routing").await.unwrap();
    let menu = tray.wait_for("the held routing", |menu| menu.line("Auto routing (off)").is_some()).await.unwrap();
    assert!(menu.line("The gateway sends all to main alone").is_some_and(|line| !line.enabled), "{menu}");
    assert_eq!(seat.ask(Request::Snapshot).await.routing.force.unwrap().profile, seat.id("main"));
    tray.wait_for_other_picture(&plain).await.unwrap();
    tray.click("Auto routing (off)").await.unwrap();
    tray.wait_for("the strategy", |menu| menu.line("Auto routing").is_some_and(|line| line.checked == Some(true))).await.unwrap();
    assert_eq!(seat.ask(Request::Snapshot).await.routing.force, None);

    tray.click_in("Pause", "backup").await.unwrap();
    tray.wait_for("the paused profile", |menu| menu.line("backup — paused").is_some_and(|line| !line.enabled)).await.unwrap();
    tray.click_in("Pause", "backup").await.unwrap();
    tray.wait_for("the profile again", |menu| menu.line("backup — plus").is_some_and(|line| line.enabled)).await.unwrap();
}
