//! Every setting: what it can be, the variable that goes before the file, and how a text is read as its value. The one place that
//! says so, for the terminal, the window and the environment alike.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thiserror::Error;

use super::background::{LARGEST_BUDGET, SMALLEST_BUDGET};
use super::hooks::SECONDS_LIMIT;
use super::overrides::Overrides;
use super::routing::{MOST_CENTS, RoutingSettings};
use super::snapshot::{MOST_HOURS_APART, Settings};

/// No value is longer, in bytes: a command has at most 64 words of 4 KiB.
const LONGEST: usize = 512 << 10;
/// Settings of routing are kept apart.
const ROUTING: &str = "routing.";

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name in `config.toml`, that of its table before it: "hooks.reset".
    pub key: &'static str,
    /// What it can be.
    pub allowed: Allowed,
    /// The variable of the environment that goes before the file.
    pub variable: Option<&'static str>,
}

/// What a setting can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Allowed {
    /// On or off.
    OnOff,
    /// One of these.
    Words {
        /// All of them.
        #[ts(type = "Array<string>")]
        words: &'static [&'static str],
    },
    /// A whole number.
    Whole {
        /// The smallest.
        least: u32,
        /// The largest.
        most: u32,
        /// Of what.
        unit: Unit,
    },
    /// US cents a month, or nothing.
    Cents,
    /// A span of the day, or nothing.
    QuietHours,
    /// A program and its arguments, or nothing.
    Command,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Unit {
    /// Requests per profile and day.
    Requests,
    /// Hours.
    Hours,
    /// Seconds.
    Seconds,
    /// Percent left, of those that have to be above the other threshold.
    PercentAbove,
    /// Percent left, of those that have to be below the other threshold.
    PercentBelow,
    /// US cents for a million tokens.
    CentsPerMillion,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SettingSource {
    /// Nobody has set it.
    Default,
    /// `config.toml`.
    File,
    /// A variable of the environment, which goes before the file.
    Environment,
}

/// A setting as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct SettingRow {
    /// Its name.
    pub key: &'static str,
    /// What is in force.
    #[ts(type = "unknown")]
    pub value: Value,
    /// What is in force where nobody has said otherwise.
    #[ts(type = "unknown")]
    pub default: Value,
    /// What it can be.
    pub allowed: Allowed,
    /// The same in words.
    pub choices: String,
    /// Where the value comes from.
    pub source: SettingSource,
    /// The variable that goes before the file, set or not.
    pub variable: Option<&'static str>,
}

/// Settings with one value changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// Those of the app.
    Settings(Box<Settings>),
    /// Those of routing.
    Routing(Box<RoutingSettings>),
}

/// Why a setting is not changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingError {
    /// There is none of that name.
    #[error("there is no setting of that name")]
    Unknown,
    /// It cannot be that.
    #[error("{name} can be {allowed}")]
    Value {
        /// The setting's name, or that of its variable.
        name: &'static str,
        /// What it can be.
        allowed: Allowed,
    },
    /// The environment goes before the file.
    #[error("{variable} in the environment goes before the file")]
    Overridden {
        /// The variable.
        variable: &'static str,
    },
}

const fn setting(key: &'static str, allowed: Allowed) -> Setting {
    Setting { key, allowed, variable: None }
}

impl Setting {
    const fn or(self, variable: &'static str) -> Self {
        Self { variable: Some(variable), ..self }
    }

    /// The one of that name.
    pub fn find(key: &str) -> Result<&'static Self, SettingError> {
        SETTINGS.iter().find(|setting| setting.key == key).ok_or(SettingError::Unknown)
    }

    /// Reads a text as a value of this setting. Nothing is printed of a text that is none.
    pub fn parse(&self, text: &str) -> Result<Value, SettingError> {
        Some(text)
            .filter(|text| text.len() <= LONGEST)
            .and_then(|text| self.allowed.parse(text))
            .ok_or(SettingError::Value { name: self.key, allowed: self.allowed })
    }

    /// The settings with this one changed to what a text says; without one, to its default.
    pub fn changed(&self, text: Option<&str>, settings: &Settings, routing: &RoutingSettings) -> Result<Changed, SettingError> {
        let refused = SettingError::Value { name: self.key, allowed: self.allowed };
        let value = text.map_or_else(|| Ok(self.default()), |text| self.parse(text))?;
        match self.key.strip_prefix(ROUTING) {
            Some(key) => with(routing, key, value).map(|it| Changed::Routing(Box::new(it))),
            None => with(settings, self.key, value).map(|it| Changed::Settings(Box::new(it))),
        }
        .ok_or(refused)
    }

    /// What it is where nobody has said otherwise.
    pub fn default(&self) -> Value {
        self.value_of(&json!({ "settings": Settings::default(), "routing": RoutingSettings::default() }))
    }

    fn value_of(&self, all: &Value) -> Value {
        let (of, key) = self.key.strip_prefix(ROUTING).map_or(("settings", self.key), |key| ("routing", key));
        all[of].pointer(&pointer(key)).cloned().unwrap_or_default()
    }
}

/// Every setting as it is now. `named` are those that the file names.
pub fn rows(settings: &Settings, routing: &RoutingSettings, named: &BTreeSet<String>, overrides: &Overrides) -> Vec<SettingRow> {
    let now = json!({ "settings": settings, "routing": routing });
    let row = |setting: &Setting| SettingRow {
        key: setting.key,
        value: setting.value_of(&now),
        default: setting.default(),
        allowed: setting.allowed,
        choices: setting.allowed.to_string(),
        source: match (overrides.holds(setting.key), named.contains(setting.key)) {
            (true, _) => SettingSource::Environment,
            (_, true) => SettingSource::File,
            _ => SettingSource::Default,
        },
        variable: setting.variable,
    };
    SETTINGS.iter().map(row).collect()
}

/// The same settings but for one value; `None` if it cannot be that.
pub(super) fn with<S: Serialize + DeserializeOwned>(settings: &S, key: &str, value: Value) -> Option<S> {
    let mut changed = serde_json::to_value(settings).ok()?;
    *changed.pointer_mut(&pointer(key))? = value;
    serde_json::from_value(changed).ok()
}

/// "table.key" as JSON names it (RFC 6901).
pub(super) fn pointer(key: &str) -> String {
    format!("/{}", key.replace('.', "/"))
}

impl Allowed {
    fn parse(&self, text: &str) -> Option<Value> {
        let text = text.trim();
        match self {
            Self::OnOff => match text {
                "on" | "true" | "1" => Some(json!(true)),
                "off" | "false" | "0" => Some(json!(false)),
                _ => None,
            },
            Self::Words { words } => words.contains(&text).then(|| json!(text)),
            Self::Whole { least, most, .. } => text.parse::<u32>().ok().filter(|number| (least..=most).contains(&number)).map(Value::from),
            Self::Cents | Self::QuietHours | Self::Command if text == "none" => Some(Value::Null),
            Self::Cents => text.parse::<u32>().ok().map(Value::from),
            // What is no span or no command is refused where the settings are put together.
            Self::QuietHours => Some(json!(text)),
            Self::Command if text.starts_with('[') => serde_json::from_str(text).ok(),
            Self::Command => text.starts_with('/').then(|| json!([text])),
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnOff => f.write_str("on, off"),
            Self::Words { words } => f.write_str(&words.join(", ")),
            Self::Whole { least, most, unit } => write!(f, "{least} to {most}, in {unit}"),
            Self::Cents => f.write_str("none, or US cents a month"),
            Self::QuietHours => f.write_str("none, or from-to by your clock, as 22:00-07:00"),
            Self::Command => f.write_str("none, an absolute path, or a list such as [\"/path\",\"argument\"]"),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requests => "requests per profile and day",
            Self::Hours => "hours",
            Self::Seconds => "seconds",
            Self::PercentAbove => "percent, above routing.critical",
            Self::PercentBelow => "percent, below routing.low",
            Self::CentsPerMillion => "US cents for a million tokens",
        })
    }
}

const fn words(words: &'static [&'static str]) -> Allowed {
    Allowed::Words { words }
}

const fn whole(least: u32, most: u32, unit: Unit) -> Allowed {
    Allowed::Whole { least, most, unit }
}

const STRATEGIES: [&str; 7] = ["sticky-best", "soonest-reset", "round-robin", "least-used", "random", "weighted", "priority"];

/// All that is one value each; order, force, folders and walls of routing are more.
pub const SETTINGS: [Setting; 27] = [
    setting("after_switch", words(&["ask", "when_idle", "restart", "leave"])),
    setting("notifications", Allowed::OnOff).or("CODEX_LAB_NOTIFICATIONS"),
    setting("autostart", Allowed::OnOff),
    setting("shortcut", Allowed::OnOff),
    setting("theme", words(&["system", "light", "dark"])).or("CODEX_LAB_THEME"),
    setting("language", words(&["system", "en", "de"])).or("CODEX_LAB_LANGUAGE"),
    setting("keep_alive", Allowed::OnOff).or("CODEX_LAB_KEEP_ALIVE"),
    setting("conservative", Allowed::OnOff).or("CODEX_LAB_CONSERVATIVE"),
    setting("http_only", Allowed::OnOff).or("CODEX_LAB_HTTP_ONLY"),
    setting("background_budget", whole(SMALLEST_BUDGET as u32, LARGEST_BUDGET as u32, Unit::Requests)).or("CODEX_LAB_BACKGROUND_BUDGET"),
    setting("prime_apart_hours", whole(0, MOST_HOURS_APART as u32, Unit::Hours)),
    setting("quiet_hours", Allowed::QuietHours),
    setting("private_notifications", Allowed::OnOff).or("CODEX_LAB_PRIVATE_NOTIFICATIONS"),
    setting("hooks.exhausted", Allowed::Command),
    setting("hooks.fell_back", Allowed::Command),
    setting("hooks.primed", Allowed::Command),
    setting("hooks.reset", Allowed::Command),
    setting("hooks.needs_sign_in", Allowed::Command),
    setting("hooks.timeout_seconds", whole(1, SECONDS_LIMIT as u32, Unit::Seconds)),
    setting("routing.strategy", words(&STRATEGIES)),
    setting("routing.low", whole(1, 100, Unit::PercentAbove)),
    setting("routing.critical", whole(0, 99, Unit::PercentBelow)),
    setting("routing.api_key_fallback", Allowed::OnOff),
    setting("routing.api_key_spend_cap_cents", Allowed::Cents),
    setting("routing.api_key_input_price_cents", whole(1, MOST_CENTS, Unit::CentsPerMillion)),
    setting("routing.api_key_output_price_cents", whole(1, MOST_CENTS, Unit::CentsPerMillion)),
    setting("routing.wait_for_reset", Allowed::OnOff),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of the settings, each with settings of its own.
    const TABLES: [&str; 1] = ["hooks"];

    fn change(key: &str, text: &str) -> Result<Changed, SettingError> {
        Setting::find(key)?.changed(Some(text), &Settings::default(), &RoutingSettings::default())
    }

    #[test]
    fn every_setting_has_its_place_and_takes_each_of_its_words_and_both_ends() {
        for setting in SETTINGS {
            let texts: Vec<String> = match setting.allowed {
                Allowed::OnOff => ["on", "off", "true", "0", " 1 "].map(str::to_owned).to_vec(),
                Allowed::Words { words } => words.iter().map(|word| (*word).to_owned()).collect(),
                Allowed::Whole { least, most, .. } => vec![least.to_string(), most.to_string()],
                Allowed::Cents => vec!["none".to_owned(), "0".to_owned(), "500".to_owned()],
                Allowed::QuietHours => vec!["none".to_owned(), "22:00-07:00".to_owned()],
                Allowed::Command => vec!["none".to_owned(), "/bin/true".to_owned(), "[\"/bin/bell\", \"a b\"]".to_owned()],
            };
            for text in texts {
                assert!(change(setting.key, &text).is_ok(), "{} = {text}", setting.key);
            }
        }
        let json = json!({ "settings": Settings::default(), "routing": RoutingSettings::default() });
        let tables =
            TABLES.iter().flat_map(|table| json["settings"][table].as_object().unwrap().keys().map(move |key| format!("{table}.{key}")));
        let plain = json["settings"].as_object().unwrap().keys().filter(|key| !TABLES.contains(&key.as_str())).cloned().chain(tables);
        let of_routing = json["routing"].as_object().unwrap().iter().filter(|(_, value)| !value.is_array() && !value.is_object());
        let all = plain.chain(of_routing.filter(|(key, _)| *key != "force").map(|(key, _)| format!("{ROUTING}{key}")));
        let mut all: Vec<String> = all.collect();
        let mut here: Vec<String> = SETTINGS.iter().map(|setting| setting.key.to_owned()).collect();
        all.sort();
        here.sort();
        assert_eq!(here, all);
    }

    #[test]
    fn a_text_that_is_no_value_is_refused_with_what_could_be() {
        for (key, text) in [
            ("theme", "pink"),
            ("theme", ""),
            ("language", "fr"),
            ("notifications", "maybe"),
            ("notifications", "none"),
            ("background_budget", "15"),
            ("background_budget", "1001"),
            ("background_budget", "-1"),
            ("background_budget", "99999999999999999999"),
            ("prime_apart_hours", "25"),
            ("quiet_hours", "22:00"),
            ("quiet_hours", "9:00-9:00"),
            ("hooks.reset", "true"),
            ("hooks.reset", "[\"sh\"]"),
            ("hooks.reset", "[]"),
            ("hooks.reset", "[\"/bin/sh\", 3]"),
            ("hooks.reset", "[\"/bin/sh\""),
            ("hooks.timeout_seconds", "0"),
            ("routing.low", "300"),
            ("routing.api_key_input_price_cents", "0"),
            ("routing.api_key_output_price_cents", "1000001"),
            ("routing.strategy", "best"),
        ] {
            assert!(matches!(change(key, text), Err(SettingError::Value { name, .. }) if name == key), "{key} = {text}");
        }
        assert_eq!(change("nothing", "1"), Err(SettingError::Unknown));
        assert_eq!(
            change("background_budget", "5").unwrap_err().to_string(),
            "background_budget can be 16 to 1000, in requests per profile and day"
        );
    }

    #[test]
    fn a_row_says_the_value_the_default_and_where_it_comes_from() {
        let settings = Settings { background_budget: 30, ..Settings::default() };
        let named = BTreeSet::from(["background_budget".to_owned(), "routing.low".to_owned()]);
        let rows = rows(&settings, &RoutingSettings::default(), &named, &Overrides::default());
        let row = |key| rows.iter().find(|row| row.key == key).unwrap();
        assert_eq!((row("background_budget").value.clone(), row("background_budget").default.clone()), (json!(30), json!(120)));
        for (key, source) in [
            ("background_budget", SettingSource::File),
            ("routing.low", SettingSource::File),
            ("routing.critical", SettingSource::Default),
            ("hooks.reset", SettingSource::Default),
        ] {
            assert_eq!(row(key).source, source, "{key}");
        }
        let back = Setting::find("background_budget").unwrap().changed(None, &settings, &RoutingSettings::default());
        assert_eq!(back, Ok(Changed::Settings(Box::default())));
    }
}
