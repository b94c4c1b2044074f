//! Texts that the user gives: settings, by a variable of the environment, in the terminal or in the window, and templates of bars.

use codex_lab_core::model::routing::RoutingSettings;
use codex_lab_core::model::setting::{Changed, SETTINGS, Setting};
use codex_lab_core::model::snapshot::Settings;
use codex_lab_core::view::bar::{Bar, BarClass, PLACEHOLDERS, Template};

/// Any text, for each setting: what is taken is a value that can be kept and read again.
pub(crate) fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert!(Setting::find(text).is_ok() == SETTINGS.iter().any(|setting| setting.key == text));
    for setting in &SETTINGS {
        match setting.changed(Some(text), &Settings::default(), &RoutingSettings::default()) {
            Ok(Changed::Settings(settings)) => {
                let kept = serde_json::to_string(&settings).unwrap();
                assert_eq!(serde_json::from_str::<Settings>(&kept).unwrap(), *settings, "{kept}");
                assert!(settings.checked().is_ok(), "{} = {text:?}", setting.key);
            }
            // Whether thresholds go together is looked at where they are kept.
            Ok(Changed::Routing(routing)) => assert!(routing.low <= 100 && routing.critical < 100),
            Err(_) => {}
        }
    }
}

/// A line for a status bar, in the user's words.
pub(crate) fn template(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(template) = Template::parse(text) else { return };
    let words = [const { String::new() }; PLACEHOLDERS.len()].map(|_| "word".to_owned());
    let bar = Bar { text: String::new(), tooltip: String::new(), class: BarClass::Fine, percentage: None, words };
    let line = template.fill(&bar);
    assert!(!line.chars().any(char::is_control) && line.len() <= 2 * text.len(), "it is one line, and no longer than it says");
}
