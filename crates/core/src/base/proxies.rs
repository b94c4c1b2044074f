//! The proxies that the environment names, for each of the clients.

use hyper_util::client::proxy::matcher::Matcher;

use super::environment::Environment;
use super::https::HttpsSetupError;

/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, as the Codex CLI honours them (codex-auth.md 2.5).
#[derive(Debug, Clone)]
pub(super) struct Proxies {
    https: Option<String>,
    http: Option<String>,
    all: Option<String>,
    no: Option<String>,
}

impl Proxies {
    /// An address that is none is refused.
    pub(super) fn of(environment: &Environment) -> Result<Self, HttpsSetupError> {
        let set = |variable| either_case(environment, variable).map(str::to_owned);
        let proxies = Self { https: set("HTTPS_PROXY"), http: set("HTTP_PROXY"), all: set("ALL_PROXY"), no: set("NO_PROXY") };
        proxies.named()?;
        Ok(proxies)
    }

    /// As the client for whole answers takes them.
    pub(super) fn named(&self) -> Result<Vec<reqwest::Proxy>, HttpsSetupError> {
        let direct = self.no.as_deref().and_then(reqwest::NoProxy::from_string);
        type MakeProxy = fn(&str) -> reqwest::Result<reqwest::Proxy>;
        let kinds: [(&Option<String>, MakeProxy); 3] = [
            (&self.https, |url| reqwest::Proxy::https(url)),
            (&self.http, |url| reqwest::Proxy::http(url)),
            (&self.all, |url| reqwest::Proxy::all(url)),
        ];
        let set = kinds.into_iter().filter_map(|(url, make)| Some(make(url.as_deref()?)));
        set.map(|proxy| Ok(proxy.map_err(HttpsSetupError::Proxy)?.no_proxy(direct.clone()))).collect()
    }

    /// As the client for streamed answers asks for them.
    pub(super) fn matcher(&self) -> Matcher {
        let set = |value: &Option<String>| value.clone().unwrap_or_default();
        Matcher::builder().https(set(&self.https)).http(set(&self.http)).all(set(&self.all)).no(set(&self.no)).build()
    }
}

/// Proxy variables are written in either case; the lower-case one wins, as in curl.
fn either_case<'a>(environment: &'a Environment, upper: &str) -> Option<&'a str> {
    environment.text(&upper.to_lowercase()).or_else(|| environment.text(upper))
}
