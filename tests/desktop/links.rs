//! Links: whatever they ask for and however they come in, there is a question first, and without a click nothing happens.

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{App, Desktop, until};

use crate::seat::Seat;

const SWITCH: &str = "codex-lab://switch/backup";
const ASKED: &str = "A link asks to switch to backup";

#[tokio::test]
async fn a_link_asks_and_only_a_click_switches() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    app.tray().await.unwrap();

    // It comes as an argument, and over the bus to the one that runs.
    assert!(desktop.app(seat.home(), seat.env()).argument(SWITCH).run().await.unwrap().success());
    let window = app.window().await.unwrap();
    window.wait_for_text(ASKED).await.unwrap();
    desktop.screenshot(&Artefacts::of_this_test().unwrap().folder().join("link.png")).await.unwrap();
    let focused = "return document.activeElement.dataset.test;";
    assert_eq!(window.execute(focused, vec![]).await.unwrap(), "link-cancel");
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);
    window.press("Cancel").await.unwrap();
    until("the end of the question", async || (!window.text().await.ok()?.contains(ASKED)).then_some(())).await.unwrap();
    assert_eq!(seat.live().unwrap(), "main");

    // The window that is there asks, too.
    open(&desktop, &[SWITCH]).await;
    window.wait_for_text(ASKED).await.unwrap();
    assert_eq!(seat.live().unwrap(), "main");
    window.press("Switch").await.unwrap();
    until("the switch", async || (seat.live()? == "backup").then_some(())).await.unwrap();
}

#[tokio::test]
async fn a_link_that_starts_the_app_asks_as_well() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).argument("codex-lab://page/usage").start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("A link asks to show Usage").await.unwrap();
    window.press("Show").await.unwrap();
    window.wait_for_text("What was left of each account").await.unwrap();
}

#[tokio::test]
async fn a_link_that_nobody_knows_does_nothing_and_says_so() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    app.tray().await.unwrap();
    let long = format!("codex-lab://switch/{}", "x".repeat(100_000));
    for links in [&["codex-lab://remove/backup", SWITCH][..], &["codex-lab://switch/../backup"], &[&long], &["https://example.com/"]] {
        open(&desktop, links).await;
        say_nothing(&app).await;
    }
    // No link at all is no question either.
    open(&desktop, &[]).await;
    assert!(!app.has_window().await);
    assert_eq!(seat.live().unwrap(), "main");
}

async fn say_nothing(app: &App<'_>) {
    let window = app.window().await.unwrap();
    window.wait_for_text("A link asks for something that there is not").await.unwrap();
    drop(window);
    app.close_window().await.unwrap();
}

/// Opens links as a desktop does that knows the app by its name on the bus.
async fn open(desktop: &Desktop, links: &[&str]) {
    desktop.open_links("dev.codexlab.tray", "/dev/codexlab/tray", links).await.unwrap();
}
