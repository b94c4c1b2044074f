//! The menu on the bus is the menu of the view, line by line, in every state that a home can be in; and it changes without flicker.

use std::time::Duration;

use codex_lab_core::api::table::Request;
use codex_lab_core::model::quota::Minutes;
use codex_lab_core::model::routing::Force;
use codex_lab_core::model::snapshot::VaultMode;
use codex_lab_tests::desktop::{Desktop, Listening, Tray, TrayMenu, until};
use jiff::SignedDuration;

use crate::seat::Seat;

const FIVE_HOURS: i64 = 300;
/// How long a change is waited for before another one is made.
const NEXT_CHANGE: Duration = Duration::from_secs(5);
/// Long enough that nothing resets during a test, and that no minute ends between two looks that matter.
const LATER: i64 = 4 * 3_600;

/// The menu and the words at the icon become those of the view. `telling` is a line that shows that the state is the one that is meant.
async fn equals_the_view(tray: &Tray, seat: &Seat, telling: &str) {
    let expected = seat.tray().await;
    let text = expected.menu.to_string();
    assert!(text.lines().any(|line| line == telling), "{telling:?} in\n{text}");
    soon(tray, seat, &format!("what the view says\n{text}\ninstead of what is"), |menu| menu.to_string() == text).await;
    let told = async || tray.tip().await.is_ok_and(|tip| tip == expected.tip).then_some(());
    until(&format!("the words {:?} at the icon", expected.tip), told).await.unwrap();
}

/// Waits until the menu is as wanted. A change that is made before the app looks at files is seen with the next one.
async fn soon(tray: &Tray, seat: &Seat, what: &str, wanted: impl Fn(&TrayMenu) -> bool) {
    for _ in 0..3 {
        stir(seat).await;
        if tokio::time::timeout(NEXT_CHANGE, tray.wait_for(what, &wanted)).await.is_ok_and(|seen| seen.is_ok()) {
            return;
        }
    }
    tray.wait_for(what, wanted).await.unwrap();
}

/// The app looks at what others have seen every half minute; when a file changes, at once.
async fn stir(seat: &Seat) {
    seat.set(|settings| settings.keep_alive = !settings.keep_alive).await;
}

fn five_hours() -> Minutes {
    Minutes::of(FIVE_HOURS).unwrap()
}

#[tokio::test]
async fn the_menu_on_the_bus_is_the_menu_of_the_view_in_every_state() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&[]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    equals_the_view(&tray, &seat, "- Codex has no login").await;

    seat.sign_codex_in("stranger");
    equals_the_view(&tray, &seat, "- Codex uses stranger@example.com — plus, not kept here").await;

    for name in ["main", "backup", "work_2"] {
        seat.add(name).await;
    }
    let profile = Some(seat.id("main"));
    seat.ask(Request::SwitchTo { profile }).await;
    seat.seen("main", five_hours(), 38.0, LATER).await;
    seat.seen("main", Minutes::WEEK, 82.0, LATER).await;
    seat.seen("backup", five_hours(), 0.0, LATER).await;
    equals_the_view(&tray, &seat, "(x) main — 5h 62 % · week 18 % left").await;

    seat.seen("main", five_hours(), 100.0, LATER).await;
    seat.seen("backup", five_hours(), 100.0, LATER).await;
    let until = seat.now() + SignedDuration::from_secs(LATER);
    let used_up = seat.tray().await.menu.to_string().lines().filter(|line| line.contains("used up until")).count();
    assert_eq!(used_up, 3, "of the live profile on top too");
    equals_the_view(&tray, &seat, "[x] Auto routing").await;

    let force = Force { profile: seat.id("backup"), until: Some(until), strict: true };
    seat.rule(|rules| rules.force = Some(force)).await;
    equals_the_view(&tray, &seat, "- The gateway sends all to backup alone").await;

    let profile = seat.id("backup");
    seat.ask(Request::SetPaused { profile, paused: true }).await;
    equals_the_view(&tray, &seat, "- ( ) backup — paused").await;

    seat.set(|settings| settings.private_notifications = true).await;
    equals_the_view(&tray, &seat, "- ( ) Profile 2 — paused").await;

    for number in 5..=50 {
        seat.add(&format!("p{number}")).await;
    }
    equals_the_view(&tray, &seat, "  ( ) Profile 49 — plus").await;

    let passphrase = || Some("correct horse battery staple".to_owned().into());
    seat.ask(Request::MoveVault { to: VaultMode::Passphrase, passphrase: passphrase() }).await;
    seat.ask(Request::LockVault).await;
    equals_the_view(&tray, &seat, "The logins are locked…").await;
}

#[tokio::test]
async fn new_numbers_change_lines_and_leave_an_open_menu_as_it_is() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    seat.seen("main", five_hours(), 38.0, LATER).await;
    soon(&tray, &seat, "the first numbers", |menu| menu.line("main — 5h 62 % left").is_some()).await;

    let mut heard = tray.listen().await.unwrap();
    seat.seen("main", five_hours(), 51.0, LATER).await;
    // The app takes in the numbers of others every half minute, which is as long as is waited for anything.
    let fewer = async |heard: &mut Listening<'_>| heard.wait_for("new numbers", |menu| menu.line("main — 5h 49 % left").is_some()).await;
    let (menu, told) = match fewer(&mut heard).await {
        Ok(seen) => seen,
        Err(_) => fewer(&mut heard).await.unwrap(),
    };
    assert!(told.properties > 0 && told.layouts == 0, "{told:?}\n{menu}");

    // That this would have been seen: another profile is another line.
    let mut heard = tray.listen().await.unwrap();
    seat.add("work").await;
    let (menu, told) = heard.wait_for("another profile", |menu| menu.line("work").is_some()).await.unwrap();
    assert!(told.layouts > 0, "{told:?}\n{menu}");
}
