//! What is left of a window, for who draws it as a bar. English.

use jiff::Zoned;

use super::quota::about;
use super::times::span_short;
use crate::model::quota::{WindowNote, WindowView};

/// One window as a bar and a few letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gauge {
    /// What is left, 0 to 100; `None`: its reset has passed, and nobody has looked since.
    pub left: Option<u8>,
    /// "62 %", "~62 %" where that was long ago; "reset, unverified".
    pub text: String,
    /// Until the reset that is to come: "1h 20m".
    pub resets_in: Option<String>,
    /// What is to be said of it.
    pub note: WindowNote,
}

/// A window as a bar; `now` is where the user lives.
pub fn gauge(window: &WindowView, now: &Zoned) -> Gauge {
    if window.note == WindowNote::ResetUnverified {
        return Gauge { left: None, text: "reset, unverified".to_owned(), resets_in: None, note: window.note };
    }
    let ahead = window.resets_at.map(|at| at.duration_since(now.timestamp())).filter(|ahead| !ahead.is_negative());
    Gauge { left: Some(window.left_percent.rounded_up()), text: about(window), resets_in: ahead.map(span_short), note: window.note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::quota::Confidence;
    use crate::view::samples::{now, quota};

    #[test]
    fn a_bar_says_what_is_left_and_until_when() {
        for (used, resets_in, left, text, ahead) in [
            (38.0, 4_800, Some(62), "62 %", Some("1h 20m")),
            (99.5, 30, Some(1), "1 %", Some("30s")),
            (100.0, 200_000, Some(0), "0 %", Some("2d 8h")),
            (100.0, -1, None, "reset, unverified", None),
        ] {
            let drawn = gauge(&quota(&[(300, used, resets_in)]).main_windows()[0], &now());
            assert_eq!((drawn.left, drawn.text.as_str(), drawn.resets_in.as_deref()), (left, text, ahead));
        }
        let mut old = quota(&[(300, 38.0, 60)]).main_windows()[0];
        (old.confidence, old.resets_at) = (Confidence::Low, None);
        let drawn = gauge(&old, &now());
        assert_eq!((drawn.text.as_str(), drawn.resets_in), ("~62 %", None));
    }
}
