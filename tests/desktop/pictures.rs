//! Every page in the window's engine with nobody, one, three and fifty profiles, with names as long as they get, with everything used
//! up, and offline; narrow, usual and wide; light and dark; English and German. The pictures are kept to be looked at; what a program
//! can see of them is checked: nothing is cut off, nothing overlaps, and no page is wider than its window.

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Browser, Desktop, until};
use serde_json::{Value, json};

use crate::pages::Pages;

/// Scene, width, theme, language. Each page is drawn in each of them, and so in every width with every theme and every language.
const VIEWS: [(&str, u32, &str, &str); 16] = [
    ("empty", 360, "light", "de"),
    ("empty", 1600, "dark", "en"),
    ("usage-one", 900, "light", "en"),
    ("usage-one", 360, "dark", "de"),
    ("three", 900, "dark", "en"),
    ("three", 360, "light", "en"),
    ("three", 1600, "light", "de"),
    ("fifty", 900, "light", "de"),
    ("fifty", 1600, "dark", "en"),
    ("fifty", 360, "dark", "en"),
    ("long", 360, "light", "de"),
    ("long", 900, "dark", "de"),
    ("exhausted", 900, "light", "en"),
    ("exhausted", 360, "dark", "de"),
    ("offline", 900, "dark", "en"),
    ("offline", 1600, "light", "de"),
];
/// By their marks for tests.
const PAGES: [&str; 5] = ["accounts", "usage", "routing", "activity", "settings"];
const HEIGHT: u32 = 900;
/// Of the browser, with room for the widest page.
const WINDOW: (u32, u32) = (1700, 1050);

/// So many looks in a row that see the same.
const LOOKS: usize = 4;
/// Of what is drawn for a page: its navigation alone has more.
const LEAST: usize = 200;

/// Loads a scene into the frame.
const LOAD: &str = "const [address, width, height] = arguments;
    Object.assign(document.querySelector('iframe'), {width, height, src: address});";
/// Goes to a page, if that scene is there and whole: until it comes, the one before it stands.
const GO: &str = "const [page, address] = arguments;
    const {document: pages, location} = document.querySelector('iframe').contentWindow;
    const nav = pages.querySelector(`[data-test=nav-${page}]`);
    if (location.pathname + location.search !== address || !nav) return false;
    nav.click();
    return true;";
/// How far below the browser's top the page begins.
const TOP: &str = "return outerHeight - innerHeight;";
/// Whether this page stands.
const STANDS: &str = "const [page] = arguments;
    const {document: pages} = document.querySelector('iframe').contentWindow;
    return pages.querySelector(`main[data-page=${page}] h1`) !== null && pages.querySelector('[aria-busy=true]') === null
        && pages.getAnimations().every(({playState}) => playState !== 'running');";
/// What is wrong with how a page is laid out.
const WRONG: &str = "const frame = document.querySelector('iframe');
    const {document: pages, getComputedStyle: style} = frame.contentWindow;
    const found = [];
    const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join('.')} \"${element.textContent.trim().slice(0, 40)}\"`;
    const seen = (element) => element.checkVisibility({checkOpacity: true, visibilityProperty: true}) && element.closest('.unseen') === null;
    const {scrollWidth, clientWidth} = pages.documentElement;
    if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} px wide in ${clientWidth}`);
    const isScrolled = (element) => element !== null && (['auto', 'scroll'].includes(style(element).overflowX) || isScrolled(element.parentElement));
    for (const element of pages.querySelectorAll('body *')) {
        if (element.getBoundingClientRect().right > clientWidth + 1 && seen(element) && !isScrolled(element)) found.push(`outside: ${name(element)}`);
    }
    for (const element of pages.querySelectorAll('body *')) {
        const isText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
        if (!isText || !seen(element) || element.clientWidth === 0) continue;
        const {textOverflow, overflowX} = style(element);
        const isShortened = textOverflow === 'ellipsis' || ['auto', 'scroll'].includes(overflowX);
        if (element.scrollWidth > element.clientWidth + 1 && !isShortened) found.push(`cut off: ${name(element)}`);
    }
    const nav = pages.querySelector('nav').getBoundingClientRect();
    const main = pages.querySelector('main').getBoundingClientRect();
    if (main.left < nav.right && main.top < nav.bottom) found.push('the page lies under the navigation');
    const ways = [...pages.querySelectorAll('nav button')];
    for (const way of ways) {
        const {left, right, top, bottom} = way.getBoundingClientRect();
        if (left < 0 || right > clientWidth) found.push(`outside: ${name(way)}`);
        if (!way.contains(pages.elementFromPoint((left + right) / 2, (top + bottom) / 2))) found.push(`covered: ${name(way)}`);
    }
    return found;";

#[tokio::test]
async fn every_page_in_every_size() {
    let desktop = Desktop::wide().await.unwrap();
    let pages = Pages::serve(&desktop).await;
    let browser = desktop.browser().await.unwrap();
    browser.goto(&pages.frame()).await.unwrap();
    browser.set_window_rect(0, 0, WINDOW.0, WINDOW.1).await.unwrap();
    let top = u32::try_from(browser.execute(TOP, vec![]).await.unwrap().as_u64().unwrap()).unwrap();
    let empty = desktop.screen().drawn();
    let artefacts = Artefacts::of_this_test().unwrap();
    let mut wrong = Vec::new();
    for (scene, width, theme, language) in VIEWS {
        let address = format!("/?scene={scene}&theme={theme}&language={language}");
        browser.execute(LOAD, vec![address.clone().into(), width.into(), HEIGHT.into()]).await.unwrap();
        for page in PAGES {
            show(&desktop, &browser, [page, &address], empty).await;
            let view = format!("{page}-{scene}-{width}-{theme}-{language}");
            // The driver takes no pictures of a page in which nothing moves: it waits for the next time it is drawn.
            let part = [0, top, width, HEIGHT];
            desktop.screenshot_of(&artefacts.folder().join(format!("{view}.png")), part).await.unwrap();
            let found = browser.execute(WRONG, vec![]).await.unwrap();
            wrong.extend(found.as_array().unwrap().iter().map(|found| format!("{view}: {}", found.as_str().unwrap())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn show(desktop: &Desktop, browser: &Browser, asked: [&str; 2], empty: usize) {
    let asked = || asked.map(Value::from).to_vec();
    let goes = async || (browser.execute(GO, asked()).await.ok()? == json!(true)).then_some(());
    until("the navigation", goes).await.unwrap();
    let stands = async || (browser.execute(STANDS, asked()).await.ok()? == json!(true)).then_some(());
    until("the whole page", stands).await.unwrap();
    // It is on the screen once that does not change any more.
    let (mut drawn, mut looks) = (0, 0);
    let rests = async || {
        let now = desktop.screen().drawn();
        looks = if now == drawn && now > empty + LEAST { looks + 1 } else { 0 };
        drawn = now;
        (looks == LOOKS).then_some(())
    };
    until("the screen to rest", rests).await.unwrap();
}
