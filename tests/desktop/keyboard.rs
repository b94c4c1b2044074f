//! The window by keys alone: who has no mouse signs in, switches and changes a setting, and always sees where the focus is.

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, until};
use codex_lab_tests::sandbox::{Choice, Sandbox, SandboxOptions};
use fantoccini::key::Key;

use crate::hand::{find, gone, said};
use crate::keys::{back_to, focus, focused, key, press, tab_to, write};
use crate::seat::Seat;

#[tokio::test]
async fn who_has_only_keys_signs_in_switches_and_changes_a_setting() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let seat = Seat::in_sandbox(&sandbox, &["main"]).await;
    let desktop = Desktop::start().await.unwrap();
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), sandbox.env().into_iter().chain(seat.env())).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("main").await.unwrap();

    // Signing in, with a device code.
    tab_to(&window, "add-account-menu").await;
    key(&window, Key::Enter).await;
    focused(&window, "add-account-device").await;
    key(&window, Key::Enter).await;
    let code = said(&window, "sign-in-code").await;
    let passed = tab_to(&window, "sign-in-cancel").await;
    for mark in ["sign-in-copy-code", "sign-in-open", "sign-in-copy"] {
        assert!(passed.iter().any(|at| at.mark == mark), "{mark} is on the way: {passed:?}");
    }
    desktop.screenshot(&artefacts.folder().join("code.png")).await.unwrap();
    let page = said(&window, "sign-in-link").await;
    sandbox.browser().unwrap().approve_device(&page, &code, &Choice::Account("work".to_owned())).await.unwrap();
    window.wait_for_text("Signed in as work@sandbox.example").await.unwrap();
    tab_to(&window, "sign-in-done-close").await;
    key(&window, Key::Enter).await;
    gone(&window, "sign-in-done").await;

    // Switching.
    let passed = tab_to(&window, "profile-use").await;
    assert_eq!(passed.last().unwrap().name, "Use work-business");
    key(&window, Key::Space).await;
    window.wait_for_text("Switched to work-business").await.unwrap();
    until("the row to keep the focus", async || Some(focus(&window).await).filter(|at| at.name == "More for work-business")).await.unwrap();
    desktop.screenshot(&artefacts.folder().join("switched.png")).await.unwrap();

    // A setting.
    back_to(&window, "nav-settings").await;
    key(&window, Key::Enter).await;
    let toggle = find(&window, "notifications").await;
    assert_eq!(toggle.attr("aria-checked").await.unwrap().as_deref(), Some("true"));
    tab_to(&window, "notifications").await;
    key(&window, Key::Space).await;
    let settings = seat.lab_home().join("config.toml");
    let kept = async || std::fs::read_to_string(&settings).ok().filter(|text| text.contains("notifications = false")).map(drop);
    until("the setting on the disk", kept).await.unwrap();
    assert_eq!(focus(&window).await.mark, "notifications", "what was changed keeps the focus");
    desktop.screenshot(&artefacts.folder().join("setting.png")).await.unwrap();
}

#[tokio::test]
async fn dialogs_and_menus_close_with_escape_and_give_the_focus_back() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();

    tab_to(&window, "profile-menu").await;
    key(&window, Key::Enter).await;
    focused(&window, "profile-menu-rename").await;
    key(&window, Key::Escape).await;
    focused(&window, "profile-menu").await;

    // Each dialog of the menu, and the ways to add an account.
    for (opener, item, first) in [
        ("profile-menu", "profile-menu-details", "details-label"),
        ("profile-menu", "profile-menu-remove", "remove-forget"),
        ("add-account-menu", "add-account-key", "key-field"),
        ("add-account-menu", "add-account-paste", "paste-text"),
    ] {
        if focus(&window).await.mark == opener {
            focus(&window).await
        } else {
            back_to(&window, opener).await.pop().unwrap()
        };
        key(&window, Key::Enter).await;
        for _ in 0..12 {
            if focus(&window).await.mark == item {
                break;
            }
            key(&window, Key::Down).await;
        }
        assert_eq!(focus(&window).await.mark, item);
        key(&window, Key::Enter).await;
        focused(&window, first).await;
        // Nothing behind it is reached; and what can be reached can be left again.
        for _ in 0..40 {
            key(&window, Key::Tab).await;
            let at = focus(&window).await;
            assert!(at.tag == "BODY" || at.modal && at.is_visible(), "{item}: {at:?}");
        }
        tab_to(&window, first).await;
        key(&window, Key::Escape).await;
        let at = focused(&window, opener).await;
        assert!(at.is_visible(), "{at:?}");
    }
}

#[tokio::test]
async fn an_account_is_moved_and_renamed_by_keys_and_tab_goes_round_the_page() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();

    tab_to(&window, "nav-accounts").await;
    let round = tab_to(&window, "nav-accounts").await;
    let places: Vec<_> = round.iter().map(|at| at.mark.as_str()).collect();
    let at = |mark: &str| places.iter().position(|place| *place == mark).unwrap_or_else(|| panic!("{mark} is not reached: {places:?}"));
    assert!(at("nav-usage") < at("nav-settings") && at("nav-settings") < at("add-account"), "{places:?}");
    assert!(at("add-account") < at("live-sign-out") && at("live-sign-out") < at("profile-handle"), "{places:?}");
    assert!(at("profile-handle") < at("profile-menu"), "{places:?}");
    // From top to bottom, but for what stands side by side.
    let page = &round[at("live-sign-out")..at("profile-menu")];
    for pair in page.windows(2) {
        assert!(pair[1].top > pair[0].top - 60.0, "{:?} comes after {:?}", pair[1], pair[0]);
    }

    tab_to(&window, "profile-handle").await;
    press(&window, &[char::from(Key::Alt), char::from(Key::Down)]).await;
    until("the move", async || Some(focus(&window).await).filter(|at| at.name == "Move main, position 2 of 2")).await.unwrap();
    key(&window, Key::F2).await;
    focused(&window, "name-field").await;
    press(&window, &[char::from(Key::Control), 'a']).await;
    write(&window, "mine").await;
    key(&window, Key::Enter).await;
    let named = async || Some(focus(&window).await).filter(|at| at.name == "Move mine, position 2 of 2" && at.is_visible());
    until("the new name", named).await.unwrap();
}
