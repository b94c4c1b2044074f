//! Which sealed pieces of a session its new profile cannot read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::strip::Marks;

/// Sessions whose sealed pieces are remembered.
const SESSIONS: usize = 1000;

/// The sealed pieces of each session that its new profile cannot read. Forgotten at the end of the process: then they are found
/// again by one refusal.
#[derive(Debug, Clone, Default)]
pub struct Foreign(Arc<Mutex<BTreeMap<String, Marks>>>);

impl Foreign {
    /// Those of a session, if there are any.
    pub(super) fn of(&self, session: &str) -> Option<Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(session).cloned()
    }

    /// Some more of a session.
    pub(super) fn remember(&self, session: &str, marks: Marks) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SESSIONS && !sessions.contains_key(session) {
            sessions.pop_first();
        }
        sessions.entry(session.to_owned()).or_default().extend(marks);
    }
}
