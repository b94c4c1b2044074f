//! The rules of routing in the real window: thresholds, one profile for everything, and folders; each from the field to whom a session
//! gets, and the decisions that are told afterwards.

use codex_lab_core::model::quota::Minutes;
use codex_lab_core::model::routing::Strategy;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::codex_cli::QUIET;
use codex_lab_tests::desktop::{App, Desktop, Window, until};
use codex_lab_tests::sandbox::{Sandbox, SandboxOptions};
use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::json;

use crate::hand::{click, find, gone, said, value, write};
use crate::seat::Seat;
use crate::terminal;

const DAY: i64 = 24 * 60 * 60;

/// The window on its page for routing.
async fn opened(app: &App<'_>) -> Window {
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();
    window.press("Routing").await.unwrap();
    find(&window, "next-who").await;
    window
}

async fn see(window: &Window, selector: &str) -> Element {
    until(selector, async || window.find(Locator::Css(selector)).await.ok()).await.unwrap()
}

#[tokio::test]
async fn thresholds_that_contradict_are_refused_at_the_field_and_good_ones_act_at_once() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    seat.seen("main", Minutes::WEEK, 50.0, DAY).await;
    seat.seen("backup", Minutes::WEEK, 20.0, 5 * DAY).await;
    seat.rule(|rules| rules.strategy = Strategy::SoonestReset).await;
    let before = terminal::json(&seat, &["route"]).await["routing"].clone();
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = opened(&app).await;
    assert!(said(&window, "next-who").await.starts_with("main: "));

    write(&window, "threshold-low", "60").await;
    write(&window, "threshold-critical", "70").await;
    let refusal = async || Some(said(&window, "thresholds-order").await).filter(|said| !said.is_empty());
    assert_eq!(until("the refusal", refusal).await.unwrap(), "Critical (70 %) has to be below Low (60 %).");
    let critical = find(&window, "threshold-critical").await;
    assert_eq!(critical.attr("aria-invalid").await.unwrap().as_deref(), Some("true"));
    let described = critical.attr("aria-describedby").await.unwrap().unwrap();
    let sentence = find(&window, "thresholds-order").await.attr("id").await.unwrap().unwrap();
    assert!(described.split(' ').any(|id| id == sentence), "{described} and {sentence}");
    assert!(!find(&window, "thresholds-save").await.is_enabled().await.unwrap());
    desktop.screenshot(&artefacts.folder().join("refused.png")).await.unwrap();
    assert_eq!(terminal::json(&seat, &["route"]).await["routing"], before);
    write(&window, "threshold-critical", "many").await;
    window.wait_for_text("Critical is a whole number from 0 to 99.").await.unwrap();

    // A good one acts: main, which starts anew first, is spared now.
    assert_eq!(terminal::next(&seat, "/").await.of("main")["eligible"]["rank"], "preferred");
    write(&window, "threshold-critical", "5").await;
    click(&window, "thresholds-save").await;
    until("the preview", async || said(&window, "next-who").await.starts_with("backup: ").then_some(())).await.unwrap();
    window.wait_for_text("Ready, but spared: below its low threshold.").await.unwrap();
    let next = terminal::next(&seat, "/").await;
    assert_eq!((next.who.as_str(), &next.of("main")["eligible"]["rank"]), ("backup", &json!("spared")));
    let after = terminal::json(&seat, &["route"]).await["routing"].clone();
    assert_eq!((&after["low"], &after["critical"]), (&json!(60), &json!(5)));
    assert_eq!([value(&window, "threshold-low").await, value(&window, "threshold-critical").await], ["60", "5"]);
    assert!(!find(&window, "thresholds-save").await.is_enabled().await.unwrap(), "nothing is left to save");
}

#[tokio::test]
async fn one_profile_gets_everything_for_a_while_and_the_decisions_tell_of_it() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let seat = Seat::in_sandbox(&sandbox, &["main", "backup", "work"]).await;
    std::fs::write(seat.codex_home().join("config.toml"), QUIET).unwrap();
    seat.rule(|rules| rules.strategy = Strategy::Priority).await;
    let desktop = Desktop::start().await.unwrap();
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), sandbox.env().into_iter().chain(seat.env())).start().await.unwrap();
    let window = opened(&app).await;
    window.wait_for_text("Nothing has come through the gateway yet.").await.unwrap();

    // On.
    find(&window, "force-profile").await.select_by_label("work").await.unwrap();
    find(&window, "force-span").await.select_by_label("8 hours").await.unwrap();
    click(&window, "force-strict").await;
    click(&window, "force-go").await;
    see(&window, "[data-test=force][data-on=true]").await;
    window.wait_for_text("Everything goes to work, and to nothing else").await.unwrap();
    let left = said(&window, "force-left").await;
    assert!(left.starts_with("for 7 h 59 min more, until ") || left.starts_with("for 8 h more, until "), "{left}");
    until("the preview", async || said(&window, "next-who").await.starts_with("work: it serves everything").then_some(())).await.unwrap();
    let next = terminal::next(&seat, "/").await;
    assert_eq!((next.who.as_str(), next.choice.as_str()), ("work", "forced"));
    assert!(terminal::exec(&seat, &sandbox, &[]).await.contains("hello from work"));
    desktop.screenshot(&artefacts.folder().join("forced.png")).await.unwrap();

    // It is said where the accounts are, and ended there.
    window.press("Accounts").await.unwrap();
    assert!(said(&window, "force-banner").await.contains("Everything goes to work"));
    click(&window, "force-banner-stop").await;
    gone(&window, "force-banner").await;
    assert_eq!(terminal::next(&seat, "/").await.who, "main");
    assert!(terminal::exec(&seat, &sandbox, &[]).await.contains("hello from main"));

    // Both are told, with what was found of everybody.
    window.press("Routing").await.unwrap();
    see(&window, "[data-test=force][data-on=false]").await;
    let told = async || {
        click(&window, "why-again").await;
        let decisions = window.find_all(Locator::Css("[data-test=decision]")).await.ok()?;
        (decisions.len() >= 2).then_some(decisions)
    };
    let decisions = until("both decisions", told).await.unwrap();
    let mut forced = Vec::new();
    for decision in &decisions {
        window.click(&decision.find(Locator::Css("summary")).await.unwrap()).await.unwrap();
        let text = decision.text().await.unwrap();
        let named = ["main", "backup", "work"].iter().all(|name| text.contains(name));
        assert!(named, "a verdict for each: {text}");
        forced.push(text.contains("Another account was named for this."));
    }
    // The newest is on top.
    assert!(!forced[0] && forced.last() == Some(&true), "{forced:?}");
    desktop.screenshot(&artefacts.folder().join("decisions.png")).await.unwrap();
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);

    // The session of the newest one is tied to who served it, as the terminal sees too, and untied.
    click(&window, "session-pin").await;
    let tied = see(&window, "p:has(> [data-test=session-unpin])").await;
    assert!(tied.text().await.unwrap().starts_with("This session is tied to main: it goes there, or waits."));
    let pins = terminal::json(&seat, &["sessions"]).await["pins"].clone();
    assert_eq!((pins.as_array().unwrap().len(), &pins[0]["profile"]), (1, &json!(seat.id("main"))));
    for (width, called) in [(1600, "tied-wide"), (360, "tied-narrow")] {
        window.set_window_size(width, 780).await.unwrap();
        let shown = "arguments[0].scrollIntoView({block: 'center'}); return innerWidth;";
        let resized = async || {
            let seen = window.execute(shown, vec![serde_json::to_value(&tied).ok()?]).await.ok()?.as_u64()?;
            (seen.abs_diff(width.into()) < 100).then_some(())
        };
        until(called, resized).await.unwrap();
        desktop.screenshot(&artefacts.folder().join(format!("{called}.png"))).await.unwrap();
    }
    click(&window, "session-unpin").await;
    gone(&window, "session-unpin").await;
    assert_eq!(terminal::json(&seat, &["sessions"]).await["pins"], json!([]));
}

#[tokio::test]
async fn a_folder_is_bound_to_a_profile_and_freed_again() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup", "work"]).await;
    seat.rule(|rules| rules.strategy = Strategy::Priority).await;
    let folder = seat.home().join("src/paid");
    std::fs::create_dir_all(folder.join("deep")).unwrap();
    let [folder, deep] = [folder.display().to_string(), folder.join("deep").display().to_string()];
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = opened(&app).await;
    window.wait_for_text("No folder is bound.").await.unwrap();

    click(&window, "folders-add").await;
    write(&window, "folders-name", "src/paid").await;
    see(&window, "[data-test=profile-check][data-name=work]").await.click().await.unwrap();
    assert!(!find(&window, "set-add").await.is_enabled().await.unwrap(), "half a path is none");
    write(&window, "folders-name", &folder).await;
    click(&window, "set-add").await;
    let row = see(&window, "[data-test=folders-row]").await;
    let said = row.text().await.unwrap();
    assert!(said.contains(&folder) && said.contains("work"), "{said}");
    let next = terminal::next(&seat, &deep).await;
    assert_eq!((next.who.as_str(), next.choice.as_str(), next.of("main")), ("work", "folder", &json!({"refused": ["not_in_folder_set"]})));
    assert_eq!(terminal::next(&seat, "/").await.who, "main", "elsewhere nothing has changed");
    desktop.screenshot(&artefacts.folder().join("bound.png")).await.unwrap();

    click(&window, "folders-remove").await;
    gone(&window, "folders-row").await;
    window.wait_for_text("No folder is bound.").await.unwrap();
    assert_eq!(terminal::next(&seat, &deep).await.who, "main");
}
