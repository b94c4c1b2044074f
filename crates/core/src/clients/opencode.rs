//! Connecting opencode: a provider of its own in its global configuration (codex-runtime.md 8). The gateway's key is named by its
//! file, which opencode reads itself. All of it tried with opencode 1.18.33 on 2026-11-21.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::codex::gateway_url;
use super::connection::Setting;
use super::error::Obstacle;
use super::syntax::{EditError, Syntax};
use crate::base::environment::Environment;
use crate::provider::models;

/// The provider's name in the configuration.
const PROVIDER: &str = "codex-lab";
/// The global configurations, as opencode reads them one over the other; it writes to the last of those that are there.
pub const FILES: [&str; 3] = ["config.json", "opencode.json", "opencode.jsonc"];
/// What it makes where there is none.
pub const NEW_FILE: &str = "opencode.jsonc";
/// opencode asks for no longer answers than this, whatever a model could give.
const LONGEST_ANSWER: u32 = 32_000;

/// The folder of opencode's global configuration, on every system.
pub fn folder(environment: &Environment) -> Option<PathBuf> {
    let configs = environment.path("XDG_CONFIG_HOME").or_else(|| environment.user_home().map(|home| home.join(".config")))?;
    Some(configs.join("opencode"))
}

/// The key file's name in a configuration; `None` if opencode could not read such a name.
pub fn key_reference(key_file: &Path) -> Option<String> {
    // It takes backslashes for JSON's own; Windows knows the other slash as well.
    let name = if cfg!(windows) { key_file.to_str()?.replace('\\', "/") } else { key_file.to_str()?.to_owned() };
    let readable = |c: char| !c.is_control() && !matches!(c, '}' | '"' | '\\');
    (key_file.is_absolute() && name.chars().all(readable)).then(|| format!("{{file:{name}}}"))
}

/// What is set. Another configuration that has a small model already keeps it.
pub fn settings(port: u16, key_reference: &str, small_model_is_chosen: bool) -> Vec<Setting> {
    let provider = Setting {
        key: vec!["provider".to_owned(), PROVIDER.to_owned()],
        value: provider(port, key_reference),
        if_absent: false,
        recognise: |found, wanted| found.pointer(API_KEY).is_some() && found.pointer(API_KEY) == wanted.pointer(API_KEY),
        hides_secret,
    };
    let small_model = Setting {
        key: vec![SMALL_MODEL.to_owned()],
        value: Value::String(format!("{PROVIDER}/{}", models::SMALL)),
        if_absent: true,
        recognise: |found, wanted| found == wanted,
        hides_secret: |_| true,
    };
    if small_model_is_chosen { vec![provider] } else { vec![provider, small_model] }
}

const SMALL_MODEL: &str = "small_model";
const API_KEY: &str = "/options/apiKey";

fn provider(port: u16, key_reference: &str) -> Value {
    let models: Map<String, Value> = models::CATALOG
        .iter()
        .map(|model| {
            let says = json!({
                "name": model.name,
                "attachment": true,
                "reasoning": true,
                "modalities": { "input": ["text", "image"], "output": ["text"] },
                "limit": { "context": model.context, "output": LONGEST_ANSWER },
            });
            (model.id.to_owned(), says)
        })
        .collect();
    json!({
        "npm": "@ai-sdk/openai",
        "name": "Codex Lab",
        "options": { "baseURL": gateway_url(port), "apiKey": key_reference },
        "models": models,
    })
}

/// A provider of somebody else may have its key in the file, or headers with one.
fn hides_secret(provider: &Value) -> bool {
    let named = provider.pointer(API_KEY).is_none_or(|key| key.as_str().is_some_and(|key| key.starts_with('{') && key.ends_with('}')));
    let options = provider.get("options").and_then(Value::as_object);
    let plain = options.is_none_or(|options| options.keys().all(|key| matches!(key.as_str(), "apiKey" | "baseURL")));
    let address = provider.pointer("/options/baseURL").and_then(Value::as_str).unwrap_or_default();
    !named || !plain || address.contains(['@', '?'])
}

/// What one of opencode's other configurations says to the connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// It has a provider of our name.
    pub has_provider: bool,
    /// It has a small model.
    pub has_small_model: bool,
    /// It keeps opencode from using the provider.
    pub obstacle: Option<Obstacle>,
}

/// Reads a configuration; one with nothing in it says nothing.
pub fn layer(text: &str) -> Result<Layer, EditError> {
    if text.trim().is_empty() {
        return Ok(Layer::default());
    }
    let value = |key: &[&str]| {
        let key: Vec<String> = key.iter().map(|part| (*part).to_owned()).collect();
        Syntax::Jsonc.find(text, &key).map(|found| found.map(|place| place.value))
    };
    let lists = |list: &Value| list.as_array().is_some_and(|names| names.iter().any(|name| name == PROVIDER));
    let off = value(&["disabled_providers"])?.is_some_and(|list| lists(&list));
    let not_on = value(&["enabled_providers"])?.is_some_and(|list| !lists(&list));
    let obstacle = if off {
        Some(Obstacle::SwitchedOff { key: "disabled_providers" })
    } else {
        not_on.then_some(Obstacle::SwitchedOff { key: "enabled_providers" })
    };
    Ok(Layer { has_provider: value(&["provider", PROVIDER])?.is_some(), has_small_model: value(&[SMALL_MODEL])?.is_some(), obstacle })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn the_folder_is_where_opencode_looks() {
        let environment = |variables: Vec<(&'static str, OsString)>| Environment::of("/home/ada", variables);
        assert_eq!(folder(&environment(vec![])).unwrap(), Path::new("/home/ada/.config/opencode"));
        assert_eq!(folder(&environment(vec![("XDG_CONFIG_HOME", "/x".into())])).unwrap(), Path::new("/x/opencode"));
        assert_eq!(folder(&Environment::default()), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_named_only_if_opencode_can_read_the_name() {
        assert_eq!(key_reference(Path::new("/h/a b/gateway.key")).unwrap(), "{file:/h/a b/gateway.key}");
        for bad in ["/h/}/k", "/h/\"/k", "/h/\\/k", "/h/\n/k", "relative/k"] {
            assert_eq!(key_reference(Path::new(bad)), None, "{bad:?}");
        }
    }

    #[test]
    fn every_model_can_be_chosen_and_the_small_one_is_one_of_them() {
        let settings = settings(4517, "{file:/k}", false);
        let models = settings[0].value["models"].as_object().unwrap();
        let small = settings[1].value.as_str().unwrap().strip_prefix("codex-lab/").unwrap();
        assert!(models.contains_key(small) && models.len() == models::CATALOG.len());
        assert_eq!(settings[0].value["options"], json!({ "baseURL": "http://127.0.0.1:4517/v1", "apiKey": "{file:/k}" }));
    }

    #[test]
    fn a_provider_with_a_secret_is_not_noted() {
        for (options, expected) in [
            (json!({ "baseURL": "http://x/v1" }), false),
            (json!({ "baseURL": "http://x/v1", "apiKey": "{env:KEY}" }), false),
            (json!({ "apiKey": "sk-planted" }), true),
            (json!({ "apiKey": 1 }), true),
            (json!({ "headers": { "authorization": "x" } }), true),
            (json!({ "baseURL": "http://u:p@x/v1" }), true),
        ] {
            assert_eq!(hides_secret(&json!({ "options": options })), expected, "{options}");
        }
        assert!(!hides_secret(&json!({ "name": "x" })));
    }

    #[test]
    fn other_configurations_have_their_say() {
        let obstacle = |text: &str| layer(text).unwrap().obstacle;
        assert_eq!(layer(" \n").unwrap(), Layer::default());
        assert_eq!(obstacle("{ \"disabled_providers\": [\"codex-lab\"] }"), Some(Obstacle::SwitchedOff { key: "disabled_providers" }));
        assert_eq!(obstacle("{ \"enabled_providers\": [\"openai\"] }"), Some(Obstacle::SwitchedOff { key: "enabled_providers" }));
        assert_eq!(obstacle("{ \"enabled_providers\": [\"openai\", \"codex-lab\"], }"), None);
        let both = layer("{ // mine\n \"small_model\": \"a/b\", \"provider\": { \"codex-lab\": {} } }").unwrap();
        assert!(both.has_provider && both.has_small_model);
        assert!(layer("{").is_err() && layer("[]").is_err());
    }
}
