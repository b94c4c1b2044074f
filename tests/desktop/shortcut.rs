//! A key of the whole desktop that opens the window, asked for from a portal that does as the test says.

use codex_lab_tests::desktop::{Desktop, Portal, PortalAnswers, Window, until};
use fantoccini::Locator;

use crate::seat::Seat;

/// The line beside the setting, once it has these words.
async fn said(window: &Window, words: &str) {
    let what = format!("{words:?} beside the setting");
    let line = async || window.find(Locator::Css("[data-test=shortcut-state]")).await.ok()?.text().await.ok();
    until(&what, async || line().await.filter(|text| text.contains(words))).await.unwrap();
}

async fn settings_page(window: &Window) {
    window.wait_for_text("main").await.unwrap();
    window.press("Settings").await.unwrap();
    window.wait_for_text("A key that opens this window").await.unwrap();
}

/// Whether nothing more was asked while the app had time to: it has drawn what was switched after it.
fn asked_once(portal: &Portal) {
    let asked = portal.asked();
    assert_eq!((asked.sessions.len(), asked.bound.len(), asked.names.len()), (1, 1, 1), "{asked:?}");
}

#[tokio::test]
async fn the_key_that_the_desktop_gives_opens_the_window_until_it_is_switched_off() {
    let desktop = Desktop::start().await.unwrap();
    let portal = desktop.portal(PortalAnswers::Key).await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    app.tray().await.unwrap();
    assert_eq!(portal.asked().sessions.len(), 0, "off by default");

    seat.set(|settings| settings.shortcut = true).await;
    let asked = portal.wait_until("a key", |asked| !asked.bound.is_empty()).await.unwrap();
    assert_eq!(asked.names, ["dev.codexlab.tray"]);
    assert!(seat.home().join(".local/share/applications/dev.codexlab.tray.desktop").exists(), "whose name the desktop can look up");
    let (id, facts) = &asked.bound[0];
    assert_eq!(id, "open");
    let fact = |key: &str| facts.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
    assert_eq!((fact("description"), fact("preferred_trigger")), (Some("Open Codex Lab"), Some("LOGO+ALT+c")));

    // It may not have heard yet that it has the key.
    until("the window", async || {
        portal.press().await.unwrap();
        app.has_window().await.then_some(())
    })
    .await
    .unwrap();
    let window = app.window().await.unwrap();
    settings_page(&window).await;
    said(&window, "Super+Alt+C").await;
    portal.change_key("F9").await.unwrap();
    said(&window, "F9").await;
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);
    asked_once(&portal);

    window.click_mark("shortcut").await.unwrap();
    let asked = portal.wait_until("the end of the session", |asked| !asked.closed.is_empty()).await.unwrap();
    assert_eq!(asked.closed, asked.sessions);
    window.click_mark("shortcut").await.unwrap();
    portal.wait_until("another session", |asked| asked.bound.len() == 2).await.unwrap();
    said(&window, "Super+Alt+C").await;
}

#[tokio::test]
async fn a_portal_that_comes_later_or_comes_back_is_asked_anew() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    seat.set(|settings| settings.shortcut = true).await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    settings_page(&window).await;
    said(&window, "This desktop gives no keys to apps").await;
    said(&window, "docs/deep-links.md").await;
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);

    for _ in 0..2 {
        let portal = desktop.portal(PortalAnswers::Key).await.unwrap();
        portal.wait_until("a key", |asked| !asked.bound.is_empty()).await.unwrap();
        said(&window, "Super+Alt+C").await;
        asked_once(&portal);
        drop(portal);
        said(&window, "The desktop took the key back").await;
    }
}

#[tokio::test]
async fn a_portal_that_gives_nothing_is_told_beside_the_setting_and_the_app_lives() {
    for (answers, words) in [
        (PortalAnswers::No, "The desktop gave no key"),
        (PortalAnswers::Nonsense, "did not answer as it should"),
        (PortalAnswers::Never, "did not answer as it should"),
        (PortalAnswers::Nothing, "This desktop gives no keys to apps"),
    ] {
        let desktop = Desktop::start().await.unwrap();
        let portal = desktop.portal(answers).await.unwrap();
        let seat = Seat::with(&["main"]).await;
        seat.set(|settings| settings.shortcut = true).await;
        let mut app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
        let window = app.window().await.unwrap();
        settings_page(&window).await;
        said(&window, words).await;
        window.click_mark("shortcut").await.unwrap();
        until("no more words", async || window.find(Locator::Css("[data-test=shortcut-state]")).await.is_err().then_some(()))
            .await
            .unwrap();
        assert!(app.is_running().unwrap(), "{answers:?}");
        assert_eq!(portal.asked().bound.len(), usize::from(answers == PortalAnswers::No), "{answers:?}");
    }
}
