//! What the user has set.

use serde::{Deserialize, Serialize};

use crate::model::background::{LARGEST_BUDGET, SMALLEST_BUDGET, USUAL_BUDGET};
use crate::model::hooks::Hooks;
use crate::model::quiet_hours::QuietHours;

/// Settings that front ends show or obey. Kept in `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, rename_all = "snake_case")]
#[ts(export)]
pub struct Settings {
    /// What happens to a Codex daemon after a switch.
    pub after_switch: AfterSwitch,
    /// Whether OS notifications are shown.
    pub notifications: bool,
    /// Whether the app starts with the desktop.
    pub autostart: bool,
    /// Whether the desktop is asked for a key that opens the window.
    pub shortcut: bool,
    /// Colours of the window.
    pub theme: Theme,
    /// What the window speaks.
    pub language: Language,
    /// Whether logins that nobody uses are renewed now and then, so that they do not run out.
    pub keep_alive: bool,
    /// Whether nothing is sent in the background: no question for quota, no login kept alive, no week started. Quota is read from
    /// traffic and from Codex's logs alone.
    pub conservative: bool,
    /// Whether the gateway has no WebSockets: Codex then sends each request over HTTP. For networks that break the former.
    pub http_only: bool,
    /// How many requests one profile may cost in the background within 24 hours, 16 to 1000.
    pub background_budget: u16,
    /// How many hours the weeks that are started lie apart at least, 0 to 24; 0: they may end together.
    pub prime_apart_hours: u8,
    /// When what can wait is not told, by the user's clock: as "22:00-07:00".
    pub quiet_hours: Option<QuietHours>,
    /// Whether the window, the tray's menu and notifications name no profile and no e-mail.
    pub private_notifications: bool,
    /// Programs that are run when something happens.
    pub hooks: Hooks,
}

/// The most hours that weeks are kept apart.
pub const MOST_HOURS_APART: u8 = 24;

/// Why settings are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsValueError {
    /// The budget is out of its range.
    #[error("the budget of background requests is not between {SMALLEST_BUDGET} and {LARGEST_BUDGET}")]
    Budget,
    /// More than a day.
    #[error("weeks are kept apart by {MOST_HOURS_APART} hours at most")]
    HoursApart,
}

impl Settings {
    /// The same, if all of it can be accepted.
    pub fn checked(self) -> Result<Self, SettingsValueError> {
        if !(SMALLEST_BUDGET..=LARGEST_BUDGET).contains(&self.background_budget) {
            Err(SettingsValueError::Budget)
        } else if self.prime_apart_hours > MOST_HOURS_APART {
            Err(SettingsValueError::HoursApart)
        } else {
            Ok(self)
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            after_switch: AfterSwitch::default(),
            notifications: true,
            autostart: false,
            shortcut: false,
            theme: Theme::default(),
            language: Language::default(),
            keep_alive: true,
            conservative: false,
            http_only: false,
            background_budget: USUAL_BUDGET,
            prime_apart_hours: 3,
            quiet_hours: None,
            private_notifications: false,
            hooks: Hooks::default(),
        }
    }
}

/// What happens to a Codex daemon after a switch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AfterSwitch {
    /// The user is asked each time.
    #[default]
    Ask,
    /// It is restarted when no turn is running.
    WhenIdle,
    /// It is restarted at once.
    Restart,
    /// It is left on the old login.
    Leave,
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Theme {
    /// As the desktop.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What the window speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Language {
    /// The first of the desktop's languages that it knows; English without one.
    #[default]
    System,
    /// English.
    En,
    /// German.
    De,
}
