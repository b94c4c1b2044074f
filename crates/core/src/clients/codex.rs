//! Connecting Codex: its built-in provider keeps the user's own login and sends its requests to the gateway (codex-runtime.md 0,
//! set-up D). The provider's id stays `openai`, so old sessions stay in sight; no secret is written.

use serde_json::Value;
use toml_edit::{Item, Table};
use url::Url;

use super::connection::Setting;
use super::error::Obstacle;
use super::syntax::EditError;
use super::toml;

/// Where Codex's built-in provider sends its requests.
const BASE_URL: &str = "openai_base_url";
/// Where everything else of Codex goes.
const CHATGPT_BASE_URL: &str = "chatgpt_base_url";
/// Which provider Codex uses.
const PROVIDER: &str = "model_provider";
/// The provider that the base URL is for.
const BUILT_IN: &str = "openai";

/// The address of the gateway, as clients are given it.
pub fn gateway_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}/v1")
}

/// What is set.
pub fn settings(port: u16) -> Vec<Setting> {
    vec![Setting {
        key: vec![BASE_URL.to_owned()],
        value: Value::String(gateway_url(port)),
        if_absent: false,
        recognise: |found, _| found.as_str().is_some_and(is_a_gateways),
        hides_secret: |found| !found.as_str().is_some_and(is_plain),
    }]
}

/// Whether Codex, so configured, would not use the gateway although it is connected (codex-runtime.md 1.1, 1.2).
pub fn obstacle(text: &str, port: u16) -> Result<Option<Obstacle>, EditError> {
    let document = toml::parse(text)?;
    let root = document.as_table();
    if let Some(provider) = other_provider(root) {
        return Ok(Some(Obstacle::OtherProvider { provider }));
    }
    let profile = root.get("profile").and_then(Item::as_str);
    let legacy = profile.and_then(|name| Some((name, root.get("profiles")?.get(name)?.as_table_like()?)));
    if let Some((name, table)) = legacy
        && let Some(provider) = table.get(PROVIDER).and_then(Item::as_str).filter(|provider| *provider != BUILT_IN)
    {
        return Ok(Some(Obstacle::OtherProviderOfProfile { profile: name.to_owned(), provider: provider.to_owned() }));
    }
    let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
    let chatgpt = root.get(CHATGPT_BASE_URL).and_then(Item::as_str);
    // With one origin for both, Codex goes past the gateway to the origin it is told of.
    Ok((chatgpt.is_some() && chatgpt.and_then(origin) == origin(&gateway_url(port))).then_some(Obstacle::SameOrigin))
}

/// Whether a layer over the configuration (a profile's file) goes past the gateway.
pub fn goes_past(layer: &str, port: u16) -> bool {
    toml::parse(layer).is_ok_and(|document| {
        let root = document.as_table();
        let elsewhere = root.get(BASE_URL).is_some_and(|url| url.as_str() != Some(&gateway_url(port)));
        elsewhere || other_provider(root).is_some()
    })
}

fn other_provider(table: &Table) -> Option<String> {
    let provider = table.get(PROVIDER).and_then(Item::as_str)?;
    (provider != BUILT_IN).then(|| provider.to_owned())
}

/// An address as only we write it.
fn is_a_gateways(url: &str) -> bool {
    let port = url.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.strip_suffix("/v1"));
    port.is_some_and(|port| port.parse::<u16>().is_ok())
}

/// Whether an address holds neither a password nor a key.
fn is_plain(url: &str) -> bool {
    Url::parse(url)
        .is_ok_and(|url| url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_read_is_not_called_plain() {
        for (url, plain) in [
            ("https://gw.example/v1", true),
            ("https://me:word@gw.example/v1", false),
            ("https://gw.example/v1?key=x", false),
            // No tables of Unicode are linked in: other hosts than ASCII's are not understood.
            ("https://bücher.example/v1", false),
            ("https://[::1/v1", false),
        ] {
            assert_eq!(is_plain(url), plain, "{url}");
        }
    }

    #[test]
    fn what_would_lead_past_the_gateway_is_found() {
        let provider = |name: &str| Some(Obstacle::OtherProvider { provider: name.into() });
        for (text, expected) in [
            ("", None),
            ("model_provider = 'openai'", None),
            ("model_provider = 'gw'", provider("gw")),
            ("[profiles.x]\nmodel_provider = 'gw'", None),
            ("profile = 'x'\n[profiles.x]\nmodel_provider = 'openai'", None),
            (
                "profile = 'x'\n[profiles.x]\nmodel_provider = 'gw'",
                Some(Obstacle::OtherProviderOfProfile { profile: "x".into(), provider: "gw".into() }),
            ),
            ("profiles = 1\nprofile = 'x'", None),
            ("chatgpt_base_url = 'http://127.0.0.1:4517/backend-api'", Some(Obstacle::SameOrigin)),
            ("chatgpt_base_url = 'http://localhost:4517/backend-api'", None),
            ("chatgpt_base_url = 'nonsense'", None),
        ] {
            assert_eq!(obstacle(text, 4517).unwrap(), expected, "{text}");
        }
        assert_eq!(obstacle("a = 1\nb = [", 1), Err(EditError::Syntax { line: 2 }));
    }

    #[test]
    fn a_layer_that_goes_past_is_told_from_one_that_does_not() {
        for (layer, expected) in [
            ("model = 'x'", false),
            ("openai_base_url = 'http://127.0.0.1:4517/v1'", false),
            ("openai_base_url = 'https://other.example/v1'", true),
            ("model_provider = 'gw'", true),
            ("broken = [", false),
        ] {
            assert_eq!(goes_past(layer, 4517), expected, "{layer}");
        }
    }

    #[test]
    fn an_address_with_a_secret_is_not_noted() {
        let hides = settings(1)[0].hides_secret;
        for (url, expected) in [
            ("https://proxy.example/v1", false),
            ("https://user:word@proxy.example/v1", true),
            ("https://proxy.example/v1?key=1", true),
            ("nonsense", true),
        ] {
            assert_eq!(hides(&Value::from(url)), expected, "{url}");
        }
        assert!(hides(&Value::Null));
        assert!(is_a_gateways("http://127.0.0.1:9/v1") && !is_a_gateways("http://127.0.0.1:x/v1"));
    }
}
