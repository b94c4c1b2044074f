//! The heads of requests and answers on their way through: what belongs to one connection or one account stays behind.

use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, SET_COOKIE,
};

use crate::model::profile::ProfileId;

/// The account that a request is made for (codex-runtime.md 1.3).
pub const ACCOUNT: HeaderName = HeaderName::from_static("chatgpt-account-id");
/// A value that the provider wants back for the rest of a turn, from the same account (codex-runtime.md 3, 6).
pub const TURN_STATE: HeaderName = HeaderName::from_static("x-codex-turn-state");
/// Between the profile that a turn state belongs to and the state itself.
const OWNER_MARK: char = '~';

/// Whether a header means one connection (RFC 9110, 7.6.1), or is of a WebSocket's handshake, which each side makes itself.
fn is_of_a_connection(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "sec-websocket-key"
            | "sec-websocket-accept"
            | "sec-websocket-version"
            | "sec-websocket-extensions"
    )
}

/// A client's headers as they go on, without what is the client's own or ours. The body's length is the sender's to say.
pub fn onward(headers: &HeaderMap, profile: &ProfileId, body_is_as_it_came: bool) -> HeaderMap {
    let ours = |name: &HeaderName| {
        [HOST, AUTHORIZATION, COOKIE, CONTENT_LENGTH, ACCOUNT].contains(name) || (*name == CONTENT_ENCODING && !body_is_as_it_came)
    };
    passed(headers, ours, |state| own_state(state, profile))
}

/// The provider's headers as they go back.
pub fn backward(headers: &HeaderMap, profile: &ProfileId) -> HeaderMap {
    passed(headers, |name| *name == SET_COOKIE, |state| owned_state(state, profile))
}

/// Headers without those of a connection, in their order, and with another turn state.
fn passed(
    headers: &HeaderMap,
    stays_behind: impl Fn(&HeaderName) -> bool,
    turn_state: impl Fn(&HeaderValue) -> Option<HeaderValue>,
) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let is_left_out =
        |name: &HeaderName| is_of_a_connection(name) || stays_behind(name) || named.iter().any(|named| named == name.as_str());
    let mut passed = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| !is_left_out(name)) {
        if *name != TURN_STATE {
            passed.append(name.clone(), value.clone());
        } else if let Some(state) = turn_state(value) {
            passed.insert(TURN_STATE, state);
        }
    }
    passed
}

/// A turn state that the client is to bring back, with its owner.
fn owned_state(state: &HeaderValue, profile: &ProfileId) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{}{OWNER_MARK}{}", profile.as_str(), state.to_str().ok()?)).ok()
}

/// The state without its owner; `None` if that is another profile.
fn own_state(state: &HeaderValue, profile: &ProfileId) -> Option<HeaderValue> {
    let (owner, state) = state.to_str().ok()?.split_once(OWNER_MARK)?;
    (owner == profile.as_str()).then(|| HeaderValue::from_str(state).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in given {
            map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        map
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    fn profile(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    #[test]
    fn what_is_the_clients_own_stays_behind() {
        let given = headers(&[
            ("host", "127.0.0.1:4000"),
            ("authorization", "Bearer key"),
            ("cookie", "a=b"),
            ("chatgpt-account-id", "other"),
            ("content-length", "3"),
            ("connection", "keep-alive, X-Mine"),
            ("x-mine", "1"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("sec-websocket-extensions", "permessage-deflate"),
            ("content-encoding", "zstd"),
            ("user-agent", "codex_exec/0.169.0"),
            ("originator", "codex_exec"),
            ("x-many", "1"),
            ("x-many", "2"),
        ]);
        assert_eq!(names(&onward(&given, &profile(1), true)), ["content-encoding", "originator", "user-agent", "x-many"]);
        assert_eq!(names(&onward(&given, &profile(1), false)), ["originator", "user-agent", "x-many"]);
        assert_eq!(onward(&given, &profile(1), true).get_all("x-many").iter().count(), 2);
    }

    #[test]
    fn a_turn_state_goes_to_no_other_account() {
        let (one, two) = (profile(1), profile(2));
        let back = backward(&headers(&[("x-codex-turn-state", "opaque~1"), ("set-cookie", "c"), ("x-codex-plan-type", "plus")]), &one);
        assert_eq!(names(&back), ["x-codex-plan-type", "x-codex-turn-state"]);
        let again = headers(&[("x-codex-turn-state", back[TURN_STATE].to_str().unwrap())]);
        assert_eq!(onward(&again, &one, true)[TURN_STATE], "opaque~1");
        assert!(onward(&again, &two, true).is_empty());
        assert!(onward(&headers(&[("x-codex-turn-state", "nobody's")]), &one, true).is_empty());
    }
}
