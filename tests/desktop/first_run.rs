//! The first run in the real window: from a login that Codex has, and one of another tool, to accounts that are ready.

use std::fs;
use std::time::Duration;

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, Window, until};
use codex_lab_tests::foreign_stores;
use fantoccini::Locator;
use fantoccini::elements::Element;
use tokio::time::Instant;

use crate::seat::Seat;

/// "Ready in under a minute" is a promise; the machine's part of it is far less.
const PROMISED: Duration = Duration::from_secs(60);

async fn find(window: &Window, selector: &str) -> Element {
    until(selector, async || window.find(Locator::Css(selector)).await.ok()).await.unwrap()
}

async fn boxes(window: &Window) -> Vec<Element> {
    find(window, "[data-test=find-item-take]").await;
    window.find_all(Locator::Css("[data-test=find-item-take]")).await.unwrap()
}

/// A home in which Codex has a login, and another tool has one too.
async fn fresh() -> Seat {
    let seat = Seat::fresh().await;
    seat.sign_codex_in("main");
    let theirs = seat.home().join(".local/share/opencode");
    fs::create_dir_all(&theirs).unwrap();
    fs::write(theirs.join("auth.json"), foreign_stores::store("opencode/auth.json").unwrap()).unwrap();
    seat
}

#[tokio::test]
async fn from_what_is_found_to_accounts_with_fallback_for_sessions() {
    let desktop = Desktop::start().await.unwrap();
    let seat = fresh().await;
    let artefacts = Artefacts::of_this_test().unwrap();
    let before = fs::read(seat.codex_home().join("auth.json")).unwrap();
    let begun = Instant::now();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    let told = window.wait_for_text("I understand, keep 1 login").await.unwrap();
    assert!(
        told.contains("main@example.com") && told.contains("OpenCode") && told.contains("neither sharing them nor getting round"),
        "{told}"
    );
    window.screenshot(&artefacts.folder().join("found.png")).await.unwrap();
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);

    // The other tool's login is left alone until the user wants it.
    let boxes = boxes(&window).await;
    assert_eq!(boxes.len(), 2);
    for each in &boxes {
        if !each.is_selected().await.unwrap() {
            each.clone().click().await.unwrap();
        }
    }
    window.click_mark("first-run-way-automatic").await.unwrap();
    window.press("I understand, keep 2 logins").await.unwrap();
    find(&window, "[data-page=accounts]").await;
    let told = window.wait_for_text("2 accounts").await.unwrap();
    assert!(told.contains("main@example.com") && told.contains("In use"), "{told}");
    assert!(begun.elapsed() < PROMISED);
    window.screenshot(&artefacts.folder().join("ready.png")).await.unwrap();

    let shown = seat.look().await;
    assert!(!shown.first_run && shown.profiles.len() == 2 && shown.live.profile.is_some(), "{shown:?}");
    assert_eq!(shown.routing.force, None, "a session may go on with another account");
    assert_eq!(fs::read(seat.codex_home().join("auth.json")).unwrap(), before, "Codex's own login is as it was");
}

#[tokio::test]
async fn the_safe_choice_lets_the_live_account_alone_serve() {
    let desktop = Desktop::start().await.unwrap();
    let seat = fresh().await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("I understand, keep 1 login").await.unwrap();
    window.press("I understand, keep 1 login").await.unwrap();
    find(&window, "[data-page=accounts]").await;
    let shown = seat.look().await;
    let force = shown.routing.force.clone().unwrap();
    assert_eq!((Some(&force.profile), force.strict, force.until), (shown.live.profile.as_ref(), true, None));
    assert!(fs::read_to_string(seat.lab_home().join("config.toml")).unwrap().contains("strict = true"));
}
