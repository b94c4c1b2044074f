//! Settings in the real window: changed by mouse and by keys, kept on the disk, refused at the field, and taken back.

use std::fs;

use codex_lab_core::model::snapshot::Settings;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, Window, until};
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;

use crate::seat::Seat;

async fn find(window: &Window, selector: &str) -> Element {
    until(selector, async || window.find(Locator::Css(selector)).await.ok()).await.unwrap()
}

/// Waits until the settings' file has this line, or has it no more.
async fn in_file(seat: &Seat, line: &str, is_there: bool) {
    let config = seat.lab_home().join("config.toml");
    let what = format!("{line:?} in config.toml to be {is_there}");
    until(&what, async || fs::read_to_string(&config).ok().filter(|text| text.lines().any(|it| it == line) == is_there)).await.unwrap();
}

/// What the page is marked with on top: its theme, its language.
async fn on_top(window: &Window, attribute: &str, wanted: Option<&str>) {
    let script = format!("return document.documentElement.getAttribute('{attribute}');");
    let what = format!("{attribute} to be {wanted:?}");
    until(&what, async || window.execute(&script, vec![]).await.ok().filter(|found| found.as_str() == wanted)).await.unwrap();
}

/// Puts a text in the place of what a field holds, with keys alone, and keeps it.
async fn type_anew(window: &Window, mark: &str, text: &str) {
    let field = find(window, &format!("[data-test={mark}]")).await;
    let (control, enter) = (char::from(Key::Control), char::from(Key::Enter));
    field.send_keys(&format!("{control}a{control}{text}{enter}")).await.unwrap();
}

#[tokio::test]
async fn values_are_changed_with_the_mouse_and_with_keys_and_a_bad_one_is_refused_at_its_field() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("main").await.unwrap();
    window.press("Settings").await.unwrap();
    window.wait_for_text("Default: As the system").await.unwrap();

    // The mouse.
    window.click_mark("theme-dark").await.unwrap();
    on_top(&window, "data-theme", Some("dark")).await;
    in_file(&seat, "theme = \"dark\"", true).await;
    // Keys: an arrow chooses the one before.
    find(&window, "[data-test=theme-dark]").await.send_keys(&char::from(Key::Left).to_string()).await.unwrap();
    on_top(&window, "data-theme", Some("light")).await;
    in_file(&seat, "theme = \"light\"", true).await;
    find(&window, "[data-test=autostart]").await.send_keys(" ").await.unwrap();
    in_file(&seat, "autostart = true", true).await;
    type_anew(&window, "background-budget", "300").await;
    in_file(&seat, "background_budget = 300", true).await;

    // A bad one stays in its field, with the sentence beside it, and out of the file.
    type_anew(&window, "background-budget", "5").await;
    window.wait_for_text("This setting can be: 16 to 1000, in requests per profile and day.").await.unwrap();
    let field = find(&window, "[data-test=background-budget]").await;
    assert_eq!(field.attr("aria-invalid").await.unwrap().as_deref(), Some("true"));
    assert_eq!(field.prop("value").await.unwrap().as_deref(), Some("5"));
    in_file(&seat, "background_budget = 300", true).await;
    window.screenshot(&artefacts.folder().join("refused.png")).await.unwrap();
    type_anew(&window, "background-budget", "301").await;
    in_file(&seat, "background_budget = 301", true).await;
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);

    // The way back.
    find(&window, "[data-test=setting-reset][data-setting=theme]").await;
    window.press("Reset to default: Appearance").await.unwrap();
    on_top(&window, "data-theme", None).await;
    in_file(&seat, "theme = \"light\"", false).await;

    // The language, at once.
    window.click_mark("language-de").await.unwrap();
    window.wait_for_text("Einstellungen").await.unwrap();
    on_top(&window, "lang", Some("de")).await;
    in_file(&seat, "language = \"de\"", true).await;
    drop(window);
    app.kill().await.unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("Konten").await.unwrap();
}

#[tokio::test]
async fn what_the_environment_sets_is_said_and_cannot_be_changed_here() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let env = seat.env().into_iter().chain([("CODEX_LAB_THEME", "dark".to_owned()), ("CODEX_LAB_LANGUAGE", "en".to_owned())]);
    let app = desktop.app(seat.home(), env).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("main").await.unwrap();
    on_top(&window, "data-theme", Some("dark")).await;
    window.press("Settings").await.unwrap();
    window.wait_for_text("Set by the environment (CODEX_LAB_THEME), so not here.").await.unwrap();
    assert!(!find(&window, "[data-test=theme-light]").await.is_enabled().await.unwrap());
    let settings = serde_json::to_value(Settings::default()).unwrap();
    let refused = window
        .call("rpc", &serde_json::json!({"request": {"method": "set_settings", "params": {"settings": settings}}}))
        .await
        .unwrap_err();
    assert!(refused.contains("not_possible_now") && refused.contains("CODEX_LAB_"), "{refused}");
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);
    in_file(&seat, "theme = \"dark\"", false).await;
}
