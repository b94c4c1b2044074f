//! Texts that settings are given: by a variable of the environment, in the terminal, in the window.

use codex_lab_core::model::routing::RoutingSettings;
use codex_lab_core::model::setting::{Changed, SETTINGS, Setting};
use codex_lab_core::model::snapshot::Settings;

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
