//! The heads of an upgrade, on either side. Compression is neither offered nor taken: what passes is read here, and loopback is
//! faster than any compression.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{
    CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Request, Response, StatusCode};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::super::attempt::authorize;
use super::super::heads;
use super::super::house::Pass;
use crate::model::profile::ProfileId;

/// The one version there is (RFC 6455).
const VERSION: HeaderValue = HeaderValue::from_static("13");
const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// What a client has to be answered with that asks for a WebSocket; `None` where it does not ask for one, or not rightly.
pub(super) fn accept(headers: &HeaderMap) -> Option<String> {
    let names = |name, value: &str| {
        let values = headers.get_all(name).into_iter().filter_map(|given| given.to_str().ok());
        values.flat_map(|given| given.split(',')).any(|given| given.trim().eq_ignore_ascii_case(value))
    };
    let key = headers.get(SEC_WEBSOCKET_KEY)?;
    let is_key = BASE64_STANDARD.decode(key).is_ok_and(|key| key.len() == 16);
    let asks = names(CONNECTION, "upgrade") && names(UPGRADE, "websocket") && headers.get(SEC_WEBSOCKET_VERSION) == Some(&VERSION);
    (is_key && asks).then(|| derive_accept_key(key.as_bytes()))
}

/// The client's answer: its WebSocket is open, on this profile's connection if there is one.
pub(super) fn accepted(accept: &str, opened: Option<(&HeaderMap, &ProfileId)>) -> Option<Response<Bytes>> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    if let Some((headers, profile)) = opened {
        *response.headers_mut() = heads::backward(headers, profile);
    }
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers_mut().insert(UPGRADE, WEBSOCKET);
    response.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, HeaderValue::from_str(accept).ok()?);
    Some(response)
}

/// The provider is asked for a WebSocket, as the client has asked, with a profile's tokens. `random` makes the key.
pub(super) fn onward(target: &str, headers: &HeaderMap, profile: &ProfileId, pass: &Pass, random: [u8; 16]) -> Option<Asking> {
    let mut request = Request::new(());
    *request.uri_mut() = format!("{}{target}", pass.base).parse().ok()?;
    *request.headers_mut() = heads::onward(headers, profile, true);
    authorize(request.headers_mut(), pass)?;
    let key = BASE64_STANDARD.encode(random);
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    request.headers_mut().insert(UPGRADE, WEBSOCKET);
    request.headers_mut().insert(SEC_WEBSOCKET_VERSION, VERSION);
    request.headers_mut().insert(SEC_WEBSOCKET_KEY, HeaderValue::from_str(&key).ok()?);
    Some(Asking { request, accept: derive_accept_key(key.as_bytes()), protocol: headers.get(SEC_WEBSOCKET_PROTOCOL).cloned() })
}

/// An upgrade that the provider is asked for.
pub(super) struct Asking {
    pub(super) request: Request<()>,
    accept: String,
    protocol: Option<HeaderValue>,
}

/// What of a request for an upgrade its answer is checked against.
pub(super) struct Expected {
    accept: String,
    protocol: Option<HeaderValue>,
}

impl Asking {
    /// The request, and what is expected of its answer.
    pub(super) fn split(self) -> (Request<()>, Expected) {
        (self.request, Expected { accept: self.accept, protocol: self.protocol })
    }
}

impl Expected {
    /// Whether a head means that there is a WebSocket now, and one that was asked for.
    pub(super) fn is_met_by(&self, head: &HeaderMap) -> bool {
        let is_websocket = head.get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
        let is_ours = head.get(SEC_WEBSOCKET_ACCEPT).is_some_and(|value| value.as_bytes() == self.accept.as_bytes());
        let is_plain = !head.contains_key(SEC_WEBSOCKET_EXTENSIONS);
        is_websocket && is_ours && is_plain && (self.protocol.is_some() || !head.contains_key(SEC_WEBSOCKET_PROTOCOL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::Secret;

    fn headers(given: &[(&str, &str)]) -> HeaderMap {
        given.iter().map(|(name, value)| (http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap())).collect()
    }

    const ASKED: [(&str, &str); 5] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits"),
    ];

    #[test]
    fn only_a_whole_request_for_a_websocket_is_one() {
        // The example of RFC 6455, 1.3.
        assert_eq!(accept(&headers(&ASKED)).as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        for (missing, _) in &ASKED[..4] {
            let rest: Vec<_> = ASKED.into_iter().filter(|(name, _)| name != missing).collect();
            assert_eq!(accept(&headers(&rest)), None, "without {missing}");
        }
        for (place, wrong) in [(2, "8"), (3, "c2hvcnQ="), (3, "no base64"), (1, "h2c"), (0, "close")] {
            let mut rest = ASKED.to_vec();
            rest[place].1 = wrong;
            assert_eq!(accept(&headers(&rest)), None, "{wrong}");
        }
    }

    #[test]
    fn each_side_makes_its_own_handshake() {
        let profile = ProfileId::parse("0000000000000001").unwrap();
        let pass = Pass { token: Secret::new("t"), account: Some("acc".to_owned()), base: "https://chatgpt.com/backend-api/codex" };
        let mut given = headers(&ASKED);
        given.extend(headers(&[("originator", "codex_exec"), ("authorization", "Bearer key"), ("host", "localhost:1")]));
        let (request, expected) = onward("/responses", &given, &profile, &pass, [7; 16]).unwrap().split();
        assert_eq!(request.uri(), "https://chatgpt.com/backend-api/codex/responses");
        let sent = request.headers();
        assert_eq!(
            (&sent["originator"], &sent["authorization"], &sent["chatgpt-account-id"]),
            (&HeaderValue::from_static("codex_exec"), &HeaderValue::from_static("Bearer t"), &HeaderValue::from_static("acc"),)
        );
        assert!(!sent.contains_key("host") && !sent.contains_key("sec-websocket-extensions"));
        assert_ne!(sent["sec-websocket-key"], given["sec-websocket-key"]);

        let good = accept(sent).unwrap();
        let answered = |accept: &str, more: &[(&str, &str)]| {
            let mut head = headers(&[("upgrade", "websocket"), ("sec-websocket-accept", accept)]);
            head.extend(headers(more));
            expected.is_met_by(&head)
        };
        assert!(answered(&good, &[]));
        assert!(!answered("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", &[]), "somebody else's");
        assert!(!answered(&good, &[("sec-websocket-extensions", "permessage-deflate")]), "nobody has offered it");
        assert!(!answered(&good, &[("sec-websocket-protocol", "chat")]));
    }
}
