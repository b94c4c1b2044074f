//! Taking a request in: its body, bounded, and what routing needs to know of it.

use std::borrow::Cow;
use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderName, Method};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Deserialize;
use thiserror::Error;

use super::guard::{Admitted, Kind};
use super::strip::is_compacted_body;

/// Images make a request large; the provider takes no more either (codex-runtime.md 9).
pub const BODY_LIMIT: usize = 64 << 20;
/// A longer name of a session, a model or a folder is none.
const NAME_LIMIT: usize = 512;
/// Only Codex sends these; other clients' requests are made fit for the provider first (codex-runtime.md 1.3, 8).
const OF_CODEX: [HeaderName; 2] = [HeaderName::from_static("x-codex-window-id"), TURN_METADATA];
/// What Codex knows of the folders that are worked in (codex-runtime.md 3).
const TURN_METADATA: HeaderName = HeaderName::from_static("x-codex-turn-metadata");
/// Names the model before the body does.
const ROUTING_HINT: HeaderName = HeaderName::from_static("x-codex-routing-hint");
/// Names of the session, the surest first (codex-runtime.md 3, 8).
const SESSION_HEADERS: [HeaderName; 3] =
    [HeaderName::from_static("session-id"), HeaderName::from_static("session_id"), HeaderName::from_static("x-session-affinity")];

/// A request that can be sent as often as it takes.
#[derive(Debug, Clone)]
pub struct Intake {
    /// How.
    pub method: Method,
    /// Where to, and what for.
    pub admitted: Admitted,
    /// What the client sent along, ours included.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Bytes,
    /// Who asks.
    pub ask: Arc<Ask>,
}

/// Who asks, as far as it matters for the choice of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// The conversation. It stays the same over turns, `resume` and subagents.
    pub session: Option<String>,
    /// The model that is wanted.
    pub model: Option<String>,
    /// The folders that are worked in.
    pub folders: Vec<String>,
    /// The launch that the key names.
    pub launch: Option<String>,
    /// Whether it is Codex that asks.
    pub is_codex: bool,
    /// Whether the answer is wanted in one piece.
    pub whole: bool,
}

/// Why a request is not taken in.
#[derive(Debug, Error)]
pub enum IntakeError {
    /// Larger than 64 MiB, packed or unpacked.
    #[error("the request is too large")]
    TooLarge,
    /// The client went away, or sent no HTTP.
    #[error("the request broke off")]
    Broken,
    /// Packed in a way nobody here can open.
    #[error("the request is packed in an unknown way")]
    Encoding,
}

impl Intake {
    /// Reads the whole body. Whatever declares itself too large is refused before.
    pub async fn read<B>(method: Method, admitted: Admitted, headers: HeaderMap, body: B) -> Result<Self, IntakeError>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > BODY_LIMIT) {
            return Err(IntakeError::TooLarge);
        }
        let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() { IntakeError::TooLarge } else { IntakeError::Broken }
        })?;
        let body = body.to_bytes();
        let mut ask = Ask::of_headers(&headers);
        ask.launch.clone_from(&admitted.launch);
        let mut intake = Self { method, admitted, headers, body, ask: Arc::new(ask) };
        // The body is opened only where the headers leave something open.
        if !intake.body.is_empty() && (intake.ask.session.is_none() || intake.ask.model.is_none() || !intake.ask.is_codex) {
            let ask = Ask::clone(&intake.ask).completed(&intake.plain()?);
            intake.ask = Arc::new(ask);
        }
        Ok(intake)
    }

    /// Whether the answer is wanted in one piece, which the provider does not give.
    pub fn wants_whole(&self) -> bool {
        self.admitted.kind == Kind::Turn && self.ask.whole && !self.ask.is_codex
    }

    /// Whether its history is in a sealed piece that only one account can read.
    pub fn is_bound(&self) -> bool {
        self.admitted.kind == Kind::Turn && self.plain().is_ok_and(|body| is_compacted_body(&body))
    }

    /// The body as it was before it was packed.
    pub fn plain(&self) -> Result<Cow<'_, [u8]>, IntakeError> {
        match self.headers.get(CONTENT_ENCODING).map(http::HeaderValue::as_bytes) {
            None | Some(b"identity") => Ok(Cow::Borrowed(&self.body)),
            Some(b"zstd") => unpacked(&self.body).map(Cow::Owned),
            Some(_) => Err(IntakeError::Encoding),
        }
    }
}

impl Ask {
    /// What the headers alone say.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).and_then(short);
        let hinted = || text(&ROUTING_HINT).and_then(|hint| hint.split(';').find_map(|part| part.strip_prefix("model=")).and_then(short));
        Self {
            session: SESSION_HEADERS.iter().find_map(text),
            model: hinted(),
            folders: headers.get(TURN_METADATA).map(|value| folders(value.as_bytes())).unwrap_or_default(),
            launch: None,
            is_codex: OF_CODEX.iter().any(|name| headers.contains_key(name)),
            whole: false,
        }
    }

    /// The same, with what the body says where the headers said nothing.
    pub fn completed(mut self, body: &[u8]) -> Self {
        #[derive(Deserialize, Default)]
        struct Seen<'a> {
            #[serde(borrow, default)]
            model: Option<Cow<'a, str>>,
            #[serde(borrow, default)]
            prompt_cache_key: Option<Cow<'a, str>>,
            #[serde(borrow, default)]
            client_metadata: Option<Metadata<'a>>,
            #[serde(default)]
            stream: Option<bool>,
        }
        #[derive(Deserialize, Default)]
        struct Metadata<'a> {
            #[serde(borrow, default)]
            session_id: Option<Cow<'a, str>>,
        }
        let Ok(seen) = serde_json::from_slice::<Seen<'_>>(body) else { return self };
        let session = seen.client_metadata.and_then(|metadata| metadata.session_id).or(seen.prompt_cache_key);
        self.session = self.session.or_else(|| short(&session?));
        self.model = self.model.or_else(|| short(&seen.model?));
        self.whole = seen.stream != Some(true);
        self
    }
}

/// The folders in the metadata that Codex sends with a turn.
fn folders(metadata: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Metadata {
        #[serde(default)]
        workspaces: serde_json::Map<String, serde_json::Value>,
    }
    let metadata = serde_json::from_slice::<Metadata>(metadata);
    metadata.map(|metadata| metadata.workspaces.keys().filter_map(|folder| short(folder)).take(8).collect()).unwrap_or_default()
}

pub(super) fn short(text: &str) -> Option<String> {
    (!text.is_empty() && text.len() <= NAME_LIMIT).then(|| text.to_owned())
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, IntakeError> {
    let mut plain = Vec::new();
    let reader = zstd::stream::read::Decoder::new(packed).map_err(|_| IntakeError::Encoding)?;
    let read = reader.take(BODY_LIMIT as u64 + 1).read_to_end(&mut plain).map_err(|_| IntakeError::Encoding)?;
    if read > BODY_LIMIT { Err(IntakeError::TooLarge) } else { Ok(plain) }
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    fn headers(given: &[(&str, &str)]) -> HeaderMap {
        given.iter().map(|(name, value)| (HeaderName::try_from(*name).unwrap(), value.parse().unwrap())).collect()
    }

    async fn read(given: &[(&str, &str)], body: Vec<u8>) -> Result<Intake, IntakeError> {
        let admitted = Admitted { kind: Kind::Turn, target: "/responses".to_owned(), launch: None };
        Intake::read(Method::POST, admitted, headers(given), Full::new(Bytes::from(body))).await
    }

    #[test]
    fn headers_tell_most() {
        let ask = Ask::of_headers(&headers(&[
            ("session-id", "s"),
            ("x-session-affinity", "other"),
            ("x-codex-routing-hint", "model=gpt-6.1-sol;tier=priority"),
            ("x-codex-turn-metadata", r#"{"session_id":"s","workspaces":{"/home/me/a":{"has_changes":true},"/home/me/b":{}}}"#),
        ]));
        assert_eq!((ask.session.as_deref(), ask.model.as_deref(), ask.is_codex), (Some("s"), Some("gpt-6.1-sol"), true));
        assert_eq!(ask.folders, ["/home/me/a", "/home/me/b"]);
        assert_eq!(Ask::of_headers(&headers(&[("x-session-affinity", "ses_1")])).session.as_deref(), Some("ses_1"));
        let hostile = Ask::of_headers(&headers(&[("session-id", &"s".repeat(600)), ("x-codex-turn-metadata", "[[[[")]));
        assert_eq!(hostile, Ask { is_codex: true, ..Ask::default() });
    }

    #[tokio::test]
    async fn the_body_tells_the_rest_packed_or_not() {
        let body = br#"{"model":"m","stream":true,"prompt_cache_key":"cache","client_metadata":{"session_id":"s"},"input":[1]}"#.to_vec();
        let plain = read(&[], body.clone()).await.unwrap();
        assert_eq!((plain.ask.session.as_deref(), plain.ask.model.as_deref(), plain.ask.whole), (Some("s"), Some("m"), false));
        let packed = zstd::encode_all(&body[..], 3).unwrap();
        let intake = read(&[("content-encoding", "zstd")], packed.clone()).await.unwrap();
        assert_eq!((intake.ask, intake.body), (plain.ask, Bytes::from(packed)), "what came is what goes on");
        let other = read(&[], br#"{"model":"m","prompt_cache_key":"cache"}"#.to_vec()).await.unwrap();
        assert_eq!((other.ask.session.as_deref(), other.ask.whole), (Some("cache"), true));
        assert_eq!(*read(&[], b"no json".to_vec()).await.unwrap().ask, Ask::default());
    }

    #[tokio::test]
    async fn what_is_too_large_or_oddly_packed_is_refused() {
        assert!(matches!(read(&[], vec![b' '; BODY_LIMIT + 1]).await, Err(IntakeError::TooLarge)));
        assert!(matches!(read(&[("content-length", "99999999999")], Vec::new()).await, Err(IntakeError::TooLarge)));
        // A few KiB that unpack to more than is allowed.
        let bomb = zstd::encode_all(std::io::repeat(b' ').take(BODY_LIMIT as u64 + 1), 3).unwrap();
        assert!(bomb.len() < 64 << 10);
        assert!(matches!(read(&[("content-encoding", "zstd")], bomb).await, Err(IntakeError::TooLarge)));
        assert!(matches!(read(&[("content-encoding", "zstd")], b"no zstd".to_vec()).await, Err(IntakeError::Encoding)));
        assert!(matches!(read(&[("content-encoding", "br")], b"x".to_vec()).await, Err(IntakeError::Encoding)));
    }
}
