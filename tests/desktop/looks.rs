//! Every page as it is read and touched: contrast and names by axe, sizes as the web view computes them, in both themes.

use codex_lab_core::model::quota::Minutes;
use codex_lab_core::model::snapshot::Theme;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, until};
use serde_json::Value;

use crate::seat::Seat;

/// The pages, by their names.
const PAGES: [&str; 5] = ["Accounts", "Usage", "Routing", "Activity", "Settings"];
/// What the page is called, once all of it is there.
const HEADING: &str =
    "return document.querySelector('[aria-busy=true]') === null ? document.querySelector('h1')?.textContent.trim() : null;";
/// Text smaller than 12 px, and controls lower than 36 px that are no text themselves; boxes to tick have their label to hit.
const TOO_SMALL: &str = "const found = [];
    const seen = (element) => element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && element.getClientRects().length > 0;
    const name = (element) => `${element.tagName.toLowerCase()}.${element.className} \"${(element.textContent || element.ariaLabel || '').trim().slice(0, 30)}\"`;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (texts.currentNode.textContent.trim() === '' || !seen(element)) continue;
        const size = parseFloat(getComputedStyle(element).fontSize);
        if (size < 12) found.push(`text of ${size} px: ${name(element)}`);
    }
    for (const control of document.querySelectorAll('button, select, input, textarea, [role=button], [role=switch], summary')) {
        if (!seen(control)) continue;
        const {width, height} = control.getBoundingClientRect();
        const isTicked = ['checkbox', 'radio', 'range'].includes(control.type);
        const {height: label} = (isTicked ? control.closest('label') ?? control : control).getBoundingClientRect();
        if (label < (isTicked ? 24 : 36) || width < 16) found.push(`a control of ${width} by ${height} px: ${name(control)}`);
    }
    return found;";
/// Reaches for everything a page could reach for; what came of each.
const REACHING: &str = "const [address, done] = arguments;
    const tries = {
        fetch: () => fetch(`http://${address}/fetch`).then(() => 'reached'),
        socket: () => new Promise((resolve) => {
            const socket = new WebSocket(`ws://${address}/socket`);
            socket.onopen = () => resolve('reached');
            socket.onerror = () => resolve('refused');
        }),
        picture: () => new Promise((resolve) => {
            const picture = new Image();
            picture.onload = () => resolve('reached');
            picture.onerror = () => resolve('refused');
            picture.src = `http://${address}/picture.png`;
        }),
        frame: async () => {
            const frame = document.createElement('iframe');
            frame.src = `http://${address}/frame`;
            document.body.append(frame);
            return 'refused';
        },
        style: () => new Promise((resolve) => {
            const style = document.createElement('link');
            style.rel = 'stylesheet';
            style.onload = () => resolve('reached');
            style.onerror = () => resolve('refused');
            style.href = `http://${address}/style.css`;
            document.head.append(style);
        }),
        script: () => new Promise((resolve) => {
            const script = document.createElement('script');
            script.onload = () => resolve('reached');
            script.onerror = () => resolve('refused');
            script.src = `http://${address}/script.js`;
            document.head.append(script);
        }),
        inline: async () => {
            const script = document.createElement('script');
            script.textContent = 'window.inline_script_ran = true;';
            document.head.append(script);
            return window.inline_script_ran ? 'reached' : 'refused';
        },
        form: async () => {
            const form = document.createElement('form');
            form.action = `http://${address}/form`;
            document.body.append(form);
            form.submit();
            return 'refused';
        },
        beacon: async () => (navigator.sendBeacon(`http://${address}/beacon`, 'x'), 'refused'),
        open: async () => (window.open(`http://${address}/open`) ? 'reached' : 'refused'),
        leave: async () => (location.assign(`http://${address}/leave`), 'refused'),
    };
    (async () => {
        const came = {};
        for (const [name, attempt] of Object.entries(tries)) {
            came[name] = await attempt().catch(() => 'refused');
        }
        done(came);
    })();";

#[tokio::test]
async fn every_page_is_free_of_what_axe_finds_and_large_enough() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup", "work"]).await;
    for (name, used) in [("main", 38.0), ("backup", 84.0), ("work", 100.0)] {
        seat.seen(name, Minutes::WEEK, used, 4 * 24 * 60 * 60).await;
        seat.seen(name, Minutes::FIVE_HOURS, used, 9_000).await;
    }
    let artefacts = Artefacts::of_this_test().unwrap();
    let mut found = Vec::new();
    for theme in [Theme::Light, Theme::Dark] {
        seat.set(|settings| settings.theme = theme).await;
        let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
        let window = app.window().await.unwrap();
        for page in PAGES {
            window.press(page).await.unwrap();
            let shown = async || (window.execute(HEADING, vec![]).await.ok()?.as_str()? == page).then_some(());
            until(&format!("the page {page}"), shown).await.unwrap();
            window.screenshot(&artefacts.folder().join(format!("{page}-{theme:?}.png").to_lowercase())).await.unwrap();
            let broken = window.found_by_axe().await.unwrap();
            let small = window.execute(TOO_SMALL, vec![]).await.unwrap();
            found.extend(broken.into_iter().map(|broken| format!("{page}, {theme:?}: {broken}")));
            found.extend(small.as_array().unwrap().iter().map(|small| format!("{page}, {theme:?}: {small}")));
        }
        app.kill().await.unwrap();
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn a_page_reaches_nothing_but_its_commands() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main"]).await;
    let outside = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = outside.local_addr().unwrap().to_string();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("main").await.unwrap();
    let before = window.current_url().await.unwrap();

    let came = tokio::select! {
        came = window.execute_async(REACHING, vec![Value::from(address)]) => came.unwrap(),
        reached = outside.accept() => panic!("somebody came out: {reached:?}"),
    };
    let came = came.as_object().unwrap();
    assert!(came.len() == 11 && came.values().all(|what| what == "refused"), "{came:?}");
    // The page is still ours, and works.
    until("the page as it was", async || (window.current_url().await.ok()? == before).then_some(())).await.unwrap();
    window.press("Settings").await.unwrap();
    window.wait_for_text("Notifications").await.unwrap();
    assert!(tokio::time::timeout(std::time::Duration::ZERO, outside.accept()).await.is_err(), "nobody came out");
}
