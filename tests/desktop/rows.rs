//! The list of accounts in the real window: its order by mouse and by keys, search and sort, what a row says of its quota, and the
//! sessions that run on it.

use std::process::Stdio;

use codex_lab_core::model::quota::Minutes;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, Window, until};
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use tokio::process::{Child, Command};

use crate::hand::{click, find, gone, heard, said, write};
use crate::keys::{focus, focused, key, press, tab_to};
use crate::mouse::{Place, drop, hold, point};
use crate::seat::Seat;
use crate::terminal;

const HOUR: i64 = 60 * 60;
/// The names of the rows, from top to bottom.
const NAMES: &str = "return [...document.querySelectorAll('[data-test=profile]')].map((row) => row.dataset.name);";
/// How many rows have gone out of the way of the one in the hand.
const MOVED: &str = "return document.getAnimations().length === 0 && document.querySelectorAll('li.moving:not(.held)').length;";
/// Whether something can be seen.
const SEEN: &str = "return arguments[0].checkVisibility({checkOpacity: true, checkVisibilityCSS: true});";

/// Waits until the rows stand in this order.
async fn shown(window: &Window, names: &[&str]) {
    let expected = serde_json::json!(names);
    until(&format!("rows of {names:?}"), async || (window.execute(NAMES, vec![]).await.ok()? == expected).then_some(())).await.unwrap();
}

/// Part of a profile's row.
async fn part(window: &Window, name: &str, mark: &str) -> Element {
    let selector = format!("[data-test=profile][data-name={name}] [data-test={mark}]");
    until(&selector, async || window.find(Locator::Css(&selector)).await.ok()).await.unwrap()
}

#[tokio::test]
async fn a_row_is_dragged_and_moved_by_keys_and_stays_there() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup", "work"]).await;
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    shown(&window, &["main", "backup", "work"]).await;

    // The mouse, over two rows.
    let handle = part(&window, "main", "profile-handle").await;
    let row = window.find(Locator::Css("[data-test=profile]")).await.unwrap();
    let height = Place::of(&window, &row).await.height;
    let (x, y) = Place::of(&window, &handle).await.middle();
    hold(&window, (x, y)).await;
    point(&window, (x, y + height * 0.7)).await;
    point(&window, (x, y + height * 2.0)).await;
    until("the others to make room", async || (window.execute(MOVED, vec![]).await.ok()? == 2).then_some(())).await.unwrap();
    desktop.screenshot(&artefacts.folder().join("dragged.png")).await.unwrap();
    drop(&window, (x, y + height * 2.0)).await;
    shown(&window, &["backup", "work", "main"]).await;
    until("the order to be kept", async || (terminal::names(&seat).await == ["backup", "work", "main"]).then_some(())).await.unwrap();
    heard(&window, "main is now at position 3 of 3.").await;

    // Escape puts it back where it was.
    let (x, y) = Place::of(&window, &part(&window, "main", "profile-handle").await).await.middle();
    hold(&window, (x, y)).await;
    point(&window, (x, y - height * 2.0)).await;
    until("the row in the hand", async || window.find(Locator::Css("li.held[data-name=main]")).await.ok()).await.unwrap();
    key(&window, Key::Escape).await;
    drop(&window, (x, y - height * 2.0)).await;
    shown(&window, &["backup", "work", "main"]).await;
    assert!(window.find(Locator::Css("li.held")).await.is_err());

    // Keys, and the menu.
    part(&window, "main", "profile-handle").await.click().await.unwrap();
    press(&window, &[char::from(Key::Alt), char::from(Key::Up)]).await;
    shown(&window, &["backup", "main", "work"]).await;
    until("the focus to go with it", async || (focus(&window).await.name == "Move main, position 2 of 3").then_some(())).await.unwrap();
    window.press("More for main").await.unwrap();
    click(&window, "profile-menu-up").await;
    shown(&window, &["main", "backup", "work"]).await;
    until("the order to be kept", async || (terminal::names(&seat).await == ["main", "backup", "work"]).then_some(())).await.unwrap();
}

#[tokio::test]
async fn from_eight_accounts_on_they_are_searched_and_sorted() {
    const NAMES: [&str; 8] = ["main", "delta", "charlie", "bravo", "golf", "echo", "hotel", "foxtrot"];
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&NAMES[..7]).await;
    for (name, used) in [("golf", 5.0), ("main", 90.0), ("echo", 50.0)] {
        seat.seen(name, Minutes::WEEK, used, 30 * HOUR).await;
    }
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    shown(&window, &NAMES[..7]).await;
    gone(&window, "find-field").await;
    seat.add("foxtrot").await;
    find(&window, "find-field").await;
    shown(&window, &NAMES).await;

    // The slash key comes to the search from anywhere.
    press(&window, &['/']).await;
    focused(&window, "find-field").await;
    write(&window, "find-field", "ECHO").await;
    shown(&window, &["echo"]).await;
    assert_eq!(said(&window, "find-hits").await, "1 of 8 accounts");
    write(&window, "find-field", "el example").await;
    shown(&window, &["delta", "hotel"]).await;
    // While it is searched, nothing is moved.
    part(&window, "hotel", "profile-handle").await.click().await.unwrap();
    press(&window, &[char::from(Key::Alt), char::from(Key::Up)]).await;
    heard(&window, "To move an account, choose “My order” and clear the search.").await;
    write(&window, "find-field", "nobody").await;
    window.wait_for_text("No account has all of these words.").await.unwrap();
    key(&window, Key::Escape).await;
    shown(&window, &NAMES).await;

    find(&window, "find-sort").await.select_by_value("name").await.unwrap();
    shown(&window, &["bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "main"]).await;
    find(&window, "find-sort").await.select_by_value("left").await.unwrap();
    shown(&window, &["golf", "echo", "main", "delta", "charlie", "bravo", "hotel", "foxtrot"]).await;
    // The sort is of this look alone.
    assert_eq!(terminal::names(&seat).await, NAMES);
    find(&window, "find-sort").await.select_by_value("own").await.unwrap();
    shown(&window, &NAMES).await;
}

#[tokio::test]
async fn a_row_counts_down_and_says_how_old_its_numbers_are_to_who_asks() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    seat.seen("main", Minutes::FIVE_HOURS, 38.0, 2 * HOUR + 30 * 60).await;
    seat.seen("main", Minutes::WEEK, 84.0, 4 * 24 * HOUR).await;
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("62 %").await.unwrap();

    let meters = window.find_all(Locator::Css("[data-name=main] [data-test=meter]")).await.unwrap();
    let mut texts = Vec::new();
    for meter in &meters {
        texts.push(meter.attr("aria-valuetext").await.unwrap().unwrap());
    }
    assert!(texts[0].starts_with("62 % left, resets ") && texts[0].ends_with(", in 2 h 30 min"), "{texts:?}");
    assert!(texts[1].starts_with("16 % left, resets ") && texts[1].ends_with(", in 4 d"), "{texts:?}");

    // By keys, and away again.
    let more = part(&window, "main", "quota-more").await;
    let is_seen = async |wanted: bool| {
        let seen = async || (window.execute(SEEN, vec![serde_json::to_value(&more).unwrap()]).await.ok()? == wanted).then_some(());
        until(&format!("the age of the numbers to be seen: {wanted}"), seen).await.unwrap();
    };
    is_seen(false).await;
    // The first one is that of the live login, on top.
    for _ in 0..2 {
        tab_to(&window, "quota").await;
    }
    is_seen(true).await;
    // The driver may still hold it for unseen, of which it tells no text.
    let told = async || more.text().await.ok().filter(|told| !told.is_empty());
    let told = until("what is told of the numbers", told).await.unwrap();
    assert!(
        told.contains("5 hours: 62 % left") && told.contains("Week: 16 % left") && told.contains(" ago, in an answer of OpenAI."),
        "{told}"
    );
    desktop.screenshot(&artefacts.folder().join("asked.png")).await.unwrap();
    key(&window, Key::Escape).await;
    is_seen(false).await;
    // By the mouse.
    let quota = part(&window, "main", "quota").await;
    point(&window, Place::of(&window, &quota).await.middle()).await;
    is_seen(true).await;
    // Of which nothing is known, that is said.
    assert_eq!(part(&window, "backup", "quota").await.text().await.unwrap(), "No quota reading yet");
}

/// A process that looks like Codex, and does nothing until it is killed.
fn codex(seat: &Seat, words: &[&str]) -> Child {
    let program = seat.home().join("bin/codex");
    if !program.exists() {
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        // A shell takes `-c` as Codex does, with a word after it, and leaves what follows alone.
        std::fs::copy("/bin/sh", &program).unwrap();
    }
    let mut command = Command::new(program);
    command.args(["-c", "read line"]).args(words).env_clear().env("HOME", seat.home()).current_dir(seat.home());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
}

#[tokio::test]
async fn sessions_stand_in_their_row_and_go_on_or_follow_as_is_chosen() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    // The codex that is asked to restart the daemon says what it was asked.
    let asked = seat.home().join("asked");
    let answer = r#"{"status":"restarted","pid":1}"#;
    seat.put_codex(&format!("#!/bin/sh\necho \"$*\" >> '{}'\necho '{answer}'\n", asked.display()));
    let artefacts = Artefacts::of_this_test().unwrap();
    let mut running = vec![codex(&seat, &["app-server", "--listen", "unix:/nowhere"]), codex(&seat, &[]), codex(&seat, &["exec"])];
    let pids: Vec<u32> = running.iter().map(|process| process.id().unwrap()).collect();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    assert_eq!(part(&window, "main", "profile-sessions").await.text().await.unwrap(), "3 sessions");
    let chosen = async |pid: u32| {
        let told = terminal::json(&seat, &["sessions"]).await;
        told["sessions"].as_array().unwrap().iter().any(|session| session["pid"] == pid)
    };
    assert!(chosen(pids[0]).await && chosen(pids[2]).await, "the terminal sees them too");

    // On the live login there is nothing to choose.
    click(&window, "profile-sessions").await;
    find(&window, "sessions-of").await;
    window.wait_for_text("Sessions on main").await.unwrap();
    gone(&window, "session-when-idle").await;
    click(&window, "dialog-close").await;
    gone(&window, "sessions-of").await;

    // After a switch there is, for each what is possible.
    window.press("Use backup").await.unwrap();
    window.wait_for_text("Switched to backup").await.unwrap();
    assert_eq!(part(&window, "main", "profile-sessions").await.text().await.unwrap(), "3 sessions", "they stay on main");
    click(&window, "profile-sessions").await;
    let choice = async |pid: u32, mark: &str| {
        let selector = format!("[data-test=sessions-of] [data-pid='{pid}'] [data-test={mark}]");
        window.find_all(Locator::Css(&selector)).await.unwrap().pop()
    };
    until("the choices", async || choice(pids[2], "session-leave").await).await.unwrap();
    assert!(choice(pids[2], "session-restart").await.is_none(), "nobody can restart what is not the daemon's");
    choice(pids[2], "session-when-idle").await.unwrap().click().await.unwrap();
    window.wait_for_text("Follows as soon as it is not working on anything.").await.unwrap();
    let pressed = async || choice(pids[2], "session-when-idle").await?.attr("aria-pressed").await.ok()?.filter(|pressed| pressed == "true");
    until("the choice", pressed).await.unwrap();
    desktop.screenshot(&artefacts.folder().join("choices.png")).await.unwrap();
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);
    assert!(!asked.exists(), "nothing was restarted so far");
    choice(pids[1], "session-restart").await.unwrap().click().await.unwrap();
    let restarted = async || std::fs::read_to_string(&asked).ok().filter(|asked| asked == "app-server daemon restart\n");
    until("the restart", restarted).await.unwrap();

    // Those that end leave the row.
    for process in &mut running {
        process.kill().await.unwrap();
    }
    seat.set(|settings| settings.keep_alive = false).await;
    window.wait_for_text("No session runs on this account any more.").await.unwrap();
    click(&window, "dialog-close").await;
    gone(&window, "profile-sessions").await;
}
