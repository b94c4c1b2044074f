//! The request of a browser that comes back: parsed, bounded, and told from everybody else's.

use http::StatusCode;

use super::page::Page;
use crate::provider::chatgpt;

/// A request line and headers are shorter than this.
pub(super) const HEAD_LIMIT: usize = 16 << 10;
/// Browsers send about twenty.
const HEADER_LIMIT: usize = 64;

/// What arrived. Not printable: the query may hold a code.
pub enum Head {
    /// A request line and headers.
    Whole {
        /// As sent.
        method: String,
        /// Path and query, as sent.
        target: String,
        /// Every `Host` header.
        hosts: Vec<String>,
    },
    /// Something that is not HTTP/1.
    Garbage,
    /// More than [`HEAD_LIMIT`].
    TooLarge,
    /// Not whole in time.
    TooSlow,
}

/// Parses the head of a request; `None` if more bytes are needed.
pub fn parse(bytes: &[u8]) -> Option<Head> {
    let mut headers = [httparse::EMPTY_HEADER; HEADER_LIMIT];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Partial) => None,
        Ok(httparse::Status::Complete(_)) => {
            let hosts = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
            Some(Head::Whole {
                method: request.method.unwrap_or_default().to_owned(),
                target: request.path.unwrap_or_default().to_owned(),
                hosts: hosts.map(|header| String::from_utf8_lossy(header.value).into_owned()).collect(),
            })
        }
        Err(httparse::Error::TooManyHeaders) => Some(Head::TooLarge),
        Err(_) => Some(Head::Garbage),
    }
}

/// The query of a callback, or the page for anything else. The `Host` must name this listener: a site that
/// points its own name at 127.0.0.1 gets nothing.
pub fn route(head: &Head, port: u16) -> Result<&str, Page> {
    let (method, target, hosts) = match head {
        Head::Whole { method, target, hosts } => (method, target, hosts),
        Head::Garbage => return Err(Page::Plain(StatusCode::BAD_REQUEST)),
        Head::TooLarge => return Err(Page::Plain(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)),
        Head::TooSlow => return Err(Page::Plain(StatusCode::REQUEST_TIMEOUT)),
    };
    let is_ours = |host: &String| ["127.0.0.1", "localhost"].iter().any(|name| host.eq_ignore_ascii_case(&format!("{name}:{port}")));
    if !matches!(hosts.as_slice(), [host] if is_ours(host)) {
        return Err(Page::Plain(StatusCode::MISDIRECTED_REQUEST));
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != chatgpt::CALLBACK_PATH {
        return Err(Page::Plain(StatusCode::NOT_FOUND));
    }
    if method != "GET" {
        return Err(Page::Plain(StatusCode::METHOD_NOT_ALLOWED));
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(request: &str) -> Result<String, u16> {
        let head = parse(request.as_bytes()).unwrap();
        route(&head, 1455).map(str::to_owned).map_err(|page| page.status().as_u16())
    }

    #[test]
    fn only_the_callback_gets_through() {
        let get = |target: &str, host: &str| routed(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(get("/auth/callback?code=a&state=b", "127.0.0.1:1455"), Ok("code=a&state=b".into()));
        assert_eq!(get("/auth/callback?x", "LOCALHOST:1455"), Ok("x".into()));
        assert_eq!(get("/auth/callback", "localhost:1455"), Ok(String::new()));
        for host in ["evil.example:1455", "127.0.0.1", "127.0.0.1:1457", "127.0.0.1:1455.evil.example", "", "[::1]:1455", "0.0.0.0:1455"] {
            assert_eq!(get("/auth/callback?code=a", host), Err(421), "{host}");
        }
        for target in [
            "/",
            "/favicon.ico",
            "/cancel",
            "/success",
            "/auth/callback/",
            "/auth//callback",
            "//auth/callback",
            "http://127.0.0.1:1455/auth/callback",
        ] {
            assert_eq!(get(target, "127.0.0.1:1455"), Err(404), "{target}");
        }
    }

    #[test]
    fn other_methods_and_odd_requests_are_turned_away() {
        for method in ["POST", "HEAD", "OPTIONS", "get"] {
            assert_eq!(routed(&format!("{method} /auth/callback HTTP/1.1\r\nHost: 127.0.0.1:1455\r\n\r\n")), Err(405), "{method}");
        }
        assert_eq!(routed("GET /auth/callback HTTP/1.1\r\n\r\n"), Err(421));
        assert_eq!(routed("GET /auth/callback HTTP/1.1\r\nHost: 127.0.0.1:1455\r\nHost: evil\r\n\r\n"), Err(421));
        assert_eq!(routed("\u{16}\u{3}\u{1} hello\r\n\r\n"), Err(400));
        assert_eq!(routed(&format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(65))), Err(431));
    }

    #[test]
    fn a_part_of_a_request_is_waited_for() {
        assert!(parse(b"").is_none());
        assert!(parse(b"GET /auth/callback?code=a HTTP/1.1\r\nHost: x\r\n").is_none());
    }
}
