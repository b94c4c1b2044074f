//! A hand at the window: what it finds by the names that pages give their parts, what it types, and what it reads there.

use codex_lab_tests::desktop::{Window, until};
use fantoccini::Locator;
use fantoccini::elements::Element;

/// What has this mark, once it is there.
pub(crate) async fn find(window: &Window, mark: &str) -> Element {
    let selector = format!("[data-test='{mark}']");
    until(mark, async || window.find(Locator::Css(&selector)).await.ok()).await.unwrap()
}

/// Clicks it, once it is there.
pub(crate) async fn click(window: &Window, mark: &str) {
    find(window, mark).await;
    window.click_mark(mark).await.unwrap();
}

/// Types into it, in the place of what it holds.
pub(crate) async fn write(window: &Window, mark: &str, text: &str) {
    let field = find(window, mark).await;
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

/// What a field holds.
pub(crate) async fn value(window: &Window, mark: &str) -> String {
    find(window, mark).await.prop("value").await.unwrap().unwrap_or_default()
}

/// What it says.
pub(crate) async fn said(window: &Window, mark: &str) -> String {
    find(window, mark).await.text().await.unwrap()
}

/// Waits until a screen reader is given these words.
pub(crate) async fn heard(window: &Window, words: &str) {
    let announcer = find(window, "announcer").await;
    // Nobody sees them. The same words twice in a row end with a space.
    let spoken = async || announcer.prop("textContent").await.ok().flatten().filter(|text| text.trim() == words);
    until(&format!("{words:?} to be heard"), spoken).await.unwrap();
}

/// Waits until the page is without it.
pub(crate) async fn gone(window: &Window, mark: &str) {
    let selector = format!("[data-test='{mark}']");
    let is_gone = async || window.find_all(Locator::Css(&selector)).await.ok().filter(Vec::is_empty).map(drop);
    until(&format!("the end of {mark}"), is_gone).await.unwrap();
}
