//! Settings that the environment sets, before the file does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::setting::{SETTINGS, SettingError, pointer, with};
use super::snapshot::Settings;
use crate::base::environment::Environment;

/// The values of the variables that are set, by their settings. They hold for as long as the process runs.
#[derive(Debug, Clone, Default)]
pub struct Overrides(BTreeMap<&'static str, (&'static str, Value)>);

impl Overrides {
    /// Reads the variables that settings have. One that is set to what its setting cannot be is refused by its name.
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        let mut values = BTreeMap::new();
        for setting in &SETTINGS {
            let Some(variable) = setting.variable.filter(|name| environment.get(name).is_some()) else { continue };
            let refused = || SettingError::Value { name: variable, allowed: setting.allowed };
            let value = setting.parse(environment.text(variable).ok_or_else(refused)?).map_err(|_| refused())?;
            with(&Settings::default(), setting.key, value.clone()).ok_or_else(refused)?;
            values.insert(setting.key, (variable, value));
        }
        Ok(Self(values))
    }

    /// Whether the environment sets this.
    pub fn holds(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Refuses to change what the environment sets.
    pub fn check(&self, key: &str) -> Result<(), SettingError> {
        self.0.get(key).map_or(Ok(()), |(variable, _)| Err(SettingError::Overridden { variable }))
    }

    /// What is in force where the file says this.
    pub fn over(&self, in_file: Settings) -> Settings {
        self.0.iter().fold(in_file, |settings, (key, (_, value))| with(&settings, key, value.clone()).unwrap_or(settings))
    }

    /// What the file has to say for this to be in force: its own values stay where the environment goes before them.
    pub fn beneath(&self, wanted: Settings, in_file: &Settings) -> Result<Settings, SettingError> {
        let (asked, kept) = (serde_json::to_value(&wanted).unwrap_or_default(), serde_json::to_value(in_file).unwrap_or_default());
        self.0.iter().try_fold(wanted, |settings, (key, (variable, value))| {
            let place = pointer(key);
            if asked.pointer(&place) != Some(value) {
                return Err(SettingError::Overridden { variable });
            }
            Ok(with(&settings, key, kept.pointer(&place).cloned().unwrap_or_default()).unwrap_or(settings))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::{Language, Theme};

    fn read(variables: &[(&'static str, &str)]) -> Result<Overrides, SettingError> {
        Overrides::read(&Environment::of("/nowhere", variables.iter().map(|(name, value)| (*name, (*value).into()))))
    }

    #[test]
    fn a_variable_goes_before_the_file_and_never_into_it() {
        let overrides = read(&[("CODEX_LAB_LANGUAGE", "de"), ("CODEX_LAB_BACKGROUND_BUDGET", "20"), ("CODEX_LAB_THEME", "")]).unwrap();
        let in_file = Settings { background_budget: 300, ..Settings::default() };
        let in_force = overrides.over(in_file.clone());
        assert_eq!((in_force.language, in_force.background_budget, in_force.theme), (Language::De, 20, Theme::System));
        assert!(overrides.holds("language") && !overrides.holds("theme"), "an empty variable is not set");
        let wanted = Settings { theme: Theme::Dark, ..in_force.clone() };
        assert_eq!(overrides.beneath(wanted, &in_file), Ok(Settings { theme: Theme::Dark, ..in_file.clone() }));
        let other = Settings { background_budget: 21, ..in_force };
        let refused = SettingError::Overridden { variable: "CODEX_LAB_BACKGROUND_BUDGET" };
        assert_eq!(overrides.beneath(other, &in_file), Err(refused.clone()));
        assert_eq!((overrides.check("background_budget"), overrides.check("theme")), (Err(refused), Ok(())));
    }

    #[test]
    fn a_bad_variable_is_refused_by_its_name() {
        for (variable, value) in [("CODEX_LAB_THEME", "pink"), ("CODEX_LAB_BACKGROUND_BUDGET", "5"), ("CODEX_LAB_HTTP_ONLY", "perhaps")] {
            let error = read(&[(variable, value)]).unwrap_err();
            assert!(matches!(&error, SettingError::Value { name, .. } if *name == variable), "{error}");
            assert!(!error.to_string().contains(value), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_refused() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = std::ffi::OsString::from_vec(vec![0xff]);
        assert!(Overrides::read(&Environment::of("/nowhere", [("CODEX_LAB_THEME", odd)])).is_err());
    }
}
