//! Quota from the session logs of the stock Codex: what was appended, attributed where that is possible.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use crate::codex::sessions;
use crate::engine::{Engine, Shared, blocking, held};
use crate::failure::Failure;
use crate::model::profile::ProfileId;
use crate::model::quota::Observation;
use crate::quota::attribution::{Circumstances, profile_of};
use crate::quota::session_log::{self, SessionStart};
use crate::quota::tail::Appended;

/// The first line holds the instructions.
const FIRST_LINE: u64 = 512 << 10;
/// Sessions older than this many switches are nobody's.
const SWITCHES_SEEN: u32 = 200;
/// So many served sessions are remembered.
const SERVED_LIMIT: usize = 10_000;

/// The sessions that a gateway of ours serves; the longest-known is forgotten first.
#[derive(Debug, Default)]
pub(super) struct Served {
    known: BTreeSet<String>,
    order: VecDeque<String>,
}

impl Served {
    pub(super) fn add(&mut self, session: &str) {
        if session.len() > 128 || !self.known.insert(session.to_owned()) {
            return;
        }
        self.order.push_back(session.to_owned());
        if self.order.len() > SERVED_LIMIT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    fn has(&self, session: &str) -> bool {
        self.known.contains(session)
    }
}

impl Engine {
    /// Reads what Codex has appended to its session logs since the last look. How many readings it gave.
    pub async fn follow_session_logs(&self) -> Result<usize, Failure> {
        let shared = Arc::clone(&self.shared);
        let readings = blocking(move || readings(&shared)).await?;
        for (profile, seen) in &readings {
            self.observe(profile, seen);
        }
        Ok(readings.len())
    }
}

fn readings(shared: &Shared) -> Result<Vec<(ProfileId, Observation)>, Failure> {
    let appended = held(&shared.quotas.tail).look()?;
    if appended.is_empty() {
        return Ok(Vec::new());
    }
    let (profiles, switches) = (shared.profiles.list()?, shared.state.switches(SWITCHES_SEEN)?);
    let running = sessions::classify(&sessions::observe(&*shared.ports.processes, &shared.codex), &switches);
    let around = Circumstances { profiles: &profiles, switches: &switches, stale_runs: running.iter().any(|session| session.stale) };
    let now = shared.ports.clock.now();
    let mut found = Vec::new();
    for Appended { log, lines } in appended {
        let Some(start) = start(&log).filter(|start| !held(&shared.quotas.served).has(&start.session)) else { continue };
        for seen in lines.iter().filter_map(|line| session_log::read(line, now)) {
            found.extend(profile_of(&start, seen.at, around).map(|profile| (profile, seen)));
        }
    }
    Ok(found)
}

/// A log whose beginning cannot be read is nobody's.
fn start(log: &Path) -> Option<SessionStart> {
    session_log::start(&crate::base::files::first_line(log, FIRST_LINE).ok()??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn served_sessions_are_remembered_within_bounds() {
        let mut served = Served::default();
        for number in 0..=SERVED_LIMIT {
            served.add(&number.to_string());
            served.add(&number.to_string());
        }
        assert!(!served.has("0") && served.has("1") && served.has(&SERVED_LIMIT.to_string()));
        assert_eq!((served.known.len(), served.order.len()), (SERVED_LIMIT, SERVED_LIMIT));
        served.add(&"x".repeat(129));
        assert_eq!(served.known.len(), SERVED_LIMIT);
    }
}
