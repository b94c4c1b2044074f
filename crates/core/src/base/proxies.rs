//! The proxies that the environment names, for each of the clients.

use http::Uri;
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
        let set = |variable| match either_case(environment, variable).map(whole_address) {
            Some(address) if !is_address(&address) => Err(HttpsSetupError::Proxy { variable }),
            address => Ok(address),
        };
        let no = either_case(environment, "NO_PROXY").map(str::to_owned);
        Ok(Self { https: set("HTTPS_PROXY")?, http: set("HTTP_PROXY")?, all: set("ALL_PROXY")?, no })
    }

    /// As the clients ask for them.
    pub(super) fn matcher(&self) -> Matcher {
        let set = |value: &Option<String>| value.clone().unwrap_or_default();
        Matcher::builder().https(set(&self.https)).http(set(&self.http)).all(set(&self.all)).no(set(&self.no)).build()
    }
}

/// Many write only a host and a port.
fn whole_address(set: &str) -> String {
    if set.contains("://") { set.to_owned() } else { format!("http://{set}") }
}

/// Whether the clients understand it. What they do not, they would pass over, and go straight.
fn is_address(proxy: &str) -> bool {
    let anywhere = Uri::from_static("http://anywhere.invalid");
    Matcher::builder().all(proxy).build().intercept(&anywhere).is_some()
}

/// Proxy variables are written in either case; the lower-case one wins, as in curl.
fn either_case<'a>(environment: &'a Environment, upper: &str) -> Option<&'a str> {
    environment.text(&upper.to_lowercase()).or_else(|| environment.text(upper))
}
