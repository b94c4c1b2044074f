//! Takes a request in whole: who is meant, what is asked, and a body that can be read.

use std::io::{self, Read};

use axum::body::{Body, to_bytes};
use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use http::{HeaderMap, Method, Request, header};
use serde_json::Value;

use super::endpoint::Endpoint;
use super::journal::Via;

/// Largest body in bytes, before and after decompression.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// A request, read to its end.
pub(crate) struct Incoming {
    pub(crate) via: Via,
    pub(crate) host: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) raw_query: String,
    pub(crate) query: Fields,
    pub(crate) headers: HeaderMap,
    /// Decompressed.
    pub(crate) body: Vec<u8>,
    /// The fields of a form or of a flat JSON object in the body.
    pub(crate) form: Fields,
    pub(crate) endpoint: Endpoint,
    pub(crate) upgrade: Option<WebSocketUpgrade>,
}

/// Why a request cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    #[error("the body is longer than {BODY_LIMIT} bytes or was cut")]
    Body(#[source] axum::Error),
    #[error("the body does not decompress")]
    Compression(#[source] io::Error),
}

/// Named text fields, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    fn from_form(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    fn from_json(body: &[u8]) -> Self {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Self::default();
        };
        let text = |value: Value| {
            if let Value::String(text) = value { Some(text) } else { None }
        };
        Self(members.into_iter().filter_map(|(name, value)| text(value).map(|text| (name, text))).collect())
    }

    /// The first field of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The first field of this name, or nothing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

impl Incoming {
    /// Reads a request that was meant for `host`, or for the host it names itself.
    pub(crate) async fn read(via: Via, host: Option<&str>, request: Request<Body>) -> Result<Self, IntakeError> {
        let (mut parts, body) = request.into_parts();
        let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.ok();
        let host = host.map_or_else(|| named_host(&parts), str::to_owned);
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        let raw = to_bytes(body, BODY_LIMIT).await.map_err(IntakeError::Body)?;
        let encoding = header_text(&parts.headers, &header::CONTENT_ENCODING);
        let body = decompress(encoding, &raw).map_err(IntakeError::Compression)?;
        let form = match header_text(&parts.headers, &header::CONTENT_TYPE).split(';').next() {
            Some("application/x-www-form-urlencoded") => Fields::from_form(&body),
            _ => Fields::from_json(&body),
        };
        let path = parts.uri.path().to_owned();
        let endpoint = Endpoint::of(&host, &parts.method, &path, form.get("grant_type"), upgrade.is_some());
        Ok(Self {
            via,
            host,
            method: parts.method,
            path,
            query: Fields::from_form(raw_query.as_bytes()),
            raw_query,
            headers: parts.headers,
            body,
            form,
            endpoint,
            upgrade,
        })
    }

    /// The bearer token of the request.
    pub(crate) fn bearer(&self) -> Option<&str> {
        header_text(&self.headers, &header::AUTHORIZATION).strip_prefix("Bearer ")
    }

    /// The body as JSON; `Null` if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

fn named_host(parts: &http::request::Parts) -> String {
    let authority = parts
        .uri
        .authority()
        .map_or_else(|| header_text(&parts.headers, &header::HOST).to_owned(), |authority| authority.as_str().to_owned());
    host_of(&authority)
}

/// The host of `host:port`, in lower case.
pub(crate) fn host_of(authority: &str) -> String {
    let without_port = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    without_port.to_ascii_lowercase()
}

fn header_text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn decompress(encoding: &str, raw: &[u8]) -> io::Result<Vec<u8>> {
    match encoding {
        "zstd" => bounded(zstd::Decoder::new(raw)?),
        "gzip" => bounded(flate2::read::GzDecoder::new(raw)),
        _ => Ok(raw.to_vec()),
    }
}

fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    let limit = u64::try_from(BODY_LIMIT).unwrap_or(u64::MAX);
    reader.take(limit + 1).read_to_end(&mut plain)?;
    if plain.len() > BODY_LIMIT { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(plain) }
}
