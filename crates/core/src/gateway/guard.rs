//! Who may ask, and for what: checked before a byte of a request's body is read.

use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method};
use subtle::ConstantTimeEq as _;

use crate::base::secret::{Fingerprint, Secret};

/// Below this path the gateway answers as the provider does below its own.
pub const BASE: &str = "/v1";
/// Before [`BASE`], the launch that a request belongs to: `/launch/NAME/v1`.
pub const LAUNCH: &str = "/launch/";
/// Characters of a launch's name.
const LAUNCH_LIMIT: usize = 32;
/// No token of the provider is shorter.
const TOKEN_LEAST: usize = 40;

/// The paths that are sent on, as the Codex CLI 0.169.0 and its predecessors ask for them (codex-runtime.md 2.5), each with
/// whether its answer counts as a turn.
const PATHS: [(Method, &str, Kind); 10] = [
    (Method::POST, "/responses", Kind::Turn),
    (Method::GET, "/responses", Kind::Socket),
    (Method::HEAD, "/responses", Kind::Plain),
    (Method::POST, "/responses/compact", Kind::Plain),
    (Method::GET, "/models", Kind::Plain),
    (Method::POST, "/alpha/search", Kind::Plain),
    (Method::POST, "/images/generations", Kind::Plain),
    (Method::POST, "/images/edits", Kind::Plain),
    (Method::POST, "/memories/trace_summarize", Kind::Plain),
    (Method::POST, "/realtime/calls", Kind::Plain),
];
/// Whatever lies below these is sent on, too.
const FOLDERS: [&str; 2] = ["/alpha/history/v2/", "/alpha/notes/v2/"];

/// What sort of answer a path has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A stream of events, the first of which are held back.
    Turn,
    /// A WebSocket.
    Socket,
    /// Anything else: whole, or a stream nobody looks into.
    Plain,
    /// Nothing that is sent on: what became of a launch, for whoever has started it.
    Launch,
}

/// A request that may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// What it asks for.
    pub kind: Kind,
    /// The path below the provider's base, with the query.
    pub target: String,
    /// The launch it belongs to, if its path names one.
    pub launch: Option<String>,
}

/// Why a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    /// It was sent to another name than ours: a page on the web that has pointed its own name at this machine.
    ForeignHost,
    /// A browser sent it.
    Browser,
    /// There is neither the key nor a token that is known here.
    NoKey,
    /// Nothing that is sent on.
    NoSuchPath,
}

/// Decides by the head alone. `port` is the one that is listened on. What opens is the key, or a token that is known here: stock
/// Codex sends its live login's own, and whoever has that needs no gateway to use the account.
pub fn admit(
    method: &Method,
    target: &http::Uri,
    headers: &HeaderMap,
    port: u16,
    key: &Secret,
    is_known: impl Fn(&Fingerprint) -> bool,
) -> Result<Admitted, Turned> {
    if !is_ours(headers, port) {
        return Err(Turned::ForeignHost);
    }
    // Browsers add these by themselves, and no page can keep them from it; the clients of a gateway send none.
    if headers.contains_key(ORIGIN) || headers.keys().any(|name| name.as_str().starts_with("sec-fetch-")) {
        return Err(Turned::Browser);
    }
    let given = headers.get(AUTHORIZATION).and_then(bearer).ok_or(Turned::NoKey)?;
    let is_key = bool::from(given.as_bytes().ct_eq(key.expose().as_bytes()));
    if !is_key && !is_known(&Secret::new(given).fingerprint()) {
        return Err(Turned::NoKey);
    }
    let (launch, path) = below_launch(target.path());
    let kind = kind(method, path, launch).ok_or(Turned::NoSuchPath)?;
    let below = path.strip_prefix(BASE).unwrap_or_default();
    let target = target.query().map_or_else(|| below.to_owned(), |query| format!("{below}?{query}"));
    Ok(Admitted { kind, target, launch: launch.map(str::to_owned) })
}

/// Whether a request may be let in once more tokens are known: its own may be newer than what was seen.
pub fn has_token(headers: &HeaderMap) -> bool {
    headers.get(AUTHORIZATION).and_then(bearer).is_some_and(|given| given.len() >= TOKEN_LEAST)
}

/// Exactly one `Host`, and one that only means this machine.
fn is_ours(headers: &HeaderMap, port: u16) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) else { return false };
    let Some((name, given)) = host.rsplit_once(':') else { return false };
    given.parse() == Ok(port) && matches!(name.to_ascii_lowercase().as_str(), "127.0.0.1" | "localhost" | "[::1]")
}

/// The launch that a path names, and what is left of the path.
fn below_launch(path: &str) -> (Option<&str>, &str) {
    let named = path.strip_prefix(LAUNCH).map(|rest| rest.split_once('/').unwrap_or((rest, "")));
    match named.filter(|(name, _)| is_launch(name.as_bytes())) {
        Some((name, "")) => (Some(name), ""),
        // The stroke before the rest is still there.
        Some((name, _)) => (Some(name), &path[LAUNCH.len() + name.len()..]),
        None => (None, path),
    }
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn is_launch(name: &[u8]) -> bool {
    (1..=LAUNCH_LIMIT).contains(&name.len()) && name.iter().all(u8::is_ascii_alphanumeric)
}

fn kind(method: &Method, path: &str, launch: Option<&str>) -> Option<Kind> {
    if path.is_empty() {
        return (launch.is_some() && *method == Method::GET).then_some(Kind::Launch);
    }
    let below = path.strip_prefix(BASE)?;
    // Nothing that a server could read as another path.
    if below.contains("..") || below.contains("//") || below.contains(['%', '\\']) {
        return None;
    }
    let exact = PATHS.iter().find(|(allowed, known, _)| allowed == method && *known == below).map(|(_, _, kind)| *kind);
    let in_folder = || FOLDERS.iter().any(|folder| below.starts_with(folder)) && matches!(*method, Method::GET | Method::POST);
    exact.or_else(|| in_folder().then_some(Kind::Plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "clk-0123456789abcdef";
    const TOKEN: &str = "header.claims-of-somebody-who-is-signed-in.signature";

    fn ask(method: &str, target: &str, headers: &[(&str, &str)]) -> Result<Admitted, Turned> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let known = Secret::new(TOKEN).fingerprint();
        admit(&method.parse().unwrap(), &target.parse().unwrap(), &map, 4000, &Secret::new(KEY), |given| *given == known)
    }

    fn good(method: &str, target: &str) -> Result<Admitted, Turned> {
        ask(method, target, &[("host", "127.0.0.1:4000"), ("authorization", &format!("Bearer {KEY}"))])
    }

    #[test]
    fn only_listed_paths_pass() {
        for (method, target, kind) in [
            ("POST", "/v1/responses", Kind::Turn),
            ("GET", "/v1/responses", Kind::Socket),
            ("HEAD", "/v1/responses", Kind::Plain),
            ("GET", "/v1/models?client_version=0.169.0", Kind::Plain),
            ("POST", "/v1/alpha/search", Kind::Plain),
            ("POST", "/v1/images/edits", Kind::Plain),
            ("GET", "/v1/alpha/history/v2/threads", Kind::Plain),
        ] {
            let admitted = good(method, target).unwrap();
            assert_eq!((admitted.kind, admitted.target.as_str()), (kind, &target[3..]), "{method} {target}");
        }
        for (method, target) in [
            ("GET", "/"),
            ("GET", "/v1"),
            ("POST", "/responses"),
            ("POST", "/v1/responses/"),
            ("DELETE", "/v1/responses"),
            ("POST", "/v1/chat/completions"),
            ("GET", "/v1/../oauth/token"),
            ("GET", "/v1/alpha/history/v2/../../../wham/usage"),
            ("GET", "/v1/alpha/history/v2/%2e%2e/wham/usage"),
            ("GET", "/v1/alpha/history/v2//x"),
            ("DELETE", "/v1/alpha/history/v2/x"),
            ("GET", "/backend-api/wham/usage"),
            ("POST", "/v1/files"),
        ] {
            assert_eq!(good(method, target), Err(Turned::NoSuchPath), "{method} {target}");
        }
    }

    #[test]
    fn only_our_own_names_are_answered() {
        let key = format!("Bearer {KEY}");
        for host in ["127.0.0.1:4000", "localhost:4000", "LOCALHOST:4000", "[::1]:4000"] {
            assert!(ask("GET", "/v1/models", &[("host", host), ("authorization", &key)]).is_ok(), "{host}");
        }
        for host in ["127.0.0.1", "127.0.0.1:4001", "evil.example:4000", "127.0.0.1.evil.example:4000", "127.0.0.2:4000", ""] {
            assert_eq!(ask("GET", "/v1/models", &[("host", host), ("authorization", &key)]), Err(Turned::ForeignHost), "{host}");
        }
        let two = [("host", "localhost:4000"), ("host", "evil.example:4000"), ("authorization", key.as_str())];
        assert_eq!(ask("GET", "/v1/models", &two), Err(Turned::ForeignHost));
        assert_eq!(ask("GET", "/v1/models", &[("authorization", &key)]), Err(Turned::ForeignHost));
    }

    #[test]
    fn a_browser_is_turned_away_even_with_the_key() {
        let key = format!("Bearer {KEY}");
        for header in
            [("origin", "http://localhost:4000"), ("origin", "null"), ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")]
        {
            let asked = ask("GET", "/v1/models", &[("host", "localhost:4000"), ("authorization", &key), header]);
            assert_eq!(asked, Err(Turned::Browser), "{header:?}");
        }
    }

    #[test]
    fn the_key_is_needed_whole() {
        let host = ("host", "localhost:4000");
        let asked = |key: &str| ask("GET", "/v1/models", &[host, ("authorization", key)]).map(drop);
        assert_eq!(asked(&format!("Bearer {KEY}")), Ok(()));
        assert_eq!(asked(&format!("bearer {KEY}")), Ok(()));
        for wrong in [
            String::new(),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            format!("Basic {KEY}"),
            format!("Bearer {}", &KEY[..KEY.len() - 1]),
            format!("Bearer {KEY}x"),
            format!("Bearer {KEY}.a1"),
            format!("Bearer x{}", &KEY[1..]),
        ] {
            assert_eq!(asked(&wrong), Err(Turned::NoKey), "{wrong}");
        }
        assert_eq!(ask("GET", "/v1/models", &[host]), Err(Turned::NoKey));
    }

    #[test]
    fn a_path_may_name_the_launch() {
        let admitted = |target: &str| good("POST", target).map(|admitted| (admitted.target, admitted.launch));
        assert_eq!(admitted("/launch/a1/v1/responses?x=1"), Ok(("/responses?x=1".to_owned(), Some("a1".to_owned()))));
        for target in [
            "/launch//v1/responses",
            "/launch/a.b/v1/responses",
            "/launch/a1/responses",
            "/launch/a1/v1",
            "/launch/a1/launch/a2/v1/responses",
        ] {
            assert_eq!(admitted(target), Err(Turned::NoSuchPath), "{target}");
        }
        let report = good("GET", "/launch/a1").unwrap();
        assert_eq!((report.kind, report.launch.as_deref()), (Kind::Launch, Some("a1")));
        for (method, target) in [("POST", "/launch/a1"), ("GET", "/launch/"), ("GET", "/launch")] {
            assert_eq!(good(method, target), Err(Turned::NoSuchPath), "{method} {target}");
        }
    }

    #[test]
    fn a_token_that_is_known_opens_too() {
        let host = ("host", "localhost:4000");
        let asked = |token: &str| ask("POST", "/launch/a1/v1/responses", &[host, ("authorization", &format!("Bearer {token}"))]);
        assert_eq!(asked(TOKEN).unwrap().launch.as_deref(), Some("a1"));
        for wrong in [&TOKEN[1..], &format!("{TOKEN}x"), &format!("{TOKEN}.a1")] {
            assert_eq!(asked(wrong), Err(Turned::NoKey), "{wrong}");
        }
        assert!(has_token(&HeaderMap::from_iter([(AUTHORIZATION, format!("Bearer {TOKEN}").parse().unwrap())])));
        assert!(!has_token(&HeaderMap::from_iter([(AUTHORIZATION, "Bearer short".parse().unwrap())])));
        assert!(!has_token(&HeaderMap::new()));
    }
}
