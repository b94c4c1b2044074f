//! Other programs' configurations: connecting is undone to the byte, and whatever somebody makes of the file meanwhile, what is
//! written is valid.

use codex_lab_core::clients::connection::{Before, Connected, Setting, connect, disconnect};
use codex_lab_core::clients::syntax::{Added, Syntax};
use codex_lab_core::clients::{codex, opencode};

/// A configuration of Codex, and after a null byte what somebody makes of it.
pub(crate) fn toml(bytes: &[u8]) {
    there_and_back(Syntax::Toml, &codex::settings(4517), bytes);
}

/// A configuration of opencode, likewise.
pub(crate) fn jsonc(bytes: &[u8]) {
    there_and_back(Syntax::Jsonc, &opencode::settings(4517, "{file:/key}", false), bytes);
}

fn there_and_back(syntax: Syntax, settings: &[Setting], bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (original, changed) = text.split_once('\0').unwrap_or((text, ""));
    let Ok(Connected { edited, made, touched }) = connect(syntax, Some(original), settings, None, true) else { return };
    let now = edited.text.unwrap();
    let back = disconnect(syntax, Some(&now), &made, &touched).unwrap();
    assert!(back.left.is_empty());
    let looked_like_ours =
        touched.iter().any(|it| matches!(&it.before, Before::Absent(Added { lead, trail, .. }) if lead.is_empty() && trail.is_empty()));
    if !looked_like_ours {
        assert_eq!(back.edited.text.as_deref(), Some(original), "by way of {now}");
    }
    let other = format!("{now}{changed}");
    for meanwhile in [changed, &other] {
        let Ok(undone) = disconnect(syntax, Some(meanwhile), &made, &touched) else { continue };
        let text = undone.edited.text.unwrap_or_default();
        let again = disconnect(syntax, Some(&text), &made, &touched).unwrap();
        assert_eq!(again.edited.text.unwrap_or_default(), text, "what is undone stays undone");
    }
}
