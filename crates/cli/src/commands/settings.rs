//! The settings by their names in `config.toml`: what they are, what else they could be, and where they come from.

use codex_lab_core::api::table::Request;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::routing::RoutingSettings;
use codex_lab_core::model::snapshot::{Settings, Snapshot};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::ask;
use crate::args::SettingsWords;
use crate::output::{self, Output};
use crate::table::table;

const ON_OFF: &str = "on, off";
const HOOK: &str = "none, an absolute path, or a list such as [\"/path\",\"argument\"]";
/// Settings of routing are asked for apart.
const ROUTING: &str = "routing.";
/// Each setting, and what it can be.
const SETTINGS: [(&str, &str); 23] = [
    ("after_switch", "ask, when_idle, restart, leave"),
    ("notifications", ON_OFF),
    ("autostart", ON_OFF),
    ("theme", "system, light, dark"),
    ("keep_alive", ON_OFF),
    ("conservative", ON_OFF),
    ("http_only", ON_OFF),
    ("background_budget", "16 to 1000, in requests per profile and day"),
    ("prime_apart_hours", "0 to 24, in hours"),
    ("quiet_hours", "none, or from-to by your clock, as 22:00-07:00"),
    ("private_notifications", ON_OFF),
    ("hooks.exhausted", HOOK),
    ("hooks.fell_back", HOOK),
    ("hooks.primed", HOOK),
    ("hooks.reset", HOOK),
    ("hooks.needs_sign_in", HOOK),
    ("hooks.timeout_seconds", "1 to 600"),
    ("routing.strategy", "sticky-best, soonest-reset, round-robin, least-used, random, weighted, priority"),
    ("routing.low", "1 to 100, in percent, above routing.critical"),
    ("routing.critical", "0 to 99, in percent, below routing.low"),
    ("routing.api_key_fallback", ON_OFF),
    ("routing.api_key_spend_cap_cents", "none, or US cents a month"),
    ("routing.wait_for_reset", ON_OFF),
];
/// Those of routing that are more than a word.
const ROUTE: &str = "Order, force, folders and walls are set with `codex-lab route`.";

pub(super) async fn run(wanted: &SettingsWords, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Some(key) = &wanted.key else {
        list(&SETTINGS, engine, output).await?;
        output.hint(ROUTE);
        return Ok(());
    };
    let setting = SETTINGS.iter().find(|(known, _)| known == key).ok_or_else(no_setting)?;
    if let Some(value) = &wanted.value {
        change(setting, value, engine).await?;
    }
    list(std::slice::from_ref(setting), engine, output).await
}

async fn change((key, choices): &(&str, &str), value: &str, engine: &Engine) -> Result<(), Failure> {
    let snapshot = engine.snapshot();
    let value = if key.starts_with("hooks.") && value.starts_with('/') { json!([value]) } else { parsed(value) };
    let request = match key.strip_prefix(ROUTING) {
        Some(key) => Request::SetRouting { settings: with(&snapshot.routing, key, value).ok_or_else(|| no_value(choices))? },
        None => Request::SetSettings { settings: with(&snapshot.settings, key, value).ok_or_else(|| no_value(choices))? },
    };
    ask(engine, request).await.map(drop)
}

async fn list(settings: &[(&str, &str)], engine: &Engine, output: &Output) -> Result<(), Failure> {
    let named = engine.settings_in_file().await?;
    let now = values(&engine.snapshot());
    let usual = json!({ "settings": Settings::default(), "routing": RoutingSettings::default() });
    let value = |of: &Value, key: &str| match key.strip_prefix(ROUTING) {
        Some(key) => of["routing"][key].clone(),
        None => of["settings"].pointer(&pointer(key)).cloned().unwrap_or_default(),
    };
    let shown = |(key, choices): &(&str, &str)| {
        let (value, usual) = (value(&now, key), value(&usual, key));
        let source = if named.contains(*key) { "config.toml" } else { "default" };
        let row = [(*key).to_owned(), said(&value), source.to_owned(), said(&usual), (*choices).to_owned()];
        (row, json!({ "key": key, "value": value, "source": source, "default": usual, "choices": choices }))
    };
    let (rows, values): (Vec<_>, Vec<_>) = settings.iter().map(shown).unzip();
    output.result(&table(["SETTING", "VALUE", "FROM", "DEFAULT", "CAN BE"], &rows, output::width()), &json!({ "settings": values }));
    Ok(())
}

fn values(snapshot: &Snapshot) -> Value {
    json!({ "settings": snapshot.settings, "routing": snapshot.routing })
}

/// The same settings but for one value; `None` if it cannot be that.
fn with<S: serde::Serialize + DeserializeOwned>(settings: &S, key: &str, value: Value) -> Option<S> {
    let mut changed = serde_json::to_value(settings).ok()?;
    *changed.pointer_mut(&pointer(key))? = value;
    serde_json::from_value(changed).ok()
}

/// "table.key" as JSON names it (RFC 6901).
fn pointer(key: &str) -> String {
    format!("/{}", key.replace('.', "/"))
}

/// A value as it is typed.
fn parsed(text: &str) -> Value {
    match text {
        "on" | "true" => Value::Bool(true),
        "off" | "false" => Value::Bool(false),
        "none" => Value::Null,
        text if text.starts_with('[') => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        text => text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)),
    }
}

/// A value as it would be typed.
fn said(value: &Value) -> String {
    match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn no_setting() -> Failure {
    Failure::new(Code::NotFound, "There is no setting of that name.").hint("`codex-lab settings` lists them.").hint(ROUTE)
}

fn no_value(choices: &str) -> Failure {
    Failure::new(Code::InvalidInput, "This setting cannot have that value.").hint(format!("It can be: {choices}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of the settings, each with settings of its own.
    const TABLES: [&str; 1] = ["hooks"];

    #[test]
    fn every_setting_has_its_place_here_and_takes_each_of_its_words() {
        let (settings, routing) = (Settings::default(), RoutingSettings::default());
        for (key, choices) in SETTINGS {
            for word in choices.split(", ").filter(|word| !word.contains(' ')) {
                let value = parsed(word);
                let taken = match key.strip_prefix(ROUTING) {
                    Some(key) => with(&routing, key, value).is_some(),
                    None => with(&settings, key, value).is_some(),
                };
                assert!(taken, "{key} = {word}");
            }
        }
        let json = json!({ "settings": settings, "routing": routing });
        let tables =
            TABLES.iter().flat_map(|table| json["settings"][table].as_object().unwrap().keys().map(move |key| format!("{table}.{key}")));
        let plain = json["settings"].as_object().unwrap().keys().filter(|key| !TABLES.contains(&key.as_str())).cloned().chain(tables);
        let of_routing = json["routing"].as_object().unwrap().iter().filter(|(_, value)| !value.is_array() && !value.is_object());
        let all = plain.chain(of_routing.filter(|(key, _)| *key != "force").map(|(key, _)| format!("routing.{key}")));
        let mut all: Vec<String> = all.collect();
        let mut here: Vec<String> = SETTINGS.iter().map(|(key, _)| (*key).to_owned()).collect();
        all.sort();
        here.sort();
        assert_eq!(here, all);
    }

    #[test]
    fn a_value_of_another_sort_is_none() {
        for (key, word) in [("theme", "pink"), ("theme", "3"), ("notifications", "maybe"), ("notifications", "none")] {
            assert!(with(&Settings::default(), key, parsed(word)).is_none(), "{key} = {word}");
        }
        for word in ["true", "/bin/sh -c x", "[\"sh\"]", "[]", "[\"/bin/sh\", 3]", "[\"/bin/sh\""] {
            assert!(with(&Settings::default(), "hooks.reset", parsed(word)).is_none(), "{word}");
        }
        let hook = with(&Settings::default(), "hooks.reset", parsed("[\"/bin/bell\", \"a b\"]")).unwrap().hooks.reset.unwrap();
        assert_eq!(hook.arguments(), ["a b"]);
        for (key, word) in [("low", "300"), ("low", "-1"), ("strategy", "best"), ("nothing", "1")] {
            assert!(with(&RoutingSettings::default(), key, parsed(word)).is_none(), "{key} = {word}");
        }
    }
}
