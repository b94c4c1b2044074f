//! The device-code flow (codex-auth.md 2.2): codes that wait for a person's approval.

use std::collections::HashMap;

/// Seconds a device code may wait for approval.
const DEVICE_LIFETIME: i64 = 15 * 60;

/// What the person decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing yet.
    Pending,
    /// Approved for this account.
    Approved(String),
    /// Refused.
    Denied,
}

/// A device that asked to be signed in.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    user_code: String,
    expires: i64,
    decision: Decision,
}

/// All device codes of one sandbox, by `device_auth_id`.
#[derive(Default)]
pub(crate) struct Devices {
    waiting: HashMap<String, Device>,
}

impl Devices {
    pub(crate) fn open(&mut self, device_auth_id: String, user_code: String, decision: Decision, now: i64) {
        let device = Device { user_code, expires: now + DEVICE_LIFETIME, decision };
        self.waiting.insert(device_auth_id, device);
    }

    /// Records a decision; `false` if no such code waits.
    pub(crate) fn decide(&mut self, user_code: &str, decision: Decision) -> bool {
        let typed = user_code.trim().to_uppercase();
        let device = self.waiting.values_mut().find(|device| device.user_code == typed);
        device.map(|device| device.decision = decision).is_some()
    }

    /// The decision for this pair; `None` = unknown or expired. An approval is given out once.
    pub(crate) fn poll(&mut self, device_auth_id: &str, user_code: &str, now: i64) -> Option<Decision> {
        let device = self.waiting.get(device_auth_id)?;
        if device.user_code != user_code || device.expires <= now {
            return None;
        }
        let decision = device.decision.clone();
        if matches!(decision, Decision::Approved(_)) {
            self.waiting.remove(device_auth_id);
        }
        Some(decision)
    }
}
