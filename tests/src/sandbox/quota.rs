//! The allowance of one sandbox account, in the three forms the provider reports it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The windows of an account. Both slots may be empty: the plan then has no such window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quota {
    /// The first slot: the 5-hour window on most plans.
    pub primary: Option<Window>,
    /// The second slot: the weekly window on most plans.
    pub secondary: Option<Window>,
    /// Percentage points that every answered turn adds to each window.
    pub turn_cost: u32,
}

/// One window of allowance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Length in minutes: 300, 10080, ….
    pub minutes: i64,
    /// Used share in percent, 0 to 100.
    pub used_percent: u32,
    /// Unix second of the reset. `None` = not started: the reset slides with the clock until a turn
    /// anchors it (codex-runtime.md 7).
    #[serde(default)]
    pub resets_at: Option<i64>,
}

impl Window {
    /// A window that has not started.
    pub fn fresh(minutes: i64) -> Self {
        Self { minutes, used_percent: 0, resets_at: None }
    }

    fn reset(&self, now: i64) -> i64 {
        self.resets_at.unwrap_or(now + self.minutes * 60)
    }

    fn spend(&mut self, cost: u32, now: i64) {
        self.resets_at = Some(self.reset(now));
        self.used_percent = (self.used_percent + cost).min(100);
    }

    fn settle(&mut self, now: i64) {
        let started_when_used = self.used_percent > 0 && self.resets_at.is_none();
        if started_when_used {
            self.resets_at = Some(self.reset(now));
        }
        if self.resets_at.is_some_and(|at| at <= now) {
            *self = Self::fresh(self.minutes);
        }
    }
}

impl Quota {
    /// A 5-hour and a weekly window with these percentages used; 0 = not started.
    pub fn plus(five_hours: u32, week: u32) -> Self {
        let window = |minutes, used_percent| Window { minutes, used_percent, resets_at: None };
        Self { primary: Some(window(300, five_hours)), secondary: Some(window(10_080, week)), turn_cost: 0 }
    }

    /// Lets windows whose reset has passed start anew, and anchors those that are in use.
    pub(crate) fn settle(&mut self, now: i64) {
        self.windows_mut().for_each(|window| window.settle(now));
    }

    /// Charges one answered turn.
    pub(crate) fn spend_turn(&mut self, now: i64) {
        let cost = self.turn_cost;
        self.windows_mut().for_each(|window| window.spend(cost, now));
    }

    /// The reset of the window that is used up, if one is: the later one counts.
    pub(crate) fn exhausted_until(&self, now: i64) -> Option<i64> {
        self.windows().filter(|window| window.used_percent >= 100).map(|window| window.reset(now)).max()
    }

    /// The `x-codex-*` response headers of an HTTP turn (codex-runtime.md 4.1).
    pub(crate) fn headers(&self, plan: &str, now: i64) -> Vec<(String, String)> {
        let mut headers = vec![("x-codex-plan-type".to_owned(), plan.to_owned())];
        for (slot, window) in self.slots() {
            let reset = window.reset(now);
            let mut put = |name: &str, value: String| headers.push((format!("x-codex-{slot}-{name}"), value));
            put("used-percent", window.used_percent.to_string());
            put("window-minutes", window.minutes.to_string());
            put("reset-after-seconds", (reset - now).to_string());
            put("reset-at", reset.to_string());
        }
        headers
    }

    /// The event that carries the same on a WebSocket (codex-runtime.md 4.2).
    pub(crate) fn event(&self, plan: &str, now: i64) -> Value {
        let slot = |window: &Option<Window>| {
            window
                .as_ref()
                .map(|window| json!({"used_percent": window.used_percent, "window_minutes": window.minutes, "reset_at": window.reset(now)}))
        };
        let exhausted = self.exhausted_until(now).is_some();
        json!({
            "type": "codex.rate_limits",
            "plan_type": plan,
            "rate_limits": {
                "allowed": !exhausted,
                "limit_reached": exhausted,
                "primary": slot(&self.primary),
                "secondary": slot(&self.secondary),
            },
        })
    }

    /// The `rate_limit` member of `wham/usage` (codex-runtime.md 4.3): seconds, not minutes.
    pub(crate) fn usage(&self, now: i64) -> Value {
        let slot = |window: &Option<Window>| {
            window.as_ref().map(|window| {
                json!({
                    "used_percent": window.used_percent,
                    "limit_window_seconds": window.minutes * 60,
                    "reset_after_seconds": window.reset(now) - now,
                    "reset_at": window.reset(now),
                })
            })
        };
        let exhausted = self.exhausted_until(now).is_some();
        json!({
            "allowed": !exhausted,
            "limit_reached": exhausted,
            "primary_window": slot(&self.primary),
            "secondary_window": slot(&self.secondary),
        })
    }

    fn slots(&self) -> impl Iterator<Item = (&'static str, &Window)> {
        [("primary", &self.primary), ("secondary", &self.secondary)]
            .into_iter()
            .filter_map(|(slot, window)| window.as_ref().map(|window| (slot, window)))
    }

    fn windows(&self) -> impl Iterator<Item = &Window> {
        self.slots().map(|(_, window)| window)
    }

    fn windows_mut(&mut self) -> impl Iterator<Item = &mut Window> {
        [&mut self.primary, &mut self.secondary].into_iter().filter_map(Option::as_mut)
    }
}
