//! Routing in the real window: the strategy, shares and the order, each from a click or a key to the profile that is chosen then.

use codex_lab_core::model::quota::Minutes;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{App, Desktop, Window, until};
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::Value;

use crate::hand::{click, find, gone, said};
use crate::keys::{focus, focused, key};
use crate::mouse::{Place, drop, hold, point};
use crate::seat::Seat;
use crate::terminal;

const DAY: i64 = 24 * 60 * 60;
/// How wide the knob of a slider is.
const THUMB: f64 = 16.0;
/// The shares that the sliders say, from the first to the last.
const SHARES: &str = "return [...document.querySelectorAll('[data-test=share]')].map(({textContent}) => parseInt(textContent, 10));";

/// Three profiles that a strategy can tell apart: backup has most left, and work starts anew first.
async fn seat() -> Seat {
    let seat = Seat::with(&["main", "backup", "work"]).await;
    for (name, used, days) in [("main", 50.0, 5), ("backup", 20.0, 6), ("work", 60.0, 1)] {
        seat.seen(name, Minutes::WEEK, used, days * DAY).await;
    }
    seat
}

/// The window on its page for routing.
async fn opened(app: &App<'_>) -> Window {
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();
    window.press("Routing").await.unwrap();
    find(&window, "next-who").await;
    window
}

/// Waits until the page says that this one gets the next session, and why; the terminal says so too.
async fn goes_to(seat: &Seat, window: &Window, who: &str, why: &str) {
    let expected = format!("{who}: {why}");
    until(&expected, async || (said(window, "next-who").await == expected).then_some(())).await.unwrap();
    assert_eq!(terminal::next(seat, "/").await.who, who);
}

#[tokio::test]
async fn the_strategy_and_the_order_decide_who_gets_the_next_session() {
    const CHOICE: &str = "the strategy’s choice for a new session";
    let (desktop, seat) = (Desktop::start().await.unwrap(), seat().await);
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = opened(&app).await;
    goes_to(&seat, &window, "backup", CHOICE).await;
    click(&window, "strategy-soonest-reset").await;
    goes_to(&seat, &window, "work", CHOICE).await;
    // Keys: an arrow chooses the strategy beside it.
    find(&window, "strategy-weighted").await.send_keys(&char::from(Key::Right).to_string()).await.unwrap();
    goes_to(&seat, &window, "main", CHOICE).await;
    assert_eq!(terminal::json(&seat, &["route"]).await["routing"]["strategy"], "priority");
    desktop.screenshot(&artefacts.folder().join("in-order.png")).await.unwrap();

    // The order, by mouse and by keys, which stay on the button.
    gone(&window, "order-reset").await;
    window.press("Move work up").await.unwrap();
    until("work in the second place", async || (order(&window).await == ["main", "work", "backup"]).then_some(())).await.unwrap();
    goes_to(&seat, &window, "main", CHOICE).await;
    until("the focus to stay", async || (focus(&window).await.name == "Move work up").then_some(())).await.unwrap();
    key(&window, Key::Enter).await;
    until("work in the first place", async || (order(&window).await == ["work", "main", "backup"]).then_some(())).await.unwrap();
    goes_to(&seat, &window, "work", CHOICE).await;
    // It can go no further up.
    focused(&window, "order-down").await;
    assert_eq!(terminal::names(&seat).await, ["main", "backup", "work"], "the list has an order of its own");
    desktop.screenshot(&artefacts.folder().join("work-first.png")).await.unwrap();
    click(&window, "order-reset").await;
    goes_to(&seat, &window, "main", CHOICE).await;
}

/// The profiles in the order that the page shows.
async fn order(window: &Window) -> Vec<String> {
    const ORDER: &str = "return [...document.querySelectorAll('[data-test=order-row]')].map((row) => row.dataset.name);";
    serde_json::from_value(window.execute(ORDER, vec![]).await.unwrap()).unwrap()
}

#[tokio::test]
async fn shares_are_moved_by_keys_and_by_the_mouse_and_are_a_hundred_together() {
    let (desktop, seat) = (Desktop::start().await.unwrap(), seat().await);
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let window = opened(&app).await;
    gone(&window, "weights").await;
    click(&window, "strategy-weighted").await;
    shared(&window, [34, 33, 33]).await;

    // Keys.
    let main = slider(&window, "main").await;
    main.send_keys(&char::from(Key::PageUp).to_string().repeat(2)).await.unwrap();
    let moved = until("more for main", async || Some(shares(&window).await).filter(|shares| shares[0] >= 50)).await.unwrap();
    assert!(moved[1] == moved[2] || moved[1] == moved[2] + 1, "the others give alike: {moved:?}");
    kept(&seat, moved).await;
    main.send_keys(&char::from(Key::Left).to_string()).await.unwrap();
    let least = shared_when(&window, |shares| shares[0] == moved[0] - 1).await;
    kept(&seat, least).await;

    // The mouse: from where the thumb is to nearly the end, and a look on the way.
    let backup = slider(&window, "backup").await;
    let place = Place::of(&window, &backup).await;
    let at = |share: u8| place.along(f64::from(share) / 100.0, THUMB);
    hold(&window, at(u8::try_from(least[1]).unwrap())).await;
    point(&window, at(60)).await;
    let held = shared_when(&window, |shares| shares[1].abs_diff(60) < 8).await;
    kept(&seat, least).await;
    drop(&window, at(80)).await;
    let dropped = shared_when(&window, |shares| shares[1] > held[1] + 10).await;
    kept(&seat, dropped).await;
    desktop.screenshot(&artefacts.folder().join("shares.png")).await.unwrap();
    assert_eq!(window.found_by_axe().await.unwrap(), [""; 0]);

    // Who has everything gets everything.
    slider(&window, "work").await.send_keys(&char::from(Key::End).to_string()).await.unwrap();
    shared(&window, [0, 0, 100]).await;
    kept(&seat, [0, 0, 100]).await;
    for _ in 0..5 {
        assert_eq!(terminal::next(&seat, "/").await.who, "work");
    }
    click(&window, "weights-alike").await;
    shared(&window, [34, 33, 33]).await;
    kept(&seat, [34, 33, 33]).await;
    gone(&window, "weights-alike").await;
}

async fn slider(window: &Window, name: &str) -> Element {
    let selector = format!("[data-test=weight][data-name={name}]");
    let slider = window.find(Locator::Css(&selector)).await.unwrap();
    window.execute("arguments[0].scrollIntoView({block: 'center'});", vec![serde_json::to_value(&slider).unwrap()]).await.unwrap();
    slider
}

/// What the sliders say, which is a hundred per cent together at any time.
async fn shares(window: &Window) -> [i64; 3] {
    let said = window.execute(SHARES, vec![]).await.unwrap();
    let shares: Vec<i64> = said.as_array().unwrap().iter().filter_map(Value::as_i64).collect();
    let shares: [i64; 3] = shares.try_into().unwrap_or_default();
    assert!(shares == [0; 3] || shares.iter().sum::<i64>() == 100, "{shares:?}");
    shares
}

/// Waits until they say what is wanted.
async fn shared_when(window: &Window, wanted: impl Fn(&[i64; 3]) -> bool) -> [i64; 3] {
    until("the shares", async || Some(shares(window).await).filter(&wanted)).await.unwrap()
}

async fn shared(window: &Window, wanted: [i64; 3]) {
    until(&format!("shares of {wanted:?}"), async || (shares(window).await == wanted).then_some(())).await.unwrap();
}

/// Waits until the weights that are kept are these shares, within what whole numbers allow.
async fn kept(seat: &Seat, shares: [i64; 3]) {
    let are = async || {
        let listed = terminal::json(seat, &["list"]).await;
        let weights: Vec<i64> = listed["profiles"].as_array().unwrap().iter().filter_map(|row| row["details"]["weight"].as_i64()).collect();
        let sum: i64 = weights.iter().sum();
        weights.iter().zip(shares).all(|(weight, share)| (weight * 100 - share * sum).abs() <= sum).then_some(())
    };
    until(&format!("the weights of {shares:?} to be kept"), are).await.unwrap();
}
