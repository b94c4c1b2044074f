//! What a browser, or anybody on this machine, sends to the callback's port; and addresses that are pasted.

use codex_lab_core::auth::callback::request::{self, Head};
use codex_lab_core::auth::callback::{Callback, Refusal, of_pasted};
use codex_lab_core::base::secret::Secret;

const PORT: u16 = 1455;

/// A callback's query.
pub(crate) fn query(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    check(&Callback::of_query(query, &state()));
    // A state at the end is ours; one before it makes two, and then nothing counts.
    let callback = Callback::of_query(&format!("{query}&state=our-state"), &state());
    check(&callback);
    if !query.contains("state") && !query.contains('%') {
        assert_ne!(callback, Callback::WrongState);
    }
    assert_eq!(Callback::of_query(&format!("state=our-state&{query}&state=our-state"), &state()), Callback::WrongState);
}

/// The bytes of a request, in one piece and in two.
pub(crate) fn request(bytes: &[u8]) {
    let whole = request::parse(bytes);
    let half = request::parse(&bytes[..bytes.len() / 2]);
    if matches!(half, Some(Head::Garbage)) {
        assert!(matches!(whole, Some(Head::Garbage)), "garbage does not become a request");
    }
    let Some(head) = whole else { return };
    if let Ok(query) = request::route(&head, PORT) {
        let Head::Whole { method, target, hosts } = &head else { panic!("only a whole request gets through") };
        assert!(method == "GET" && target.starts_with("/auth/callback"));
        assert!(matches!(hosts.as_slice(), [host] if host.to_ascii_lowercase().ends_with(":1455")));
        check(&Callback::of_query(query, &state()));
    }
}

/// A pasted address.
pub(crate) fn paste(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for text in [
        text.to_owned(),
        format!("http://127.0.0.1:1455/auth/callback?{text}"),
        format!("{text}:1455/auth/callback?code=a&state=our-state"),
    ] {
        if let Ok(callback) = of_pasted(&Secret::new(text), PORT, &state()) {
            assert!(!matches!(callback, Callback::WrongState | Callback::Empty), "these are errors of a pasted address");
            check(&callback);
        }
    }
}

fn state() -> Secret {
    Secret::new("our-state")
}

fn check(callback: &Callback) {
    match callback {
        Callback::Code(code) => assert!((1..=4096).contains(&code.expose().len())),
        Callback::Refused(Refusal::Other(code)) => {
            assert!(code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'&' | b'"')));
        }
        Callback::Refused(_) | Callback::Empty | Callback::WrongState => {}
    }
}
