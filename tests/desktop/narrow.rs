//! The window at its narrowest, in German, drawn twice as large, and for those whom movement disturbs.

use codex_lab_core::model::quota::Minutes;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, Window, until};
use codex_lab_tests::login_ports::LoginPorts;
use fantoccini::key::Key;

use crate::hand::{click, find};
use crate::keys::press;
use crate::seat::{Seat, program};

/// The ways to the pages.
const PAGES: [&str; 5] = ["nav-accounts", "nav-usage", "nav-routing", "nav-activity", "nav-settings"];
/// Whether all of a page is there.
const READY: &str = "return document.querySelector('[aria-busy=true]') === null && document.querySelector('h1') !== null;";
/// Draws the page as if the window were so wide, which the desktop does not let it be.
const NARROWED: &str = "document.body.style.width = `${arguments[0]}px`;";
/// What goes over the edge of the page, is cut off within its control, or lies upon another control; and a way that takes two lines.
const SPOILT: &str = "const found = [];
    const name = (element) => `${element.tagName.toLowerCase()} \"${(element.ariaLabel || element.textContent || element.dataset.test || '').trim().slice(0, 40)}\"`;
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide in ${root.clientWidth}`);
    const shown = (element) => element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && element.closest('.unseen, [role=tooltip]') === null;
    const controls = [...document.querySelectorAll('button, a[href], input, select, textarea, summary')].filter(shown);
    for (const control of controls) {
        const box = control.getBoundingClientRect();
        if (box.left < -1 || box.right > root.clientWidth + 1) found.push(`over the edge: ${name(control)}`);
        if (control.matches('button, summary') && control.scrollWidth > control.clientWidth + 1) found.push(`cut off: ${name(control)}`);
    }
    // A field may hold more than it shows; controls in one another belong together.
    for (const [at, one] of controls.entries()) {
        const a = one.getBoundingClientRect();
        for (const other of controls.slice(at + 1)) {
            if (one.contains(other) || other.contains(one) || one.closest('.bars') !== other.closest('.bars') || one.closest('nav') !== other.closest('nav')) continue;
            const b = other.getBoundingClientRect();
            const [wide, high] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
            if (wide > 2 && high > 2) found.push(`${name(one)} and ${name(other)} lie upon each other`);
        }
    }
    for (const way of document.querySelectorAll('nav button')) {
        const line = parseFloat(getComputedStyle(way).lineHeight) || parseFloat(getComputedStyle(way).fontSize) * 1.45;
        const words = way.querySelector('span').getBoundingClientRect();
        if (words.height > line * 1.6) found.push(`in two lines: ${name(way)}`);
    }
    return found;";
/// How wide the page is, in its own pixels.
const WIDTH: &str = "return innerWidth;";
/// Animations that run, however short.
const MOVING: &str = "return document.getAnimations().length;";
/// Whether the page was told that its user wants no movement.
const STILL: &str = "return matchMedia('(prefers-reduced-motion: reduce)').matches;";

/// What is spoilt on any page. Keeps a picture of each.
async fn spoilt(desktop: &Desktop, window: &Window, called: &str) -> Vec<String> {
    let artefacts = Artefacts::of_this_test().unwrap();
    let mut found = Vec::new();
    for page in PAGES {
        click(window, page).await;
        until(page, async || window.execute(READY, vec![]).await.ok()?.as_bool()?.then_some(())).await.unwrap();
        desktop.screenshot(&artefacts.folder().join(format!("{called}-{page}.png"))).await.unwrap();
        let spoilt = window.execute(SPOILT, vec![]).await.unwrap();
        found.extend(spoilt.as_array().unwrap().iter().map(|spoilt| format!("{called}, {page}: {spoilt}")));
    }
    found
}

/// The variables of a system that speaks this language, which may not be installed on this one.
fn speaking(desktop: &Desktop, language: &str) -> [(&'static str, String); 3] {
    let languages = desktop.folder().join("languages");
    std::fs::create_dir_all(&languages).unwrap();
    let name = format!("{language}.UTF-8");
    let made = std::process::Command::new("localedef").args(["-i", language, "-f", "UTF-8"]).arg(languages.join(&name)).output().unwrap();
    assert!(languages.join(&name).join("LC_CTYPE").is_file(), "{made:?}");
    [("LOCPATH", languages.display().to_string()), ("LANG", name.clone()), ("LC_ALL", name)]
}

/// A user with something to show.
async fn seat() -> Seat {
    let seat = Seat::with(&["main", "backup", "a-rather-long-name-of-a-profile"]).await;
    for (name, used) in [("main", 38.0), ("backup", 100.0)] {
        seat.seen(name, Minutes::WEEK, used, 4 * 24 * 60 * 60).await;
        seat.seen(name, Minutes::FIVE_HOURS, used, 9_000).await;
    }
    seat
}

#[tokio::test]
async fn nothing_is_cut_off_in_a_narrow_window_in_either_language() {
    let mut found = Vec::new();
    for (language, called, accounts) in [("en_GB", "english", "Accounts"), ("de_DE", "german", "Konten")] {
        let (desktop, seat) = (Desktop::start().await.unwrap(), seat().await);
        let app = desktop.app(seat.home(), seat.env().into_iter().chain(speaking(&desktop, language))).start().await.unwrap();
        let window = app.window().await.unwrap();
        find(&window, "nav-accounts").await;
        window.wait_for_text(accounts).await.unwrap();
        // As narrow as the window goes, and the page within it narrower still.
        window.set_window_size(360, 780).await.unwrap();
        until("the narrow window", async || (window.execute(WIDTH, vec![]).await.ok()?.as_u64()? <= 416).then_some(())).await.unwrap();
        window.execute(NARROWED, vec![360.into()]).await.unwrap();
        found.extend(spoilt(&desktop, &window, called).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn keys_draw_it_twice_as_large_with_nothing_cut_off_and_so_it_stays() {
    let (desktop, seat) = (Desktop::start().await.unwrap(), seat().await);
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let tray = app.tray().await.unwrap();
    let window = app.window().await.unwrap();
    find(&window, "nav-accounts").await;
    let before = window.execute(WIDTH, vec![]).await.unwrap().as_u64().unwrap();
    for _ in 0..5 {
        press(&window, &[char::from(Key::Control), '+']).await;
    }
    let doubled = async |window: &Window| window.execute(WIDTH, vec![]).await.ok()?.as_u64()?.abs_diff(before / 2).le(&2).then_some(());
    until("everything twice as large", async || doubled(&window).await).await.unwrap();
    let found = spoilt(&desktop, &window, "doubled").await;
    assert!(found.is_empty(), "{}", found.join("\n"));

    drop(window);
    app.close_window().await.unwrap();
    tray.click("Open Codex Lab").await.unwrap();
    let window = app.window().await.unwrap();
    find(&window, "nav-accounts").await;
    until("the next window to be as large", async || doubled(&window).await).await.unwrap();
    press(&window, &[char::from(Key::Control), '0']).await;
    until("it as it was", async || (window.execute(WIDTH, vec![]).await.ok()?.as_u64()? == before).then_some(())).await.unwrap();
}

#[tokio::test]
async fn nothing_moves_for_who_wants_no_movement() {
    let _ports = LoginPorts::claim().await.unwrap();
    for still in [false, true] {
        let (desktop, seat) = (Desktop::start().await.unwrap(), seat().await);
        let settings = seat.home().join(".config/gtk-3.0");
        std::fs::create_dir_all(&settings).unwrap();
        let animations = format!("[Settings]\ngtk-enable-animations={}\n", i32::from(!still));
        std::fs::write(settings.join("settings.ini"), animations).unwrap();
        let browser = desktop.folder().join("browser");
        program(&browser, "#!/bin/sh\n");
        let browser = [("BROWSER", browser.display().to_string())];
        let app = desktop.app(seat.home(), seat.env().into_iter().chain(browser)).start().await.unwrap();
        let window = app.window().await.unwrap();
        click(&window, "add-account").await;
        find(&window, "sign-in-countdown").await;
        assert_eq!(window.execute(STILL, vec![]).await.unwrap(), still);
        // Else a dot beats while it waits, without end.
        let moving = window.execute(MOVING, vec![]).await.unwrap().as_u64().unwrap();
        assert_eq!(moving == 0, still, "{moving}");
    }
}
