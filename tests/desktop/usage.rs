//! The page for usage in the real web view: drawn, free of what axe finds, and readable without the chart.

use codex_lab_core::model::quota::Minutes;
use codex_lab_core::model::snapshot::Theme;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, until};
use fantoccini::Locator;
use fantoccini::key::Key;

use crate::seat::Seat;

/// How many pixels of the chart are not empty.
const PAINTED: &str = "const canvas = document.querySelector('[data-test=usage-chart] canvas');
    if (canvas === null || canvas.width === 0) return 0;
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) painted += 1;
    return painted;";
/// What has the focus: its mark for tests, or its kind.
const FOCUSED: &str = "return document.activeElement.dataset.test ?? document.activeElement.tagName;";

#[tokio::test]
async fn the_chart_is_painted_in_both_themes_and_axe_finds_nothing() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    for (name, used) in [("main", 38.0), ("main", 41.0), ("backup", 84.0)] {
        seat.seen(name, Minutes::WEEK, used, 4 * 24 * 60 * 60).await;
        seat.seen(name, Minutes::FIVE_HOURS, used / 2.0, 9_000).await;
    }
    let artefacts = Artefacts::of_this_test().unwrap();
    for (theme, picture) in [(Theme::Light, "light.png"), (Theme::Dark, "dark.png")] {
        seat.set(|settings| settings.theme = theme).await;
        let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
        let window = app.window().await.unwrap();
        window.press("Usage").await.unwrap();
        window.wait_for_text("What is left, in percent").await.unwrap();
        until("the chart", async || (window.execute(PAINTED, vec![]).await.ok()?.as_u64()? > 500).then_some(())).await.unwrap();
        desktop.screenshot(&artefacts.folder().join(picture)).await.unwrap();
        assert_eq!(window.found_by_axe().await.unwrap(), Vec::<String>::new(), "{theme:?}");
        app.kill().await.unwrap();
    }
}

#[tokio::test]
async fn the_tables_are_reached_by_keys_alone() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    for name in ["main", "backup"] {
        seat.seen(name, Minutes::WEEK, 38.0, 4 * 24 * 60 * 60).await;
    }
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.press("Usage").await.unwrap();
    window.wait_for_text("What is left, in percent").await.unwrap();
    let mut passed = Vec::new();
    while passed.last().is_none_or(|mark| mark != "usage-points") {
        assert!(passed.len() < 60, "{passed:?}");
        window.active_element().await.unwrap().send_keys(&Key::Tab.to_string()).await.unwrap();
        passed.push(window.execute(FOCUSED, vec![]).await.unwrap().as_str().unwrap().to_owned());
    }
    assert!(passed.iter().any(|mark| mark == "usage-show"), "which lines are drawn is chosen on the way: {passed:?}");
    window.active_element().await.unwrap().send_keys(&Key::Enter.to_string()).await.unwrap();
    let rows = window.find_all(Locator::Css("[data-test=usage-point]")).await.unwrap();
    assert!(!rows.is_empty() && rows[0].is_displayed().await.unwrap());
    let text = window.text().await.unwrap();
    assert!(text.contains("62 %"), "{text}");
}
