//! What is done with an account in the real window, each from the menu of its row to what the terminal and the disk say then.

use codex_lab_core::model::quota::Minutes;
use codex_lab_core::model::routing::Strategy;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, Window, until};
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::hand::{click, find, gone, heard, said, value, write};
use crate::keys::{focus, focused, key};
use crate::seat::Seat;
use crate::terminal;

const DAY: i64 = 24 * 60 * 60;
/// An hour and a little passes, as the page sees it.
const AN_HOUR_LATER: &str = "const now = Date.now.bind(Date); Date.now = () => now() + 3_660_000;";

/// Part of a profile's row, once it is there.
async fn part(window: &Window, name: &str, mark: &str) -> Element {
    let selector = format!("[data-test=profile][data-name={name}] [data-test={mark}]");
    until(&selector, async || window.find(Locator::Css(&selector)).await.ok()).await.unwrap()
}

/// Chooses from the menu of a profile's row.
async fn choose(window: &Window, name: &str, mark: &str) {
    window.press(&format!("More for {name}")).await.unwrap();
    click(window, mark).await;
}

/// Waits until the row says this state.
async fn stands(window: &Window, name: &str, state: &str) {
    let selector = format!("[data-test=profile][data-name={name}][data-state={state}]");
    until(&selector, async || window.find(Locator::Css(&selector)).await.ok()).await.unwrap();
}

/// A fact of a profile as the terminal has it.
async fn kept(seat: &Seat, name: &str, fact: &str) -> Value {
    terminal::profile(seat, name).await.unwrap().pointer(fact).unwrap().clone()
}

#[tokio::test]
async fn an_account_is_paused_and_drained_and_gets_no_session_meanwhile() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    seat.rule(|rules| rules.strategy = Strategy::Priority).await;
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();

    choose(&window, "main", "profile-menu-pause").await;
    stands(&window, "main", "paused").await;
    assert_eq!(kept(&seat, "main", "/state").await, "paused");
    let next = terminal::next(&seat, "/").await;
    assert_eq!((next.who.as_str(), next.of("main")), ("backup", &json!({"refused": ["paused"]})));
    desktop.screenshot(&artefacts.folder().join("paused.png")).await.unwrap();
    choose(&window, "main", "profile-menu-resume").await;
    stands(&window, "main", "ready").await;
    assert_eq!(terminal::next(&seat, "/").await.who, "main");

    choose(&window, "main", "profile-menu-drain").await;
    let chip = part(&window, "main", "profile-draining").await;
    assert_eq!(chip.text().await.unwrap(), "Draining");
    let next = terminal::next(&seat, "/").await;
    assert_eq!((next.who.as_str(), next.of("main")), ("backup", &json!({"refused": ["draining"]})));
    choose(&window, "main", "profile-menu-drain").await;
    gone(&window, "profile-draining").await;
    assert_eq!(terminal::next(&seat, "/").await.who, "main");

    // What is paused says so where it would be used, and comes back from there.
    choose(&window, "backup", "profile-menu-pause").await;
    window.press("Resume backup").await.unwrap();
    stands(&window, "backup", "ready").await;
    until("the button to use it, with the focus", async || (focus(&window).await.name == "Use backup").then_some(())).await.unwrap();
    assert_eq!(kept(&seat, "backup", "/state").await, "ready");
}

#[tokio::test]
async fn remarks_are_saved_shown_and_act_and_a_contradiction_is_refused_at_its_field() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    seat.rule(|rules| rules.strategy = Strategy::Priority).await;
    for name in ["main", "backup"] {
        seat.seen(name, Minutes::WEEK, 50.0, DAY).await;
    }
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();

    choose(&window, "main", "profile-menu-details").await;
    write(&window, "details-label", "Client A").await;
    write(&window, "details-note", "Ends in March.").await;
    click(&window, "details-colour-green").await;
    write(&window, "details-weight", "101").await;
    write(&window, "details-low", "20").await;
    write(&window, "details-critical", "30").await;
    window.wait_for_text("Critical (30 %) has to be below Low (20 %).").await.unwrap();
    window.wait_for_text("The weight is a whole number from 0 to 100.").await.unwrap();
    assert_eq!(find(&window, "details-weight").await.attr("aria-invalid").await.unwrap().as_deref(), Some("true"));
    assert!(!find(&window, "details-save").await.is_enabled().await.unwrap());
    desktop.screenshot(&artefacts.folder().join("refused.png")).await.unwrap();
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);
    write(&window, "details-weight", "40").await;
    write(&window, "details-low", "60").await;
    assert_eq!(said(&window, "details-order").await, "");
    click(&window, "details-save").await;
    gone(&window, "details-save").await;
    heard(&window, "Saved the details of main.").await;

    let row = part(&window, "main", "profile-label").await;
    assert_eq!(row.text().await.unwrap(), "Client A");
    assert_eq!(part(&window, "main", "profile-note").await.text().await.unwrap(), "Ends in March.");
    part(&window, "main", "profile-colour").await;
    let details = kept(&seat, "main", "/details").await;
    assert_eq!((&details["label"], &details["note"], &details["colour"]), (&json!("Client A"), &json!("Ends in March."), &json!("green")));
    assert_eq!((&details["weight"], &details["thresholds"]), (&json!(40), &json!({"low": 60, "critical": 30})));
    // Its own thresholds spare it where all others have the usual ones.
    let next = terminal::next(&seat, "/").await;
    assert_eq!((next.who.as_str(), &next.of("main")["eligible"]["rank"]), ("backup", &json!("spared")));
    desktop.screenshot(&artefacts.folder().join("saved.png")).await.unwrap();

    // They stand in the fields again, and a change that is not wanted stays away.
    choose(&window, "main", "profile-menu-details").await;
    assert_eq!([value(&window, "details-label").await, value(&window, "details-low").await], ["Client A", "60"]);
    write(&window, "details-label", "Client B").await;
    click(&window, "details-cancel").await;
    gone(&window, "details-label").await;
    assert_eq!(kept(&seat, "main", "/details/label").await, "Client A");
}

#[tokio::test]
async fn an_account_is_renamed_and_a_name_that_is_taken_is_refused_at_the_field() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();
    let folder = |name: &str| seat.lab_home().join("auth-profiles").join(name).join("auth.json");
    let login = std::fs::read(folder("backup")).unwrap();

    choose(&window, "backup", "profile-menu-rename").await;
    focused(&window, "name-field").await;
    write(&window, "name-field", "main").await;
    click(&window, "name-save").await;
    let refusal = until("the refusal", async || Some(said(&window, "name-error").await).filter(|said| !said.is_empty())).await.unwrap();
    assert!(refusal.contains("main"), "{refusal}");
    focused(&window, "name-field").await;
    assert_eq!(terminal::names(&seat).await, ["main", "backup"]);
    write(&window, "name-field", "second").await;
    key(&window, Key::Enter).await;
    part(&window, "second", "profile-name").await;
    assert_eq!(terminal::names(&seat).await, ["main", "second"]);
    assert_eq!(std::fs::read(folder("second")).unwrap(), login);
    assert!(!folder("backup").exists());
    // Escape keeps what was.
    choose(&window, "second", "profile-menu-rename").await;
    write(&window, "name-field", "third").await;
    key(&window, Key::Escape).await;
    gone(&window, "name-field").await;
    assert_eq!(terminal::names(&seat).await, ["main", "second"]);
}

#[tokio::test]
async fn what_was_removed_comes_back_with_its_login_until_its_time_is_over() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup", "work"]).await;
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();
    let login = seat.lab_home().join("auth-profiles/backup/auth.json");
    let before = std::fs::read(&login).unwrap();
    let remove = async || {
        choose(&window, "backup", "profile-menu-remove").await;
        click(&window, "remove-confirm").await;
        find(&window, "undo-remove-bar").await;
        assert_eq!(terminal::names(&seat).await, ["main", "work"]);
        assert!(!login.exists());
    };

    // Called off, nothing is removed.
    choose(&window, "backup", "profile-menu-remove").await;
    click(&window, "remove-cancel").await;
    gone(&window, "remove-cancel").await;
    assert_eq!(terminal::names(&seat).await, ["main", "backup", "work"]);

    remove().await;
    assert!(said(&window, "undo-remove-bar").await.starts_with("Removed backup"));
    desktop.screenshot(&artefacts.folder().join("removed.png")).await.unwrap();
    click(&window, "undo-remove").await;
    stands(&window, "backup", "ready").await;
    gone(&window, "undo-remove-bar").await;
    assert_eq!(terminal::names(&seat).await, ["main", "backup", "work"], "in its old place");
    assert_eq!(std::fs::read(&login).unwrap(), before);

    remove().await;
    window.execute(AN_HOUR_LATER, vec![]).await.unwrap();
    // Whatever happens next, the offer is over; the terminal still knows the way back.
    seat.set(|settings| settings.keep_alive = false).await;
    gone(&window, "undo-remove-bar").await;
    assert_eq!(terminal::names(&seat).await, ["main", "work"]);
    terminal::json(&seat, &["remove", "--undo"]).await;
    stands(&window, "backup", "ready").await;
    assert_eq!(std::fs::read(&login).unwrap(), before);
}
