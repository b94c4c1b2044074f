//! What other programs say to the control interface, and what the window and the desktop say to the app.

use codex_lab_core::api::table::Request;
use codex_lab_core::control::envelope::{self, Incoming};
use codex_lab_core::control::frame::{Frame, Frames};
use codex_lab_core::control::{FRAME_LIMIT, methods};
use codex_lab_core::view::command::Command;
use serde_json::Value;

use crate::samples::snapshot;

/// Lines of a client: what is found in them does not depend on how they are cut, and each refusal is one whole line.
pub(crate) fn lines(bytes: &[u8]) {
    let whole = frames(&[bytes]);
    let cut: Vec<&[u8]> = bytes.chunks(1 + bytes.len() % 7).collect();
    assert_eq!(whole, frames(&cut));
    let shown = snapshot();
    for frame in whole {
        let Frame::Whole(line) = frame else { continue };
        assert!(line.len() <= FRAME_LIMIT && !line.contains(&b'\n'));
        let (id, error) = match envelope::read(&line) {
            Ok(Incoming::Call { id, method, params }) => match methods::read(&method, params, &shown) {
                Ok(_) => continue,
                Err(error) => (Some(id), error),
            },
            Ok(Incoming::Notice) => continue,
            Err(refused) => (refused.id, refused.error),
        };
        let said = envelope::answer(id.as_ref(), Err(&error));
        let (end, line) = said.split_last().unwrap();
        assert!(*end == b'\n' && !line.contains(&b'\n'), "an answer is a line");
        let said: Value = serde_json::from_slice(line).unwrap();
        assert!(said["error"]["code"].is_i64() && said["error"]["message"].as_str().is_some_and(|message| message.len() < 1000));
    }
}

/// A request of the window.
pub(crate) fn request(bytes: &[u8]) {
    // Nothing is in this one but the secret.
    if let Ok(request @ Request::AddApiKey { .. }) = serde_json::from_slice::<Request>(bytes) {
        assert!(!format!("{request:?}").contains("planted-secret"), "a request says no secret again");
    }
}

/// The id of a menu's item or of a notification's button.
pub(crate) fn command(bytes: &[u8]) {
    let Ok(id) = str::from_utf8(bytes) else { return };
    if let Some(command) = Command::parse(id) {
        assert_eq!(command.id(), id, "only what was handed out comes back");
    }
}

fn frames(pieces: &[&[u8]]) -> Vec<Frame> {
    let (mut frames, mut found) = (Frames::default(), Vec::new());
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            found.extend(frames.next(&mut rest));
        }
    }
    found.extend(frames.last());
    found
}
