//! Links that any page can have, opened with the app.

use codex_lab_core::view::link::{LONGEST, Link};

/// A link; a name that it holds is one, and stands in the link as it is or escaped.
pub(crate) fn link(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(link) = Link::parse(text) else { return };
    assert!(Link::is_meant_by(text) && text.len() <= LONGEST);
    if let Link::Switch(name) = &link {
        let again = format!("codex-lab://switch/{}", name.as_str().replace(' ', "%20"));
        assert_eq!(Link::parse(&again).as_ref(), Ok(&link));
    }
}
