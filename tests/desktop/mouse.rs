//! A mouse at the window: moved, pressed and let go as a hand does it.

use codex_lab_tests::desktop::Window;
use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use serde::Deserialize;

/// Brings it into the middle of the window, and says where it is there.
const PLACE: &str = "const [element] = arguments;
    element.scrollIntoView({block: 'center'});
    const {x, y, width, height} = element.getBoundingClientRect();
    return {x, y, width, height};";

/// Where something is in the window, in pixels.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Place {
    x: f64,
    y: f64,
    width: f64,
    /// From its top to its end.
    pub(crate) height: f64,
}

impl Place {
    /// Of this, which is in sight then.
    pub(crate) async fn of(window: &Window, element: &Element) -> Self {
        let place = window.execute(PLACE, vec![serde_json::to_value(element).unwrap()]).await.unwrap();
        serde_json::from_value(place).unwrap()
    }

    /// The point in its middle.
    pub(crate) fn middle(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// The point at this part of a slider's way, from 0 to 1, whose thumb is so wide.
    pub(crate) fn along(&self, part: f64, thumb: f64) -> (f64, f64) {
        (self.x + thumb / 2.0 + (self.width - thumb) * part, self.y + self.height / 2.0)
    }
}

/// Moves it there.
pub(crate) async fn point(window: &Window, at: (f64, f64)) {
    perform(window, vec![to(at)]).await;
}

/// Presses the button there, and keeps it down.
pub(crate) async fn hold(window: &Window, at: (f64, f64)) {
    perform(window, vec![to(at), PointerAction::Down { button: MOUSE_BUTTON_LEFT }]).await;
}

/// Moves it there, and lets the button go.
pub(crate) async fn drop(window: &Window, at: (f64, f64)) {
    perform(window, vec![to(at), PointerAction::Up { button: MOUSE_BUTTON_LEFT }]).await;
}

fn to((x, y): (f64, f64)) -> PointerAction {
    PointerAction::MoveTo { duration: None, x, y }
}

async fn perform(window: &Window, actions: Vec<PointerAction>) {
    let mouse = MouseActions::new("mouse".to_owned());
    window.perform_actions(actions.into_iter().fold(mouse, MouseActions::then)).await.unwrap();
}
