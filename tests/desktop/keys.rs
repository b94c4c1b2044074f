//! Keys at the window, and nothing else: pressed as a keyboard presses them, with a look at where the focus is after each.

use codex_lab_tests::desktop::{Window, until};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde::Deserialize;

/// More stops than this are on no page.
const MOST_STOPS: usize = 80;
/// Where the focus is, and whether one sees it: an outline of 2 px that is in the window and that nothing is in front of.
const FOCUS: &str = "const at = document.activeElement;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    const front = document.elementFromPoint(
        Math.min(innerWidth - 1, Math.max(0, box.left + box.width / 2)), Math.min(innerHeight - 1, Math.max(0, box.top + box.height / 2)));
    return {
        mark: at.dataset.test ?? '',
        name: (at.ariaLabel ?? at.textContent ?? '').trim().replaceAll(/\\s+/g, ' ').slice(0, 60),
        tag: at.tagName,
        ringed: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        seen: inside && front !== null && (at.contains(front) || front.contains(at)),
        top: box.top + scrollY,
        modal: at.closest('dialog') !== null,
        order: at.tabIndex,
    };";

/// Where the focus is.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Focus {
    /// The name for tests, empty without one.
    pub(crate) mark: String,
    /// What it is called, or says.
    pub(crate) name: String,
    /// `BUTTON`, …; `BODY` where nothing has the focus.
    pub(crate) tag: String,
    ringed: bool,
    seen: bool,
    /// In pixels from the page's beginning.
    pub(crate) top: f64,
    /// Whether it is in a dialog.
    pub(crate) modal: bool,
    /// Its `tabindex`.
    pub(crate) order: i32,
}

impl Focus {
    /// Whether something has the focus, and one sees what.
    pub(crate) fn is_visible(&self) -> bool {
        self.tag != "BODY" && self.ringed && self.seen
    }
}

/// Presses keys one after the other; those before the last are held meanwhile.
pub(crate) async fn press(window: &Window, keys: &[char]) {
    let mut actions = KeyActions::new("keyboard".to_owned());
    for key in keys {
        actions = actions.then(KeyAction::Down { value: *key });
    }
    for key in keys.iter().rev() {
        actions = actions.then(KeyAction::Up { value: *key });
    }
    window.perform_actions(actions).await.unwrap();
}

/// Presses one key.
pub(crate) async fn key(window: &Window, key: Key) {
    press(window, &[char::from(key)]).await;
}

/// Writes a text, key by key.
pub(crate) async fn write(window: &Window, text: &str) {
    for letter in text.chars() {
        press(window, &[letter]).await;
    }
}

/// Where the focus is now.
pub(crate) async fn focus(window: &Window) -> Focus {
    serde_json::from_value(window.execute(FOCUS, vec![]).await.unwrap()).unwrap()
}

/// Waits until this has the focus.
pub(crate) async fn focused(window: &Window, mark: &str) -> Focus {
    until(&format!("the focus on {mark}"), async || Some(focus(window).await).filter(|at| at.mark == mark)).await.unwrap()
}

/// Presses Tab until this has the focus. Whatever has it on the way can be seen.
pub(crate) async fn tab_to(window: &Window, mark: &str) -> Vec<Focus> {
    walk(window, &[char::from(Key::Tab)], mark).await
}

/// The same backwards.
pub(crate) async fn back_to(window: &Window, mark: &str) -> Vec<Focus> {
    walk(window, &[char::from(Key::Shift), char::from(Key::Tab)], mark).await
}

async fn walk(window: &Window, keys: &[char], mark: &str) -> Vec<Focus> {
    let mut passed: Vec<Focus> = Vec::new();
    while passed.last().is_none_or(|at| at.mark != mark) {
        let names: Vec<_> = passed.iter().map(|at| format!("{} {:?}", at.mark, at.name)).collect();
        assert!(passed.len() < MOST_STOPS, "{mark} is not reached by keys: {names:?}");
        press(window, keys).await;
        let at = focus(window).await;
        // Between the end of the page and its beginning.
        if at.tag == "BODY" {
            continue;
        }
        assert!(at.is_visible(), "nobody sees that this has the focus: {at:?}");
        assert!(at.order <= 0, "the order is the page's own: {at:?}");
        passed.push(at);
    }
    passed
}
