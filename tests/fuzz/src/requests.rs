//! What a client sends to the gateway: heads, bodies packed or not, and the bytes of a WebSocket.

use std::io::{self, Cursor, Read, Write};

use bytes::Bytes;
use codex_lab_core::base::secret::Secret;
use codex_lab_core::gateway::guard::{self, Admitted, Kind};
use codex_lab_core::gateway::intake::{BODY_LIMIT, Intake};
use codex_lab_core::gateway::socket;
use codex_lab_core::gateway::strip;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use http_body_util::Full;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

use crate::outside::now;

const KEY: &str = "clk-0123456789abcdef";
/// Names of folders, models and sessions are no longer than this.
const NAME_LIMIT: usize = 512;

/// A head, as lines: the method and the address, then a header each.
pub(crate) fn head(bytes: &[u8]) {
    let (first, headers) = lines(bytes);
    let Some((method, address)) = first.and_then(|line| line.split_once(' ')) else { return };
    let (Ok(method), Ok(address)) = (method.parse::<Method>(), address.trim().parse::<Uri>()) else { return };
    let key = Secret::new(KEY);
    let Ok(admitted) = guard::admit(&method, &address, &headers, 4000, &key, |_| false) else { return };
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(said("authorization").trim_end().ends_with(KEY), "nobody gets in without the key");
    assert!(headers.get_all("host").iter().count() == 1 && said("host").ends_with(":4000"), "nor under another name");
    assert!(!headers.contains_key("origin"), "nor does a page");
    let path = admitted.target.split('?').next().unwrap_or_default();
    assert!(admitted.kind == Kind::Launch || path.starts_with('/'));
    assert!(!path.contains("..") && !path.contains("//") && !path.contains(['%', '\\']), "and every path means one thing: {path}");
    assert!(admitted.launch.is_none_or(|launch| (1..=32).contains(&launch.len()) && launch.bytes().all(|b| b.is_ascii_alphanumeric())));
}

/// Headers, an empty line, and a body, which the headers may call packed.
pub(crate) fn body(bytes: &[u8]) {
    let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap_or(bytes.len());
    let (_, headers) = lines(&[b"\n", &bytes[..end]].concat());
    let body = bytes.get(end + 2..).unwrap_or_default();
    let admitted = Admitted { kind: Kind::Turn, target: "/responses".to_owned(), launch: None };
    let Ok(intake) = now(Intake::read(Method::POST, admitted, headers, Full::new(Bytes::copy_from_slice(body)))) else { return };
    assert_eq!(intake.body, body, "what came is what goes on");
    let ask = &intake.ask;
    let named = [&ask.session, &ask.model].into_iter().flatten().chain(&ask.folders);
    assert!(ask.folders.len() <= 8 && named.into_iter().all(|name| (1..=NAME_LIMIT).contains(&name.len())));
    if let Ok(plain) = intake.plain() {
        assert!(plain.len() <= BODY_LIMIT);
        strip::strip(&plain, None);
    }
    intake.is_bound();
}

/// The bytes of a WebSocket after its handshake. The first says whose they are: only a client's are masked.
pub(crate) fn websocket(bytes: &[u8]) {
    let Some((whose, bytes)) = bytes.split_first() else { return };
    let role = if whose % 2 == 0 { Role::Server } else { Role::Client };
    let mut socket = WebSocket::from_raw_socket(Wire(Cursor::new(bytes)), role, Some(socket::bounds()));
    while let Ok(message) = socket.read() {
        // Of a close with a code that nobody may send the library says in its own few words what is wrong.
        assert!(message.len() <= bytes.len() || (message.is_close() && message.len() <= 125), "nothing comes that was not sent");
    }
}

/// What came, with nobody who reads an answer.
struct Wire<'a>(Cursor<&'a [u8]>);

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first line, and the headers in the others.
fn lines(bytes: &[u8]) -> (Option<&str>, HeaderMap) {
    let mut lines = bytes.split(|byte| *byte == b'\n').take(200);
    let first = lines.next().and_then(|line| str::from_utf8(line).ok());
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let value = line[colon + 1..].trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    (first, headers)
}
