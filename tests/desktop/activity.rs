//! What was done, as the window tells it: a switch and a fallback, narrowed, searched, and copied for elsewhere.

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::codex_cli::QUIET;
use codex_lab_tests::desktop::{Desktop, Window, until};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Sandbox, SandboxOptions, Script};
use fantoccini::Locator;
use fantoccini::key::Key;

use crate::fallback::exec;
use crate::hand::{click, find, gone, heard, value, write};
use crate::keys::press;
use crate::seat::Seat;

/// The kinds of the entries that are shown, each once.
const KINDS: &str =
    "return [...new Set([...document.querySelectorAll('[data-test=activity-entry]')].map((entry) => entry.dataset.kind))].sort();";

/// Waits until entries of these kinds are shown and no others.
async fn shown(window: &Window, kinds: &[&str]) {
    let expected = serde_json::json!(kinds);
    let narrowed = async || (window.execute(KINDS, vec![]).await.ok()? == expected).then_some(());
    until(&format!("entries of {kinds:?}"), narrowed).await.unwrap();
}

/// Opens the newest entry of a kind, and reads what is behind it.
async fn behind(window: &Window, what: &str) -> String {
    let entry = format!("[data-test=activity-entry][data-what={what}]");
    let entry = until(what, async || window.find(Locator::Css(&entry)).await.ok()).await.unwrap();
    entry.find(Locator::Css("summary")).await.unwrap().click().await.unwrap();
    let facts = until("what is behind it", async || entry.find(Locator::Css("dl")).await.ok()).await.unwrap();
    facts.text().await.unwrap()
}

#[tokio::test]
async fn a_switch_and_a_fallback_are_told_found_and_copied() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let seat = Seat::in_sandbox(&sandbox, &["main", "backup"]).await;
    std::fs::write(seat.codex_home().join("config.toml"), QUIET).unwrap();
    let desktop = Desktop::start().await.unwrap();
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), sandbox.env().into_iter().chain(seat.env())).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();
    sandbox.script(Script::always(Endpoint::Responses, Behaviour::status(402)).by("main"));
    assert!(exec(&seat, &sandbox).await.contains("hello from backup"));
    window.press("Use backup").await.unwrap();
    window.wait_for_text("Switched to backup").await.unwrap();

    window.press("Activity").await.unwrap();
    window.wait_for_text("backup stood in for main").await.unwrap();
    window.wait_for_text("Switched from main to backup").await.unwrap();
    let switch = behind(&window, "switched").await;
    for fact in ["From main", "To backup", "Why you asked for it"] {
        assert!(switch.contains(fact), "{fact:?} in {switch}");
    }
    let fallback = behind(&window, "fell_back").await;
    for fact in ["From main", "To backup", "refused it without a reason", "Until "] {
        assert!(fallback.contains(fact), "{fact:?} in {fallback}");
    }
    desktop.screenshot(&artefacts.folder().join("all.png")).await.unwrap();

    click(&window, "activity-kind-fallback").await;
    shown(&window, &["fallback"]).await;
    click(&window, "activity-kind-switch").await;
    shown(&window, &["fallback", "switch"]).await;
    write(&window, "activity-search", "stood in").await;
    shown(&window, &["fallback"]).await;
    write(&window, "activity-search", "nothing is called this").await;
    window.wait_for_text("Nothing like that has happened").await.unwrap();
    click(&window, "activity-clear").await;
    window.wait_for_text("Switched from main to backup").await.unwrap();
    click(&window, "activity-kind-fallback").await;
    shown(&window, &["fallback"]).await;
    click(&window, "activity-csv").await;
    heard(&window, "Copied.").await;

    // What was copied is there for any other field.
    window.press("Accounts").await.unwrap();
    click(&window, "add-account-menu").await;
    click(&window, "add-account-paste").await;
    find(&window, "paste-text").await.click().await.unwrap();
    press(&window, &[char::from(Key::Control), 'v']).await;
    let copied = until("the copy", async || Some(value(&window, "paste-text").await).filter(|text| !text.is_empty())).await.unwrap();
    let lines: Vec<_> = copied.trim().lines().collect();
    assert_eq!(lines[0], "at,kind,what,from,to,why,until,session,model,code");
    // One for each way that Codex tries to ask.
    assert!(lines.len() > 1 && lines[1..].iter().all(|line| line.contains(",fallback,fell_back,main,backup,")), "{copied}");
    click(&window, "dialog-close").await;
    gone(&window, "paste-text").await;
}
