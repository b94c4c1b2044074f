//! A proxy of the environment that a client would send its requests to the gateway through: the prompt, and what proves who
//! the client is, in plain text. Tried with both clients (codex-runtime.md 1.2, and opencode 1.18.33 on 2026-11-21).

use crate::base::environment::Environment;
use crate::model::client::Client;

/// A variable that names a proxy, and one that would keep the gateway's requests from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The variable that names the proxy. Its value may hold a password, so it is not told.
    pub proxy: &'static str,
    /// What to set.
    pub cure: String,
}

/// Whether a client that starts in this environment goes through a proxy to reach its own machine.
pub fn exposed(client: Client, environment: &Environment) -> Option<Exposed> {
    let proxies: &[&'static str] = match client {
        Client::Codex => &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
        Client::Opencode => &["HTTP_PROXY", "http_proxy"],
    };
    let proxy = proxies.iter().copied().find(|name| environment.get(name).is_some())?;
    let exceptions: Vec<_> = ["NO_PROXY", "no_proxy"].into_iter().filter_map(|name| Some((name, environment.text(name)?))).collect();
    if !exceptions.is_empty() && exceptions.iter().all(|(_, list)| covers(list)) {
        return None;
    }
    let (name, list) = exceptions.into_iter().find(|(_, list)| !covers(list)).unwrap_or(("NO_PROXY", ""));
    let list = list.trim().trim_end_matches(',');
    let joint = if list.is_empty() { "" } else { "," };
    Some(Exposed { proxy, cure: format!("{name}={list}{joint}localhost,127.0.0.1") })
}

/// Whether a list of exceptions names this machine by the address that clients are given.
fn covers(list: &str) -> bool {
    list.split(',').any(|name| matches!(name.trim(), "*" | "127.0.0.1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cure(client: Client, variables: &[(&'static str, &str)]) -> Option<String> {
        let environment = Environment::of("/home/ada", variables.iter().map(|(name, value)| (*name, (*value).into())));
        exposed(client, &environment).map(|exposed| format!("{}: {}", exposed.proxy, exposed.cure))
    }

    #[test]
    fn a_proxy_without_an_exception_is_told_with_its_cure() {
        for (variables, codex, opencode) in [
            (&[][..], None, None),
            (&[("HTTPS_PROXY", "http://p")], None, None),
            (
                &[("HTTP_PROXY", "http://p")],
                Some("HTTP_PROXY: NO_PROXY=localhost,127.0.0.1"),
                Some("HTTP_PROXY: NO_PROXY=localhost,127.0.0.1"),
            ),
            (&[("all_proxy", "http://p")], Some("all_proxy: NO_PROXY=localhost,127.0.0.1"), None),
            (&[("http_proxy", "http://p"), ("NO_PROXY", "a.example, 127.0.0.1")], None, None),
            (&[("http_proxy", "http://p"), ("no_proxy", "*")], None, None),
            (
                &[("http_proxy", "http://p"), ("no_proxy", "a.example,")],
                Some("http_proxy: no_proxy=a.example,localhost,127.0.0.1"),
                Some("http_proxy: no_proxy=a.example,localhost,127.0.0.1"),
            ),
            (
                &[("http_proxy", "http://p"), ("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.10")],
                Some("http_proxy: no_proxy=127.0.0.10,localhost,127.0.0.1"),
                Some("http_proxy: no_proxy=127.0.0.10,localhost,127.0.0.1"),
            ),
        ] {
            assert_eq!(cure(Client::Codex, variables).as_deref(), codex, "{variables:?}");
            assert_eq!(cure(Client::Opencode, variables).as_deref(), opencode, "{variables:?}");
        }
    }
}
